"""What became of every file: rows kept, rows set aside and why, and whether the provider cut the list."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from linkgap.engine import Tables, statement
from linkgap.errors import InvalidArgumentError, TooMuchLossError, counted, in_words, is_number
from linkgap.loaders.records import REASON_CODES, is_lost, keyed, reason_of, value_of
from linkgap.loaders.sites import MODES_OF_PARTS, read_file_name, site_in_cell
from linkgap.loaders.tables import NAMES_OF_DELIMITERS, SAMPLE_RECORDS
from linkgap.schema import DAMAGE, REASONS, RECEIPTS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    import pandas as pd

    from linkgap.domains import Site
    from linkgap.loaders.reading import Source
    from linkgap.loaders.tables import Refused, SetAside

Receipt = Mapping[str, Any]
"""What became of a file, keyed by the columns of `linkgap.schema.RECEIPTS`."""

ONLY_LOST = "only lost links"
"""Why a list without live links covers only part of the site: providers export lost links as a list of their own."""

FILTERED = "all lists of its provider together show over twice as many domains"
"""Why a list that looks complete covers only part of the site: it was filtered, or has only new links."""

_LEAST_SHARE = 0.5
_KINDS = {"text": "object", "integer": "int64", "number": "float64", "date": "datetime64[s]"}
SPREADSHEET_ROWS = 1_048_575
_ROUND_STARTS = {1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 25, 75}
_SMALLEST_CAP = 100


def is_round_cap(rows: int) -> bool:
    """Tell whether a number of rows is a usual cap of providers, so that the list is probably cut.

    Caps seen: 100, 1,000, 2,500, 10,000, 30,000, 50,000 and their like, and the most rows that a spreadsheet holds.

    Examples
    --------
    >>> [rows for rows in (99, 100, 219, 1000, 1001, 2500, 30_000, 50_000, 1_048_575) if is_round_cap(rows)]
    [100, 1000, 2500, 30000, 50000, 1048575]
    """
    if not _SMALLEST_CAP <= rows <= SPREADSHEET_ROWS:
        return False
    return int(str(rows).rstrip("0")) in _ROUND_STARTS or rows == SPREADSHEET_ROWS


class Completeness(NamedTuple):
    """Whether a list is cut, and the lowest authority in it when it was cut by authority."""

    cut: str
    floor: float | None


def completeness(engine: Tables, source: Source, row: Receipt, *, complete: bool | None) -> Completeness:
    """Find out whether a file's list is cut; `complete` is what the user says about it.

    Its number of rows is compared with usual caps both with and without rows that are not part of the list, such as a
    last line of text or of totals.
    """
    total = 1 if row["not_a_link"] == 1 else 0
    not_listed = row["empty_row"] + row["wrong_column_count"] + row["no_domain"] + total
    if complete or (complete is None and not is_round_cap(row["rows"]) and not is_round_cap(row["rows"] - not_listed)):
        return Completeness("none", None)
    floor = _floor_if_sorted(engine, source)
    return Completeness("rows", None) if floor is None else Completeness("authority", floor)


def _cut_still_holds(saved: Receipt | None, complete: bool | None) -> bool:  # noqa: FBT001 - None means unknown
    """Tell whether a saved receipt's `cut` still holds: the user says nothing, or also says that the list is cut."""
    return saved is not None and (complete is None or (not complete and saved["cut"] != "none"))


def _floor_if_sorted(engine: Tables, source: Source) -> float | None:
    """Return the lowest authority of a file whose rows are in descending order of authority, else None."""
    authority = value_of(source, "authority")
    if authority is None or source.unordered or not _sample_is_sorted(engine, source, authority):
        return None
    lowest, highest, rises = engine.rows(
        "SELECT min(a), max(a), sum(CASE WHEN a > before THEN 1 ELSE 0 END) "
        "FROM (SELECT a, lag(a) OVER (ORDER BY r) AS before "
        f"FROM (SELECT {authority} AS a, {source.row} AS r FROM {source.view}) AS listed "
        "WHERE a IS NOT NULL) AS pairs"
    )[0]
    return float(lowest) if lowest is not None and rises == 0 and lowest < highest else None


