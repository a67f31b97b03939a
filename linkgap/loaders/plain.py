"""Plain lists: one domain or URL per line, with or without a heading; lines that begin with # are comments.

A disavow file looks similar and means the opposite, so it is recognised as one and refused, as is a list whose heading
says that it holds something else, such as competitors. So is a list of redirects, which has a source and a target, too;
its headings come from programs that read or write them.
"""

import re
from collections.abc import Sequence

from linkgap.loaders.reports import JOINT, URL, Report, columns_fit

_ADDRESS = re.compile(rf"{URL.pattern}|\s*[^\s@,;]+\.[^\s@,;\d/][^\s,;]*\s*|\s*\d+\.\d+\.\d+\.\d+\s*", re.IGNORECASE)
_DISAVOWED = re.compile(r"\s*domain:\s*\S+\s*", re.IGNORECASE)
_EITHER = re.compile(rf"(?:{_DISAVOWED.pattern}|{URL.pattern})", re.IGNORECASE)
_OTHERS = (
    r"(?:competitors?|rivals?|clients?|customers?|compan(?:y|ies)|prospects?|leads?|opportunit(?:y|ies)"
    r"|targets?|destinations?|landing|linked|outgoing|outbound|outreach|blacklist|whitelist|excluded?"
    r"|wettbewerber|mitbewerber|concurrents?|competidor(?:es)?|concorrent[ei]s?|concurrenten)"
)
_LINKING = (
    r"(?:from|source|referr\w*|ref ?domains?|rds|inbound|inlinks?|linkers?|links? (?:to|of)|backlinks"
    r"|(?:competitor|rival|client|customer)(?:s|[\'\u2019]s|s[\'\u2019])? links"
    r"|(?:backlink|linking)(?! (?:gap )?(?:competitors?|prospects?|leads?|opportunit(?:y|ies)|targets?)\b))"
)
_NOT_LINKING = re.compile(
    r"\b(?:lost|removed|deleted|disavow(?:ed)?|unlinked|not link(?:ing|ed)?)\b"
    rf"|^(?!.*\b{_LINKING}\b).*\b{_OTHERS}\b",
    re.IGNORECASE,
)
"""Headings of what no longer links to the site, or not yet, or is linked, such as backlink prospects; not those of a
competitor's backlinks.

Competitors are also those in German, French, Spanish, Italian, Portuguese and Dutch.
"""


def _is_list(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    return len(headings) == 1 and columns_fit(_without_notes(rows), _ADDRESS)


def _is_list_of_others(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    return _is_list(headings, rows) and _NOT_LINKING.search(JOINT.sub(" ", headings[0])) is not None


def _is_disavow_file(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    lines = _without_notes([list(headings), *rows])
    has_heading = len(lines) > 1 and not _EITHER.fullmatch(lines[0][0])
    return any(_DISAVOWED.fullmatch(line[0]) for line in lines) and columns_fit(lines[has_heading:], _EITHER)


def _without_notes(rows: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    return [row for row in rows if any(cell.strip() for cell in row) and not row[0].lstrip().startswith("#")]


DISAVOW_FILE = Report(
    provider="google",
    name="disavow file",
    shape=_is_disavow_file,
    instead="backlinks from the tool that found them",
)

LIST_OF_OTHERS = Report(
    provider="plain",
    name="list of what does not link",
    shape=_is_list_of_others,
    instead="domains or pages that link, headed Domain or URL,",
)

REDIRECTS = Report(
    provider="plain",
    name="list of redirects",
    required=(
        "source_url|source url|source",
        "target_url|target url|target|destination",
        "preserve_query_string|preserve_path_suffix|subpath_matching",
    ),
    instead="backlinks from the tool that found them",
)

LIST = Report(
    provider="plain",
    name="list",
    shape=_is_list,
    lists="domains",
    columns={
        "source_url": "CASE WHEN contains({#1}, '/') THEN {#1} END",
        "source_domain": "domain|domains|url|urls|site|sites|website|referring domain|referring page|#1",
        "no_link": "CASE WHEN starts_with(ltrim({#1}), '#') THEN 'true' END",
    },
)

REPORTS = (DISAVOW_FILE, LIST_OF_OTHERS, REDIRECTS, LIST)
