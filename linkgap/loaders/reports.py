"""How a report of an exporter is described: its headings, and the columns that are made from them.

An exporter's module is mostly a table of these. The left side of `columns` names a column of the links table (see
`linkgap.schema.LINKS`), or one of `EXTRA_COLUMNS`; the right side says where it comes from:

- a heading, in lower case: `"anchor"`; alternatives are separated by bars: `"da|domain authority"`;
- SQL over headings in braces, every cell being text: `"CASE {type} WHEN 'Nofollow' THEN 'true' END"`; a heading with a
  question mark after it, `{rel?}`, may be missing and is null then;
- a position, for files whose headings are translated: `"#1"` is the first column.

A column whose headings are not in the file is left out; SQL is left out if a heading without a question mark is
missing, or all headings are. SQL that several exporters need is built by the functions below, which take headings in
the notation of the right side.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from linkgap.domains import has_known_suffix, host_of
from linkgap.engine import quoted, statement
from linkgap.schema import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

EXTRA_COLUMNS = {
    "landing_url": "address that the link finally leads to, after redirects",
    "no_link": "true when the row lists something that is not a link",
    "site": "the compared site, when the file itself names it row by row",
}
"""Columns of a report that are used to make links, but are not copied into the links table."""

KINDS = ("text", "image", "redirect", "canonical", "frame", "form", "mention")

_PLACEHOLDER = re.compile(r"\{([^}]+?)(\??)\}")
_POSITION = re.compile(r"#[0-9]+")


@dataclass(frozen=True, kw_only=True)
class Report:
    """One kind of file that an exporter makes.

    Parameters
    ----------
    provider, name
        As in the links table: `"ahrefs"`, `"backlinks"`.
    required
        Headings that must all be there for a file to be this report; alternatives are separated by bars.
    columns
        Where the columns of the links table come from; see the docstring of the module.
    lists
        What a row stands for: a link (or a group of similar links), or a referring domain.
    authority_metric
        Name of the metric in the column `authority`.
    sample
        Why the list proves nothing about what it lacks, such as "Search Console shows a sample"; None when it does.
    day_first
        Whether the day comes first in local dates such as 03/04/2026; None infers it from the column.
    site_columns
        For reports with a column for each compared site, holding numbers of links: regular expression for their
        headings, ignoring case; its group is the site.
    site_list
        Heading of the column that lists the sites a domain links to, separated by semicolons.
    shape
        Recognises files whose headings tell nothing, by their heading and first rows.
    instead
        For reports that are not lists of backlinks: which report to export instead.
    generic
        Whether other tools use its headings, too: a file with further headings, of other reports or of what other tools
        say about links or measure, is then not this report.
    may_lack
        Heading of a column whose cell the exporter omits in some records if it is the last one.
    may_come_back
        Whether the day of a link's loss stays in the list when the link was seen again later, and so is not lost.
    loss_heading
        Heading of a column that is not part of the report, but tells which links are lost and is read, too.
    read_as
        Headings of other columns that are not part of the report, by the column of the links table each is read as.
    """

    provider: str
    name: str
    required: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    lists: Literal["links", "domains"] = "links"
    authority_metric: str | None = None
    sample: str | None = None
    day_first: bool | None = None
    site_columns: str | None = None
    site_list: str | None = None
    shape: Callable[[Sequence[str], Sequence[Sequence[str]]], bool] | None = None
    instead: str | None = None
    generic: bool = False
    may_lack: str | None = None
    may_come_back: bool = False
    loss_heading: str | None = None
    read_as: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The name of the report in messages: `Ahrefs backlinks`."""
        names = PROVIDERS | {"linkgap": "linkgap", "plain": "Plain"}
        return f"{names.get(self.provider, self.provider.replace('_', ' ').title())} {self.name}"

    def site_of(self, title: str) -> str | None:
        """Return the compared site whose column has this heading, or None if it is no such column."""
        found = self.site_columns and re.fullmatch(self.site_columns, " ".join(title.split()), re.IGNORECASE)
        return found[1] if found and is_site(found[1]) else None

    def lacks_sites(self, titles: Sequence[str]) -> bool:
        """Tell whether a comparison has no column for any site: nothing says then which of them a domain links to."""
        compares = self.site_columns is not None and "links" not in self.columns
        return compares and not any(map(self.site_of, titles))

    @property
    def headings(self) -> frozenset[str]:
        """All headings that the report knows, normalised by `folded`, without positions."""
        sources = [*self.required, *self.columns.values(), *([self.site_list] if self.site_list else [])]
        marks = (mark for source in sources for mark in _marks(source))
        return frozenset(name for mark in marks for name in mark.split("|") if not _POSITION.fullmatch(name))


