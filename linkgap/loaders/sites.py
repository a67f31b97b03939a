"""Which site a file's links point to: given by the user, by the file's name, or by its target column."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from linkgap.domains import Site, has_known_suffix, host_of, parse_site
from linkgap.errors import InvalidArgumentError, UnknownSiteError, counted, listed
from linkgap.loaders.search_console import SAMPLE
from linkgap.schema import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Given = TypeVar("Given")

DOMINANT_SHARE = 0.95
"""A file whose name has no site belongs to the domain that at least this share of its rows points to."""

_ENDING = r"(?:\.(?:csv|tsv|txt|tab|json|jsonl|ndjson|xlsx?|xlsm|ods|gz|zip|parquet|log))+"
_ENDINGS = re.compile(rf"{_ENDING}$", re.IGNORECASE)
_ENDINGS_OF_FILES = re.compile(rf"{_ENDINGS.pattern}|\.(?:md|markdown)(?:\.gz)?$", re.IGNORECASE)
"""`_ENDINGS` and Markdown's. As .md is also a top-level domain, it is only stripped from the end of a file's own name:
not from a folder's, and not in `rival.md-backlinks.csv`.
"""

_TABLE = re.compile(r"table \d+")
"""The name that a table without one gets in a file with several, after the file's own: `notes.md/table 2`."""

_SCHEME = re.compile(r"^(?:sc-domain[_:-]+|https?[_:-]+/*_*)", re.IGNORECASE)
_NAMES = sorted([*PROVIDERS.keys() - {"plain"}, *PROVIDERS.values()], key=len, reverse=True)
_PROVIDERS = "|".join(re.sub(r"[\W_]", "[-_ ]?", name) for name in _NAMES)
_LIST_WORDS = (
    rf"{_PROVIDERS}|gsc|console|frog|explorer|"
    r"export|exported|inbound|incoming|outbound|backlinks?|refdomains?|referring|linking|domains|links|urls|"
    r"(?:own|rival|competitor|client)\d*"
)
"""Words before a site's name that show that a list is named: other words beside them are not part of the site."""

