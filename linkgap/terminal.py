"""Results as lines for a terminal: at most `WIDTH` characters wide, and without control sequences.

File names and cells are untrusted text. All of it goes through `printable` before it is printed.
"""

from __future__ import annotations

import os
import re
import shlex
import textwrap
import unicodedata
from typing import TYPE_CHECKING, Any, cast

from linkgap.errors import counted, is_number
from linkgap.loaders.reports import Report
from linkgap.schema import DAMAGE, REASONS, floor_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from linkgap.gap.changes import Changes
    from linkgap.gap.membership import Gap
    from linkgap.gap.scoring import Prospects
    from linkgap.schema import Level
    from linkgap.web.results import PageChecks

    Row = Mapping[str, Any]

WIDTH = 100
_WIDEST_DOMAIN = 30
_WIDEST_METRIC = 4
_MAY_BE_EMPTY = {"tactic", "remark"}
_SIDES = {"rank": ">", "priority": ">", "rivals": ">", "authority": ">"}


def gap_lines(prospects: Prospects, *, show: int) -> Iterator[str]:
    """Yield lines on what was read, what was found, and the first prospects.

    Parameters
    ----------
    show
        How many prospects.
    """
    gap = prospects.gap
    yield repr(gap.links)
    yield from wrapped(f"{gap!r}.")
    yield from ["", f"Of all {gap.question.level}s that link to any of these sites:", *_categories(gap)]
    doubts = [line for receipt in frame_rows(gap.links.receipts) for line in _doubts(receipt)]
    if doubts:
        yield from ["", "Not complete:", *doubts]
    if show and len(prospects):
        yield from ["", *prospect_table(prospects.top(show), rivals=len(gap.rivals), unit=gap.question.level)]
    if prospects.notes:
        yield ""
    for note in prospects.notes:
        yield from wrapped(f"Note: {note}", further="  ")


def _categories(gap: Gap) -> Iterator[str]:
    """Yield lines on how many domains each category has, and what it means."""
    numbers = [f"{number:,}" for number in gap.categories["domains"]]
    width = max(map(len, numbers))
    for number, category, meaning in zip(numbers, gap.categories["category"], gap.categories["meaning"], strict=True):
        yield from wrapped(f"{number:>{width}} {category}: {meaning}", "  ", " " * (width + 1))


def _doubts(receipt: Row) -> list[str]:
    """Return lines that say why a file is not complete; none when it is."""
    if receipt["provider"] is None:
        words = ["not read, `linkgap inspect` says why"]
    else:
        words = [text for text in (_cut(receipt), receipt["partial"], receipt["note"], _unread_cells(receipt)) if text]
    return wrapped(f"{receipt['file']}: {in_shell_words('; '.join(words))}", "  ", "  ") if words else []


def prospect_table(frame: pd.DataFrame, *, rivals: int, unit: Level = "domain", width: int = WIDTH) -> Iterator[str]:
    """Write the first rows of a prospects table in columns of fixed width, `width` characters at most.

    Parameters
    ----------
    frame
        As `Prospects.top` returns it.
    rivals
        How many rivals are compared.
    unit
        What a prospect is: a domain or a host.
    """
    headings = ["rank", unit, "priority", "rivals", "authority", "evidence", "tactic", "remark"]
    cells = [_prospect_cells(row, rivals) for row in frame_rows(frame)]
    columns = [
        column for column in zip(headings, *cells, strict=True) if any(column[1:]) or column[0] not in _MAY_BE_EMPTY
    ]
    widths = [max(map(len, column)) for column in columns]
    line = "  ".join(f"{{:{_SIDES.get(column[0], '<')}{size}}}" for column, size in zip(columns, widths, strict=True))
    for row in zip(*columns, strict=True):
        yield shortened(line.format(*row).rstrip(), width)


def _prospect_cells(row: Row, rivals: int) -> list[str]:
    return [
        f"{row['rank']}",
        shortened(row["domain"], _WIDEST_DOMAIN),
        f"{row['priority']:.1f}",
        f"{row['rivals_linked']}/{rivals}",
        _authority(row),
        row["evidence"],
        "" if row["tactic"] == "unknown" else row["tactic"],
        "; ".join(filter(None, ["lost link" if row["relation"] == "lost" else "", row["risk_reasons"]])),
    ]


_LEAST_WHOLE = 0.5
"""The least authority that is shown as a whole number: PageRanks would all become 0."""


def _authority(row: Row) -> str:
    if not _is_known(row["authority"]):
        return "-"
    metric = (row["authority_metric"] or "").rpartition("_")[2].upper()
    is_small = 0 < abs(row["authority"]) < _LEAST_WHOLE
    value = f"{row['authority']:.2g}" if is_small else f"{row['authority']:,.0f}"
    return f"{value} {metric}" if len(metric) <= _WIDEST_METRIC else value