def is_site(heading: str) -> bool:
    """Tell whether a heading is the name or the address of a site.

    Examples
    --------
    >>> is_site("rival.example/"), is_site("Ref. domains")
    (True, False)
    """
    host = host_of(heading)
    return host is not None and "." in host and has_known_suffix(host)


def folded(heading: str) -> str:
    """Normalise a heading: fold its case and collapse whitespace, so that variants compare equal.

    A byte order mark is removed, also where a program decoded it as letters, or took it for the beginning of a cell, so
    that the quotes after it became part of the text.

    Examples
    --------
    >>> folded(" Referring  Page URL "), folded('ï»¿"Domain"')
    ('referring page url', 'domain')
    """
    bare = heading.replace("\ufeff", "").replace("ï»¿", "")
    return " ".join((bare if bare == heading else bare.strip(' "')).casefold().split())


def find_heading(alternatives: str, headings: Mapping[str, str]) -> str | None:
    """Return the file's own heading for the first of the `|`-separated alternatives that it has.

    A heading that a user named may contain bars, so the whole text is tried first.
    """
    return next((headings[name] for name in (alternatives, *alternatives.split("|")) if name in headings), None)


def sql_for(source: str, headings: Mapping[str, str]) -> str | None:
    """Turn the right side of `Report.columns` into SQL, or None when a heading is missing.

    Parameters
    ----------
    headings
        Column names in SQL by normalised heading, and by position: `#1`, `#2`, ...

    Examples
    --------
    >>> sql_for("da|domain authority", {"domain authority": "Domain Authority"})
    '"Domain Authority"'
    >>> sql_for("coalesce({type?}, {rel})", {"rel": "Rel"})
    'coalesce(CAST(NULL AS VARCHAR), "Rel")'
    >>> sql_for("{type} = 'x'", {}) is None
    True
    >>> sql_for("{da} | {pa}", {"{da} | {pa}": "{DA} | {PA}"})
    '"{DA} | {PA}"'
    """
    if "{" not in source or source in headings:
        found = find_heading(source, headings)
        return None if found is None else quoted(found)
    needed = [find_heading(mark, headings) for mark, optional in _PLACEHOLDER.findall(source) if not optional]
    if None in needed or not any(find_heading(mark, headings) for mark in _marks(source)):
        return None
    return _PLACEHOLDER.sub(lambda found: _cell(found[1], headings), source)


def cells_in(source: str, headings: Mapping[str, str]) -> list[str]:
    """Return the SQL names of the columns that the right side of `Report.columns` is made from.

    Examples
    --------
    >>> cells_in("coalesce({type?}, {rel}, 'text')", {"rel": "Rel"})
    ['"Rel"']
    """
    marks = [source] if source in headings else _marks(source)
    return [quoted(name) for mark in marks if (name := find_heading(mark, headings)) is not None]


def _cell(alternatives: str, headings: Mapping[str, str]) -> str:
    found = find_heading(alternatives, headings)
    return "CAST(NULL AS VARCHAR)" if found is None else quoted(found)


def _marks(source: str) -> list[str]:
    """Return the headings in the right side of `Report.columns`: the whole of it, or what is in braces."""
    return [mark for mark, _ in _PLACEHOLDER.findall(source)] if "{" in source else [source]


def mark(headings: str) -> str:
    """SQL condition that a flag whose blank means no is set: it says yes, or anything but no."""
    return f"is_marked({{{headings}}})"


def flag(headings: str) -> str:
    """SQL for a flag whose blank means no."""
    return f"CASE WHEN {mark(headings)} THEN 'true' ELSE 'false' END"


def opposite(headings: str) -> str:
    """SQL for the opposite of a flag, such as `dofollow`; a blank stays unknown."""
    return f"CASE as_flag({{{headings}}}) WHEN true THEN 'false' WHEN false THEN 'true' END"


