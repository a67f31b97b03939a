"""The command `linkgap`: the same functions from a shell.

What is printed holds text from strangers, such as names of files and cells. All of it goes through `printable`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import warnings
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import linkgap as lg
from linkgap.errors import (
    LinkgapError,
    LinkgapWarning,
    MissingLibraryError,
    UnknownSiteError,
    UnreadableFileError,
    UnwritableFileError,
    counted,
)
from linkgap.export import PRESETS, check_target
from linkgap.loaders.files import find_files
from linkgap.samples import shipped_folder
from linkgap.schema import LEVELS
from linkgap.terminal import (
    WIDTH,
    gap_lines,
    in_shell_words,
    printable,
    prospect_table,
    receipt_lines,
    rows_of,
    set_aside_lines,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from linkgap.gap.membership import Gap
    from linkgap.gap.scoring import Prospects
    from linkgap.loaders.links import Links

    Add = Callable[..., object]
    Make = Callable[..., argparse.ArgumentParser]

DONE, FAILED, USAGE, EMPTY, STOPPED = 0, 1, 2, 3, 130

DEMO_FOLDER = "linkgap-demo"
LAB_FOLDER = "linkgap-notebooks"
MAX_LOSS = 0.05
_SHOWN_PROSPECTS = 10
_SHOWN_ROWS = 50

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
  linkgap gap s3a://bucket/links/ --site mysite.com --engine spark://host:7077

With --engine, Spark reads addresses of Parquet or CSV and names of tables;
other files are read by this process.
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
    parser = command_line()
    args = parser.parse_args(argv)
    if args.run is None:
        _say_all(parser.format_help().splitlines(), error=True)
        return USAGE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", LinkgapWarning)
            warnings.showwarning = partial(_show_warning, warnings.showwarning)
            return int(args.run(args))
    except LinkgapError as error:
        _say(f"linkgap: {in_shell_words(str(error))}", error=True)
        return FAILED
    except KeyboardInterrupt:
        return _stopped()
    except RuntimeError as error:
        # DuckDB answers Ctrl-C with this, also while a result is fetched: https://github.com/duckdb/duckdb/pull/5487
        if str(error) != "Query interrupted":
            raise
        return _stopped()


def _stopped() -> int:
    _say("linkgap: stopped", error=True)
    return STOPPED


def command_line() -> argparse.ArgumentParser:
    """Return what can be typed: four commands, each with its options."""
    manners: dict[str, Any] = {"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False}
    parser = argparse.ArgumentParser(
        prog="linkgap",
        description="Which domains link to your rivals and not to you, and which of them to write to first.",
        epilog=_MAIN_EPILOG,
        **manners,
    )
    parser.add_argument("--version", action="version", version=f"linkgap {lg.__version__}")
    parser.set_defaults(run=None)
    make = partial(parser.add_subparsers(title="commands", metavar="COMMAND").add_parser, **manners)
    _add_gap(make)
    _add_inspect(make)
    _add_demo(make)
    _add_lab(make)
    return parser


def _add_gap(make: Make) -> None:
    parser = make(
        "gap",
        usage="linkgap gap FOLDER_OR_FILE... --site SITE [options]",
        help="the domains that link to rivals and not to your site, ranked",
        description="Find the domains that link to your rivals and not to you, and rank them.",
        epilog=_GAP_EPILOG,
    )
    max_loss = "share of damaged rows that is borne, 0 to 1 (0.05)"
    add = _add_reading(parser)
    add("--max-loss", type=float, default=MAX_LOSS, metavar="SHARE", help=max_loss)
    add(
        "--engine",
        metavar="MASTER",
        help="count on Spark: local[2], spark://host:7077, ...; in this process if left out",
    )
    _add_question(parser.add_argument_group("what is asked").add_argument)
    _add_ranking(parser.add_argument_group("how it is ranked").add_argument)
    _add_output(parser.add_argument_group("what comes out").add_argument)
    parser.set_defaults(run=_gap, refuse=parser.error)


def _add_inspect(make: Make) -> None:
    parser = make(
        "inspect",
        usage="linkgap inspect FOLDER_OR_FILE... [options]",
        help="what each file is, and how complete",
        description="Say of each file what it is, whose links it lists, and how complete it is.",
        epilog=_INSPECT_EPILOG,
    )
    _add_reading(parser)
    add = parser.add_argument_group("what comes out").add_argument
    add("--set-aside", action="store_true", help=f"list the rows set aside, the first {_SHOWN_ROWS}")
    add("--all", action="store_true", help="with --set-aside: list them all")
    parser.set_defaults(run=_inspect, refuse=parser.error, quiet=False, engine=None)


def _add_demo(make: Make) -> None:
    parser = make(
        "demo",
        help="see it work on invented exports",
        description="Do the main job on exports that come with linkgap: an invented site, four rivals, seven tools.",
    )
    out = f"where to write the result (./{DEMO_FOLDER})"
    parser.add_argument("--out", default=DEMO_FOLDER, metavar="FOLDER", help=out)
    parser.add_argument("--overwrite", action="store_true", help="replace what an earlier demo wrote into FOLDER")
    parser.set_defaults(run=_demo)


def _add_lab(make: Make) -> None:
    parser = make(
        "lab",
        usage="linkgap lab [--folder FOLDER] [-- OPTIONS...]",
        help="JupyterLab with the notebooks",
        description="Copy the notebooks that come with linkgap into a folder, and start JupyterLab there.\n"
        "A notebook that you changed is left as it is.",
        epilog=_LAB_EPILOG,
    )
    parser.add_argument("--folder", default=LAB_FOLDER, help=f"where the notebooks go (./{LAB_FOLDER})")
    parser.add_argument("extra", nargs="*", metavar="-- OPTION", help="handed on to JupyterLab")
    parser.set_defaults(run=_lab)


def _add_reading(parser: argparse.ArgumentParser) -> Add:
    """Add the options that say what is read; return what adds more of them."""
    group = parser.add_argument_group("what is read")
    add = group.add_argument
    paths = "backlink exports of any tool: CSV, XLSX, JSON, ZIP, GZ"
    site_files = "a file that does not say whose links it lists; repeatable"
    sites = "all compared sites, when names and targets leave it open"
    add("paths", nargs="*", metavar="FOLDER_OR_FILE", help=paths)
    add("--site-files", action="append", default=[], type=_site_file, metavar="SITE=FILE", help=site_files)
    add("--sites", nargs="+", default=[], metavar="SITE", help=sites)
    add("--columns", metavar="FILE_OR_NAME", help="mapping for a tool that linkgap does not know")
    add("--encoding", metavar="NAME", help="of text files; found by itself if left out")
    day = group.add_mutually_exclusive_group().add_argument
    day("--day-first", action="store_const", const=True, help="03/04/2026 is the 3rd of April")
    day("--month-first", dest="day_first", action="store_const", const=False, help="03/04/2026 is the 4th of March")
    add("--memory-limit", metavar="SIZE", help="of this process, such as 4GB; the rest goes to the disk")
    return add


def _add_question(add: Add) -> None:
    add("--site", required=True, help="your site: a domain, a host or a URL prefix")
    add("--rivals", nargs="+", metavar="SITE", help="the rivals; all other sites if left out")
    add("--own", nargs="+", default=[], metavar="SITE", help="your other sites, which are no prospects")
    add("--min-rivals", type=int, default=1, metavar="N", help="a prospect links to at least N rivals (1)")
    add("--follow-only", action="store_true", help="nofollow, ugc and sponsored links don't count")
    add("--include-lost", action="store_true", help="links that are gone count as well")
    add("--level", choices=LEVELS, default="domain", help="what a prospect is (domain)")
    add("--present", nargs="+", default=[], metavar="RIVAL", help="only domains that link to all of these")
    add("--absent", nargs="+", default=[], metavar="RIVAL", help="only domains that link to none of these")


def _add_ranking(add: Add) -> None:
    authority, risk = "how much authority counts, 0 to 4 (0.25)", "how much risk counts, 0 to 1 (1)"
    add("--authority-weight", type=float, default=0.25, metavar="W", help=authority)
    add("--risk-weight", type=float, default=1.0, metavar="W", help=risk)
    add("--allow", nargs="+", default=[], metavar="DOMAIN", help="domains that are no risk, whatever is said of them")
    add("--deny", nargs="+", default=[], metavar="DOMAIN", help="domains that you want to stay away from")


def _add_output(add: Add) -> None:
    add("--out", metavar="FILE", help="write the prospects: .xlsx, .csv, .parquet or .json")
    add("--report", metavar="FILE", help="write a report that works anywhere, explorer inside: .html, .md or .json")
    add("--preset", choices=PRESETS, help="the columns that an outreach tool wants")
    add("--top", type=partial(_number_from, 1), metavar="N", help="write the first N only")
    add("--overwrite", action="store_true", help="replace FILE if it exists")
    add("--show", type=partial(_number_from, 0), default=_SHOWN_PROSPECTS, metavar="N", help="print the first N (10)")
    add("--quiet", action="store_true", help="print nothing but warnings and errors")


def _site_file(text: str) -> tuple[str, Path]:
    site, sign, file = text.partition("=")
    if not (site and sign and file):
        raise argparse.ArgumentTypeError(f"{text!r} is not SITE=FILE, such as rival.com=links.csv")
    return site, Path(file)


def _number_from(least: int, text: str) -> int:
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least}")
    return int(text)


def _gap(args: argparse.Namespace) -> int:
    if args.out is not None:
        check_target(args.out, preset=args.preset, overwrite=args.overwrite)
    elif args.preset or args.top:
        args.refuse("--preset and --top say what is written: add --out FILE. --show N sets how many are printed.")
    if args.report is not None:
        from linkgap.report.rendering import check_report

        check_report(args.report, overwrite=args.overwrite)
    prospects = lg.rank_prospects(
        _find(_read(args, max_loss=args.max_loss), args),
        authority_weight=args.authority_weight,
        risk_weight=args.risk_weight,
        allow=args.allow,
        deny=args.deny,
    )
    if not args.quiet:
        _say_all(gap_lines(prospects, show=args.show))
    if args.out is not None:
        written = lg.export_prospects(prospects, args.out, preset=args.preset, top=args.top, overwrite=args.overwrite)
        number = min(len(prospects), args.top or len(prospects))
        _say_all([] if args.quiet else ["", f"{counted(number, 'prospect')} written to {written}"])
    if args.report is not None:
        written = lg.build_report(prospects, args.report, overwrite=args.overwrite)
        _say_all([] if args.quiet else ["", f"Report written to {written}"])
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
        engine=args.engine,
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


def _inspect(args: argparse.Namespace) -> int:
    warnings.simplefilter("ignore", LinkgapWarning)  # each file's own lines say it
    try:
        links = _read(args, max_loss=1.0)
    except (UnknownSiteError, UnreadableFileError) as error:
        _say(f"linkgap: {in_shell_words(str(error))}", error=True)
        _say_all(["", "Each file on its own:", ""])
        _say_all(line for name, where in _each_file(args) for line in _lines_alone(name, where, args))
        return FAILED
    _say_all(_receipts_in_lines(links))
    if args.set_aside:
        _say_all(set_aside_lines(links.set_aside, most=None if args.all else _SHOWN_ROWS))
    _say(repr(links))
    return DONE


def _receipts_in_lines(links: Links) -> Iterator[str]:
    for receipt in rows_of(links.receipts):
        yield from receipt_lines(receipt, max_loss=MAX_LOSS)


def _each_file(args: argparse.Namespace) -> Iterator[tuple[str, object]]:
    """Give each file's name, and what to read it by."""
    for path in args.paths:
        yield from ((str(file), file) for file in find_files(Path(path).expanduser()))
    yield from ((str(file), {site: [file]}) for site, file in args.site_files)


