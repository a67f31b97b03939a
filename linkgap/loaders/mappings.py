"""Files of tools that linkgap does not know: the user maps their columns once, and may save the mapping by name."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from linkgap.errors import InvalidArgumentError, MissingFileError, NotBacklinksError, UnreadableFileError, in_words
from linkgap.loaders.exporters import recognise, without_words_on_links
from linkgap.loaders.own import LINKS as OWN
from linkgap.loaders.own import written_by_linkgap
from linkgap.loaders.proposing import columns_beside, columns_of_sites, loss_beside, propose_columns
from linkgap.loaders.reading import folded_names
from linkgap.loaders.reports import Report, find_heading, folded, opposite_or_words, sql_for
from linkgap.paths import looking_into, path_of
from linkgap.schema import LINKS

if TYPE_CHECKING:
    from collections.abc import Sequence

ENDING = ".columns.json"
_SOURCES = ("source_url", "source_domain")
_EXAMPLE = {"source_url": "<heading of the linking page>", "target_url": "<heading of the linked page>"}
_MAPPED = "mapped columns"
_ADDED_BY_USERS = {"target_url", "anchor", "nofollow"}
_READ_FROM_OTHER_HEADINGS = _ADDED_BY_USERS | {"links", "authority"}
_NUMBERED = re.compile(r"column [0-9]+")
_OPPOSITES = {"dofollow": "nofollow", "is_live": "is_lost"}
_MAPPABLE = {column.name for column in LINKS} - {"source_host", "file", "row", "provider", "report"} | set(_OPPOSITES)


@dataclass(frozen=True)
class Mapping:
    """Which heading of a file is which column of the links table.

    Parameters
    ----------
    name
        Used as the provider in the links table.
    columns
        Headings by column of the links table; `dofollow` is the opposite of `nofollow`, and `is_live` of `is_lost`.
    """

    name: str
    columns: AnyMapping[str, str]

    @property
    def headings(self) -> list[str]:
        """The headings that a file must have."""
        return [heading for column, heading in self.columns.items() if column != "authority_metric"]

    @property
    def report(self) -> Report:
        """The mapping as a report."""
        columns = {column: folded(heading) for column, heading in self.columns.items() if column != "authority_metric"}
        for name, column in _OPPOSITES.items():
            if heading := columns.pop(name, None):
                columns.setdefault(column, opposite_or_words(f"{heading}?"))
        metric = self.columns.get("authority_metric", f"{self.name}_authority")
        return Report(
            provider=self.name,
            name=_MAPPED,
            columns=columns,
            lists="links" if "source_url" in columns else "domains",
            authority_metric=metric,
        )

    def fits(self, titles: Sequence[str]) -> bool:
        """Tell whether a file with these normalised headings has all that are mapped."""
        return {folded(heading) for heading in self.headings} <= set(titles)


class BrokenMappingError(UnreadableFileError):
    """A saved mapping can't be read: reading stops, rather than refuse every file that it applies to."""


def _checked(name: str, columns: AnyMapping[str, str]) -> Mapping:
    unknown = set(columns) - _MAPPABLE
    if unknown:
        message = f"columns= maps {in_words(unknown)}. Allowed: {in_words(_MAPPABLE, limit=99)}."
        raise InvalidArgumentError(message)
    if not set(_SOURCES) & set(columns):
        message = (
            f"columns= maps {in_words(columns)}. It must map source_url or source_domain: the linking page or domain."
        )
        raise InvalidArgumentError(message)
    if not all(isinstance(heading, str) and heading.strip() for heading in columns.values()):
        message = (
            "columns= maps to something that is not a heading. Allowed: texts, the headings as written in the file."
        )
        raise InvalidArgumentError(message)
    return Mapping(name, dict(columns))


def save_columns(columns: AnyMapping[str, str], path: str | Path) -> Path:
    """Save a mapping of columns as a small file, to be used again by its name.

    Parameters
    ----------
    columns
        The tool's headings by column of the links table; `authority_metric` may name the metric of its authority, and
        `dofollow` is the opposite of `nofollow`, and `is_live` of `is_lost`.
    path
        Such as `exports/linkody.columns.json`. In that folder it is applied automatically to files whose headings fit;
        elsewhere pass `read_links(..., columns="linkody")`.

    Returns
    -------
    Path
        Where it was saved.

    Raises
    ------
    InvalidArgumentError
        When a column is not in the links table, or none is `source_url` or `source_domain`.
    MissingFileError
        When there is no such folder, or it is not writable.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     save_columns({"source_url": "Linking Page"}, f"{folder}/linkody.columns.json").name
    'linkody.columns.json'
    """
    path = path_of(path)
    if not path.name.endswith(ENDING):
        message = (
            f"{path.name} is not a name for a mapping. Allowed: names that end in {ENDING}, such as linkody{ENDING}."
        )
        raise InvalidArgumentError(message)
    mapping = _checked(path.name.removesuffix(ENDING), columns)
    text = json.dumps({"columns": mapping.columns}, indent=2, ensure_ascii=False) + "\n"
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        message = (
            f"{path} can't be written: {error.strerror}. Check that the folder exists and that you may write to it."
        )
        raise MissingFileError(message) from error
    return path


