"""The command `linkgap`: the same functions from a shell.

What is printed holds text from strangers, such as names of files and cells. All of it goes through `printable`.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import textwrap
import unicodedata
import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import linkgap as lg
from linkgap.errors import (
    LinkgapError,
    LinkgapWarning,
    MissingLibraryError,
    UnknownSiteError,
    UnreadableFileError,
    counted,
)
from linkgap.export import PRESETS, UnwritableFileError
from linkgap.loaders.files import find_files
from linkgap.loaders.reports import Report
from linkgap.samples import shipped_folder
from linkgap.schema import DAMAGE, LEVELS, REASONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    from linkgap.gap.membership import Gap
    from linkgap.gap.scoring import Prospects
    from linkgap.loaders.links import Links

    Row = Mapping[str, Any]

DONE, FAILED, USAGE, EMPTY, STOPPED = 0, 1, 2, 3, 130

WIDTH = 100
DEMO_FOLDER = "linkgap-demo"
LAB_FOLDER = "linkgap-notebooks"
MAX_LOSS = 0.05
_SHOWN_PROSPECTS = 10
_SHOWN_ROWS = 50
_WIDEST_DOMAIN = 36
_WIDEST_METRIC = 4

_MAIN_EPILOG = """\
examples:
  linkgap demo                              see it work on invented exports
  linkgap gap exports/ --site mysite.com    who links to your rivals, and not to you
  linkgap inspect exports/                  what each file is, and how complete
  linkgap lab                               JupyterLab with the notebooks

exit codes:
  0  done                                1  an error, in words
  2  the command was not understood      3  done, and there is not one prospect
  130  stopped with Ctrl-C
"""

_GAP_EPILOG = """\
examples:
  linkgap gap exports/ --site mysite.com --out prospects.xlsx
  linkgap gap exports/ --site mysite.com --min-rivals 2 --follow-only --top 200 --out prospects.csv
  linkgap gap exports/ --site mysite.com --present a.com b.com --absent c.com
  linkgap gap mine.csv rival.csv --site mysite.com --out pitch.csv --preset pitchbox

Files and folders come first, options after them.
Exit code 3 says that there is not one prospect; the file is written all the same.
"""

_INSPECT_EPILOG = """\
examples:
  linkgap inspect exports/
  linkgap inspect exports/rival.csv --set-aside
"""

_LAB_EPILOG = """\
examples:
  linkgap lab
  linkgap lab --folder work -- --no-browser --port 9000
