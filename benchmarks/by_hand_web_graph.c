/* The fastest program we could write by hand for one job: referring domains of some sites and their harmonic centrality
   from vertices, edges and ranks as Common Crawl packs them. One thread unpacks with isa-l, the other looks at lines.
   It trusts its input entirely.

   cc -O3 -march=native -o by_hand_web_graph by_hand_web_graph.c -lisal -lpthread
   ./by_hand_web_graph VERTICES EDGES RANKS SITE... > out.tsv       (sites reversed: com.example) */

#define _GNU_SOURCE
#include <isa-l/igzip_lib.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PACKED = 1 << 18, BLOCK = 1 << 20, SLOTS = 4, ROOM = 1 << 12 };

typedef struct {
    FILE *file;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint8_t *slot[SLOTS]; /* ROOM bytes for the rest of the block before, then text */
    size_t length[SLOTS];
    long made, used;
    int stop;
} Reader;

static void *unpack(void *given) {
    Reader *r = given;
    struct inflate_state state;
    isal_inflate_init(&state);
    state.crc_flag = ISAL_GZIP;
    uint8_t *packed = malloc(PACKED);
    state.avail_in = 0;
    for (;;) {
        pthread_mutex_lock(&r->lock);
        while (r->made - r->used >= SLOTS - 1 && !r->stop) pthread_cond_wait(&r->changed, &r->lock);
        int stop = r->stop;
        pthread_mutex_unlock(&r->lock);
        if (stop) break;
        uint8_t *out = r->slot[r->made % SLOTS] + ROOM;
        state.next_out = out;
        state.avail_out = BLOCK;
        while (state.avail_out) {
            if (!state.avail_in) {
                state.next_in = packed;
                state.avail_in = fread(packed, 1, PACKED, r->file);
                if (!state.avail_in) break;
            }
            if (isal_inflate(&state)) exit(2);
            if (state.block_state == ISAL_BLOCK_FINISH) { state.avail_in = 0; if (feof(r->file)) break; }
        }
        pthread_mutex_lock(&r->lock);
        r->length[r->made % SLOTS] = BLOCK - state.avail_out;
        r->made++;
        pthread_cond_signal(&r->changed);
        pthread_mutex_unlock(&r->lock);
        if (state.avail_out == BLOCK) break;
    }
    free(packed);
    return NULL;
}

static Reader *open_reader(const char *path) {
    Reader *r = calloc(1, sizeof *r);
    r->file = fopen(path, "rb");
    if (!r->file) { perror(path); exit(2); }
    for (int i = 0; i < SLOTS; i++) r->slot[i] = malloc(ROOM + BLOCK + 64);
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->changed, NULL);
    pthread_create(&r->thread, NULL, unpack, r);
    return r;
}

/* Call `look` with each run of whole lines until it says that it has all. */
static void each_block(const char *path, int (*look)(const uint8_t *begin, const uint8_t *end)) {
    Reader *r = open_reader(path);
    uint8_t rest[ROOM];
    size_t kept = 0;
    for (long turn = 0;; turn++) {
        pthread_mutex_lock(&r->lock);
        while (r->made <= turn) pthread_cond_wait(&r->changed, &r->lock);
        pthread_mutex_unlock(&r->lock);
        uint8_t *text = r->slot[turn % SLOTS] + ROOM;
        size_t length = r->length[turn % SLOTS];
        if (!length) break;
        uint8_t *end = memrchr(text, '\n', length);
        memcpy(text - kept, rest, kept);
        int done = look(text - kept, end + 1);
        kept = text + length - (end + 1);
        memcpy(rest, end + 1, kept);
        pthread_mutex_lock(&r->lock);
        r->used = turn + 1;
        if (done) r->stop = 1;
        pthread_cond_signal(&r->changed);
        pthread_mutex_unlock(&r->lock);
        if (done) break;
    }
    pthread_join(r->thread, NULL);
}

static char **sites;
static int site_count, sites_found;
static uint32_t site_id[64];
static uint64_t *hits; /* target's place << 32 | source */
static size_t hit_count, hit_room;
static uint8_t *is_site, *is_wanted; /* bits by id */
static char **name_of; /* by source id, for those wanted */

static inline const uint8_t *number(const uint8_t *p, uint32_t *out) {
    uint32_t n = 0;
    while (*p >= '0') n = n * 10 + (*p++ - '0');
    *out = n;
    return p;
}

static int find_sites(const uint8_t *p, const uint8_t *end) {
    while (p < end) {
        uint32_t id;
        p = number(p, &id);
        const uint8_t *name = ++p;
        const uint8_t *tab = memchr(p, '\t', end - p);
        for (int i = 0; i < site_count; i++)
            if (sites[i][tab - name] == 0 && !memcmp(sites[i], name, tab - name)) { site_id[i] = id; sites_found++; }
        p = (const uint8_t *)memchr(tab, '\n', end - tab) + 1;
    }
    return sites_found == site_count;
}