_WORDS = re.compile(
    rf"^(?:(?:{_LIST_WORDS}|search|screaming|site|new|all|live|lost|top|fresh|historic|raw|external|back|root|domain|link|url|"
    r"list|report|overview|analytics|audit|data|for|from|of|to|the|on|\d+)[-_ ]+)+",
    re.IGNORECASE,
)
_LIST_PREFIX = rf"(?<![^\W_])(?:{_LIST_WORDS}|20\d\d-\d\d|0\d)-"
_IS_LIST = re.compile(_LIST_PREFIX, re.IGNORECASE)
_IS_LIST_FOR = re.compile(rf".*{_LIST_PREFIX}(?:for|of|from|to)-", re.IGNORECASE)
_HOSTNAME = re.compile(r"(?:[^\W_](?:(?:[^\W_]|-)*[^\W_])?\.)+[^\W\d_][^\W_]*(?:-{2}[^\W_]+)*")
_DATE = re.compile(r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
_LOCAL_DATE = re.compile(r"(?<![^\W_])(?:20\d\d([-_.])\d{1,2}\1\d{1,2}|\d{1,2}([-_.])\d{1,2}\2(?:20)?\d\d)(?=[-_. ]|$)")
_MODE = re.compile(
    r"(?<!-by)(?<!-per)(?<!-referring)(?<!-linking)(?<!-root)-(exact|prefix|domain|subdomains)(?=[_ ]|$)", re.IGNORECASE
)
_CONTAINER = re.compile(rf"{_ENDING}(?=/)|.(?=/{_TABLE.pattern}$)", re.IGNORECASE)
_KIND = r"(?:backlinks|ref(?:erring[-_ ]?)?domains)"
_VERSUS = re.compile(r"(?<=\.)([^\W\d_]+)-(?:vs|versus)-(?=[^\W_][^\s_]*\.)", re.IGNORECASE)
"""Joins two sites in a name: `rival.com-vs-other.com` is not a host, but begins with one, as it does with spaces."""

_LISTED = re.compile(rf"[-.]{_KIND}(?:[-.](?:all|broken|final|live|lost|new|old|page|part)\d*)*$", re.IGNORECASE)
"""What may follow a site's name directly: `rival.com-backlinks.new` is not a host, although .new is a public suffix."""

_PART = re.compile(rf"(?<![^\W_])(new|lost|broken)[-_ ]?{_KIND}|{_KIND}[-_ ](new|lost|broken)(?![^\W_])", re.IGNORECASE)
_OF_SEARCH_CONSOLE = re.compile(r"https?___.+_-[^\W\d_].*-20\d\d-\d\d-\d\d(?!\d)", re.IGNORECASE)
"""How Search Console names its exports, in any language: by property, `https___rival.com_-Latest links-2026-10-22`.

Browsers, desktops and Google Sheets add words before or behind it when they copy a file.
"""

_SHARED = re.compile(r"/page_intersection/\d+$")
"""Path of a list in DataForSEO's answer with the pages that link to several targets."""

_MODE_COVERS = {
    "exact": "only links to one URL (mode exact)",
    "prefix": "only links below one URL (mode prefix)",
    "domain": "no links to subdomains (mode domain)",
}
MODES_OF_PARTS = {_MODE_COVERS["exact"], _MODE_COVERS["prefix"]}
"""What lists cover that were exported for a URL rather than for a host."""


class FileName(NamedTuple):
    """What a file's name tells."""

    host: str | None
    partial: str | None
    exported_at: dt.date | None


def read_file_name(file: str) -> FileName:
    """Parse the host, what the list covers (by its export mode) and the date from a file's name, as vendors write them.

    The host may also come from the name of a workbook, archive or folder that the file is in; mode and date may come
    from that of a workbook or archive.

    Examples
    --------
    >>> read_file_name("rival.example-backlinks-exact_2026-10-22_19-38-16.csv")  # doctest: +NORMALIZE_WHITESPACE
    FileName(host='rival.example', partial='only links to one URL (mode exact)',
             exported_at=datetime.date(2026, 10, 22))
    >>> read_file_name("exports.zip/https___www.site.example_-Aktuelle Links-2026-10-22.csv")[:2]
    ('www.site.example', 'Search Console shows a sample')
    >>> read_file_name("2025-01-31/rival.example-backlinks-exact_2026-10-22.xlsx/Sheet1")[1:]
    ('only links to one URL (mode exact)', datetime.date(2026, 10, 22))
    """
    names = list(_names_of_files(file))
    day = next(filter(None, map(_DATE.search, names)), None)
    modes = next(filter(None, (_MODE.findall(_SCHEME.sub("", name)) for name in names)), None)
    partial = _MODE_COVERS.get(modes[-1].lower()) if modes else None
    if part := next(filter(None, map(_PART.search, names)), None):
        partial = f"only {(part[1] or part[2]).lower()} links"
    if any(map(_OF_SEARCH_CONSOLE.search, names)):
        partial = SAMPLE
    if _SHARED.search(file):
        partial = "only pages that link to several sites"
    return FileName(next(iter(_hosts_named(file)), None), partial, _day(day) if day else None)


def _names_in(file: str) -> Iterator[str]:
    """Yield the file's name and those of the archives and folders that it is in, innermost first, without endings."""
    path = _path_of(file)
    yield _ENDINGS_OF_FILES.sub("", path.name)
    yield from (_ENDINGS.sub("", part) for part in reversed(path.parts[:-1]))


def _names_of_files(file: str) -> Iterator[str]:
    """Give the file's name, and those of the workbook or archives that it is in, but not of folders."""
    path = _path_of(file)
    yield _ENDINGS_OF_FILES.sub("", path.name)
    yield from (name for part in reversed(path.parts[:-1]) if (name := _ENDINGS.sub("", part)) != part)


def _path_of(file: str) -> PurePosixPath:
    path = PurePosixPath(unicodedata.normalize("NFC", file.replace("\\", "/")))
    return path.parent if _TABLE.fullmatch(path.name) else path


def _hosts_named(file: str) -> list[str]:
    return next(filter(None, map(_hosts_in, _names_in(file))), [])


def _hosts_in(name: str) -> list[str]:
    """Return the first host in a name, in all its possible readings, the likeliest first."""
    bare = _SCHEME.sub("", name)
    apart = _VERSUS.sub(lambda found: f"{found[1]} " if _known_host(f"a.{found[1]}") else found[0], bare)
    for found in _HOSTNAME.finditer(_LOCAL_DATE.sub(" ", apart)):
        text = _ENDINGS.sub("", found[0])  # Google Sheets names a sheet of rival.com.xlsx "rival.com.xlsx - Sheet1.csv"
        text = _before_list(text)
        likely = text if bare != name and not found.start() else text[_words_before_host(text) :]
        run = _WORDS.match(text)
        shorter = (text[place:] for place in range(1, run.end() + 1) if text[place - 1] == "-") if run else ()
        if hosts := [host for each in (likely, text, *shorter) if (host := _known_host(each))]:
            return list(dict.fromkeys(hosts))
    return []


def _before_list(text: str) -> str:
    """Return a text that looks like a host without the name of a list that follows it directly."""
    listed = _LISTED.search(text)
    return text[: listed.start()] if listed and "." in text[: listed.start()] else text


def _words_before_host(text: str) -> int:
    """Return how many characters at the beginning of a text that looks like a host are words on what is listed.

    Other words are the host's own: `new-look.example` in `new-look.example-refdomains`, and in
    `links-for-new-look.example`.
    """
    run = _WORDS.match(text)
    if run is None or not _IS_LIST.search(run[0]):
        return 0
    listed_for = _IS_LIST_FOR.match(run[0])
    return listed_for.end() if listed_for else run.end()


def _known_host(text: str) -> str | None:
    host = host_of(text)
    is_host = host and "." in host and has_known_suffix(host) and not _WORDS.fullmatch(host.replace(".", "-") + "-")
    return host if is_host else None


def _day(found: re.Match[str]) -> dt.date | None:
    try:
        return dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def longest_match(sites: Iterable[Site], hosts: Sequence[str | None]) -> Site | None:
    """Return the most specific site without a path for the first of the hosts that is covered by any."""
    whole = [site for site in sites if not site.path]
    covering = ([site for site in whole if site.covers(host)] for host in hosts)
    found = next(filter(None, covering), [])
    return max(found, key=lambda site: site.host.count("."), default=None)


def site_named(file: str, sites: Sequence[Site]) -> Site | None:
    """Return the site that a file's name contains: one of `sites` when they are given, else a new one."""
    hosts = _hosts_named(file)
    if not sites:
        return parse_site(hosts[0]) if hosts else None
    found = (longest_match(sites, [host]) or _site_of_host(host, sites) for host in hosts)
    return next(filter(None, found), None)


def _site_of_host(host: str, sites: Sequence[Site]) -> Site | None:
    return next((site for site in sites if site.host == host.removeprefix("www.")), None)


def site_in_cell(text: str, sites: Sequence[Site]) -> Site | None:
    """Return the site that a cell names, exactly or by its host; None when it names none of `sites`."""
    try:
        named = parse_site(text)
    except InvalidArgumentError:
        return None
    return named if named in sites else longest_match(sites, [host_of(text)])


def dominant_site(rows_by_domain: Sequence[tuple[str, int]]) -> Site | None:
    """Return the domain that nearly all rows point to, given the number of rows of each; None if there is none."""
    total = sum(rows for _, rows in rows_by_domain)
    domain, rows = max(rows_by_domain, key=lambda each: each[1], default=("", 0))
    return Site(domain) if rows and rows >= DOMINANT_SHARE * total else None


def other_site(file: str, named: Site, sites: Sequence[Site]) -> UnknownSiteError:
    """Return the error for a file whose name is that of a site that is not compared."""
    compared = ", ".join(repr(str(site)) for site in sites)
    message = (
        f"{file} is a list for {named}, judging by its name, and no target column says otherwise; but only "
        f"sites=[{compared}] is compared. Compare {named}, too: sites=[{compared}, '{named}']. "
        f'Or say which site it is for: read_links({{"{sites[0]}": [{_on_disk(file)!r}], ...}}).'
    )
    return UnknownSiteError(message)


def not_compared(file: str, file_site: Site, sites: Sequence[Site]) -> UnknownSiteError:
    """Return the error for a file that is given for a site that is not compared."""
    compared = ", ".join(repr(str(site)) for site in sites)
    message = (
        f"{file} is given for {file_site}, but only sites=[{compared}] is compared. "
        f"Compare {file_site}, too: sites=[{compared}, '{file_site}']. "
        "Or leave the file out, or give it for another site."
    )
    return UnknownSiteError(message)


def _on_disk(file: str) -> str:
    """Return the file on disk that a table is in: `book.xlsx` for `book.xlsx/Sheet1`."""
    found = _CONTAINER.search(file)
    return file[: found.end()] if found else file


def unclear_site(
    file: str, rows_by_domain: Sequence[tuple[str, int]], others: Iterable[Site], *, is_file: bool
) -> UnknownSiteError:
    """Return the error for a file whose site is unclear, with the candidates."""
    found = sorted(rows_by_domain, key=lambda each: (-each[1], each[0]))[:10]
    if found:
        candidates = ", ".join(f"{domain} ({counted(rows, 'row')})" for domain, rows in found)
        names = ", ".join(repr(domain) for domain, _ in found[:2])
        message = f"{file} links to several sites: {candidates}. Say which to compare: sites=[{names}, ...]."
        return UnknownSiteError(message)
    known = sorted({str(site) for site in others})
    hint = f" Sites of the other files: {', '.join(known)}." if known else ""
    if not is_file:
        message = (
            f"{file} does not say which site its links point to: it has neither a column site nor a column target_url."
            f'{hint} Add one, or name the site: read_links({{"mysite.example": [frame], ...}}).'
        )
        return UnknownSiteError(message)
    message = (
        f"{file} does not say which site its links point to: "
        f"it has no target column, and there is no domain in its name.{hint}"
        f' Name the site: read_links({{"mysite.example": [{_on_disk(file)!r}], ...}}), '
        "or put its domain into the file's name."
    )
    return UnknownSiteError(message)


def without_repeats(inputs: Iterable[tuple[object, Site | None, Given]]) -> list[Given]:
    """Drop what was given twice: of the same place with and without a site, only the inputs with a site are kept.

    Parameters
    ----------
    inputs
        Triples: what tells whether two inputs are the same, such as a path; the site given for it; the input itself.
    """
    by_place: dict[object, dict[Site | None, Given]] = {}
    for place, site, given in inputs:
        by_place.setdefault(place, {})[site] = given
    return [given for found in by_place.values() for site, given in found.items() if site or len(found) == 1]


def parse_sites(texts: Iterable[str]) -> list[Site]:
    """Parse the sites that a user gives.

    Raises
    ------
    InvalidArgumentError
        When one is not a site, or they are not a list of strings.
    """
    return list(dict.fromkeys(map(parse_site, listed(texts, "sites"))))
