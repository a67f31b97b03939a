"""The files: which records each of them has, in which order, and how the provider cut it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random

from generator.links import Link, LinkMaker
from generator.oddities import odd_links
from generator.providers import (
    AHREFS,
    CLIENT,
    DATAFORSEO,
    MAJESTIC,
    MOZ,
    SEARCH_CONSOLE,
    SEMRUSH,
    Provider,
    Sighting,
    domain_sightings,
    metric,
    sightings,
)
from generator.world import OAKDESK, RIVALS, Site, ordinary_domains, stream

DESKLY, SITWELL, WORKHAVEN, UPRIGHTCO = RIVALS

_AHREFS_CAP = 3000
_SEMRUSH_CAP = 5000
_SEARCH_CONSOLE_CAP = 1000
_OVERLAP = 44
_REPEATED = 12


@dataclass(frozen=True)
class Export:
    """One file.

    Parameters
    ----------
    records
        Records in the order of the file.
    cut
        How the provider cut the list: none, rows or authority.
    floor
        Lowest authority in a file that is cut by authority, else None.
    """

    file: str
    provider: Provider
    report: str
    site: Site
    records: tuple[Sighting, ...]
    cut: str = "none"
    floor: float | None = None


def all_links() -> list[Link]:
    """Return every link of the world."""
    maker = LinkMaker()
    return [link for domain in ordinary_domains() for link in maker.links_of(domain)] + odd_links(maker)


def all_exports(links: list[Link]) -> list[Export]:
    """Return every file, sorted by name."""
    exports = [
        _oakdesk_ahrefs(links),
        _oakdesk_semrush(links),
        _oakdesk_search_console(links),
        _deskly_ahrefs(links),
        _sitwell_semrush(links),
        _sitwell_plain(links),
        _workhaven_moz(links),
        _workhaven_ahrefs(links),
        *_uprightco_majestic(links),
        _uprightco_dataforseo(links),
    ]
    return sorted(exports, key=lambda export: export.file)


def _oakdesk_ahrefs(links: list[Link]) -> Export:
    """Return the 3,000 best-rated rows of a longer list, which the provider cuts there."""
    records = _by_rating(sightings(AHREFS, links, OAKDESK))[:_AHREFS_CAP]
    file = "oakdesk.example-backlinks-subdomains_2026-10-22_19-38-16.csv"
    return Export(file, AHREFS, "backlinks", OAKDESK, records, "authority", _rating(records[-1]))


def _oakdesk_semrush(links: list[Link]) -> Export:
    """Return a complete list, of live links only."""
    records = [one for one in domain_sightings(SEMRUSH, links, OAKDESK) if not one.lost and not one.reason]
    records.sort(key=lambda one: -metric("semrush_as", one.domain) if one.domain else 0)
    return Export("oakdesk.example-backlinks_refdomains.csv", SEMRUSH, "referring domains", OAKDESK, tuple(records))


def _oakdesk_search_console(links: list[Link]) -> Export:
    """Return a sample of 1,000 pages, the newest first."""
    pages = {one.link.source_url(unicode=True): one for one in sightings(SEARCH_CONSOLE, links, OAKDESK)}
    records = stream("search console").sample(list(pages.values()), _SEARCH_CONSOLE_CAP)
    records.sort(key=lambda one: one.link.last_seen, reverse=True)
    file = "https___oakdesk.example_-Latest links-2026-10-22.csv"
    return Export(file, SEARCH_CONSOLE, "latest links", OAKDESK, tuple(records), "rows")


def _deskly_ahrefs(links: list[Link]) -> Export:
    records = _by_rating(sightings(AHREFS, links, DESKLY))
    file = "deskly.example-backlinks-subdomains_2026-10-22_19-41-02.csv.gz"
    return Export(file, AHREFS, "backlinks", DESKLY, records)


def _sitwell_semrush(links: list[Link]) -> Export:
    """Return 5,000 rows of a longer list, in random order; twelve of them are there twice, on purpose."""
    random = stream("sitwell semrush")
    every = sightings(SEMRUSH, links, SITWELL)
    kept = [one for one in every if one.domain is None or one.domain.famous]
    others = [one for one in every if not (one.domain is None or one.domain.famous)]
    kept += random.sample(others, _SEMRUSH_CAP - _REPEATED - len(kept))
    kept += random.sample([one for one in kept if not one.reason], _REPEATED)
    random.shuffle(kept)
    return Export("sitwell.example-backlinks.csv", SEMRUSH, "backlinks", SITWELL, tuple(kept), "rows")


def _sitwell_plain(links: list[Link]) -> Export:
    """Return a client's notes: one domain or page per line, each domain once except for three repeated ones."""
    random = stream("plain list")
    entries = [_noted(one, random) for one in random.sample(domain_sightings(CLIENT, links, SITWELL), 146)]
    again = [one for one in entries if "/" not in one.spelling and not one.reason][:3]
    for one, respell in zip(again, (str.upper, str.title, str.lower), strict=True):
        entries.append(replace(one, spelling=respell(one.spelling), reason="duplicate"))
    file = "sitwell.example-backlinks-gsc-style-plain-list.txt"
    return Export(file, CLIENT, "list", SITWELL, tuple(entries))