def _sample_is_sorted(engine: Tables, source: Source, authority: str) -> bool:
    """Tell whether the first rows are in descending order of authority: only then is the whole file worth checking."""
    found = engine.rows(f"SELECT {authority} FROM {source.view} LIMIT {SAMPLE_RECORDS}")
    known = [row[0] for row in found if row[0] is not None]
    return all(first >= second for first, second in itertools.pairwise(known))


def build_receipts(
    engine: Tables,
    sources: Sequence[Source],
    site_of: Mapping[int, Site | None],
    refused: Sequence[Refused],
    *,
    compared: Sequence[Site],
    complete: Mapping[int, bool | None],
) -> list[Receipt]:
    """Return a receipt for every file, those that were not read last."""
    verdicts: dict[int, Counter[str]] = {source.number: Counter() for source in sources}
    sites: dict[int, set[str]] = {number: {str(site)} if site else set() for number, site in site_of.items()}
    for file, verdict, site, reason, records in engine.rows(statement("linkgap.loaders", "verdicts")):
        verdicts[file][REASON_CODES[reason] or verdict] += int(records)
        if verdict == "kept":
            sites[file].add(site)
    unread = dict(engine.rows("SELECT file, cells FROM unread"))
    kept = {row[0]: row[1:] for row in engine.rows(statement("linkgap.loaders", "kept"))}
    rows = []
    for source in sources:
        counts, found = verdicts[source.number], kept.get(source.number, (0, 0, 0, 0))
        if source.receipt is not None:
            row = _saved_receipt(source, source.receipt, counts, found)
            row["site"] = _still_compared(source.receipt["site"], compared)
        else:
            row = _receipt(source, counts + Counter(aside.reason for aside in source.table.set_aside), found)
            row["site"] = ", ".join(sorted(sites[source.number])) or None
            row["partial"] = (
                row["partial"]
                or _only_one_host(source, sites[source.number])
                or _only_lost(engine, source, row, compared)
            )
            row["unread_values"] = int(unread[source.number]) if source.number in unread else None
            if note := _only_host_named(source, site_of[source.number]):
                row["note"] = "; ".join(filter(None, [row["note"], note]))
        if not _cut_still_holds(source.receipt, complete[source.number]):
            row |= completeness(engine, source, row, complete=complete[source.number])._asdict()
        row["floor_metric"] = None if row["floor"] is None else source.report.authority_metric
        rows.append(row)
    _mark_filtered(engine, sources, rows, complete)
    _note_older(rows)
    rows += [{"file": each.file, "note": f"not read: {each.why}", **dict.fromkeys(_COUNTS, 0)} for each in refused]
    return [{column.name: row.get(column.name) for column in RECEIPTS} for row in rows]


_COUNTS = [column.name for column in RECEIPTS if column.type == "integer"]


def _receipt(source: Source, counts: Counter[str], kept: Sequence[int]) -> dict[str, Any]:
    named, report = read_file_name(source.file), source.report
    aside = {reason: counts[reason] for reason in REASONS}
    return {
        "file": source.file,
        "provider": report.provider,
        "report": report.name,
        "encoding": source.table.encoding,
        "delimiter": NAMES_OF_DELIMITERS.get(source.table.delimiter),
        "rows": counts["kept"] + sum(aside.values()),
        "kept": counts["kept"],
        "set_aside": sum(aside.values()),
        **{reason.replace(" ", "_"): number for reason, number in aside.items()},
        **_measures(kept),
        "partial": report.sample or named.partial,
        "exported_at": named.exported_at,
        "note": "; ".join([*source.notes, *_notes(source, counts)]) or None,
    }


def _only_one_host(source: Source, sites: Collection[str]) -> str | None:
    """Return why a list is partial if its file's name has one host of the site: it proves nothing about other hosts."""
    host = read_file_name(source.file).host
    for site in sites:
        if host and host.removeprefix("www.") != site and host.endswith(f".{site}"):
            return f"only links to {host}"
    return None


def _only_host_named(source: Source, site: Site | None) -> str | None:
    """Return a note if a list without targets is read as one of a site with a path, though its name has only a host."""
    if site is None or not site.path or source.site == site or source.cell("target_url") or source.names_site:
        return None
    if read_file_name(source.file).partial in MODES_OF_PARTS:
        return None
    return f"it does not say that it lists only links to {site}; if it covers all of {site.host}, compare {site.host}"