def changes_lines(changes: Changes, *, show: int) -> Iterator[str]:
    """Yield lines on what came and went between two states of the links.

    Parameters
    ----------
    show
        How many rows of each kind.
    """
    yield from wrapped(f"{changes!r}.")
    yield from ["", *_columns(changes.sites.rename(columns=_SITE_HEADINGS))]
    own = changes.frame[changes.frame["site"] == changes.site].sort_values("authority_percentile", ascending=False)
    own = own.rename(columns={"absence": "proven_by"})
    gaps = changes.gaps.assign(rank=changes.gaps["rank_after"].fillna(changes.gaps["rank_before"]))
    lists = {
        f"New links to {changes.site}": (own[own["change"] == "new"], _LINK_COLUMNS),
        f"Lost links to {changes.site}": (own[own["change"] == "lost"], _LINK_COLUMNS),
        "New gaps": (gaps[gaps["change"] == "new"], _GAP_COLUMNS),
        "Closed gaps": (gaps[gaps["change"] == "closed"], _GAP_COLUMNS),
    }
    for heading, (table, names) in lists.items():
        if len(table):
            more = f", the first {show}" if len(table) > show else ""
            yield from ["", f"{heading}: {len(table):,}{more}", *_columns(_first_changes(table.head(show))[names])]
    if changes.outreach is not None:
        yield from ["", f"Outreach: {len(changes.outreach):,}", *_columns(changes.outreach)]
    if changes.notes:
        yield ""
    for note in changes.notes:
        yield from wrapped(f"Note: {note}", further="  ")


def _first_changes(table: pd.DataFrame) -> pd.DataFrame:
    """Return rows with authority and its metric in one cell, and the numbers of rivals before and after in another."""
    rows = frame_rows(table)
    shown = table.assign(authority=[_authority(row) for row in rows])
    if "rivals_before" in table:
        shown["rivals"] = [f"{row['rivals_before']} -> {row['rivals_after']}" for row in rows]
    return shown


_SITE_HEADINGS = {"unverified_new": "perhaps new", "unverified_lost": "perhaps lost"}
_LINK_COLUMNS = ["domain", "authority", "proven_by"]
_GAP_COLUMNS = ["domain", "rank", "rivals", "authority", "reason"]
_RIGHT = {"rivals", "authority"}


def _columns(table: pd.DataFrame) -> Iterator[str]:
    """Write a table in columns of fixed width, numbers aligned to the right."""
    from pandas.api.types import is_numeric_dtype

    shown = table.astype(object).where(table.notna(), None)
    cells = [[printable(_cell(value)) for value in shown[name]] for name in shown]
    cells[0] = [shortened(name, _WIDEST_DOMAIN) for name in cells[0]]
    headings = [str(name).replace("_", " ") for name in shown]
    sides = [">" if name in _RIGHT or is_numeric_dtype(table[name]) else "<" for name in table]
    widths = [max(map(len, [heading, *column])) for heading, column in zip(headings, cells, strict=True)]
    line = "  ".join(f"{{:{side}{width}}}" for side, width in zip(sides, widths, strict=True))
    for row in (headings, *zip(*cells, strict=True)):
        yield shortened(f"  {line.format(*row)}".rstrip(), WIDTH)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,.0f}" if is_number(value) else str(value)


def receipt_lines(receipt: Row, *, max_loss: float) -> Iterator[str]:
    """Yield lines on what a file is and how complete it is, followed by an empty line.

    Parameters
    ----------
    receipt
        A row of the receipts, see `linkgap.schema.RECEIPTS`.
    max_loss
        The share of damaged rows above which a line warns that there are too many.
    """
    yield receipt["file"]
    for text in filter(None, _about_file(receipt, max_loss)):
        yield from wrapped(in_shell_words(text), "  ")
    yield ""


def _about_file(receipt: Row, max_loss: float) -> list[str | None]:
    if receipt["provider"] is None:
        return [receipt["note"]]
    title = Report(provider=receipt["provider"], name=receipt["report"]).title
    return [
        f"{title} for {receipt['site'] or 'none of the sites'}{_form(receipt)}",
        _rows(receipt),
        _domains(receipt),
        _damage(receipt, max_loss),
        _cut(receipt),
        receipt["partial"],
        receipt["note"],
    ]


def _form(receipt: Row) -> str:
    day, delimiter = receipt["exported_at"], receipt["delimiter"]
    known = [
        receipt["encoding"],
        f"{delimiter} between cells" if delimiter else "",
        f"exported {day:%Y-%m-%d}" if _is_known(day) else "",
    ]
    words = ", ".join(filter(None, known))
    return f" ({words})" if words else ""


