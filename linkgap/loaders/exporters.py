"""All reports that linkgap knows, and which of them a file is: by its headings, else by what its cells look like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from linkgap.loaders import (
    ahrefs,
    bing,
    commoncrawl,
    dataforseo,
    majestic,
    moz,
    openseo,
    own,
    plain,
    screaming_frog,
    se_ranking,
    search_console,
    semrush,
    serpstat,
    ubersuggest,
    yandex,
)
from linkgap.loaders.reports import find_heading, folded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linkgap.loaders.reports import Report

EXPORTERS = (
    ahrefs,
    semrush,
    moz,
    majestic,
    search_console,
    bing,
    screaming_frog,
    dataforseo,
    se_ranking,
    ubersuggest,
    serpstat,
    yandex,
    openseo,
    commoncrawl,
    own,
    plain,
)

REPORTS: tuple[Report, ...] = tuple(report for exporter in EXPORTERS for report in exporter.REPORTS)
"""In the order in which they are tried: exporters as above, each with its lists of links before what is refused.

Only of plain lists, the two that are refused go first: they look like one.
"""

_WORDS_ON_LINKS = re.compile(
    r"follow(?!(?:ed)?[- _]?ups?\b)|\b(?:rel|attributes?|state|status|lost|deleted|removed|gone|dead|live|active)\b"
)
"""Words in headings of other tools about a link: whether it is followed, and whether it is live or lost.

A follow-up is not among them: it is what users plan to do about a link.
"""

_WORDS_ON_MEASURES = re.compile(
    r"authority|\b(?:rating|rank|trust|flow|toxic\w*|discovered|indexed|crawled|(?:first|last)[- _](?:seen|found))\b"
)
"""What tools measure and no user notes down: a file with such a heading beside a generic report's is another tool's."""

_KNOWN_HEADINGS = frozenset[str]().union(*(report.headings for report in REPORTS))


def recognise(headings: Sequence[str], sample: Sequence[Sequence[str]]) -> Report | None:
    """Tell which report a file is, or None when it is none that linkgap knows.

    Parameters
    ----------
    headings
        As written in the file.
    sample
        Its first records, up to 200.

    Returns
    -------
    Report or None
        The report whose required headings are all there. Of several, the one that requires most; then the one that
        knows most of the file's headings; then the first in `REPORTS`. If there is none, the first whose shape the
        records have.

    Examples
    --------
    >>> recognise(["#", "Site", "Linking pages", "Target pages"], []).title
    'Search Console top linking sites'
    >>> recognise(["Subnet", "Ref. domains", "Top DR"], []).instead
    'Backlinks or Referring domains'
    >>> recognise(["column 1"], [["news.example"], ["https://blog.example/post"]]).title
    'Plain list'
    """
    names = {folded(heading): heading for heading in headings}
    having = [report for report in REPORTS if report.required and _has_all(report, names) and _may_be(report, names)]
    if having:
        return max(having, key=lambda report: (len(report.required), len(report.headings & names.keys())))
    shaped = (report for report in REPORTS if report.shape is not None and report.shape(headings, sample))
    return next(shaped, None)


def _has_all(report: Report, names: dict[str, str]) -> bool:
    return all(find_heading(alternatives, names) is not None for alternatives in report.required)


def _may_be(report: Report, names: dict[str, str]) -> bool:
    """Tell whether a file may be a report in spite of its other headings, see `Report.generic`."""
    others = names.keys() - report.headings
    foreign = (_WORDS_ON_LINKS.search(name) or _WORDS_ON_MEASURES.search(name) for name in others)
    return not (report.generic and (others & _KNOWN_HEADINGS or any(foreign)))


def without_words_on_links(
    headings: Sequence[str], sample: Sequence[Sequence[str]]
) -> tuple[list[str], list[list[str]]]:
    """Return a table without columns on whether links are followed, live or lost, which users add to exports.

    Examples
    --------
    >>> without_words_on_links(["Linking page", "Status"], [["https://a.example/", "lost"]])
    (['Linking page'], [['https://a.example/']])
    """
    kept = [place for place, heading in enumerate(headings) if not _WORDS_ON_LINKS.search(folded(heading))]
    return [headings[place] for place in kept], [[row[place] for place in kept if place < len(row)] for row in sample]


def known_heading_score(headings: Sequence[str]) -> int:
    """Return how many of the cells are headings of any report: the row with most of them is the heading of a file.

    Examples
    --------
    >>> known_heading_score(["URL", "Anchor Text ", "Domain Authority"]), known_heading_score(["Exported by Moz"])
    (3, 0)
    """
    return sum(folded(heading) in _KNOWN_HEADINGS for heading in headings)