def _only_lost(engine: Tables, source: Source, row: Receipt, sites: Sequence[Site]) -> str | None:
    """Return why a list proves nothing about other links if all its own are lost, also those set aside as duplicates.

    These are only in the file: another list, or another row of this one, has their links.
    """
    if row["lost"] < row["kept"] or not row["kept"] + row["duplicate"]:
        return None
    live = f"{keyed(source, sites)} AS keyed WHERE {reason_of(source)} = 0 AND NOT ({is_lost(source)})"
    return None if row["duplicate"] and engine.rows(f"SELECT 1 FROM {live} LIMIT 1") else ONLY_LOST


def _mark_filtered(
    engine: Tables, sources: Sequence[Source], rows: Sequence[dict[str, Any]], complete: Mapping[int, bool | None]
) -> None:
    """Mark lists as partial that look complete, but lack most domains that their provider's lists of the site show."""
    lists: dict[tuple[str, str], list[tuple[Source, dict[str, Any]]]] = defaultdict(list)
    for source, row in zip(sources, rows, strict=True):
        if source.receipt is None and row["site"] and ", " not in row["site"]:
            lists[row["provider"], row["site"]].append((source, row))
    for group in lists.values():
        whole = {source.number: row for source, row in group if row["cut"] == "none" and not row["partial"]}
        if not whole or len(whole) == len(group) or any(complete[number] for number in whole):
            continue
        every = _numbers(source.number for source, _ in group)
        in_all, in_whole = engine.rows(
            f"SELECT COUNT(DISTINCT domain), COUNT(DISTINCT CASE WHEN file IN ({_numbers(whole)}) THEN domain END) "
            f"FROM judged WHERE verdict = 'kept' AND NOT is_lost AND file IN ({every})"
        )[0]
        # Links in two lists of one report are left in only one of them; the other only has them in its duplicates.
        if in_whole + sum(row["duplicate"] for row in whole.values()) < _LEAST_SHARE * in_all:
            for row in whole.values():
                row["partial"] = FILTERED


def _note_older(rows: Iterable[dict[str, Any]]) -> None:
    """Note on a list that a newer export of it was read, too: links that disappeared in between still count."""
    exports: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["site"] and row["exported_at"] is not None:
            exports[row["provider"], row["report"], row["site"], row["partial"]].append(row)
    for group in exports.values():
        newest = max(row["exported_at"] for row in group)
        for row in group:
            note = f"a newer export, of {newest}, was read, too: a domain that only this one lists still counts"
            if row["exported_at"] < newest and note not in (row["note"] or ""):
                row["note"] = "; ".join(filter(None, [row["note"], note]))


def _numbers(files: Iterable[int]) -> str:
    return ", ".join(map(str, files))


def _saved_receipt(source: Source, saved: Receipt, counts: Counter[str], kept: Sequence[int]) -> dict[str, Any]:
    """Return the receipt that links were saved with; if more of them are set aside now, with updated counts."""
    aside = {reason: counts[reason] for reason in REASONS if counts[reason]}
    if not aside:
        return {**saved, "file": source.file}
    return {
        **saved,
        "file": source.file,
        **{(column := reason.replace(" ", "_")): saved[column] + number for reason, number in aside.items()},
        **_measures(kept),
        "kept": counts["kept"],
        "set_aside": saved["set_aside"] + sum(aside.values()),
    }


def _still_compared(names: str | None, sites: Sequence[Site]) -> str | None:
    """Return those of the sites that a list was saved for that are compared now; None if there are none."""
    named = (site_in_cell(name, sites) for name in (names or "").split(", "))
    return ", ".join(sorted({str(site) for site in named if site})) or None


def _measures(kept: Sequence[int]) -> dict[str, Any]:
    domains, lost, largest, records = map(int, kept)
    share = largest / records if records else None
    return {"domains": domains, "lost": lost, "largest_domain_share": share}