def _rows(receipt: Row) -> str:
    reasons = [(receipt[reason.replace(" ", "_")], reason) for reason in REASONS]
    named = ", ".join(_how_many(number, reason) for number, reason in reasons if number)
    aside = f"{receipt['set_aside']:,} set aside: {named}" if named else "none set aside"
    return f"{counted(receipt['rows'], 'row')}: {receipt['kept']:,} kept, {aside}"


_THINGS = {"self link", "duplicate", "empty row", "malformed row"}
"""Reasons that are nouns for such a row, and so have a plural."""


def _how_many(number: int, reason: str) -> str:
    return counted(number, reason) if reason in _THINGS else f"{number:,} {reason}"


def _domains(receipt: Row) -> str:
    lost = receipt["lost"]
    words = [
        counted(receipt["domains"], "domain"),
        f"the largest has {receipt['largest_domain_share']:.1%} of the rows" if receipt["domains"] > 1 else "",
        f"{counted(lost, 'link')} lost" if lost else "",
        _unread_cells(receipt),
    ]
    return ", ".join(filter(None, words))


def _unread_cells(receipt: Row) -> str:
    unread = receipt["unread_values"]
    return f"{counted(unread, 'cell')} without the date, number or yes/no value that belongs there" if unread else ""


def _damage(receipt: Row, max_loss: float) -> str:
    share = sum(receipt[reason.replace(" ", "_")] for reason in DAMAGE) / max(receipt["rows"], 1)
    if share <= max_loss:
        return ""
    return f"{share:.1%} of the rows are damaged: `linkgap gap` stops at more than {max_loss:.0%}, see --max-loss"


def _cut(receipt: Row) -> str:
    rows = counted(receipt["rows"], "row")
    match receipt["cut"]:
        case "authority":
            return f"cut by authority at {rows}, nothing below {floor_of(receipt)} is listed"
        case "rows":
            return f"cut at {rows}, so a domain that is not in it may still link"
    return ""


def set_aside_lines(frame: pd.DataFrame, *, most: int | None) -> Iterator[str]:
    """List rows set aside, file by file, with an empty line after each file.

    Parameters
    ----------
    frame
        As `Links.set_aside` returns it.
    most
        How many; None for all.
    """
    for file, rows in frame.iloc[:most].groupby("file", sort=False):
        yield f"Set aside from {file}"
        for row in frame_rows(rows):
            place = f"line {row['line']:.0f}" if _is_known(row["line"]) else f"row {row['row']}"
            yield shortened(printable(f"  {place:<12}{row['reason']:<20}{row['text']}"), WIDTH)
        yield ""
    if most is not None and len(frame) > most:
        yield from [f"{counted(len(frame) - most, 'more row')}: add --all to see them", ""]


def check_lines(checks: PageChecks) -> Iterator[str]:
    """Yield the outcome of looking at each page, then the summary and the notes."""
    for row in checks.rows:
        where = f" ({row['page_url']})" if row["page_url"] else ""
        yield from wrapped(f"{row['domain']}{where}: {row['page_outcome']}", "", "  ")
    yield from ["", *wrapped(f"{checks!r}."), *(line for note in checks.notes for line in wrapped(note))]


def frame_rows(frame: pd.DataFrame) -> list[Row]:
    """Return each row of a frame as a mapping from column name to value."""
    return cast("list[Row]", frame.to_dict("records"))


def _is_known(value: object) -> bool:
    """Tell whether a cell of a frame has a value: not None, NaN or NaT."""
    return value is not None and value == value  # noqa: PLR0124 - NaN and NaT are unlike themselves


