"""The invented web: five compared sites, and the domains that link to them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from generator.topics import LANGUAGE_WEIGHTS, LANGUAGES, PLATFORMS, TOPICS, Topic
from generator.words import AUTHORS, INTERNATIONAL_NAMES, NAME_PARTS, PLATFORM_NAMES

SEED = 20261022

_LIKING = 2.2
"""How strongly a domain's closeness to the niche affects whether it links to a site: its factor in the log-odds."""

_TOP_LEVELS = (("example", 0.955), ("test", 0.035), ("invalid", 0.01))


def stream(*names: object) -> Random:
    """Return the random generator seeded by `names`: the same in every run, and independent of all others."""
    return Random("/".join(map(str, (SEED, *names))))


@dataclass(frozen=True)
class Site:
    """One of the five compared sites.

    Parameters
    ----------
    base
        Log-odds that a domain of average closeness links to it.
    volume
        Factor on the number of links that a domain places on it.
    lost_share
        Share of linking domains whose links are all gone, 0 to 1.
    chained_share
        Share of links that arrive through redirects, 0 to 1.
    paths
        Pages that attract links, the most popular first.
    """

    key: str
    brand: str
    base: float
    volume: float
    lost_share: float
    chained_share: float
    paths: tuple[str, ...]
    redirecting_addresses: tuple[str, ...] = ()


OAKDESK = Site(
    key="oakdesk.example",
    brand="Oakdesk",
    base=-3.65,
    volume=1.09,
    lost_share=0.16,
    chained_share=0.03,
    paths=(
        "/",
        "/standing-desks/",
        "/guides/desk-height/",
        "/products/solid-oak-frame/",
        "/about/",
        "/blog/care-for-oak/",
    ),
    redirecting_addresses=("https://oakdesk-shop.example/",),
)

RIVALS = (
    Site(
        key="deskly.example",
        brand="Deskly",
        base=-2.75,
        volume=0.78,
        lost_share=0.09,
        chained_share=0.14,
        paths=(
            "/",
            "/desks/deskly-pro/",
            "/desk-height-calculator/",
            "/blog/standing-all-day/",
            "/press/",
            "/warranty/",
        ),
        redirecting_addresses=(
            "http://standdesks-direct.example/",
            "https://go.shortway.example/deskly",
            "http://deskly-shop.example/sale",
        ),
    ),
    Site(
        key="sitwell.example",
        brand="Sitwell",
        base=-2.80,
        volume=1.30,
        lost_share=0.08,
        chained_share=0.04,
        paths=("/", "/chairs/", "/sit-stand-desks/", "/research/sitting-study/", "/blog/posture-check/", "/de/stühle/"),
        redirecting_addresses=("https://go.shortway.example/sitwell",),
    ),
    Site(
        key="workhaven.example",
        brand="Workhaven",
        base=-3.20,
        volume=0.70,
        lost_share=0.08,
        chained_share=0.04,
        paths=("/", "/desks/haven-two/", "/inspiration/", "/trade/", "/blog/small-home-office/"),
        redirecting_addresses=("http://haven-desks.example/",),
    ),
    Site(
        key="uprightco.example",
        brand="UprightCo",
        base=-3.65,
        volume=0.50,
        lost_share=0.10,
        chained_share=0.04,
        paths=("/", "/converters/", "/health/why-stand/", "/collections/walnut/", "/blog/back-pain/"),
        redirecting_addresses=("https://upright-co.example/",),
    ),
)

SITES = (OAKDESK, *RIVALS)
SISTERS = ("oakdesk-journal.example", "oakdesk-outlet.example")
"""Oakdesk's other properties, which link to it and to a rival, and can never be prospects."""


@dataclass(frozen=True, eq=False)
class Domain:
    """A referring domain.

    Parameters
    ----------
    key
        Registrable domain, lower case, in punycode.
    shown
        The same in Unicode.
    authority
        True authority, 0 to 100; every provider measures it with an error of its own.
    hosts
        Hosts of its pages, in Unicode.
    famous
        Whether every provider knows it and all of its links.
    """

    key: str
    shown: str
    topic: Topic
    language: str
    country: str
    ip: str
    authority: float
    hosts: tuple[str, ...]
    platform: str = ""
    author: str = ""
    traffic: int = 0
    referring_domains: int = 1
    linked_domains: int = 1
    spam: bool = False
    famous: bool = False
    sites: tuple[Site, ...] = field(default=(), repr=False)


