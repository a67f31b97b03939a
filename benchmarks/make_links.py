"""Make one CSV of backlinks to measure with: a site, ten rivals, as many links as asked for, the same for a seed.

    python benchmarks/make_links.py links.csv --rows 1000000

Referring domains follow Zipf's law, so a few link often and most link once: 1 million rows come from about 120,000
domains, 10 million from about 1.1 million. Hosts are under two dozen public suffixes, among them private ones
(blogspot.com), wildcards (*.ck), exceptions (!city.kobe.jp) and international ones, in Unicode and in punycode. A row
is about 180 bytes. numpy draws, so that no version of DuckDB changes the data; DuckDB writes.
"""

import argparse
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np

SITE = "mysite.example"
RIVALS = [f"rival-{number}.example" for number in range(1, 11)]
SITES = [SITE, *RIVALS]
SITE_SHARES = np.array([0.05, 0.22, 0.16, 0.13, 0.11, 0.09, 0.08, 0.06, 0.05, 0.03, 0.02])

DOMAINS_PER_ROW = 0.197
ROWS_AT_ONCE = 500_000
SELF_SHARE = 0.004
FIRST_DAY, DAYS = "2015-01-01", 3900

SUFFIXES = {
    "com": 0.385,
    "org": 0.08,
    "net": 0.06,
    "de": 0.06,
    "co.uk": 0.05,
    "blogspot.com": 0.05,
    "fr": 0.03,
    "it": 0.03,
    "nl": 0.03,
    "github.io": 0.03,
    "info": 0.025,
    "com.au": 0.02,
    "pl": 0.02,
    "io": 0.02,
    "com.br": 0.02,
    "edu": 0.01,
    "ac.uk": 0.01,
    "gov.uk": 0.005,
    "co.jp": 0.01,
    "netlify.app": 0.01,
    "co.ck": 0.005,
    "saiwai.kawasaki.jp": 0.005,
    "city.kobe.jp": 0.0025,
    "city.kawasaki.jp": 0.0025,
    "eu-west-1.compute.amazonaws.com": 0.005,
    "рф": 0.015,
    "公司.cn": 0.01,
}
"""Public suffixes (or, for wildcard rules, suffixes that match them) and their share of the referring domains."""

EXCEPTIONS = ("city.kobe.jp", "city.kawasaki.jp")
"""These are registrable domains themselves, so all hosts below one of them are one domain with one authority."""

ADJECTIVES = [
    *("amber", "autumn", "brave", "bright", "calm", "clever", "cosmic", "crimson"),
    *("distant", "eager", "early", "fancy", "fresh", "gentle", "golden", "grand"),
    *("green", "happy", "hidden", "humble", "icy", "jolly", "keen", "lively"),
    *("lucky", "mellow", "misty", "modern", "noble", "northern", "polar", "proud"),
    *("quiet", "rapid", "royal", "silver", "simple", "sunny", "tender", "urban"),
]
NOUNS = [
    *("anchor", "atlas", "bakery", "beacon", "bridge", "camera", "canyon", "castle"),
    *("cinema", "compass", "dragon", "engine", "falcon", "forest", "garden", "guitar"),
    *("harbor", "island", "journal", "kitchen", "lantern", "library", "market", "meadow"),
    *("mirror", "museum", "notebook", "orchard", "palace", "pencil", "planet", "river"),
    *("rocket", "saddle", "station", "summit", "temple", "tractor", "voyage", "window"),
]
SUBDOMAINS = {"": 0.46, "www.": 0.4, "blog.": 0.08, "news.": 0.04, "m.": 0.02}
ANCHORS = [
    *(f"{adjective} {noun}" for adjective, noun in zip(ADJECTIVES[:24], NOUNS[:24], strict=True)),
    "click here",
    "read more about the best tools of the year",
    "this guide",
    "Source",
    "mysite.example",
    "https://www.rival-1.example/",
    "",
    "tools, tips and tricks",
    'the so-called "skyscraper" method',
    'prices, "plans" and more',
    "Bücher und Zubehör",
    "crème brûlée, à la carte",
    "отзывы покупателей",
    "詳しくはこちら",
    "¡ofertas de otoño!",
    "naïve café",
]