def find_mapping(columns: AnyMapping[str, str] | str | Path, folder: Path) -> Mapping:
    """Return the mapping that the user gives, or names: by path, beside the exports, or in the working folder.

    Raises
    ------
    MissingFileError
        When there is none of that name.
    """
    if isinstance(columns, AnyMapping):
        return _checked("custom", columns)
    if not isinstance(columns, str | Path):
        allowed = "{'source_url': '<heading>', ...}, or the name of a mapping that was saved"
        message = f"columns={columns!r} is not a mapping. Allowed: {allowed}."
        raise InvalidArgumentError(message)
    names = [columns, folder / f"{columns}{ENDING}", f"{columns}{ENDING}"]
    for place in map(path_of, names):
        with looking_into(place):
            is_there = place.is_file()
        if is_there:
            return _read_mapping(place)
    found = in_words(path.name.removesuffix(ENDING) for path in folder.glob(f"*{ENDING}"))
    advice = f"Save one with save_columns({{...}}, '{str(columns).removesuffix(ENDING)}{ENDING}')."
    message = f"There is no mapping {str(columns)!r}. Mappings in {folder}: {found}. {advice}"
    raise MissingFileError(message)


def mapping_beside(folder: Path, titles: Sequence[str]) -> Mapping | None:
    """Return the first mapping saved in `folder` that fits a file with these normalised headings."""
    mappings = (_read_mapping(path) for path in sorted(folder.glob(f"*{ENDING}")))
    return next((mapping for mapping in mappings if mapping.fits(titles)), None)


def _read_mapping(path: Path) -> Mapping:
    try:
        columns = json.loads(path.read_text(encoding="utf-8-sig"))["columns"]
        return _checked(path.name.removesuffix(ENDING), columns)
    except (ValueError, KeyError, TypeError, OSError) as error:
        problem = str(error).rstrip(".")
        message = f"{path.name} is not a mapping of columns: {problem}. Write it with save_columns(...)."
        raise BrokenMappingError(message) from error


def mapped_report(mapping: Mapping, titles: Sequence[str], sample: Sequence[Sequence[str]]) -> Report:
    """Return a mapping as a report; it stays a sample if the file's own headings are those of a sample."""
    own = recognise(titles, sample)
    if own is None and "target_url" not in mapping.columns:
        own = recognise(*without_words_on_links(titles, sample))
    return replace(mapping.report, sample=own.sample) if own else mapping.report


def checked_report(
    report: Report | None,
    file: str,
    titles: Sequence[str],
    mapping: Mapping | None,
    sample: Sequence[Sequence[str]] = (),
) -> Report:
    """Return the report that a table is, if it lists backlinks.

    Parameters
    ----------
    sample
        Its first records, from which a mapping is proposed if the table is unknown.
    mapping
        The one that the user gave, if any.

    Raises
    ------
    NotBacklinksError
        When it lists none, or is not a report that linkgap knows.
    """
    if report is None:
        raise unknown_table(file, titles, mapping, sample)
    if report.instead is not None:
        raise _no_backlinks(file, report, titles)
    if report.lacks_sites(titles):
        raise _no_sites(file, report, titles)
    return _with_loss(_with_others(report, titles, sample), titles, sample)


def _with_others(report: Report, titles: Sequence[str], sample: Sequence[Sequence[str]]) -> Report:
    """Return a report that also reads what it lacks from headings of the table that are not part of the report.

    In an exporter's list, that is only what users add or rename: what is linked, where they put together the lists of
    several pages or sites, anchors, and whether links are followed. A table with `source_url` may come from anybody,
    and need not call its authority `authority`.
    """
    names = folded_names(titles, titles)
    wanted = _READ_FROM_OTHER_HEADINGS if report is OWN else _ADDED_BY_USERS
    lacking = {column for column in wanted if sql_for(report.columns.get(column, "{}"), names) is None}
    mapped = report.name == _MAPPED or report.lists == "domains"
    read_as = {} if mapped else columns_beside(report, titles, sample, lacking)
    places = {column: f"#{list(titles).index(heading) + 1}" for column, heading in read_as.items()}
    if dofollow := places.pop("dofollow", None):
        places["nofollow"] = opposite_or_words(dofollow)
    return replace(report, columns={**report.columns, **places}, read_as=read_as)


