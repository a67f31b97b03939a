"""The links that a domain places on a site: page, anchor, target, dates."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from generator.words import ANCHORS, CONTEXTS, SLUGS, SPAM_ANCHORS, SPAM_TITLES, TITLES
from generator.world import RIVALS, Domain, Site, punycode, stream

EXPORTED = datetime(2026, 10, 22, 19, 38, 16)  # noqa: DTZ001 - exports name no time zone
"""When the user downloaded all exports."""

_MOST_LINKS = 60
_KINDS = {"text": 0.885, "image": 0.085, "redirect": 0.01, "canonical": 0.008, "frame": 0.007, "form": 0.005}


@dataclass(frozen=True, eq=False)
class Link:
    """One link, as it is on the web; what a provider shows of it can differ, see `Sighting`.

    Parameters
    ----------
    domain
        Domain of the referring page; None if the source is no web address at all.
    host, path
        Host in Unicode, and the rest of the referring page's address.
    target_url
        Final target, after all redirects.
    via
        Addresses that redirect to it, the one in the page first; empty for a direct link.
    lost
        When it disappeared; None if it still exists.
    strength
        Authority of the page within its domain, 0 to 1.
    """

    domain: Domain | None
    site: Site
    host: str
    path: str
    title: str
    target_url: str
    anchor: str
    first_seen: datetime
    last_seen: datetime
    scheme: str = "https://"
    via: tuple[str, ...] = ()
    left: str = ""
    right: str = ""
    kind: str = "text"
    nofollow: bool = False
    ugc: bool = False
    sponsored: bool = False
    lost: datetime | None = None
    strength: float = 0.3
    external_links: int = 10
    sitewide: bool = False

    def source_url(self, *, unicode: bool = False, scheme: bool = True) -> str:
        """Return the address of the referring page in an exporter's spelling: Unicode or punycode, scheme or none."""
        host = self.host if unicode else punycode(self.host)
        return f"{self.scheme if scheme else ''}{host}{self.path}"


class LinkMaker:
    """Makes links, each on a page with an address of its own, so that no two links are the same by accident."""

    def __init__(self) -> None:
        """Start with no address taken."""
        self._taken: set[tuple[str, str]] = set()

    def links_of(self, domain: Domain) -> list[Link]:
        """Return all links of a domain to all sites it links to."""
        return [link for site in domain.sites for link in self._links_to(domain, site)]

    def link(self, domain: Domain, site: Site, random: Random, /, **properties: object) -> Link:
        """Return one link, with everything but `properties` drawn at random."""
        host = random.choice(domain.hosts)
        first_seen = EXPORTED - timedelta(days=random.triangular(3, 3900, 300), seconds=random.randint(0, 86_399))
        nofollow, ugc, sponsored = _rel(domain, random)
        language = domain.language
        kind = random.choices(list(_KINDS), list(_KINDS.values()))[0]
        made = Link(
            domain=domain,
            site=site,
            host=host,
            path=self._path(domain, host, first_seen, random),
            title=_title(domain, first_seen, random),
            anchor=_anchor(domain, site, kind, random),
            first_seen=first_seen,
            last_seen=EXPORTED - timedelta(days=min(random.expovariate(1 / 12), (EXPORTED - first_seen).days)),
            left=random.choice(CONTEXTS[language]) if kind == "text" and random.random() < 0.3 else "",
            right=random.choice((".", ", and", " –", "")) if kind == "text" else "",
            kind=kind,
            nofollow=nofollow,
            ugc=ugc,
            sponsored=sponsored,
            strength=random.random(),
            external_links=int(random.paretovariate(0.9) * 4) % 900 + 1,
            **_route(site, random),  # type: ignore[arg-type]
        )
        return replace(made, **properties)  # type: ignore[arg-type]

    def _links_to(self, domain: Domain, site: Site) -> Iterator[Link]:
        random = stream("links", domain.key, site.key)
        gone = not domain.famous and random.random() < site.lost_share
        number = min(int(random.paretovariate(1.1) * domain.topic.volume * site.volume) or 1, _MOST_LINKS)
        for _ in range(number):
            made = self.link(domain, site, random)
            yield _lose(made, random) if gone or random.random() < 0.05 else made

    def _path(self, domain: Domain, host: str, first_seen: datetime, random: Random) -> str:
        slug = random.choice(SLUGS)
        shape = (
            "/t/{slug}"
            if domain.topic.name == "forum"
            else random.choice(("/{slug}", "/blog/{slug}", "/{date}/{slug}"))
        )
        end = random.choice(("", "/", ".html"))
        path = shape.format(slug=slug, date=f"{first_seen:%Y/%m}")
        number, free = 1, path
        while (host, free) in self._taken:
            number += 1
            free = f"{path}-{number}"
        self._taken.add((host, free))
        return free + end


def sitewide(maker: LinkMaker, domain: Domain, site: Site, pages: int) -> list[Link]:
    """Return the same footer link on many pages of one domain."""
    random = stream("sitewide", domain.key)
    footer = {
        "anchor": site.brand,
        "target_url": f"https://www.{site.key}/",
        "via": (),
        "kind": "text",
        "sitewide": True,
    }
    return [
        maker.link(domain, site, random, path=f"/archive/{n}/", nofollow=False, **footer) for n in range(1, pages + 1)
    ]


def _lose(link: Link, random: Random) -> Link:
    age = (EXPORTED - link.first_seen).days
    lost = EXPORTED - timedelta(days=min(random.expovariate(1 / 200), age * 0.9))
    return replace(link, lost=lost, last_seen=lost)


def _rel(domain: Domain, random: Random) -> tuple[bool, bool, bool]:
    nofollow, ugc, sponsored = (
        random.random() < share for share in (domain.topic.nofollow, domain.topic.ugc, domain.topic.sponsored)
    )
    return nofollow, ugc, sponsored


def _title(domain: Domain, first_seen: datetime, random: Random) -> str:
    titles = SPAM_TITLES if domain.spam else TITLES[domain.language]
    rival = random.choice(RIVALS).brand
    return random.choice(titles).format(n=random.randint(3, 40), year=first_seen.year, rival=rival)


def _anchor(domain: Domain, site: Site, kind: str, random: Random) -> str:
    if kind in {"redirect", "canonical", "frame", "form"} or (kind == "image" and random.random() < 0.5):
        return ""
    if domain.spam:
        return random.choice(SPAM_ANCHORS)
    named = (site.brand, site.brand, site.key, f"https://{site.key}/", f"{site.brand} – {domain.author or 'shop'}")
    return random.choice(named if random.random() < 0.45 else ANCHORS[domain.language])


def _route(site: Site, random: Random) -> dict[str, object]:
    """Draw a link's target and the redirects on the way there."""
    path = random.choices(site.paths, [1 / rank for rank in range(1, len(site.paths) + 1)])[0]
    target_url = f"https://www.{site.key}{path}"
    if random.random() >= site.chained_share:
        return {"target_url": target_url if random.random() < 0.8 else f"https://{site.key}{path}"}
    plain = f"http://{site.key}{path}"
    address = random.choice(site.redirecting_addresses)
    via = random.choice(((plain,), (plain,), (address,), (address, plain)))
    return {"target_url": target_url, "via": via}