CHUNK_SQL = """
SELECT
    CASE WHEN scheme < 0.2 THEN 'http://' ELSE 'https://' END
        || CASE WHEN spelling < 0.01 THEN upper(host) ELSE host END
        || '/' || CAST(2015 + row_number % 11 AS VARCHAR) || '/' || $adjectives[1 + (row_number * 7) % 40]
        || '-' || $nouns[1 + (row_number * 3) % 40] || '-' || $adjectives[1 + (row_number // 40) % 40]
        || '-' || $nouns[1 + (row_number // 7) % 40]
        || CASE WHEN row_number % 50 = 0 THEN '-é' ELSE '' END || '-' || CAST(row_number AS VARCHAR)
        || CASE WHEN row_number % 9 = 0 THEN '.html?utm_source=feed' ELSE '/' END AS source_url,
    CASE WHEN scheme < 0.1 THEN 'http://' ELSE 'https://' END
        || CASE WHEN spelling > 0.995 THEN upper($targets[site]) ELSE $targets[site] END
        || '/' || $nouns[1 + page % 40] || '-' || $adjectives[1 + page % 37]
        || CASE WHEN page > 200 THEN '/item-' || CAST(page AS VARCHAR) ELSE '/' END
        AS target_url,
    $anchors[anchor] AS anchor,
    rel < 0.25 OR rel > 0.98 AS nofollow,
    rel BETWEEN 0.22 AND 0.27 AS ugc,
    rel > 0.97 AS sponsored,
    DATE '{first_day}' + CAST(first_day AS INTEGER) AS first_seen,
    DATE '{first_day}' + CAST(last_day AS INTEGER) AS last_seen,
    CASE WHEN is_lost THEN DATE '{first_day}' + CAST(last_day AS INTEGER) END AS lost,
    authority
FROM (
    SELECT
        draws.*,
        $subdomains[subdomain] || CASE WHEN scheme * 10 % 1 < 0.5 THEN domain ELSE domain_in_unicode END AS host,
        authority
    FROM draws JOIN domains ON domains.domain_number = draws.domain_number
)
ORDER BY row_number
"""


def make_links(path: Path, rows: int, seed: int = 20) -> None:
    """Write `rows` links to `path`, with a header row."""
    random = np.random.default_rng(seed)
    domain_count = int(rows * DOMAINS_PER_ROW)
    with duckdb.connect() as engine, TemporaryDirectory(dir=path.parent) as folder, path.open("wb") as file:
        add_domains(engine, domain_count, random)
        part = Path(folder, "part.csv")
        for draws in draw_links(rows, domain_count, random):
            write_part(engine, draws, part, heading=draws["row_number"][0] == 0)
            with part.open("rb") as written:
                shutil.copyfileobj(written, file, 1 << 20)


def add_domains(engine: duckdb.DuckDBPyConnection, count: int, random: np.random.Generator) -> None:
    """Add table `domains`: number (1 links most; the sites follow after `count`), Unicode, punycode, authority."""
    number = np.arange(1, count + 1)
    closeness = 1 - np.log(number) / np.log(count + 1)
    authority = np.clip(np.rint(80 * closeness + random.normal(8, 12, count)), 0, 100).astype(np.int16)
    suffix = random.choice(len(SUFFIXES), count, p=normalised(list(SUFFIXES.values())))
    engine.register("drawn", {"number": number, "suffix": suffix, "authority": authority})
    parameters = {
        "adjectives": ADJECTIVES,
        "nouns": NOUNS,
        "suffixes": list(SUFFIXES),
        "exceptions": list(EXCEPTIONS),
    }
    engine.execute(
        """
        CREATE TABLE domains AS
        SELECT number AS domain_number,
            CASE WHEN suffix = 'рф' THEN 'сад-' ELSE '' END || name || '.' || suffix AS domain_in_unicode,
            domain_in_unicode AS domain,
            CASE WHEN list_contains($exceptions, suffix) THEN 61 ELSE authority END AS authority
        FROM (
            SELECT number, authority, $suffixes[1 + suffix] AS suffix,
                $adjectives[1 + number % 40] || $nouns[1 + (number // 40) % 40]
                    || CASE WHEN number < 1600 THEN '' ELSE CAST(number // 1600 AS VARCHAR) END AS name
            FROM drawn
        )
        """,
        parameters,
    )
    add_punycode(engine)
    sites = [(count + place, site, site, 40 + place) for place, site in enumerate(SITES, start=1)]
    engine.executemany("INSERT INTO domains VALUES (?, ?, ?, ?)", sites)