_SHELL_WORDS = (
    (
        r"read_links\(\.\.\., columns=(\{(?!\"source_url\": \"<).*?\})\)",
        r"\1. `linkgap inspect FILE --save-columns mytool` saves that as mytool.columns.json beside it",
    ),
    (r"read_links\(\.\.\., columns=(\{.*?\})\)", r'write {"columns": \1} into a file mytool.columns.json beside it'),
    (r"Save one with save_columns\(.*?\)(?=\.)", 'Write one: a file with {"columns": {"source_url": "<heading>"}}'),
    (
        r"Write it with save_columns\(.*?\)(?=\.)",
        'Write {"columns": {"source_url": "<heading of the linking page>"}} into it',
    ),
    (r"in read_links\(\.\.\., sites=\[\.\.\.\]\)", "with --sites"),
    (r"\bday_first=True or day_first=False", "--day-first or --month-first"),
    (r"\boverwrite=True", "--overwrite"),
    (r"a relative path starts from the current folder", r"\g<0>, a path with spaces goes in quotes"),
    (r"Name several one by one, without commas", "Name several with spaces between, without commas"),
    (r"Pass outreach=open_outreach\(\.\.\.\) to compare_links", "Pass --outreach FILE"),
    (r"the one that open_outreach keeps", "the one that your notebook or explorer writes"),
    (r", or None for no limit", ", or leave it out for no limit"),
    (r"\bwith cached_only=True it returns", "with --cached-only it gives"),
    (r"\bwithout cached_only\b", "without --cached-only"),
    (r"\bwith read_web_graph\(folder, sites=\[\.\.\.\]\)", "with `linkgap webgraph links FOLDER --sites ...`"),
    (r"\ballow= holds\b", "--allow-hosts holds"),
    (r"\ba SparkSession, or the address of\b", "the address of"),
    (r"\bauthority=None", "--authority none"),
    (r"\bauthority=False", "--no-ranks"),
    (r"\bwork=\.\.\.", "--work FOLDER"),
    (r"\bencoding=\.\.\.", "--encoding NAME"),
    (r"\bcolumns=\{\.\.\.\}", "--columns NAME"),
    (r"[Cc]all convert_web_graph again", "Convert it again"),
)
_SITE_FILES = re.compile(r"read_links\(\{\"([^\"]+)\": \[(['\"])(.*?)\2\], \.\.\.\}\)")
_KEYWORDS = re.compile(
    r"(?<![^\s(])(site|sites|rivals|own|min_rivals|level|present|absent|allow|deny|authority_weight|risk_weight|columns"
    r"|encoding|max_loss|memory_limit|part|preset|top|what|max_rows|max_units|cache|domains|expire_after|contact|parallel"
    r"|sections|redact|logo|outreach|most|engine)="
    r"(\[[^\]]*\]|'[^']*'|[\w.+-]*\w)?"
)
_ESCAPE_SEQUENCES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours and moves of the cursor
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # window titles, links, clipboard
    r"|\x1b[ -/]*[0-~]"
)
_INVISIBLE = {"Cc", "Cf", "Cn", "Co", "Cs"}


def in_shell_words(message: str) -> str:
    """Return a message with its Python options written as they are typed in a shell.

    Examples
    --------
    >>> in_shell_words("min_rivals=9 is not allowed. Say which to compare: sites=['a.example', 'b.example'].")
    '--min-rivals 9 is not allowed. Say which to compare: --sites a.example b.example.'
    """
    message = _SITE_FILES.sub(lambda found: f"--site-files {shell_word(f'{found[1]}={found[3]}')}", message)
    for pattern, words in _SHELL_WORDS:
        message = re.sub(pattern, words, message)
    return _KEYWORDS.sub(_as_option, message)


def shell_word(word: object) -> str:
    """Return a word, such as a file's name, as it is typed in a shell: quoted where the shell needs it.

    Examples
    --------
    >>> shell_word("links.parquet")
    'links.parquet'
    """
    text = str(word)
    if os.name == "nt":
        return f'"{text}"' if re.search(r"[\s&()^;,]", text) else text
    return shlex.quote(text)


def _as_option(found: re.Match[str]) -> str:
    value = re.sub(r"[\[\]',]", "", found[2] or "")
    return f"--{found[1].replace('_', '-')} {value}".strip()


def printable(text: str) -> str:
    r"""Return `text` without what a terminal would act on or hide: escape sequences, control and direction marks.

    Examples
    --------
    >>> printable("\x1b[31mred\x1b[0m\tgnp\u202e.exe\u2028end")
    'red gnp.exe end'
    """
    text = re.sub(r"[\t\n\v\f\r\x85\u2028\u2029]", " ", _ESCAPE_SEQUENCES.sub("", text))
    return "".join(sign for sign in text if unicodedata.category(sign) not in _INVISIBLE)


def wrapped(text: str, indent: str = "", further: str = "") -> list[str]:
    """Break a sentence into lines; those after the first are indented by `further` as well.

    Examples
    --------
    >>> wrapped("Note: nothing is missing.", "  ")
    ['  Note: nothing is missing.']
    """
    behind = indent + further
    return textwrap.wrap(
        printable(text), WIDTH, initial_indent=indent, subsequent_indent=behind, break_on_hyphens=False
    )


def shortened(text: str, width: int) -> str:
    """Cut a text that is longer than `width`, and mark the cut with an ellipsis.

    Examples
    --------
    >>> shortened("blog.example", 6)
    'blog.…'
    """
    return text if len(text) <= width else f"{text[: width - 1]}…"