def _notes(source: Source, counts: Counter[str]) -> Iterator[str]:
    """Yield the notes of a receipt: what its numbers don't tell."""
    yield from source.table.notes
    if read_as := source.report.read_as:
        headings = ", ".join(f"{heading!r} as {column}" for column, heading in read_as.items())
        yield f"columns read in addition to those of {source.report.title}: {headings}"
    if source.report.loss_heading:
        heading = f"its column {source.report.loss_heading!r}, which is not part of {source.report.title}"
        yield f"{heading}, is read, too: links that it calls lost count as lost; if it means something else, rename it"
    if source.table.shortened:
        yield f"{counted(source.table.shortened, 'row')} too long for the engine: their long cells are cut"
    if source.table.undecoded:
        damaged = f"{counted(source.table.undecoded, 'row')} with bytes that are not valid in {source.table.encoding}"
        yield f"{damaged}, shown as \ufffd: give the right encoding="
    if not counts.total():
        yield "the list is empty: it says that nothing links to the site"
    elif not counts["kept"] + counts["duplicate"]:
        yield "no row of the list became a link"


def receipts_table(receipts: Sequence[Receipt]) -> pd.DataFrame:
    """Return receipts as a table, one row a file, see `linkgap.schema.RECEIPTS`."""
    import numpy as np
    import pandas as pd

    kinds = {column.name: _KINDS[column.type] for column in RECEIPTS} | {"unread_values": "float64"}
    cells = {name: [receipt.get(name) for receipt in receipts] for name in kinds}
    columns = {name: pd.Series(np.array(cells[name], dtype=kind), dtype=kind) for name, kind in kinds.items()}
    columns["unread_values"] = columns["unread_values"].astype("Int64")
    return pd.DataFrame(columns)


def check_max_loss(max_loss: float) -> None:
    """Refuse a `max_loss` that is not a share of rows.

    Raises
    ------
    InvalidArgumentError
        When it is not a number from 0 to 1.
    """
    if not is_number(max_loss) or not 0 <= max_loss <= 1:
        raise InvalidArgumentError(f"max_loss={max_loss!r} is not allowed. Allowed: a share from 0 to 1, such as 0.05.")


def check_loss(
    source: Source, receipt: Receipt, max_loss: float, find_first: Callable[[Source], SetAside | None]
) -> None:
    """Fail when more of a file is damaged than allowed.

    Parameters
    ----------
    find_first
        Returns the first damaged row of a file; None where rows have no order.

    Raises
    ------
    TooMuchLossError
        When it is; the message says what is wrong, in which row first, and what to do.
    """
    damaged = {reason: int(receipt[reason.replace(" ", "_")]) for reason in DAMAGE}
    swallowed = sum(aside.lines - 1 for aside in source.table.set_aside)
    lost, rows = sum(damaged.values()) + swallowed, int(receipt["rows"]) + swallowed
    if not rows or lost / rows <= max_loss:
        return
    reasons = ", ".join(f"{number:,} {reason}" for reason, number in damaged.items() if number)
    found = find_first(source)
    message = (
        f"{source.file}: {lost:,} of {counted(rows, 'row')} ({lost / rows:.1%}) can't be used ({reasons}), more than "
        f"max_loss={max_loss} allows. {_place_of(found)}Export the file again, or go on "
        f"without these rows with max_loss={_enough(lost / rows)}."
    )
    raise TooMuchLossError(message)


def _place_of(first: SetAside | None) -> str:
    if first is None:
        return ""
    place = f"row {first.row}" if first.line is None else f"line {first.line}"
    return f"The first is {place}: {first.text[:80]!r}. "


def _enough(share: float) -> float:
    return min(1.0, round(share + 0.01, 2))


def complete_by_file(
    complete: Mapping[str, bool] | bool | None,  # noqa: FBT001 - as the user gives it
    sources: Sequence[Source],
    site_of: Mapping[int, Site | None],
    *,
    also_allowed: Collection[str] = (),
) -> dict[int, bool | None]:
    """Return what the user says about completeness by file number; `also_allowed` are further names that are allowed.

    Raises
    ------
    InvalidArgumentError
        When a name is neither a file nor a site.
    """
    if not isinstance(complete, Mapping):
        return dict.fromkeys((source.number for source in sources), complete)
    names = {
        source.number: {source.file, str((source.receipt or {}).get("site", site_of[source.number]))}
        for source in sources
    }
    unknown = set(complete) - set().union(also_allowed, *names.values())
    if unknown:
        allowed = in_words(set(also_allowed).union(*names.values()) - {"None"})
        message = f"complete= names {in_words(unknown)}. Allowed: {allowed}."
        raise InvalidArgumentError(message)
    return {number: next((complete[name] for name in each if name in complete), None) for number, each in names.items()}