def add_punycode(engine: duckdb.DuckDBPyConnection) -> None:
    """Replace `domain` by its punycode where it is not plain ASCII."""
    found = engine.execute(
        "SELECT domain_number, domain FROM domains WHERE length(domain) < strlen(domain) ORDER BY domain_number"
    ).fetchall()
    encoded = [domain.encode("idna").decode("ascii") for _, domain in found]
    engine.register(
        "encoded", {"number": np.array([number for number, _ in found]), "domain": np.array(encoded, object)}
    )
    engine.execute("UPDATE domains SET domain = encoded.domain FROM encoded WHERE domain_number = encoded.number")


def draw_links(rows: int, domain_count: int, random: np.random.Generator) -> Iterator[dict[str, np.ndarray]]:
    """Draw the numbers from which the links are made, some rows at a time."""
    for start in range(0, rows, ROWS_AT_ONCE):
        count = min(ROWS_AT_ONCE, rows - start)
        # A power with a uniform draw as exponent follows Zipf's law, without a table of all ranks.
        domain_number = np.floor((domain_count + 1) ** random.random(count)).astype(np.int64)
        first_day = random.integers(0, DAYS, count)
        from_site = random.random(count) < SELF_SHARE
        site_number = domain_count + random.integers(1, len(SITES) + 1, count)
        yield {
            "row_number": np.arange(start, start + count),
            "domain_number": np.where(from_site, site_number, np.minimum(domain_number, domain_count)),
            "subdomain": 1 + random.choice(len(SUBDOMAINS), count, p=normalised(list(SUBDOMAINS.values()))),
            "site": 1 + random.choice(len(SITES), count, p=normalised(list(SITE_SHARES))),
            "anchor": random.integers(1, len(ANCHORS) + 1, count),
            "page": np.floor(3000 * random.random(count) ** 2).astype(np.int64),
            "first_day": first_day,
            "last_day": np.minimum(first_day + random.integers(0, 1500, count), DAYS),
            "is_lost": random.random(count) < 0.12,
            "scheme": random.random(count),
            "spelling": random.random(count),
            "rel": random.random(count),
        }


def write_part(engine: duckdb.DuckDBPyConnection, draws: dict[str, np.ndarray], part: Path, *, heading: bool) -> None:
    """Write the links that `draws` describe to the file `part`."""
    engine.register("draws", draws)
    parameters = {
        "adjectives": ADJECTIVES,
        "nouns": NOUNS,
        "anchors": ANCHORS,
        "subdomains": list(SUBDOMAINS),
        "targets": [f"www.{site}" for site in SITES],
    }
    select = CHUNK_SQL.format(first_day=FIRST_DAY)
    engine.execute(f"CREATE OR REPLACE TEMP TABLE part AS {select}", parameters)
    engine.execute(f"COPY part TO '{part}' (FORMAT CSV, HEADER {heading})")
    engine.unregister("draws")


def normalised(shares: list[float]) -> np.ndarray:
    """Scale shares so that they sum to 1."""
    return np.array(shares) / sum(shares)


def main() -> None:
    """Run from a shell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=20)
    asked = parser.parse_args()
    make_links(asked.path, asked.rows, asked.seed)


if __name__ == "__main__":
    main()
