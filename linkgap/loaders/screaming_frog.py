"""Screaming Frog SEO Spider: the headings of its bulk exports of inlinks and outlinks, or what their cells look like.

The English headings come from public code that reads them, as do the main ones in French and Spanish, and the types of
links in older versions, AHREF and HREF. Exports of these versions, seen in real files, end with the column Follow, but
records of what is not a link, such as style sheets, end before it. Translated files are recognised by their cells, and
most of their columns by position; since the column Crawlability was added, those after it are one further to the right.
"""

import re
from collections.abc import Sequence

from linkgap.loaders.reports import FLAG, URL, Report, columns_fit, opposite, word_flag

_SAMPLE = "a crawl sees only the pages that it visits"
_WORDS = re.compile(r"\s*[^\W\d_][^\d_./:]*\s*")
_STATUS = re.compile(r"\s*(?:0|[1-5]\d\d)\s*")
_REL_CELL = re.compile(r"\s*(?:(?:nofollow|ugc|sponsored|noopener|noreferrer)\b\s*)+", re.IGNORECASE)
_TYPE, _SOURCE, _DESTINATION, _STATUS_CODE, _FOLLOW, _REL_PLACE = 0, 1, 2, 6, 8, 10
"""Places of columns; the last two are one further to the right where there is a column on crawlability."""

_LEAST_COLUMNS = 11
_REL = "lower(concat_ws(' ', {#11}, {#12?}))"


def _is_translated_crawl(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    if len(headings) < _LEAST_COLUMNS:
        return False
    places = (_TYPE, _SOURCE, _DESTINATION, _STATUS_CODE)
    whole = [row for row in rows if len(row) == len(headings)]
    cells = [[row[place] for place in places] for row in whole]
    told = [row for row in whole if any(map(str.strip, row[_FOLLOW:]))]  # a spreadsheet fills short rows with blanks
    return columns_fit(cells, _WORDS, URL, URL, _STATUS) and _follow_and_rel_are_in_place(told)


def _follow_and_rel_are_in_place(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether both are where the report reads them: not if a user inserted or deleted a column before them."""
    told = tuple(columns_fit([[row[place]] for row in rows], FLAG) for place in (_FOLLOW, _FOLLOW + 1, _FOLLOW + 2))
    others = (cell for row in rows for cell in (*row[_FOLLOW:_REL_PLACE], *row[_REL_PLACE + 2 :]))
    if any(map(_REL_CELL.fullmatch, others)):
        return False
    return told == (True, False, False) or (
        told == (False, True, False) and not any(FLAG.fullmatch(row[_FOLLOW]) for row in rows)
    )


def _no_link(headings: str) -> str:
    """SQL for whether a row is no link: any but Hyperlink, Hyperlien, Hipervínculo, Collegamento ipertestuale, HREF."""
    return f"CASE WHEN regexp_matches(lower(trim({{{headings}}})), '[yi]per|^a?href$') THEN 'false' ELSE 'true' END"


def _anchor(anchor: str, alt: str) -> str:
    """SQL for the anchor, which is the alt text of the image where it is blank."""
    return f"coalesce(nullif(trim({{{anchor}}}), ''), {{{alt}}})"


def _kind(anchor: str, alt: str) -> str:
    return f"CASE WHEN trim(coalesce({{{anchor}}}, '')) = '' AND trim({{{alt}}}) <> '' THEN 'image' ELSE 'text' END"


LINKS = Report(
    provider="screaming_frog",
    name="inlinks or outlinks",
    required=("type", "source|from", "destination|to", "status code|follow"),
    sample=_SAMPLE,
    may_lack="follow",
    columns={
        "source_url": "source|from",
        "target_url": "destination|to",
        "anchor": _anchor("anchor|anchor text", "alt text?"),
        "nofollow": opposite("follow"),
        "ugc": word_flag("ugc", "rel"),
        "sponsored": word_flag("sponsored", "rel"),
        "kind": _kind("anchor|anchor text", "alt text"),
        "no_link": _no_link("type"),
        "target_status": "status code",
    },
)

TRANSLATED_LINKS = Report(
    provider="screaming_frog",
    name="inlinks or outlinks",
    sample=_SAMPLE,
    shape=_is_translated_crawl,
    columns={
        "source_url": "source|fuente|#2",
        "target_url": "destination|destino|#3",
        "anchor": _anchor("ancrage|ancla|#6", "#5"),
        "nofollow": f"coalesce({opposite('#9')}, {opposite('#10')})",
        "ugc": f"CASE WHEN {_REL} LIKE '%ugc%' THEN 'true' ELSE 'false' END",
        "sponsored": f"CASE WHEN {_REL} LIKE '%sponsored%' THEN 'true' ELSE 'false' END",
        "kind": _kind("ancrage|ancla|#6", "#5"),
        "no_link": _no_link("type|tipo|#1"),
        "target_status": "#7",
    },
)

INTERNAL_PAGES = Report(
    provider="screaming_frog",
    name="Internal",
    required=(
        "address|adresse|dirección|indirizzo|endereço",
        "indexability|indexabilité|indexabilidad|indexierbarkeit|indicizzabilità|indexabilidade",
    ),
    instead="Bulk Export > Links > All Inlinks, or All Outlinks",
)

REPORTS = (LINKS, TRANSLATED_LINKS, INTERNAL_PAGES)
