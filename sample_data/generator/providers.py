"""What each provider knows: which domains and links it has found, how it rates them, how late it notices a loss."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from generator.links import EXPORTED, Link
from generator.world import Domain, Site, stream


@dataclass(frozen=True)
class Provider:
    """One crawler's view of the web.

    Parameters
    ----------
    reach
        Share of ordinary domains that it knows, 0 to 1. A domain it does not know is in none of its exports.
    depth
        Share of the links of a known domain that it has found, 0 to 1.
    lag
        Days until it notices that a link is gone; until then it shows the link as live.
    tells_lost
        Whether its exports contain lost links at all.
    """

    name: str
    reach: float
    depth: float
    lag: int
    tells_lost: bool


AHREFS = Provider("ahrefs", reach=0.95, depth=0.93, lag=4, tells_lost=True)
SEMRUSH = Provider("semrush", reach=0.94, depth=0.90, lag=30, tells_lost=True)
MOZ = Provider("moz", reach=0.84, depth=0.86, lag=60, tells_lost=False)
MAJESTIC = Provider("majestic", reach=0.90, depth=0.90, lag=45, tells_lost=True)
DATAFORSEO = Provider("dataforseo", reach=0.50, depth=0.46, lag=40, tells_lost=True)
SEARCH_CONSOLE = Provider("search_console", reach=0.97, depth=0.90, lag=30, tells_lost=False)
CLIENT = Provider("plain", reach=0.30, depth=1.0, lag=400, tells_lost=False)


@dataclass(frozen=True)
class Metric:
    """How a provider's domain metric is computed from the true authority, 0 to 100."""

    power: float
    scale: float
    noise: float
    spam: float
    """Points that a spam domain gains, or loses if negative."""


METRICS = {
    "ahrefs_dr": Metric(power=1.00, scale=0.96, noise=5, spam=14),
    "semrush_as": Metric(power=1.15, scale=0.80, noise=4, spam=-3),
    "moz_da": Metric(power=0.90, scale=0.92, noise=4, spam=7),
    "majestic_tf": Metric(power=1.30, scale=0.75, noise=5, spam=-9),
    "majestic_cf": Metric(power=0.90, scale=0.75, noise=4, spam=10),
    "dataforseo_rank": Metric(power=0.95, scale=0.90, noise=5, spam=5),
}


@dataclass(frozen=True, eq=False)
class Sighting:
    """One record of one file: what the provider says, and how a careful reader should treat it.

    Parameters
    ----------
    links
        The links that the record stands for: one in a list of links, all of a domain in a list of domains.
    lost
        When the provider saw the (last) link disappear; None when the record shows a live link.
    reason
        Why a reader sets the record aside; empty when it is kept.
    spelling
        How a plain list spells the record; empty elsewhere.
    """

    links: tuple[Link, ...]
    lost: datetime | None = None
    reason: str = ""
    spelling: str = ""

    @property
    def link(self) -> Link:
        """The record's link, in a list of links."""
        return self.links[0]

    @property
    def domain(self) -> Domain | None:
        """The referring domain; None if the source is no web address."""
        return self.links[0].domain


def metric(name: str, domain: Domain) -> float:
    """Return a provider's rating of a domain, 0 to 99, the same at every call; below 5 it has one decimal."""
    how = METRICS[name]
    noise = stream(name, domain.key).gauss(0, how.noise)
    value: float = 100 * how.scale * (domain.authority / 100) ** how.power + noise + how.spam * domain.spam
    value = min(max(value, 0), 99)
    return round(value, 1) if value < 5 else round(value)


def sightings(provider: Provider, links: Iterable[Link], site: Site) -> list[Sighting]:
    """Return one record for each link to `site` that the provider shows."""
    seen = [link for found in _known(provider, links, site).values() for link in found]
    return [Sighting((link,), _lost(provider, link), _reason(link)) for link in seen]


def domain_sightings(provider: Provider, links: Iterable[Link], site: Site) -> list[Sighting]:
    """Return one record for each domain that the provider shows with links to `site`."""
    found = [group for key, group in _known(provider, links, site).items() if key]
    return [_summary(provider, group) for group in found]


def says_spam(provider: Provider, domain: Domain) -> bool:
    """Return whether the provider calls a domain spam, as it does 70 % of spam and 0.4 % of other domains."""
    return stream(provider.name, "spam", domain.key).random() < (0.7 if domain.spam else 0.004)


def spam_score(provider: Provider, domain: Domain) -> int:
    """Return the provider's spam score, 0 to 100."""
    random = stream(provider.name, "spam score", domain.key)
    return random.randint(38, 97) if domain.spam else min(int(random.expovariate(1 / 7)) + 1, 60)


def _known(provider: Provider, links: Iterable[Link], site: Site) -> dict[str, list[Link]]:
    """Return the links to `site` that the provider shows, by domain: at least one of every domain that it knows."""
    by_domain: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        if link.site is site and _can_show(provider, link):
            by_domain[link.domain.key if link.domain else ""].append(link)
    return {key: list(_found(provider, key, group)) for key, group in by_domain.items() if _knows(provider, group[0])}


def _can_show(provider: Provider, link: Link) -> bool:
    if link.kind == "mention":
        return provider is MAJESTIC
    if link.domain is None:
        return provider in (SEMRUSH, MAJESTIC)
    return provider.tells_lost or _lost(provider, link) is None


def _knows(provider: Provider, link: Link) -> bool:
    if link.domain is None or link.domain.famous:
        return True
    reach = provider.reach * min(0.9 + link.domain.authority / 300, 1)
    return stream(provider.name, "knows", link.domain.key).random() < reach


def _found(provider: Provider, key: str, group: list[Link]) -> Iterator[Link]:
    """Yield the links that the provider has found, always with a live one if there is any.

    So a known domain is never shown as lost while it still links.
    """
    random = stream(provider.name, "found", key, group[0].site.key)
    first = min(group, key=lambda link: _lost(provider, link) is not None)
    for link in group:
        by_chance = random.random() < provider.depth
        if by_chance or link is first or (link.domain and link.domain.famous):
            yield link


def _lost(provider: Provider, link: Link) -> datetime | None:
    """Return when the link was lost, if the provider has noticed it; else None."""
    return link.lost if link.lost and link.lost < EXPORTED - timedelta(days=provider.lag) else None


def _reason(link: Link) -> str:
    if link.domain is None:
        return "no domain"
    if link.domain.key == link.site.key:
        return "self link"
    return "not a link" if link.kind == "mention" else ""


def _summary(provider: Provider, group: list[Link]) -> Sighting:
    """Return the single record of a domain; it is lost if all of its links are."""
    live = [link for link in group if _lost(provider, link) is None]
    if live:
        return Sighting(tuple(live), None, _reason(live[0]))
    return Sighting(tuple(group), max(link.lost for link in group if link.lost), _reason(group[0]))
