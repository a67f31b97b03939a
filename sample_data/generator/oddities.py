"""What real exports hold and a plain generator would not make: hostile text, odd hosts, rings of spam, own links."""

from collections.abc import Iterator

from generator.links import Link, LinkMaker, sitewide
from generator.words import words
from generator.world import OAKDESK, RIVALS, SISTERS, SITES, Domain, Site, make_domain, stream, topic

DESKLY, SITWELL, WORKHAVEN, UPRIGHTCO = RIVALS

HOSTILE = (
    '=HYPERLINK("http://evil.example","x")',
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    '@SUM(1+1)*cmd|" /C calc"!A0',
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(document.title)</script>",
    "\u202egnp.ksed\u202c Standing desk \u200f\u200e",
    "first line\nsecond line\n\nfourth line",
    "one\ttab\tand another",
    'the "best" desk, so they say; "" really',
    "it's 100% <b>bold</b> &amp; {{7*7}} ${7*7}",
    "🪑🖥️ our desk 👩🏽‍💻 🏳️‍🌈",
    "desk " * 999 + "desk.",
    "NULL",
    "  leading and trailing  ",
)
"""Anchors and titles that break careless readers, spreadsheets and web pages; the long one has 5,000 characters."""

_HOSTILE_NAMES = words(
    "formula-fan pluscalc minuscalc atsignal rawmarkup scriptbits backwards-text linebreaks tabulated quotemarks "
    "templater emojidesk longwinded nullable spacious"
)

_SELF_LINKS = {OAKDESK: 6, DESKLY: 14, SITWELL: 9, WORKHAVEN: 11, UPRIGHTCO: 7}

_BETWEEN_SITES = (
    (DESKLY, SITWELL, 3),
    (DESKLY, OAKDESK, 2),
    (SITWELL, DESKLY, 2),
    (SITWELL, UPRIGHTCO, 1),
    (WORKHAVEN, UPRIGHTCO, 2),
    (UPRIGHTCO, WORKHAVEN, 2),
    (OAKDESK, DESKLY, 2),
    (OAKDESK, WORKHAVEN, 1),
)

_MENTION_PARTS = ("elmwood fairhaven oldbridge southgate tanfield wexley", "argus echo leader sentinel voice")

_HOST_SPELLINGS: tuple[tuple[str, str, tuple[Site, ...]], ...] = (
    ("shoutcase.example", "WWW.SHOUTCASE.EXAMPLE", (DESKLY, SITWELL, UPRIGHTCO)),
    ("portly.example", "portly.example:8443", (DESKLY, UPRIGHTCO)),
    ("dottail.example", "www.dottail.example.", (DESKLY, SITWELL)),
    ("guestbooks.example", "guest@guestbooks.example", (SITWELL, UPRIGHTCO)),
    ("bürohelden.example", "WWW.BÜROHELDEN.example", (SITWELL, WORKHAVEN)),
    ("example.com", "example.com", (DESKLY,)),
    ("example.org", "blog.example.org", (SITWELL, WORKHAVEN)),
    ("203.0.113.7", "203.0.113.7", (DESKLY, WORKHAVEN)),
    ("192.0.2.44", "192.0.2.44:8080", (UPRIGHTCO,)),
    ("localhost", "localhost:3000", (DESKLY, UPRIGHTCO)),
)
"""Prospects with an odd spelling of their host: the domain, the host as written, and the sites linked."""

_ALSO_LINK_TO_OAKDESK: tuple[tuple[str, str, tuple[Site, ...]], ...] = (
    ("capitalists.example", "Capitalists.Example", (DESKLY, SITWELL)),
    ("trailingdot.example", "trailingdot.example.", (DESKLY, UPRIGHTCO)),
    ("highport.example", "www.highport.example:8080", (SITWELL,)),
    ("example.net", "docs.example.net", (SITWELL, WORKHAVEN)),
    ("198.51.100.23", "198.51.100.23", (SITWELL, DESKLY)),
    ("überall-büro.example", "ÜBERALL-büro.example", (DESKLY, SITWELL)),
)
"""Domains that link to Oakdesk under one spelling and to rivals under the other, so they are no prospects."""


def odd_links(maker: LinkMaker) -> list[Link]:
    """Return every deliberate oddity."""
    makers = (_hostile, _strange_hosts, _junk_sources, _own_and_compared, _spam_ring, _mentions, _giant)
    return [link for make in makers for link in make(maker)]