"""


_HELP = {
    "paths": "backlink exports of any tool: CSV, XLSX, JSON, ZIP, GZ",
    "site_files": "a file that does not say whose links it lists; repeatable",
    "sites": "all compared sites, when names and targets leave it open",
    "columns": "mapping for a tool that linkgap does not know",
    "encoding": "of text files; found by itself if left out",
    "day_first": "03/04/2026 is the 3rd of April",
    "month_first": "03/04/2026 is the 4th of March",
    "memory_limit": "of the engine, such as 4GB",
    "max_loss": "share of damaged rows that is borne, 0 to 1 (0.05)",
    "site": "your site: a domain, a host or a URL prefix",
    "rivals": "the rivals; all other sites if left out",
    "own": "your other sites, which are no prospects",
    "min_rivals": "a prospect links to at least N rivals (1)",
    "follow_only": "nofollow, ugc and sponsored links don't count",
    "include_lost": "links that are gone count as well",
    "level": "what a prospect is (domain)",
    "present": "only domains that link to all of these",
    "absent": "only domains that link to none of these",
    "authority_weight": "how much authority counts, 0 to 4 (0.25)",
    "risk_weight": "how much risk counts, 0 to 1 (1)",
    "allow": "domains that are no risk, whatever is said of them",
    "deny": "domains that you want to stay away from",
    "out": "write the prospects: .xlsx, .csv, .parquet or .json",
    "preset": "the columns that an outreach tool wants",
    "top": "write the first N only",
    "overwrite": "replace FILE if it exists",
    "show": "print the first N (10)",
    "quiet": "print nothing but warnings and errors",
    "set_aside": f"list the rows set aside, the first {_SHOWN_ROWS}",
    "all": "with --set-aside: list them all",
    "demo_out": f"where to write the result (./{DEMO_FOLDER})",
    "folder": f"where the notebooks go (./{LAB_FOLDER})",
    "extra": "handed on to JupyterLab",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command, and return its exit code.

    Parameters
    ----------
    argv
        The words behind `linkgap`; None takes those of this process.

    Returns
    -------
    int
        0 when it is done, 1 after an error, 3 when there is not one prospect, 130 when it was stopped. Words that are
        not understood end in `SystemExit` with code 2, as with every command made with argparse.
    """
    parser = _command_line()
    args = parser.parse_args(argv)
    if args.run is None:
        _say_all(parser.format_help().splitlines(), error=True)
        return USAGE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", LinkgapWarning)
            warnings.showwarning = _show_warning
            return int(args.run(args))
    except LinkgapError as error:
        _say(f"linkgap: {in_shell_words(str(error))}", error=True)
        return FAILED
    except KeyboardInterrupt:
        return _stopped()
    except RuntimeError as error:
        # DuckDB answers Ctrl-C with this: https://github.com/duckdb/duckdb/pull/5487
        if str(error) != "Query interrupted":
            raise
        return _stopped()


def _stopped() -> int:
    _say("linkgap: stopped", error=True)
    return STOPPED


# What can be typed


def _command_line() -> argparse.ArgumentParser:
    parser = _parser(
        argparse.ArgumentParser,
        prog="linkgap",
        description="Which domains link to your rivals and not to you, and which of them to write to first.",
        epilog=_MAIN_EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"linkgap {lg.__version__}")
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_gap(commands)
    _add_inspect(commands)
    _add_demo(commands)
    _add_lab(commands)
    return parser


def _parser(make: Any, *words: str, **options: str) -> argparse.ArgumentParser:  # noqa: ANN401 - argparse's two makers
    made: argparse.ArgumentParser = make(
        *words, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **options
    )
    return made


def _add_gap(commands: Any) -> None:  # noqa: ANN401 - argparse has no public name for it
    parser = _parser(
        commands.add_parser,
        "gap",
        usage="linkgap gap FOLDER_OR_FILE... --site SITE [options]",
        help="the domains that link to rivals and not to your site, ranked",
        description="Find the domains that link to your rivals and not to you, and rank them.",
        epilog=_GAP_EPILOG,
    )
    reading = _add_reading(parser)
    reading.add_argument("--max-loss", type=float, default=MAX_LOSS, metavar="SHARE", help=_HELP["max_loss"])
    _add_question(parser)
    _add_ranking(parser)
    _add_output(parser)
    parser.set_defaults(run=_gap, refuse=parser.error)


def _add_reading(parser: argparse.ArgumentParser) -> Any:  # noqa: ANN401 - as above
    group = parser.add_argument_group("what is read")
    group.add_argument("paths", nargs="*", metavar="FOLDER_OR_FILE", help=_HELP["paths"])
    group.add_argument(
        "--site-files", action="append", default=[], type=_site_file, metavar="SITE=FILE", help=_HELP["site_files"]
    )
    group.add_argument("--sites", nargs="+", default=[], metavar="SITE", help=_HELP["sites"])
    group.add_argument("--columns", metavar="FILE_OR_NAME", help=_HELP["columns"])
    group.add_argument("--encoding", metavar="NAME", help=_HELP["encoding"])
    days = group.add_mutually_exclusive_group()
    days.add_argument("--day-first", dest="day_first", action="store_const", const=True, help=_HELP["day_first"])
    days.add_argument("--month-first", dest="day_first", action="store_const", const=False, help=_HELP["month_first"])
    group.add_argument("--memory-limit", metavar="SIZE", help=_HELP["memory_limit"])
    return group