def _lines_alone(name: str, where: object, args: argparse.Namespace) -> Iterator[str]:
    try:
        yield from _receipts_in_lines(_read_these(where, args, max_loss=1.0))
    except LinkgapError as error:
        yield from [name, *wrapped(in_shell_words(str(error)), "  "), ""]


def _demo(args: argparse.Namespace) -> int:
    folder, exports = _folder(args.out), lg.sample_exports()
    overwrite = args.overwrite or folder.name == DEMO_FOLDER
    targets = [check_target(folder / name, overwrite=overwrite) for name in ("prospects.xlsx", "prospects.csv")]
    _say_all(_demo_story(exports))
    links = lg.read_links(exports)
    _say_all(_demo_reading(links))
    gap = lg.find_gap(links, site="oakdesk.example", own=["oakdesk-journal.example", "oakdesk-outlet.example"])
    _say_all(_demo_gap(gap))
    prospects = lg.rank_prospects(gap)
    _say_all(_demo_ranking(prospects))
    _say_all(_demo_end([lg.export_prospects(prospects, target, overwrite=overwrite) for target in targets]))
    return DONE


def _folder(name: str) -> Path:
    folder = Path(name).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnwritableFileError(f"{folder} can't be made a folder: {error.strerror}. Name another one.") from error
    return folder


