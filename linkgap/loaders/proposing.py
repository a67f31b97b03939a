"""What the columns of an unknown table may be: a mapping to propose, for the user to check.

The proposal itself is never used for reading. `columns_beside` and `loss_beside` find columns that known reports read
in addition to their own. A heading counts only where the cells below it look like what it says.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from linkgap.domains import host_of, registrable_domain
from linkgap.loaders.reports import COUNT, DAY, DOMAIN, FLAG, JOINT, URL, Report, folded, is_site

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_REL_WORD = r"(?:nofollow|ugc|sponsored|external|me|noopener|noreferrer)"
_REL = rf"{_REL_WORD}(?:[\s,;|]+{_REL_WORD})*"
"""What a rel attribute may hold, in any order: `external nofollow ugc`."""

_SAYS_FOLLOWING = re.compile(rf"follow|ugc|sponsored|^(?:{FLAG.pattern})$", re.IGNORECASE)
"""What one cell at least must say: a type of links that is `external` in all cells says nothing of following."""

_FLAG = re.compile(rf"{FLAG.pattern}|\s*(?:(?:do|no)?[- ]?follow\b.*|{_REL})\s*", re.IGNORECASE)
_FOLLOWING = re.compile(rf"\s*(?:(?:do|no)?[- ]?follow(?:ed)?\b.*|{_REL})\s*", re.IGNORECASE)
_STATE = re.compile(
    r"\s*(?:(?:link )?(?:lost|removed|deleted|(?:not )?found)|missing|gone|dead|(?:in)?active|live|alive|ok|new|present"
    r"|online|lnf|wlp|wr|wa|lpe|ic|su|ni|\d{3})\s*",
    re.IGNORECASE,
)
_LIVENESS = re.compile(rf"{FLAG.pattern}|{_STATE.pattern}", re.IGNORECASE)
_LINKS = re.compile(rf"{COUNT.pattern}|\s*\d{{1,3}}(?:[.,]\d{{1,2}})? ?[km]\s*", re.IGNORECASE)
_SCORE = re.compile(r"\s*(?:\d{1,2}(?:[.,]\d+)?|100)\s*")
_PATH = re.compile(r"(?<![:/])/\S")
_ANY = re.compile(r"[\s\S]*")
_MOSTLY = 0.8

_OF_DOMAIN = r"\bdom(?:ain)?s?\b"
_OF_PAGE = r"\b(?:page|url)\b"
_STRENGTH = r"\bauthority\b|\brating\b|\brank\b|\btrust"
_FROM = r"\b(?:from|source|referr\w*|backlinks?|linking|external)\b"
_TO = r"\b(?:to|target|destination|landing|linked|outgoing|outbound|own|your|my|competitor|rival)\b"
_GONE = r"\b(?:lost|deleted|removed)(?:link)?\b"
_LIVE = (
    r"^(?:is exists?|links? back|(?=.*\b(?:live|alive|(?:back)?link)\b)"
    r"(?:is )?(?:(?:back)?link )?(?:is )?(?:still )?(?:live|alive|active|found|present))\??$"
)
_FIRST = r"\bfirst\b|\bfound\b|\bdiscover|\bdate\b|\bzuerst\b|\bgefunden\b|\bdatum\b|\bprimera\b|\bpremière\b"
_LAST = r"\blast\b|\bcheck|\bzuletzt\b|\búltima\b|\bdernière\b"
_OTHER_DAY = (
    r"(?!.*(?:contact|outreach|e-?mail|\bsent\b|\brepl|\brespond|follow[- ]?up|invoice|\bpa(?:id|y)|\bdue\b|\border"
    r"|\bexpir|\brenew|regist|\bupdat))"
)
"""Days of what users do or pay, of domains, or of what a tool measured, not of the link."""

_WORDS = {
    "anchor": (r"\banchor|\blink ?text|^text$|\banker|\bancr|\b[aâ]ncora|\bancla|\btesto del link", _ANY),
    "nofollow": (r"\bno[- ]?follow|\blink type$|^rels?$|\blink rels?$|\brel attributes?$", _FLAG),
    "dofollow": (r"\b(?:do[- ]?)?follow(?!(?:ed)?[- ]?ups?\b)", _FLAG),
    "links": (r"^(?!.*(?:follow|\b(?:lost|new|broken)\b)).*\bbacklinks?\b|^links$", _LINKS),
    "lost": (_GONE, DAY),
    "is_lost": (_GONE, _FLAG),
    "is_live": (_LIVE, _LIVENESS),
    "state": (r"^(?!.*\b(?:http|code|response|index|to\b|target|destination|landing)).*\b(?:status|state)$", _STATE),
    "first_seen": (rf"^{_OTHER_DAY}(?!.*(?:{_LAST})).*(?:{_FIRST})", DAY),
    "last_seen": (rf"^{_OTHER_DAY}.*(?:{_LAST})", DAY),
    "page_authority": (rf"^(?!.*{_OF_DOMAIN})(?=.*{_OF_PAGE}).*(?:{_STRENGTH})|^(?:pa|ur)$", _SCORE),
    "authority": (rf"^(?=.*{_OF_DOMAIN}|(?!.*{_OF_PAGE})).*(?:{_STRENGTH})|^(?:dr|da|as|tf)$", _SCORE),
}
"""Pattern of words in the heading, and pattern of all cells below it, by the column that it may be."""

_MAY_TELL_FOLLOWING = r"\b(?:type|typ|tipo|status|attributes?|rels?)\b"
"""Words in a heading that may say whether links are followed; it counts only if all cells say so in words."""

_MEASURED = rf"{_OF_DOMAIN}|\bauthority\b|^(?:dr|da|as|tf)$"
"""Headings of authority that was measured by a tool."""

_LINKED = r"\b(?:target|destination)\b|^(?:competitor|rival)(?: (?:url|domain|site))?$"
"""Headings of what is linked, and of nothing else: a LinkedIn URL or a page to contact is none."""

_SEVERAL = r"\b(?:(?:back)?links|pages|domains)\b"
"""What numbers below count, whatever else the heading says of it: 0 and 1 are no flags there."""

_LOSS = r"^(?:is |date |day |(?:back)?link )?(?:lost|deleted|removed)(?: ?links?| on| at| date)?\??$"
_LOSS_BESIDE = {
    "lost": (_LOSS, DAY),
    "is_lost": (_LOSS, _FLAG),
    "is_live": (_LIVE, _LIVENESS),
    "link state": (r"^(?:(?:back)?link |live )(?:status|state)$", _STATE),
    "state": (r"^(?:status|state)$", _STATE),
}
_OF_LINKS = re.compile(
    r"\s*(?:link )?(?:lost|removed|deleted|(?:not )?found|live|alive|online|missing|gone|lnf)\s*", re.IGNORECASE
)
"""States that show that a column is about links: `new`, `active` or `200` may describe anything."""


class _Column(NamedTuple):
    """A column of the table: its heading, and its cells that are not blank."""

    heading: str
    cells: list[str]

    def says(self, words: str) -> bool:
        parted = JOINT.sub(" ", self.heading)
        return any(re.search(words, folded(heading)) for heading in (self.heading, parted))

    def looks_like(self, pattern: re.Pattern[str]) -> bool:
        return all(pattern.fullmatch(cell) for cell in self.cells)

    @property
    def tells_following(self) -> bool:
        """Whether its heading says nofollow or dofollow, or its cells do, instead of yes or no."""
        return self.says(r"\b(?:no|do)[- ]?follow") or self.looks_like(_FOLLOWING)

    @property
    def is_of_target(self) -> bool:
        """Whether its heading says that it is about what is linked, not about who links."""
        return self.says(_TO) and not self.says(_FROM)

    @property
    def counts_several(self) -> bool:
        """Whether it says how many links there are of some kind, and not of which kind one is."""
        return self.says(_SEVERAL) and self.looks_like(COUNT)

    @property
    def holds_no_words(self) -> bool:
        """Whether all cells are yes and no, or numbers, which are no text of a link, but may say if it has one."""
        return all(_FLAG.fullmatch(cell) or COUNT.fullmatch(cell) for cell in self.cells)

    @property
    def holds_addresses(self) -> bool:
        fit = sum(bool(URL.fullmatch(cell) or DOMAIN.fullmatch(cell)) for cell in self.cells)
        return bool(self.cells) and fit >= _MOSTLY * len(self.cells)

    @property
    def holds_pages(self) -> bool:
        return any("/" in cell for cell in self.cells)

    @property
    def holds_homes(self) -> bool:
        """Whether no address has a path: they are domains, or their home pages."""
        return not any(map(_PATH.search, self.cells))

    @property
    def of_several(self) -> bool:
        """Whether they are addresses of several domains, as those of who links are, and those of what is linked not."""
        return self.largest_share < _MOSTLY

    @property
    def holds_homes_of_several(self) -> bool:
        return self.holds_homes and self.of_several

    @property
    def names_one_site(self) -> bool:
        """Whether several rows name the same domain: if no heading says otherwise, it is the site that is linked."""
        return len(self.cells) > 1 and self.largest_share == 1

    @property
    def largest_share(self) -> float:
        """The share of cells that the most frequent domain has: high where all links lead to one site."""
        hosts = filter(None, map(host_of, self.cells))
        domains = Counter(map(registrable_domain, hosts))
        return max(domains.values(), default=0) / len(self.cells)


def propose_columns(headings: Sequence[str], sample: Sequence[Sequence[str]]) -> dict[str, str]:
    """Propose which heading is which column of the links table; empty if no column looks like linking pages or domains.

    Parameters
    ----------
    sample
        First records of the table.

    Examples
    --------
    >>> rows = [["https://a.org/1", "https://me.com/", "dofollow"], ["https://b.org/2", "https://me.com/x", "nofollow"]]
    >>> propose_columns(["Backlink Page", "Linked Page", "Nofollow"], rows)
    {'source_url': 'Backlink Page', 'target_url': 'Linked Page', 'nofollow': 'Nofollow'}
    """
    columns = _columns_of(headings, sample)
    addresses = [column for column in columns if column.holds_addresses]
    target = _target_among(addresses)
    others = (each for each in addresses if each is not target and not each.is_of_target)
    sources = sorted(others, key=lambda each: not each.says(_FROM))
    of_pages = [each for each in sources if each.holds_pages and not (each.holds_homes and each.says(_OF_DOMAIN))]
    has_anchor = any(each.says(_WORDS["anchor"][0]) for each in columns if each not in addresses)
    pages = next((each for each in of_pages if target or each.says(_FROM) or (has_anchor and each.of_several)), None)
    of_domains = [each for each in sources if not each.holds_pages or each.holds_homes_of_several]
    domains = next((each for each in of_domains if each.says(_FROM) or not each.names_one_site), None)
    found = {"source_url": pages, "source_domain": None if pages else domains, "target_url": target}
    rest = [column for column in columns if column not in addresses]
    for name, (words, pattern) in _WORDS.items():
        if name == "links" and pages:
            continue  # beside a linking page, it counts all links on that page
        found[name] = _first_like(rest, name, words, pattern)
        follow, nofollow = found.get("dofollow"), found.get("nofollow")
        if name == "dofollow" and follow and nofollow:  # keep the one filled for more links
            found["nofollow" if len(follow.cells) > len(nofollow.cells) else name] = None
        rest = [each for each in rest if each is not found[name]]
    if not (found["nofollow"] or found.get("dofollow")):
        found["nofollow"] = _first_like(rest, "nofollow", _MAY_TELL_FOLLOWING, _FOLLOWING)
    state = found.pop("state")
    told = found["is_lost"] or found["lost"]
    found["is_live"] = None if told else found["is_live"]
    found["is_lost"] = found["is_lost"] or (None if told or found["is_live"] else state)
    return {name: column.heading for name, column in found.items() if column} if pages or domains else {}


def columns_beside(
    report: Report, headings: Sequence[str], sample: Sequence[Sequence[str]], lacking: Collection[str]
) -> dict[str, str]:
    """Return headings, not part of a report, of columns that it lacks, by the column of the links table that each is.

    A type of links that says follow or nofollow in all cells, instead of text or image, is none of the report's either.
    Authority must be measured by a tool: a rank or rating may be a user's own. Whether links are followed must be told
    by the words nofollow or dofollow, in the heading or in the cells; what is linked, by target, destination,
    competitor or rival in the heading.

    Parameters
    ----------
    lacking
        Columns of the links table that the report does not find in the table.

    Examples
    --------
    >>> report = Report(provider="linkgap", name="links", columns={"source_url": "source_url"})
    >>> rows = [["https://a.org/", "here", "7"]]
    >>> columns_beside(report, ["source_url", "anchor_text", "rank"], rows, {"anchor", "authority"})
    {'anchor': 'anchor_text'}
    """
    if not lacking or ("nofollow" not in lacking and all(folded(heading) in report.headings for heading in headings)):
        return {}
    columns = {each.heading: each for each in _columns_of(headings, sample)}
    return {
        name: heading
        for name, heading in propose_columns(headings, sample).items()
        if ("nofollow" if name == "dofollow" else name) in lacking
        if folded(heading) not in report.headings or (name == "nofollow" and columns[heading].looks_like(_FOLLOWING))
        if name != "authority" or columns[heading].says(_MEASURED)
        if name != "target_url" or columns[heading].says(_LINKED)
        if not name.endswith("follow") or columns[heading].tells_following
    }


def loss_beside(report: Report, headings: Sequence[str], sample: Sequence[Sequence[str]]) -> tuple[str, str] | None:
    """Return `lost`, `is_lost` or `is_live`, and the heading, not part of a report, that tells which links are lost.

    The heading must say nothing else, and all cells must be dates, flags or states of links: notes on outreach are not.

    Examples
    --------
    >>> report = Report(provider="moz", name="inbound links", columns={"source_url": "url"})
    >>> loss_beside(report, ["URL", "Status"], [["https://a.org/", "live"], ["https://b.org/", "lost"]])
    ('is_lost', 'Status')
    >>> loss_beside(report, ["URL", "Status"], [["https://a.org/", "contacted"], ["https://b.org/", "lost"]]) is None
    True
    """
    columns = [each for each in _columns_of(headings, sample) if folded(each.heading) not in report.headings]
    for name, (words, pattern) in _LOSS_BESIDE.items():
        told = (each for each in columns if each.cells and not each.counts_several)
        fit = (each for each in told if each.says(words) and each.looks_like(pattern))
        if found := next((each for each in fit if name != "state" or any(map(_OF_LINKS.fullmatch, each.cells))), None):
            return ("is_lost" if name in {"link state", "state"} else name), found.heading
    return None


def columns_of_sites(headings: Sequence[str], sample: Sequence[Sequence[str]]) -> list[str]:
    """Return the headings that are sites with yes and no, or numbers, below: a comparison has one for each site.

    Those of JSON have a point in them, too, but share what stands before it: author.id and author.slug.

    Examples
    --------
    >>> columns_of_sites(["Domain", "DA", "me.example", "rival.example"], [["a.test", "40", "0", "3"]])
    ['me.example', 'rival.example']
    """
    columns = [each for each in _columns_of(headings, sample) if "." in each.heading]
    parts = Counter(each.heading.partition(".")[0] for each in columns)
    alone = (each for each in columns if parts[first := each.heading.partition(".")[0]] == 1 or first == "www")
    return [each.heading for each in alone if is_site(each.heading) and each.holds_no_words]


def _columns_of(headings: Sequence[str], sample: Sequence[Sequence[str]]) -> list[_Column]:
    return [
        _Column(heading, [row[place] for row in sample if len(row) > place and row[place].strip()])
        for place, heading in enumerate(headings)
        if heading.strip()
    ]


def _first_like(columns: Sequence[_Column], name: str, words: str, pattern: re.Pattern[str]) -> _Column | None:
    """Return the first column whose heading and cells fit a column of the links table.

    A column `lost` may be blank in the whole sample, if none of its links is lost. For `nofollow`, a column that is
    filled for more links goes before one that is blank for most, as rel is; for `authority`, one that is certainly a
    domain's before one that may be a page's. The target's is no authority of who links. Status codes of servers, digits
    alone, are not states of links.
    """
    fit = [
        each
        for each in columns
        if (each.cells or name == "lost")
        and each.says(words)
        and each.looks_like(pattern)
        and not (name == "state" and all(map(str.isdigit, each.cells)))
        and not (name == "anchor" and each.holds_no_words)
        and not (name in {"is_lost", "nofollow", "dofollow"} and each.counts_several)
        and not (name == "nofollow" and not any(map(_SAYS_FOLLOWING.search, each.cells)))
        and not (name.endswith("authority") and each.is_of_target)
    ]
    if name == "nofollow":
        fit.sort(key=lambda each: len(each.cells), reverse=True)
    if name == "authority":
        fit.sort(key=lambda each: not each.says(_OF_DOMAIN))
    return next(iter(fit), None)


def _target_among(addresses: Sequence[_Column]) -> _Column | None:
    """Return the column of link targets: by its heading, else the one in which one domain has the largest share.

    A link has a target in every row: a column that is blank in most, such as addresses of images, is none, and of two
    with the same share, the one that is filled in more rows says more, then one with pages. Where all have the same
    share, nothing tells the target from who links.
    """
    by_heading = [each for each in addresses if each.is_of_target]
    most = max((len(each.cells) for each in by_heading or addresses), default=0)
    filled = [each for each in by_heading or addresses if 2 * len(each.cells) > most]
    ranked = sorted(filled, key=lambda each: (each.largest_share, len(each.cells), each.holds_pages), reverse=True)
    if by_heading:
        return ranked[0]
    shares = [(each.largest_share, len(each.cells)) for each in ranked]
    return ranked[0] if len(ranked) > 1 and shares[0] > shares[1] and shares[0][0] > shares[-1][0] else None