def _add_question(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what is asked")
    group.add_argument("--site", required=True, help=_HELP["site"])
    group.add_argument("--rivals", nargs="+", metavar="SITE", help=_HELP["rivals"])
    group.add_argument("--own", nargs="+", default=[], metavar="SITE", help=_HELP["own"])
    group.add_argument("--min-rivals", type=int, default=1, metavar="N", help=_HELP["min_rivals"])
    group.add_argument("--follow-only", action="store_true", help=_HELP["follow_only"])
    group.add_argument("--include-lost", action="store_true", help=_HELP["include_lost"])
    group.add_argument("--level", choices=LEVELS, default="domain", help=_HELP["level"])
    group.add_argument("--present", nargs="+", default=[], metavar="RIVAL", help=_HELP["present"])
    group.add_argument("--absent", nargs="+", default=[], metavar="RIVAL", help=_HELP["absent"])


def _add_ranking(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how it is ranked")
    group.add_argument("--authority-weight", type=float, default=0.25, metavar="W", help=_HELP["authority_weight"])
    group.add_argument("--risk-weight", type=float, default=1.0, metavar="W", help=_HELP["risk_weight"])
    group.add_argument("--allow", nargs="+", default=[], metavar="DOMAIN", help=_HELP["allow"])
    group.add_argument("--deny", nargs="+", default=[], metavar="DOMAIN", help=_HELP["deny"])


def _add_output(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what comes out")
    group.add_argument("--out", metavar="FILE", help=_HELP["out"])
    group.add_argument("--preset", choices=PRESETS, help=_HELP["preset"])
    group.add_argument("--top", type=_number_from_1, metavar="N", help=_HELP["top"])
    group.add_argument("--overwrite", action="store_true", help=_HELP["overwrite"])
    group.add_argument("--show", type=_number_from_0, default=_SHOWN_PROSPECTS, metavar="N", help=_HELP["show"])
    group.add_argument("--quiet", action="store_true", help=_HELP["quiet"])


def _add_inspect(commands: Any) -> None:  # noqa: ANN401 - as above
    parser = _parser(
        commands.add_parser,
        "inspect",
        usage="linkgap inspect FOLDER_OR_FILE... [options]",
        help="what each file is, and how complete",
        description="Say of each file what it is, whose links it lists, and how complete it is.",
        epilog=_INSPECT_EPILOG,
    )
    _add_reading(parser)
    group = parser.add_argument_group("what comes out")
    group.add_argument("--set-aside", action="store_true", help=_HELP["set_aside"])
    group.add_argument("--all", action="store_true", help=_HELP["all"])
    parser.set_defaults(run=_inspect, refuse=parser.error, quiet=False)


def _add_demo(commands: Any) -> None:  # noqa: ANN401 - as above
    parser = _parser(
        commands.add_parser,
        "demo",
        help="see it work on invented exports",
        description="Do the main job on exports that come with linkgap: an invented site, four rivals, seven tools.",
    )
    parser.add_argument("--out", default=DEMO_FOLDER, metavar="FOLDER", help=_HELP["demo_out"])
    parser.set_defaults(run=_demo)


def _add_lab(commands: Any) -> None:  # noqa: ANN401 - as above
    parser = _parser(
        commands.add_parser,
        "lab",
        usage="linkgap lab [--folder FOLDER] [-- OPTIONS...]",
        help="JupyterLab with the notebooks",
        description="Copy the notebooks that come with linkgap into a folder, and start JupyterLab there.\n"
        "A notebook that you changed is left as it is.",
        epilog=_LAB_EPILOG,
    )
    parser.add_argument("--folder", default=LAB_FOLDER, help=_HELP["folder"])
    parser.add_argument("extra", nargs="*", metavar="-- OPTION", help=_HELP["extra"])
    parser.set_defaults(run=_lab)


def _site_file(text: str) -> tuple[str, Path]:
    site, sign, file = text.partition("=")
    if not (site and sign and file):
        message = f"{text!r} is not SITE=FILE, such as rival.com=links.csv"
        raise argparse.ArgumentTypeError(message)
    return site, Path(file)


def _number_from_0(text: str) -> int:
    return _number_from(0, text)


def _number_from_1(text: str) -> int:
    return _number_from(1, text)


def _number_from(least: int, text: str) -> int:
    if not text.isdecimal() or int(text) < least:
        message = f"{text!r} is not a whole number from {least}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


# gap


def _gap(args: argparse.Namespace) -> int:
    if args.out is None and (args.preset or args.top):
        args.refuse("--preset and --top say what is written: add --out FILE. --show N sets how many are printed.")
    links = _read(args, max_loss=args.max_loss)
    gap = _find(links, args)
    prospects = lg.rank_prospects(
        gap, authority_weight=args.authority_weight, risk_weight=args.risk_weight, allow=args.allow, deny=args.deny
    )
    if not args.quiet:
        _say_all(gap_lines(prospects, show=args.show))
    if args.out is not None:
        written = lg.export_prospects(prospects, args.out, preset=args.preset, top=args.top, overwrite=args.overwrite)
        number = min(len(prospects), args.top or len(prospects))
        _say_all([] if args.quiet else ["", f"{counted(number, 'prospect')} written to {written}"])
    return DONE if len(prospects) else EMPTY


def _read(args: argparse.Namespace, *, max_loss: float) -> Links:
    where: list[object] = [*args.paths, *({site: [file]} for site, file in args.site_files)]
    if not where:
        args.refuse("there is nothing to read: name a folder or files, and options after them")
    return _read_these(where, args, max_loss=max_loss)


def _read_these(where: object, args: argparse.Namespace, *, max_loss: float) -> Links:
    return lg.read_links(
        where,
        sites=args.sites,
        columns=args.columns,
        encoding=args.encoding,
        day_first=args.day_first,
        max_loss=max_loss,
        memory_limit=args.memory_limit,
        progress=False if args.quiet else None,
    )


def _find(links: Links, args: argparse.Namespace) -> Gap:
    gap = lg.find_gap(
        links,
        site=args.site,
        rivals=args.rivals,
        min_rivals=args.min_rivals,
        own=args.own,
        live_only=not args.include_lost,
        follow_only=args.follow_only,
        level=args.level,
    )
    return gap.where(present=args.present, absent=args.absent) if args.present or args.absent else gap


def gap_lines(prospects: Prospects, *, show: int) -> Iterator[str]:
    """Say in lines what was read, what was found and in which order.

    Parameters
    ----------
    show
        How many prospects.
    """
    gap = prospects.gap
    yield repr(gap.links)
    yield from _wrapped(f"{gap!r}.")
    yield from _wrapped(f"Of all domains that link to any of these sites: {_categories_in_short(gap)}.")
    about_files = [line for receipt in _receipts(gap.links) for line in _doubts(receipt)]
    if about_files:
        yield from ["", "Not complete:", *about_files]
    if show and len(prospects):
        yield from ["", *prospect_table(prospects.top(show), rivals=len(gap.rivals))]
    if prospects.notes:
        yield ""
    for note in prospects.notes:
        yield from _wrapped(f"Note: {note}", "", "  ")


def _categories_in_short(gap: Gap) -> str:
    counts = zip(gap.categories["domains"], gap.categories["category"], strict=True)
    return ", ".join(f"{number:,} {category}" for number, category in counts)


def _doubts(receipt: Row) -> Iterator[str]:
    """Say why a file is not the whole truth; nothing when it is."""
    if receipt["provider"] is None:
        words = ["not read, `linkgap inspect` says why"]
    else:
        words = [text for text in (_cut(receipt), receipt["partial"], receipt["note"]) if text]
    if words:
        yield from _wrapped(f"{receipt['file']}: {in_shell_words('; '.join(words))}", "  ", "  ")


def _cut(receipt: Row) -> str:
    if receipt["cut"] == "none":
        return ""
    rows = counted(receipt["rows"], "row")
    if receipt["cut"] == "authority":
        return f"cut by authority at {rows}, nothing below authority {receipt['floor']:g} is listed"
    return f"cut at {rows}, so a domain that is not in it may link all the same"


def _receipts(links: Links) -> list[Row]:
    return _records(links.receipts)


def _records(frame: pd.DataFrame) -> list[Row]:
    return cast("list[Row]", frame.to_dict("records"))


def _is_known(value: object) -> bool:
    """Tell a value from the three ways in which a table says that there is none."""
    return value is not None and value == value  # noqa: PLR0124 - NaN and NaT are unlike themselves


def prospect_table(frame: pd.DataFrame, *, rivals: int, width: int = WIDTH) -> Iterator[str]:
    """Write the first rows of a prospects table in columns of fixed width, `width` characters at most.

    Parameters
    ----------
    frame
        As `Prospects.top` returns it.
    rivals
        How many there are.
    """
    cells = [_prospect_cells(row, rivals) for row in _records(frame)]
    headings = ["rank", "domain", "priority", "rivals", "authority", "evidence", "remark"]
    if not any(row[-1] for row in cells):
        headings, cells = headings[:-1], [row[:-1] for row in cells]
    widths = [max(map(len, column)) for column in zip(headings, *cells, strict=True)]
    line = "  ".join(f"{{:{side}{size}}}" for side, size in zip("><>>><<", widths, strict=False))
    for row in (headings, *cells):
        yield _shortened(line.format(*row).rstrip(), width)


def _prospect_cells(row: Row, rivals: int) -> list[str]:
    remarks = ["lost link"] if row["relation"] == "lost" else []
    remarks += [row["risk_reasons"]] if row["risk_reasons"] else []
    return [
        f"{row['rank']}",
        _shortened(row["domain"], _WIDEST_DOMAIN),
        f"{row['priority']:.1f}",
        f"{row['rivals_linked']}/{rivals}",
        _authority(row),
        row["evidence"],
        "; ".join(remarks),
    ]


def _authority(row: Row) -> str:
    if not _is_known(row["authority"]):
        return "-"
    metric = (row["authority_metric"] or "").rpartition("_")[2].upper()
    return f"{row['authority']:.0f} {metric}" if len(metric) <= _WIDEST_METRIC else f"{row['authority']:.0f}"


# inspect


def _inspect(args: argparse.Namespace) -> int:
    warnings.simplefilter("ignore", LinkgapWarning)  # each file's own lines say it
    try:
        links = _read(args, max_loss=1.0)
    except (UnknownSiteError, UnreadableFileError) as error:
        _say(f"linkgap: {in_shell_words(str(error))}", error=True)
        _say_all(["", "Each file on its own:", ""])
        _say_all(line for name, where in _each_file(args) for line in _lines_alone(name, where, args))
        return FAILED
    _say_all(line for receipt in _receipts(links) for line in receipt_lines(receipt))
    if args.set_aside:
        _say_all(set_aside_lines(links.set_aside, most=None if args.all else _SHOWN_ROWS))
    _say(repr(links))
    return DONE


def _each_file(args: argparse.Namespace) -> Iterator[tuple[str, object]]:
    """Give each file's name, and what to read it by."""
    for path in args.paths:
        yield from ((str(file), file) for file in find_files(Path(path).expanduser()))
    yield from ((str(file), {site: [file]}) for site, file in args.site_files)


def _lines_alone(name: str, where: object, args: argparse.Namespace) -> Iterator[str]:
    try:
        links = _read_these(where, args, max_loss=1.0)
    except LinkgapError as error:
        yield from [name, *_wrapped(in_shell_words(str(error)), "  "), ""]
        return
    for receipt in _receipts(links):
        yield from receipt_lines(receipt)


def receipt_lines(receipt: Row) -> Iterator[str]:
    """Say in lines what a file is and how complete, with an empty line behind.

    Parameters
    ----------
    receipt
        A row of the receipts, see `linkgap.schema.RECEIPTS`.
    """
    yield receipt["file"]
    for text in _about_file(receipt):
        yield from _wrapped(in_shell_words(text), "  ")
    yield ""


def _about_file(receipt: Row) -> Iterator[str]:
    if receipt["provider"] is None:
        yield receipt["note"]
        return
    title = Report(provider=receipt["provider"], name=receipt["report"]).title
    yield f"{title} for {receipt['site'] or 'none of the sites'}{_form(receipt)}"
    yield _rows(receipt)
    yield _domains(receipt)
    yield from (text for text in (_damage(receipt), _cut(receipt), receipt["partial"], receipt["note"]) if text)


def _form(receipt: Row) -> str:
    known = [receipt["encoding"], receipt["delimiter"] and f"{receipt['delimiter']} between cells"]
    known += [f"exported {receipt['exported_at']:%Y-%m-%d}"] if _is_known(receipt["exported_at"]) else []
    words = ", ".join(text for text in known if text)
    return f" ({words})" if words else ""


def _rows(receipt: Row) -> str:
    reasons = [(receipt[reason.replace(" ", "_")], reason) for reason in REASONS]
    named = ", ".join(f"{number:,} {reason}" for number, reason in reasons if number)
    aside = f", {receipt['set_aside']:,} set aside: {named}" if named else ", none set aside"
    return f"{counted(receipt['rows'], 'row')}: {receipt['kept']:,} kept{aside}"


def _domains(receipt: Row) -> str:
    share, lost, unread = receipt["largest_domain_share"], receipt["lost"], receipt["unread_values"]
    words = [counted(receipt["domains"], "domain")]
    words += [f"the largest has {share:.1%} of the rows"] if receipt["domains"] > 1 else []
    words += [f"{lost:,} links lost"] if lost else []
    words += [f"{counted(unread, 'cell')} without the date or number that belongs there"] if unread else []
    return ", ".join(words)


def _damage(receipt: Row) -> str:
    share = sum(receipt[reason.replace(" ", "_")] for reason in DAMAGE) / max(receipt["rows"], 1)
    if share <= MAX_LOSS:
        return ""
    return f"{share:.1%} of the rows are damaged: `linkgap gap` stops at more than {MAX_LOSS:.0%}, see --max-loss"


def set_aside_lines(frame: pd.DataFrame, *, most: int | None) -> Iterator[str]:
    """List rows set aside, file by file, with an empty line behind each.

    Parameters
    ----------
    frame
        As `Links.set_aside` returns it.
    most
        How many; None for all.
    """
    for file, rows in frame.head(len(frame) if most is None else most).groupby("file", sort=False):
        yield f"Set aside from {file}"
        for row in _records(rows):
            place = f"line {row['line']:.0f}" if _is_known(row["line"]) else f"row {row['row']}"
            yield _shortened(printable(f"  {place:<12}{row['reason']:<20}{row['text']}"), WIDTH)
        yield ""
    if most is not None and len(frame) > most:
        yield from [f"{counted(len(frame) - most, 'more row')}: add --all to see them", ""]


# demo


def _demo(args: argparse.Namespace) -> int:
    folder = _folder(args.out)
    exports = lg.sample_exports()
    _say_all(_demo_story(exports))
    links = lg.read_links(exports)
    _say_all(_demo_reading(links))
    gap = lg.find_gap(links, site="oakdesk.example", own=["oakdesk-journal.example", "oakdesk-outlet.example"])
    _say_all(_demo_gap(gap))
    prospects = lg.rank_prospects(gap)
    _say_all(_demo_ranking(prospects))
    targets = [folder / "prospects.xlsx", folder / "prospects.csv"]
    ours = folder.name == DEMO_FOLDER
    _say_all(_demo_end([lg.export_prospects(prospects, target, overwrite=ours) for target in targets]))
    return DONE


def _folder(name: str) -> Path:
    folder = Path(name).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{folder} can't be made a folder: {error.strerror}. Name another one."
        raise UnwritableFileError(message) from error
    return folder


def _demo_story(exports: Path) -> Iterator[str]:
    yield from _wrapped(
        "Oakdesk sells desks, and so do four rivals. Who links to the rivals, and not to Oakdesk? "
        f"Exports of their backlinks, all invented, are in {exports}."
    )


def _demo_reading(links: Links) -> Iterator[str]:
    tools, cut = links.receipts["provider"].nunique(), int((links.receipts["cut"] != "none").sum())
    yield from ["", "1. Read the exports", *_wrapped(f"{links!r}.", "   ")]
    yield from _wrapped(f"They come from {tools} tools, and {counted(cut, 'file')} end before the list does.", "   ")


def _demo_gap(gap: Gap) -> Iterator[str]:
    counts, best = gap.evidence_counts, gap.where(present=gap.rivals)
    unsure = counts["likely"] + counts["unverified"]
    yield from ["", "2. Find the gap", *_wrapped(f"{gap!r}.", "   ")]
    yield from _wrapped(
        "Proven: were there a link to Oakdesk, it would stand in a list at hand. "
        f"The other {unsure:,} are worth a look before you write. {len(best):,} link to every rival.",
        "   ",
    )


def _demo_ranking(prospects: Prospects) -> Iterator[str]:
    top, rivals = prospects.top(5), len(prospects.gap.rivals)
    first = top.iloc[0]
    yield from ["", "3. Rank it: who is likely to link, is worth it, and is no risk"]
    yield from (f"   {line}" for line in prospect_table(top, rivals=rivals, width=WIDTH - 3))
    yield from _wrapped(
        f"Why {first['domain']}? Links to {first['rivals_linked']} of {rivals} rivals, and more authority than "
        f"{first['authority_percentile']:.0%} of them all.",
        "   ",
    )


def _demo_end(written: Iterable[Path]) -> Iterator[str]:
    command = _own_name()
    yield from ["", "4. Hand it over", *(f"   {path}" for path in written)]
    yield from ["", "Now with your own exports, from whatever tools, all in one folder:"]
    yield f"   {command} gap your-folder --site yoursite.com --out prospects.xlsx"
    yield from ["or step by step in JupyterLab:", f"   {command} lab"]


def _own_name() -> str:
    """Return what the user has to type to start this command again."""
    typed, found = Path(sys.argv[0]), shutil.which("linkgap")
    if typed.name == "__main__.py":
        return "python -m linkgap"
    found_by_name = found is not None and typed.exists() and typed.samefile(found)
    return str(typed) if typed.stem == "linkgap" and not found_by_name else "linkgap"


# lab


def _lab(args: argparse.Namespace) -> int:
    if find_spec("jupyterlab") is None:
        message = "JupyterLab is not installed. Install it with: pip install 'linkgap[lab]'"
        raise MissingLibraryError(message)
    folder = _folder(args.folder)
    shipped = sorted(shipped_folder("notebooks").glob("*.ipynb"))
    _say_all(_copied(notebook, folder) for notebook in shipped)
    # In this process, so that JupyterLab itself answers Ctrl-C.
    import_module("jupyterlab.labapp").main([str((folder / shipped[0].name).resolve()), *args.extra])
    return DONE


def _copied(notebook: Path, folder: Path) -> str:
    target = folder / notebook.name
    if not target.exists():
        shutil.copyfile(notebook, target)
        return f"{target} is new"
    if target.read_bytes() == notebook.read_bytes():
        return f"{target} is there already"
    return f"{target} was changed and stays as it is; rename it to get a fresh one"


# Printing


_ESCAPE_SEQUENCES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours and moves of the cursor
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # window titles, links, clipboard
    r"|\x1b[ -/]*[0-~]"
)
_INVISIBLE = {"Cc", "Cf", "Cn", "Co", "Cs"}


def printable(text: str) -> str:
    r"""Return `text` without what a terminal would obey or hide: escape sequences, control and direction marks.

    Examples
    --------
    >>> printable("\x1b[31mred\x1b[0m\tgnp\u202e.exe\u2028end")
    'red gnp.exe end'
    """
    text = re.sub(r"[\t\n\v\f\r\x85\u2028\u2029]", " ", _ESCAPE_SEQUENCES.sub("", text))
    return "".join(sign for sign in text if unicodedata.category(sign) not in _INVISIBLE)


_SHELL_WORDS = (
    (r"read_links\(\{\"([^\"]+)\": \['([^']*)'\], \.\.\.\}\)", r"--site-files \1=\2"),
    (r"read_links\(\.\.\., columns=(\{.*?\})\)", r'write {"columns": \1} into a file mytool.columns.json beside it'),
    (r"save_columns\(.*?\)(?=\.)", 'a file with {"columns": {"source_url": "<heading of the linking page>"}}'),
    (r"in read_links\(\.\.\., sites=\[\.\.\.\]\)", "with --sites"),
    (r"\bday_first=True or day_first=False", "--day-first or --month-first"),
    (r"\b(overwrite)=True", r"--\1"),
)
_KEYWORDS = re.compile(
    r"(?<![^\s(])(site|sites|rivals|own|min_rivals|level|present|absent|allow|deny|authority_weight|risk_weight|columns|encoding"
    r"|max_loss|memory_limit|preset|top)=(\[[^\]]*\]|'[^']*'|[\w.+-]*\w)?"
)


def in_shell_words(message: str) -> str:
    """Return a message with options as they are typed in a shell, not in Python.

    Examples
    --------
    >>> in_shell_words("min_rivals=9 is not allowed. Say which are compared: sites=['a.example', 'b.example'].")
    '--min-rivals 9 is not allowed. Say which are compared: --sites a.example b.example.'
    """
    for pattern, words in _SHELL_WORDS:
        message = re.sub(pattern, words, message)
    return _KEYWORDS.sub(_as_option, message)


def _as_option(found: re.Match[str]) -> str:
    value = re.sub(r"[\[\]',]", "", found[2] or "")
    return f"--{found[1].replace('_', '-')} {value}".strip()


def _say_all(lines: Iterable[str], *, error: bool = False) -> None:
    for line in lines:
        _say(line, error=error)


def _say(line: str, *, error: bool = False) -> None:
    stream = sys.stderr if error else sys.stdout
    encoding = stream.encoding or "utf-8"
    try:
        print(printable(line).encode(encoding, "replace").decode(encoding), file=stream, flush=True)
    except BrokenPipeError:
        # Nobody reads on, as behind `| head`. The work is finished all the same: a file may be asked for.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _show_warning(message: Warning | str, category: type[Warning], *place: object, **more: object) -> None:
    if issubclass(category, LinkgapWarning):
        _say(f"note: {in_shell_words(str(message))}", error=True)
    else:
        _show_plainly(message, category, *place, **more)


_show_plainly: Any = warnings.showwarning


def _wrapped(text: str, indent: str = "", further: str = "") -> list[str]:
    """Break a sentence into lines; those after the first stand `further` in."""
    text, behind = printable(text), indent + further
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=behind, break_on_hyphens=False)


def _shortened(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