def opposite_or_words(headings: str) -> str:
    """SQL for the opposite of a flag whose cells may also say the state itself, such as `nofollow` or `dead`."""
    return f"coalesce({opposite(headings)}, {{{headings}}})"


def word_flag(word: str, headings: str) -> str:
    """SQL for a flag that is set when a cell contains a word, such as `ugc` in `rel`; a blank cell does not."""
    return f"CASE WHEN contains(lower({{{headings}}}), '{word}') THEN 'true' ELSE 'false' END"


def what_is_left(whole: str, part: str) -> str:
    """SQL for a count minus a part of it, which may be unknown; null unless the count can be read."""
    first, second = (f"as_integer({{{headings}}})" for headings in (whole, part))
    return f"CASE WHEN {first} >= 0 THEN CAST(greatest({first} - coalesce({second}, 0), 0) AS VARCHAR) END"


def kind_by_flags(**headings: str) -> str:
    """SQL for the kind of a link from a flag for each kind: the first that is set, or text when none is."""
    cases = " ".join(f"WHEN {mark(names + '?')} THEN '{kind}'" for kind, names in headings.items())
    return f"CASE {cases} ELSE 'text' END"


def kind_by_name(headings: str, **kinds: str) -> str:
    """SQL for the kind of a link that a cell names; `kinds` says what an exporter's own names mean."""
    meanings = {kind: kind for kind in KINDS} | kinds
    cases = " ".join(f"WHEN '{name}' THEN '{kind}'" for name, kind in meanings.items())
    return f"CASE lower(trim({{{headings}}})) {cases} END"


YES_AND_NO = re.findall(
    r"'([^']+)'", statement("linkgap.loaders", "macros").partition("MACRO as_flag")[2].partition(";")[0]
)
"""The words that a flag is read from, in the languages of spreadsheets' users."""

FLAG = re.compile(rf"\s*(?:{'|'.join(map(re.escape, YES_AND_NO))})\s*", re.IGNORECASE)
URL = re.compile(r"\s*(?:https?:)?//[^\s/]\S*\s*", re.IGNORECASE)
DOMAIN = re.compile(r"\s*(?:[^\s/:@.]+\.)+[^\s/:@.\d][^\s/:@.]*\.?\s*")
COUNT = re.compile(r"\s*(?:\d{1,3}(?:[.,'\u2019\s]\d{3})+|\d+)\s*")
DAY = re.compile(
    r"\s*(?:\d{4}[-/.] ?\d{1,2}[-/.] ?\d{1,2}\.?(?:[T ].*)?|\d{1,2}[-/.] ?\d{1,2}[-/.] ?\d{4}(?: .*)?"
    r"|[^\W\d_]+\.? \d{1,2},? \d{4}|\d{1,2}(?:\.|er)? (?:de )?[^\W\d_]+\.? (?:de )?\d{4}(?:\s?[гр]\.)?"  # noqa: RUF001 - Cyrillic
    r"|\d{4}[年년] ?\d{1,2}[月월] ?\d{1,2}[日일])\s*"
)
"""Patterns of cells, by which files whose headings tell nothing are recognised."""

JOINT = re.compile(r"_|(?<=[a-z])(?=[A-Z])")
"""Where the words of a heading are joined, as programs join them: first_seen, firstSeen."""

_NEARLY_ALL = 0.9


def columns_fit(rows: Sequence[Sequence[str]], *patterns: re.Pattern[str]) -> bool:
    """Tell whether nearly all records have one cell for each pattern, and each cell matches its pattern.

    Examples
    --------
    >>> columns_fit([["https://a.example/", "2026-10-22"], ["https://b.example/", "Sep 5, 2026"]], URL, DAY)
    True
    >>> columns_fit([["a.example", "1,240"]], DOMAIN, DAY), columns_fit([], DOMAIN)
    (False, False)
    """
    fit = sum(
        len(row) == len(patterns) and all(pattern.fullmatch(cell) for pattern, cell in zip(patterns, row, strict=True))
        for row in rows
    )
    return bool(rows) and fit >= _NEARLY_ALL * len(rows)