def topic(name: str) -> Topic:
    """Return the topic called `name`."""
    return next(one for one in TOPICS if one.name == name)


def punycode(host: str) -> str:
    """Return `host` in punycode, as exporters write it that don't write Unicode."""
    return host if host.isascii() else host.lower().encode("idna").decode("ascii")


def ordinary_domains() -> list[Domain]:
    """Return every referring domain drawn at random; the deliberate ones are in `oddities`."""
    taken: set[str] = set()
    return [domain for one in TOPICS for domain in _domains_of(one, taken)]


def make_domain(  # noqa: PLR0913 - one argument a property, all by name
    shown: str,
    *,
    topic: Topic,
    language: str = "en",
    authority: float,
    sites: tuple[Site, ...],
    hosts: tuple[str, ...] = (),
    spam: bool = False,
    famous: bool = False,
) -> Domain:
    """Return a domain, with its other properties drawn from its name, topic and authority."""
    random = stream("domain", shown)
    size = 10 ** (authority / 22 + random.gauss(0, 0.35))
    return Domain(
        key=punycode(shown),
        shown=shown,
        topic=topic,
        language=language,
        country=random.choice(LANGUAGES[language]),
        ip=f"198.{random.randint(18, 19)}.{random.randint(0, 255)}.{random.randint(1, 254)}",
        authority=authority,
        hosts=hosts or _hosts(shown, topic, random),
        platform=random.choice(PLATFORMS),
        author=random.choice(AUTHORS) if random.random() < 0.2 else "",
        traffic=int(size * 12 * (0.05 if spam else 1)),
        referring_domains=int(size) + 1,
        linked_domains=int(10 ** (1.2 + authority / 45 + (1.3 if spam else 0) + random.gauss(0, 0.3))),
        spam=spam,
        famous=famous,
        sites=sites,
    )


def _domains_of(one: Topic, taken: set[str]) -> Iterator[Domain]:
    random = stream("topic", one.name)
    names = _names(one, taken, random)
    wanted = one.domains
    while wanted:
        sites = _sites_linked(one, random)
        if not sites:
            continue
        wanted -= 1
        shown, language = next(names)
        authority = min(max(random.gauss(one.authority, one.spread), 0.5), 97)
        spam = one.name == "spam"
        famous = one.name == "platform"
        yield make_domain(
            shown, topic=one, language=language, authority=authority, sites=sites, spam=spam, famous=famous
        )


def _sites_linked(one: Topic, random: Random) -> tuple[Site, ...]:
    """Draw the sites that a domain links to; a single closeness for all five makes these links correlated."""
    closeness = random.gauss(one.pull, 1)
    return tuple(site for site in SITES if random.random() < 1 / (1 + math.exp(-site.base - _LIKING * closeness)))


def _names(one: Topic, taken: set[str], random: Random) -> Iterator[tuple[str, str]]:
    """Yield invented names with their language, never the same twice."""
    if one.name == "platform":
        yield from ((f"{name}.example", "en") for name in PLATFORM_NAMES)
        return
    yield from ((f"{name}.example", language) for name, language, about in INTERNATIONAL_NAMES if about == one.name)
    while True:
        name, language = _name(one, random)
        if name not in taken:
            taken.add(name)
            yield name, language


def _name(one: Topic, random: Random) -> tuple[str, str]:
    language = random.choices(list(LANGUAGE_WEIGHTS), list(LANGUAGE_WEIGHTS.values()))[0]
    first, last = (random.choice(part.split()) for part in NAME_PARTS[one.name][language])
    lead = random.choice(("", "", "", "", "", "the", "my")) if language == "en" else ""
    joint = random.choice(("", "", "-"))
    tail = random.choice(("", "", "", "", str(random.randint(2, 99))))
    top_level = random.choices([name for name, _ in _TOP_LEVELS], [weight for _, weight in _TOP_LEVELS])[0]
    return f"{lead}{first}{joint}{last}{tail}.{top_level}", language


def _hosts(shown: str, one: Topic, random: Random) -> tuple[str, ...]:
    if one.name == "platform":
        people = NAME_PARTS["personal"]["en"][0].split() + NAME_PARTS["productivity"]["en"][0].split()
        return tuple(f"{person}.{shown}" for person in random.sample(people, 24))
    if random.random() < 0.07:
        return (f"www.{shown}", f"blog.{shown}")
    return (shown,) if random.random() < 0.5 else (f"www.{shown}",)