def _demo_story(exports: Path) -> Iterator[str]:
    yield from wrapped(
        "Oakdesk sells desks, and so do four rivals. Who links to the rivals, and not to Oakdesk? "
        f"Exports of their backlinks, all invented, are in {exports}."
    )


def _demo_reading(links: Links) -> Iterator[str]:
    tools, cut = links.receipts["provider"].nunique(), int((links.receipts["cut"] != "none").sum())
    yield from ["", "1. Read the exports", *wrapped(f"{links!r}.", "   ")]
    yield from wrapped(f"They come from {tools} tools, and {counted(cut, 'file')} end before the list does.", "   ")


def _demo_gap(gap: Gap) -> Iterator[str]:
    counts, best = gap.evidence_counts, gap.where(present=gap.rivals)
    unsure = counts["likely"] + counts["unverified"]
    yield from ["", "2. Find the gap", *wrapped(f"{gap!r}.", "   ")]
    yield from wrapped(
        "Proven: were there a link to Oakdesk, it would stand in a list at hand. "
        f"The other {unsure:,} are worth a look before you write. {len(best):,} link to every rival.",
        "   ",
    )


def _demo_ranking(prospects: Prospects) -> Iterator[str]:
    top, rivals = prospects.top(5), len(prospects.gap.rivals)
    first = top.iloc[0]
    yield from ["", "3. Rank it: who is likely to link, is worth it, and is no risk"]
    yield from (f"   {line}" for line in prospect_table(top, rivals=rivals, width=WIDTH - 3))
    yield from wrapped(
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


def _lab(args: argparse.Namespace) -> int:
    if find_spec("jupyterlab") is None:
        raise MissingLibraryError("JupyterLab is not installed. Install it with: pip install 'linkgap[lab]'")
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


def _show_warning(
    show: Callable[..., None], message: Warning | str, category: type[Warning], *place: object, **more: object
) -> None:
    if issubclass(category, LinkgapWarning):
        _say(f"note: {in_shell_words(str(message))}", error=True)
    else:
        show(message, category, *place, **more)