def _workhaven_moz(links: list[Link]) -> Export:
    random = stream("workhaven moz")
    records = sightings(MOZ, links, WORKHAVEN)
    records += random.sample([one for one in records if not one.reason], _REPEATED)
    random.shuffle(records)
    file = "moz-inbound-links-for-workhaven.example-2026_10_22.csv"
    return Export(file, MOZ, "inbound links", WORKHAVEN, tuple(records))


def _workhaven_ahrefs(links: list[Link]) -> Export:
    """Return a list in which two domains are there twice, as happens when its pages are pasted together."""
    records = list(_by_rating(domain_sightings(AHREFS, links, WORKHAVEN)))
    records += [replace(one, reason="duplicate") for one in records[98:100]]
    file = "workhaven.example-refdomains-subdomains.xlsx"
    return Export(file, AHREFS, "referring domains", WORKHAVEN, tuple(records))


def _uprightco_majestic(links: list[Link]) -> tuple[Export, Export]:
    """Return two pages of one list; the second begins with the last rows of the first, as duplicates."""
    records = sightings(MAJESTIC, links, UPRIGHTCO)
    records.sort(key=lambda one: -metric("majestic_tf", one.domain) if one.domain else 0)
    end = len(records) - 419
    overlap = [one for one in records[:end] if not one.reason][-_OVERLAP:]
    second = (*(replace(one, reason="duplicate") for one in overlap), *records[end:])
    pages = (
        ("majestic-uprightco.example-backlinks.csv", tuple(records[:end])),
        ("majestic-uprightco.example-backlinks_page-2.csv", second),
    )
    first_page, second_page = (Export(file, MAJESTIC, "backlinks", UPRIGHTCO, page) for file, page in pages)
    return first_page, second_page


def _uprightco_dataforseo(links: list[Link]) -> Export:
    records = [one for one in sightings(DATAFORSEO, links, UPRIGHTCO) if not one.reason]
    records.sort(key=lambda one: -metric("dataforseo_rank", one.domain) if one.domain else 0)
    return Export("dataforseo-uprightco.json", DATAFORSEO, "backlinks", UPRIGHTCO, tuple(records))


def _by_rating(records: Iterable[Sighting]) -> tuple[Sighting, ...]:
    return tuple(sorted(records, key=lambda one: (-_rating(one), one.domain.key if one.domain else "")))


def _rating(record: Sighting) -> float:
    return metric("ahrefs_dr", record.domain) if record.domain else 0


def _noted(record: Sighting, random: Random) -> Sighting:
    """Return the record as a client would have written it down."""
    link = record.link
    spellings = (link.domain.shown if link.domain else "", link.host, link.source_url(unicode=True))
    return replace(record, spelling=random.choices(spellings, (6, 2, 2))[0])
