"""Google Search Console: the headings of its links reports, or what their cells look like where these are translated.

The English headings of Latest links, More sample links and Top target pages were taken from real files; those of Top
linking sites from public code, in English and in Hebrew. All are samples, with nofollow and lost links among them.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from linkgap.domains import host_of, registrable_domain
from linkgap.loaders.reports import COUNT, DAY, DOMAIN, JOINT, URL, Report, columns_fit

SAMPLE = "Search Console shows a sample"
_MOSTLY = 0.9
_WORD = 4
_FEW = 10
_PATH = re.compile(r"//[^/]+/\S")
_PAGES = re.compile(r"ページ|页|頁|דפ")
"""Pages in Japanese, Chinese and Hebrew, where they are fewer letters than `_WORD`."""

_OTHER_TABLES = {
    *("url", "urls", "loc", "lastmod", "date", "found", "seen", "count", "number"),
    *("backlinks", "domain", "domains", "host", "hosts", "name", "source", "sources", "x", "y"),
    *("as", "cf", "da", "dr", "pa", "tf", "ur", "authority", "flow", "rank", "rating", "score", "spam", "trust"),
    *("inbound", "inlinks", "outbound", "outgoing", "outlinks", "follow", "dofollow", "nofollow"),
    *("traffic", "visit", "visits", "visitors", "views", "pageviews", "sessions", "users", "clicks"),
    *(
        "impressions",
        "hits",
        "requests",
        "bytes",
        "events",
        "actions",
        "bounce",
        "conversions",
        "medium",
        "referrer",
        "referer",
    ),
    *("answers", "article", "citations", "cited", "mention", "mentions", "prompts"),
    *("queries", "reach", "responses", "used", "volume"),
    *("keyword", "keywords", "competitor", "competitors"),
    *("company", "companies", "employees", "funding", "revenue", "customers", "orders", "leads", "contacts"),
    *("followers", "subscribers", "likes", "shares", "posts", "comments", "reviews"),
    *("amount", "commission", "deals", "sales", "spend"),
    *("contacted", "due", "expires", "expiry", "saved", "scheduled", "sent"),
    *("added", "checked", "created", "detected", "discovered", "first", "last"),
    *("posted", "published", "updated"),
    *("cost", "days", "fee", "price", "words", "preis", "prix", "precio", "prezzo", "preço", "prijs"),
    *("aufrufe", "besuche", "besucher", "klicks", "nutzer", "sitzungen"),
    *("clics", "utilisateurs", "visites", "visiteurs", "vues"),
    *("sesiones", "usuarios", "visitantes", "visitas"),
    *("sessioni", "utenti", "visitatori", "visite"),
    *("cliques", "sessões", "usuários", "utilizadores"),
    *("bezoeken", "bezoekers", "gebruikers", "sessies"),
    *("sesje", "użytkownicy", "sessioner", "användare", "brugere", "oturumlar"),
    *("сеансы", "визиты", "пользователи", "посетители", "セッション", "ユーザー"),
}
"""Words in the headings of other lists of domains or pages with numbers or dates: of authority, of links in either
direction, of visits, of what is cited or mentioned, of rivals, of companies, of what people think of them, of what was
paid or is planned, of what a link costs; those of visits also in other languages, those of prices in some of these. In
English, Search Console is recognised by its own headings."""


def _may_be_translated(headings: Sequence[str]) -> bool:
    """Tell whether headings may be translated ones: none has a word that other tables of addresses have."""
    words = (word for heading in headings for word in JOINT.sub(" ", heading).casefold().split())
    return _OTHER_TABLES.isdisjoint(words)


def _are_sites(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether they are sites and two numbers of pages: both headings say pages, or the first number falls.

    Search Console lists the site with most linking pages first, but users sort lists anew.
    """
    return columns_fit(rows, DOMAIN, COUNT, COUNT) and (_share_a_word(headings[1:]) or _fall(rows))


def _share_a_word(headings: Sequence[str]) -> bool:
    """Tell whether two headings have as many letters in common as a word, as Verweisende Seiten and Zielseiten have.

    Where the word for pages is shorter, they must both have that.
    """
    folded = [heading.casefold() for heading in headings]
    parts = [{text[at : at + _WORD] for at in range(len(text) - _WORD + 1)} for text in folded]
    return all(map(_PAGES.search, folded)) or any(not first.isdisjoint(second) for first, second in pairwise(parts))


def _fall(rows: Sequence[Sequence[str]]) -> bool:
    digits = [re.sub(r"\D", "", row[1]).lstrip("0") for row in rows if len(row) > 1]
    falls = sum((len(above), above) >= (len(below), below) for above, below in pairwise(digits))
    return falls >= _MOSTLY * (len(digits) - 1)


def _are_own_pages(rows: Sequence[Sequence[str]]) -> bool:
    fit = columns_fit(rows, URL, COUNT) or columns_fit(rows, URL, COUNT, COUNT)
    return fit and _domains(rows) == 1


def _are_dated_pages(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether they are pages with days: more than a few that all are home pages are a list of sites."""
    are_sites = len(rows) > _FEW and not any(_PATH.search(row[0]) for row in rows if row)
    return columns_fit(rows, URL, DAY) and not are_sites and (_domains(rows) > 1 or len(rows) == 1)


def _domains(rows: Sequence[Sequence[str]]) -> int:
    hosts = {host_of(row[0]) for row in rows if row}
    return len({registrable_domain(host) for host in hosts if host})


TOP_LINKING_SITES = Report(
    provider="search_console",
    name="top linking sites",
    lists="domains",
    required=("site", "linking pages"),
    sample=SAMPLE,
    shape=lambda headings, rows: _may_be_translated(headings) and _are_sites(headings, rows),
    columns={"source_domain": "site|#1", "links": "linking pages|#2"},
)

LATEST_LINKS = Report(
    provider="search_console",
    name="latest links",
    required=("linking page", "last crawled"),
    sample=SAMPLE,
    shape=lambda headings, rows: _may_be_translated(headings) and _are_dated_pages(rows),
    columns={"source_url": "linking page|#1", "last_seen": "last crawled|#2"},
)

MORE_SAMPLE_LINKS = Report(
    provider="search_console",
    name="more sample links",
    required=("linking page",),
    generic=True,
    sample=SAMPLE,
    columns={"source_url": "linking page"},
)

TOP_TARGET_PAGES = Report(
    provider="search_console",
    name="Top target pages",
    required=("target page", "incoming links|internal links|linking sites"),
    shape=lambda headings, rows: _may_be_translated(headings) and _are_own_pages(rows),
    instead="Top linking sites or Latest links",
)

TOP_LINKING_TEXT = Report(
    provider="search_console",
    name="Top linking text",
    required=("link text|linking text|top linking text", "rank|count"),
    instead="Top linking sites or Latest links",
)

PERFORMANCE = Report(
    provider="search_console",
    name="Performance",
    required=("clicks", "impressions", "ctr", "position"),
    instead="Top linking sites or Latest links, under Links",
)

REPORTS = (TOP_LINKING_SITES, LATEST_LINKS, MORE_SAMPLE_LINKS, TOP_TARGET_PAGES, TOP_LINKING_TEXT, PERFORMANCE)