def _with_loss(report: Report, titles: Sequence[str], sample: Sequence[Sequence[str]]) -> Report:
    """Return a report that also reads which links are lost from a column that somebody added to the export."""
    found = None if report.name == _MAPPED else loss_beside(report, titles, sample)
    if found is None:
        return report
    told, heading = found
    column, added = _OPPOSITES.get(told, told), f"#{list(titles).index(heading) + 1}"
    if told in _OPPOSITES:
        added = opposite_or_words(added)
    names = folded_names(titles, titles)
    own = {name: source for name in ("lost", "is_lost") if sql_for(source := report.columns.get(name, "{}"), names)}
    if column not in own:
        return replace(report, columns={**report.columns, column: added}, loss_heading=heading)
    marks = [f"tells_loss({{{added}}})" if column == "lost" else _says_lost(added)]
    if flag := own.get("is_lost"):
        marks.append(_says_lost(flag))
    lost = f"CASE WHEN {' OR '.join(marks)} THEN 'true' ELSE 'false' END"
    return replace(report, columns={**report.columns, "is_lost": lost}, loss_heading=heading)


def _says_lost(source: str) -> str:
    return f"coalesce(as_loss({source if '{' in source else f'{{{source}}}'}), false)"


def _no_backlinks(file: str, report: Report, titles: Sequence[str]) -> NotBacklinksError:
    """Return the error for a report without backlinks: what it is, and which one to export instead."""
    message = (
        f"{file} has no column with linking pages or domains. Its columns are: {_first_of(titles)}. "
        f"This looks like {report.title}; export {report.instead} instead."
    )
    return NotBacklinksError(message)


def _no_sites(file: str, report: Report, titles: Sequence[str]) -> NotBacklinksError:
    """Return the error for a comparison without columns of sites."""
    domains = find_heading(report.columns["source_domain"], folded_names(titles, titles))
    message = (
        f"{file} has no column for any of the compared sites. Its columns are: {_first_of(titles)}. "
        f"This looks like {report.title}; export it with a column for each site, headed by its domain. "
        f'If all domains link to one site, map the columns: read_links(..., columns={{"source_domain": "{domains}"}}).'
    )
    return NotBacklinksError(message)


def _first_of(titles: Sequence[str]) -> str:
    return ", ".join(title.strip() for title in titles[:8] if title.strip())


def unknown_table(
    file: str, titles: Sequence[str], mapping: Mapping | None = None, sample: Sequence[Sequence[str]] = ()
) -> NotBacklinksError:
    """Return the error for a table that is not an export linkgap knows, with advice on how to map it."""
    has = {folded(title) for title in titles}
    missing = [repr(heading) for heading in mapping.headings if folded(heading) not in has] if mapping else []
    if all(_NUMBERED.fullmatch(title) for title in titles):
        message = (
            f"{file} is not a backlink export that linkgap knows: it has no headings, and its rows are not a list of "
            "domains."
        )
        return NotBacklinksError(f"{message} Export it again, or add a first line with headings.")
    shown = ", ".join(title.strip()[:40] or "(blank)" for title in titles[:10])
    if missing:
        nouns = "heading" if len(missing) == 1 else "headings"
        message = f"{file} has no {nouns} {in_words(missing)}, which columns= names. Its columns are: {shown}."
        return NotBacklinksError(f"{message} Map the headings as written in the file.")
    if written := written_by_linkgap(titles):
        message = f"{file} holds {written} that linkgap wrote, not backlinks. Keep it apart from the exports."
        return NotBacklinksError(message)
    proposed = propose_columns(titles, sample)
    headings = list(map(folded, titles))
    if alike := {heading for heading in proposed.values() if headings.count(folded(heading)) > 1}:
        message = f"{file} is not a backlink export that linkgap knows, and several of its columns are headed"
        return NotBacklinksError(f"{message} {in_words(alike)}. Give each its own heading, such as Source and Target.")
    sites = columns_of_sites(titles, sample) if "source_domain" in proposed and "target_url" not in proposed else []
    if len(sites) > 1:
        message = (
            f"{file} is not a backlink export that linkgap knows: it has a column for each of several sites, "
            f"{in_words(sites)}. Save the domains that link to each of them as a list of its own, named for that site."
        )
        return NotBacklinksError(message)
    columns = json.dumps(proposed or _EXAMPLE, ensure_ascii=False)
    hint = "; judging by their headings and cells, this looks right" if proposed else ""
    message = (
        f"{file} is not a backlink export that linkgap knows. Its columns are: {shown}. "
        f"If it lists backlinks, map its columns once{hint}: read_links(..., columns={columns})."
    )
    error = NotBacklinksError(message)
    error.proposed = proposed
    return error
