"""A small release of a web graph: which domains of the invented web link to which, in Common Crawl's format."""

from collections.abc import Iterable, Iterator
from random import Random

from generator.links import Link
from generator.world import OAKDESK, RIVALS, SISTERS, Domain, ordinary_domains, stream

RELEASE = "cc-main-2026-aug-sep-oct"
UNKNOWN_RIVALS = ("risewell.example", "standhaus.example", "legroom.example")
"""Rivals that sell desks, too, and are in none of the exports."""

GIANTS = ("sociable.example", "clipshare.example", "fontworks.example", "adcounter.example")
"""Domains to which everybody links, so a link to them says nothing about its source."""

DIRECTORIES = ("alllinks.example", "webindex.example", "topsites.test")
"""Domains that link to nearly everything, so a link from them says nothing about its target."""

ELSEWHERE = [f"elsewhere-{number}.test" for number in range(4000)]
"""The rest of the web: about other things, so that nobody there links to a desk seller."""

CRAWLED = 0.85
"""Share of the linking pairs of domain and site that the crawl has found."""

_SHARE_OF_UNKNOWN = 0.4
_MOST_LINKED = 25
_HUB = 0.6

Edge = tuple[str, str]


def release(links: list[Link]) -> dict[str, bytes]:
    """Return the contents of the release's files by name, uncompressed."""
    known = ordinary_domains()
    pairs = {(source, target) for source, target in _edges(known, links) if source != target and _is_name(source)}
    names = sorted({name for pair in pairs for name in pair}, key=_reversed)
    number = {name: place for place, name in enumerate(names)}
    hosts = {domain.key: len(domain.hosts) for domain in known}
    vertices = [f"{number[name]}\t{_reversed(name)}\t{hosts.get(name, 1)}" for name in names]
    edges = [f"{source}\t{target}" for source, target in sorted((number[a], number[b]) for a, b in pairs)]
    ranks = _ranks(names, {domain.key: domain.authority for domain in known}, hosts)
    files = {"vertices": vertices, "edges": edges, "ranks": ranks}
    return {
        f"{RELEASE}-domain-{kind}.txt.gz": "".join(f"{line}\n" for line in lines).encode()
        for kind, lines in files.items()
    }


def _edges(known: list[Domain], links: list[Link]) -> Iterator[Edge]:
    """Yield which domain links to which, as far as the crawl has found it; some pairs more than once."""
    random = stream("web graph")
    by_topic: dict[str, list[Domain]] = {}
    for domain in known:
        by_topic.setdefault(domain.topic.name, []).append(domain)
    for source, site in sorted({(link.domain.key, link.site.key) for link in links if link.domain and not link.lost}):
        if random.random() < CRAWLED:
            yield source, site
    for domain in known:
        yield from _links_to_others(domain, known, by_topic[domain.topic.name], random)
    for directory in DIRECTORIES:
        for target in [*known, *RIVALS, OAKDESK]:
            if random.random() < _HUB:
                yield directory, target.key
    for source in ELSEWHERE:
        yield from ((source, giant) for giant in GIANTS if random.random() < _HUB)
        yield source, random.choice(ELSEWHERE)
    for site in (OAKDESK.key, *(rival.key for rival in RIVALS), *UNKNOWN_RIVALS):
        yield from ((site, giant) for giant in GIANTS)


def _links_to_others(domain: Domain, known: list[Domain], alike: list[Domain], random: Random) -> Iterator[Edge]:
    near = 1 - 0.5 ** len(domain.sites)
    yield from ((domain.key, rival) for rival in UNKNOWN_RIVALS if random.random() < _SHARE_OF_UNKNOWN * near)
    yield from ((domain.key, giant) for giant in GIANTS if random.random() < _HUB)
    for _ in range(min(domain.linked_domains // 3, _MOST_LINKED)):
        yield domain.key, random.choice(alike if random.random() < _HUB else known).key
    if domain.key in SISTERS:
        yield domain.key, OAKDESK.key


def _ranks(names: Iterable[str], authority: dict[str, float], hosts: dict[str, int]) -> list[str]:
    random = stream("web graph ranks")
    rank = {name: authority.get(name, 99.0 if name in GIANTS else 45.0) + random.gauss(0, 3) for name in names}
    first = sorted(rank, key=lambda name: (-rank[name], name))
    second = sorted(rank, key=lambda name: (-rank[name] + random.gauss(0, 5), name))
    page_rank = {name: place for place, name in enumerate(second, start=1)}
    lines = (
        f"{place}\t{1.2e7 + 1.5e5 * rank[name]:.1f}\t{page_rank[name]}\t{0.01 / page_rank[name]:.12g}\t"
        f"{_reversed(name)}\t{hosts.get(name, 1)}"
        for place, name in enumerate(first, start=1)
    )
    return ["#harmonicc_pos\t#harmonicc_val\t#pr_pos\t#pr_val\t#host_rev\t#n_hosts", *lines]


def _is_name(host: str) -> bool:
    """Tell whether a web graph would list a host: it leaves out IP addresses and single labels."""
    return "." in host and not host[-1].isdigit() and ":" not in host


def _reversed(name: str) -> str:
    return ".".join(reversed(name.split(".")))
