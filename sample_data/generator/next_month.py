"""The same web a month later: some domains stopped linking, some began to, authority moved a little, exports differ."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from generator.exports import Export
from generator.links import Link, LinkMaker
from generator.providers import AHREFS, SEMRUSH, Provider, domain_sightings, metric
from generator.world import OAKDESK, RIVALS, SITES, Domain, Site, stream

DESKLY, SITWELL, WORKHAVEN, UPRIGHTCO = RIVALS

EXPORTED = datetime(2026, 11, 22, 9, 12, 40)  # noqa: DTZ001 - exports name no time zone
_GONE = 0.07
_BEGUN = {OAKDESK: 0.03, DESKLY: 0.03, SITWELL: 0.02, WORKHAVEN: 0.02, UPRIGHTCO: 0.015}
_DRIFT = 0.8
_AHREFS_CAP = 400


def links_of_next_month(links: list[Link]) -> list[Link]:
    """Return every link that exists a month later."""
    kept = [link for link in links if link.domain is None or not _is_gone(link.domain, link.site)]
    domains = {link.domain.key: link.domain for link in links if link.domain and link.kind != "mention"}
    linked = {(link.domain.key, link.site) for link in links if link.domain}
    drifted = {key: _drifted(domain) for key, domain in domains.items()}
    moved = [replace(link, domain=drifted.get(link.domain.key, link.domain)) if link.domain else link for link in kept]
    begun = [link for key in sorted(drifted) for link in _begun(drifted[key], linked)]
    return moved + begun


def exports_of_next_month(links: list[Link]) -> list[Export]:
    """Return every file: from fewer tools than last month, and only lists of referring domains."""
    day = f"{EXPORTED:%Y-%m-%d_%H-%M-%S}"
    best = sorted(domain_sightings(AHREFS, links, OAKDESK), key=lambda one: (-_rating(one.domain), one.links[0].host))
    best = best[:_AHREFS_CAP]
    floor = _rating(best[-1].domain)
    cut = Export(
        f"oakdesk.example-refdomains-subdomains_{day}.xlsx",
        AHREFS,
        "referring domains",
        OAKDESK,
        tuple(best),
        "authority",
        floor,
    )
    whole = [
        _whole("oakdesk.example-backlinks_refdomains.csv", SEMRUSH, links, OAKDESK),
        _whole(f"deskly.example-refdomains-subdomains_{day}.xlsx", AHREFS, links, DESKLY),
        _whole("sitwell.example-backlinks_refdomains.csv", SEMRUSH, links, SITWELL),
        _whole(f"workhaven.example-refdomains-subdomains_{day}.xlsx", AHREFS, links, WORKHAVEN),
        _whole("uprightco.example-backlinks_refdomains.csv", SEMRUSH, links, UPRIGHTCO),
    ]
    return sorted([cut, *whole], key=lambda export: export.file)


def _whole(file: str, provider: Provider, links: list[Link], site: Site) -> Export:
    """Return a complete list; Semrush's holds live links only."""
    records = [one for one in domain_sightings(provider, links, site) if not one.reason]
    if provider is SEMRUSH:
        records = [one for one in records if not one.lost]
    records.sort(key=lambda one: one.domain.key if one.domain else "")
    return Export(file, provider, "referring domains", site, tuple(records))


def _rating(domain: Domain | None) -> float:
    return metric("ahrefs_dr", domain) if domain else 0


def _is_gone(domain: Domain, site: Site) -> bool:
    return not domain.famous and stream("gone", domain.key, site.key).random() < _GONE


def _drifted(domain: Domain) -> Domain:
    change = stream("drift", domain.key).gauss(0, _DRIFT)
    return replace(domain, authority=min(max(domain.authority + change, 0.5), 97))


def _begun(domain: Domain, linked: set[tuple[str, Site]]) -> Iterator[Link]:
    for site in SITES:
        random = stream("begun", domain.key, site.key)
        if (domain.key, site) not in linked and not domain.famous and random.random() < _BEGUN[site]:
            first_seen = EXPORTED - timedelta(days=random.randint(2, 28), seconds=random.randint(0, 86_399))
            dates = {"first_seen": first_seen, "last_seen": EXPORTED - timedelta(days=1)}
            yield LinkMaker().link(domain, site, random, path=f"/{first_seen:%Y/%m}/{site.brand.lower()}/", **dates)