def _hostile(maker: LinkMaker) -> Iterator[Link]:
    """Yield one prospect for each hostile text, and one domain with all of them that links to Oakdesk too."""
    museum = _famous("markup-museum.example", 61, SITES)
    for rank, (name, text) in enumerate(zip(_HOSTILE_NAMES, HOSTILE, strict=True)):
        prospect = _famous(f"{name}.example", 30 + 3 * rank, RIVALS if rank % 2 else (DESKLY, SITWELL, UPRIGHTCO))
        for domain in (prospect, museum):
            random = stream("hostile", name, domain.key)
            for site in domain.sites:
                yield maker.link(domain, site, random, anchor=text, title=text[:300], kind="text", left=text[:60])


def _strange_hosts(maker: LinkMaker) -> Iterator[Link]:
    for shown, host, sites in _HOST_SPELLINGS:
        domain = _famous(shown, 2 if shown == "localhost" else 37, sites)
        yield from (_from_host(maker, domain, site, host) for site in sites)
    for rank, (shown, host, sites) in enumerate(_ALSO_LINK_TO_OAKDESK):
        domain = _famous(shown, 37, (OAKDESK, *sites))
        to_oakdesk, to_rivals = (shown, host) if rank % 2 else (host, shown)
        yield _from_host(maker, domain, OAKDESK, to_oakdesk)
        yield from (_from_host(maker, domain, site, to_rivals) for site in sites)


def _from_host(maker: LinkMaker, domain: Domain, site: Site, host: str) -> Link:
    scheme = "HTTP://" if host.isupper() else "http://"
    return maker.link(domain, site, stream("host", host, site.key), host=host, scheme=scheme)


def _junk_sources(maker: LinkMaker) -> Iterator[Link]:
    """Yield sources that are not web addresses, which some exporters list all the same."""
    anywhere = _famous("nowhere.example", 10, (SITWELL, UPRIGHTCO))
    random = stream("junk")
    for scheme, path in (
        ("javascript:", "void(0)"),
        ("javascript:", "history.back()"),
        ("mailto:", "editor@homedesk.example"),
    ):
        for site in anywhere.sites:
            yield maker.link(anywhere, site, random, domain=None, scheme=scheme, host="", path=path)


def _own_and_compared(maker: LinkMaker) -> Iterator[Link]:
    """Yield links from the sister sites, between the compared sites, and from each of these to itself."""
    random = stream("own")
    for name, rival, number in zip(SISTERS, (DESKLY, SITWELL), (46, 31), strict=True):
        sister = _famous(name, 28, (OAKDESK, rival))
        yield from (maker.link(sister, OAKDESK, random) for _ in range(number))
        yield from (maker.link(sister, rival, random) for _ in range(2))
    owners = {site: _famous(site.key, 52, SITES) for site in SITES}
    for source, target, number in _BETWEEN_SITES:
        yield from (maker.link(owners[source], target, random) for _ in range(number))
    for site, number in _SELF_LINKS.items():
        for rank in range(number):
            host = ("help", "blog", "careers")[rank % 3]
            yield maker.link(owners[site], site, random, host=f"{host}.{site.key}", via=(), kind="text")


def _spam_ring(maker: LinkMaker) -> Iterator[Link]:
    """Yield forty spam domains with bought authority that link to the same three rivals with the same anchor text."""
    random = stream("ring")
    for number in range(1, 41):
        shown = f"desk-{random.choice(('hub', 'info', 'zone', 'world'))}-{number:02d}.example"
        sites = tuple(site for site in (DESKLY, SITWELL, UPRIGHTCO) if random.random() < 0.85)
        ring = make_domain(shown, topic=topic("spam"), authority=random.uniform(8, 22), sites=sites, spam=True)
        for site in sites:
            yield maker.link(
                ring, site, random, anchor="best standing desk 2026", nofollow=False, kind="text", lost=None
            )


def _mentions(maker: LinkMaker) -> Iterator[Link]:
    """Yield pages that name UprightCo without linking to it."""
    random = stream("mentions")
    names = [f"{first}-{last}.example" for first in _MENTION_PARTS[0].split() for last in _MENTION_PARTS[1].split()]
    for name in names:
        paper = make_domain(name, topic=topic("news"), authority=random.uniform(20, 60), sites=())
        yield maker.link(paper, UPRIGHTCO, random, kind="mention", anchor="UprightCo", via=(), nofollow=False)


def _giant(maker: LinkMaker) -> Iterator[Link]:
    """Yield one domain that fills a good part of Deskly's list with a link in its footer."""
    giant = _famous("flexwork-wire.example", 47, (DESKLY,))
    yield from sitewide(maker, giant, DESKLY, 640)


def _famous(shown: str, authority: float, sites: tuple[Site, ...]) -> Domain:
    host = shown if shown[0].isdigit() else f"www.{shown}"
    return make_domain(shown, topic=topic("gadgets"), authority=authority, sites=sites, hosts=(host,), famous=True)