static int find_edges(const uint8_t *p, const uint8_t *end) {
    while (p < end) {
        const uint8_t *line = p;
        while (*p != '\t') p++;
        uint32_t to;
        p = number(p + 1, &to) + 1;
        if (is_site[to >> 3] >> (to & 7) & 1) {
            uint32_t from;
            number(line, &from);
            if (hit_count == hit_room) hits = realloc(hits, (hit_room = hit_room ? 2 * hit_room : 1 << 16) * sizeof *hits);
            hits[hit_count++] = (uint64_t)to << 32 | from;
        }
    }
    return 0;
}

/* Open addressing from name to slot, for ranks. */
static char **keys;
static char (*values)[24];
static size_t key_mask, wanted, ranked;

/* Bits by the last eight bytes of names, which stay in the cache: most names of a file need no look at the table. */
static uint8_t seen[1 << 18];

static inline uint32_t ending(const uint8_t *end) {
    uint64_t word;
    memcpy(&word, end - 8, 8);
    for (int i = 7; i >= 0; i--)
        if ((word >> 8 * i & 0xff) == '\t') { word = word >> 8 * i >> 8 << 8 * i << 8; break; }
    return word * 0x9E3779B97F4A7C15u >> 43;
}

static size_t slot_of(const char *name, size_t length) {
    uint64_t h = 1469598103934665603u;
    for (size_t i = 0; i < length; i++) h = (h ^ (uint8_t)name[i]) * 1099511628211u;
    size_t at = (h ^ h >> 29) & key_mask;
    while (keys[at] && (strncmp(keys[at], name, length) || keys[at][length])) at = (at + 1) & key_mask;
    return at;
}

static int find_names(const uint8_t *p, const uint8_t *end) {
    while (p < end) {
        uint32_t id;
        p = number(p, &id) + 1;
        const uint8_t *tab = memchr(p, '\t', end - p);
        if (is_wanted[id >> 3] >> (id & 7) & 1) {
            char *name = strndup((const char *)p, tab - p);
            uint32_t bit = ending(tab);
            seen[bit >> 3] |= 1 << (bit & 7);
            name_of[id] = name;
            keys[slot_of(name, tab - p)] = name;
        }
        p = (const uint8_t *)memchr(tab, '\n', end - tab) + 1;
    }
    return 0;
}

static int find_ranks(const uint8_t *p, const uint8_t *end) {
    while (p < end) {
        const uint8_t *cell[6];
        for (int i = 0; i < 5; i++) { cell[i] = p; p = (const uint8_t *)memchr(p, '\t', end - p) + 1; }
        uint32_t bit = ending(p - 1);
        if (seen[bit >> 3] >> (bit & 7) & 1) {
            size_t at = slot_of((const char *)cell[4], p - 1 - cell[4]);
            if (keys[at]) { memcpy(values[at], cell[1], cell[2] - 1 - cell[1]); ranked++; }
        }
        p = (const uint8_t *)memchr(p, '\n', end - p) + 1;
    }
    return ranked == wanted;
}

int main(int argc, char **argv) {
    sites = argv + 4;
    site_count = argc - 4;
    each_block(argv[1], find_sites);
    size_t bits = ((size_t)1 << 28) / 8;
    is_site = calloc(1, bits);
    is_wanted = calloc(1, bits);
    for (int i = 0; i < site_count; i++) is_site[site_id[i] >> 3] |= 1 << (site_id[i] & 7);
    each_block(argv[2], find_edges);
    for (size_t i = 0; i < hit_count; i++) {
        uint32_t from = (uint32_t)hits[i];
        if (!(is_wanted[from >> 3] >> (from & 7) & 1)) wanted++;
        is_wanted[from >> 3] |= 1 << (from & 7);
    }
    name_of = calloc((size_t)1 << 28, sizeof *name_of); /* what is not touched takes no memory */
    for (key_mask = 1; key_mask < 4 * wanted; key_mask *= 2);
    keys = calloc(key_mask, sizeof *keys);
    values = calloc(key_mask, sizeof *values);
    key_mask--;
    each_block(argv[1], find_names);
    each_block(argv[3], find_ranks);
    for (size_t i = 0; i < hit_count; i++) {
        uint32_t from = (uint32_t)hits[i], to = hits[i] >> 32;
        for (int s = 0; s < site_count; s++)
            if (site_id[s] == to)
                printf("%s\t%s\t%s\n", sites[s], name_of[from], values[slot_of(name_of[from], strlen(name_of[from]))]);
    }
    return 0;
}
