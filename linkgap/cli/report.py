"""The command `linkgap report`: the result as one file for people without Python, or as a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import linkgap as lg
from linkgap.cli.options import (
    DONE,
    EMPTY,
    add_max_loss,
    add_question,
    add_ranking,
    add_reading,
    find,
    rank,
    read,
)
from linkgap.cli.printing import say_all
from linkgap.errors import InvalidArgumentError, TooFewLinksError, counted
from linkgap.paths import path_of
from linkgap.terminal import in_shell_words

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

    from linkgap.cli.options import Add, Make
    from linkgap.gap.membership import Gap
    from linkgap.gap.results import Backtest

REPORT_FILE = "gap.html"

_EPILOG = """\
examples:
  linkgap report exports/ --site mysite.com
  linkgap report exports/ --site mysite.com --out gap.html --title "For Ann" --logo logo.png
  linkgap report exports/ --site mysite.com --outreach outreach.sqlite --redact notes contacts
  linkgap report exports/ --site mysite.com --notebook --out gap.html

The file works anywhere, without a network: summary, explorer, method, receipts. It prints well.
--notebook runs linkgap's report.ipynb, and writes it with its results and as HTML.
Exit code 3 means that there are no prospects; the file is written all the same.
"""


def add_report(make: Make) -> None:
    """Add the command to the command line."""
    parser = make(
        "report",
        usage="linkgap report FOLDER_OR_FILE... --site SITE [options]",
        help="one file for people without Python, explorer inside",
        description="Find and rank the gap, and write it as one file that works anywhere.",
        epilog=_EPILOG,
    )
    add_max_loss(add_reading(parser))
    add_question(parser.add_argument_group("what is asked").add_argument)
    add_ranking(parser.add_argument_group("how it is ranked").add_argument)
    _add_report(parser.add_argument_group("what comes out").add_argument)
    parser.set_defaults(run=_run)


def _add_report(add: Add) -> None:
    # What these options allow is imported only when a report is made, so that help stays quick.
    add("--out", default=REPORT_FILE, metavar="FILE", help=f"where to: .html, .md or .json ({REPORT_FILE})")
    add("--title", metavar="TEXT", help="title of the page; linkgap's own if left out")
    add("--intro", default="", metavar="TEXT", help="text below the title, in your words")
    add("--logo", metavar="FILE", help="an image at the top: PNG, JPEG, GIF, WebP or SVG")
    add("--sections", nargs="+", metavar="NAME", help="which sections, in this order; all if left out")
    add("--redact", nargs="+", default=[], metavar="WHAT", help="leave out everywhere: notes, contacts, pages")
    add("--outreach", metavar="FILE", help="show how far outreach has come, from this file")
    add("--no-backtest", dest="backtest", action="store_false", help="don't test how good the ranking is")
    add("--notebook", action="store_true", help="as a notebook with its results, and as HTML made from it")
    add("--overwrite", action="store_true", help="replace FILE if it exists")
    add("--quiet", action="store_true", help="print nothing but warnings and errors")


def _run(args: argparse.Namespace) -> int:
    if args.notebook:
        return _notebook(args)
    from linkgap.report.building import check_options

    names = ("sections", "redact", "logo", "outreach", "site", "overwrite")
    check_options(args.out, **{name: getattr(args, name) for name in names})
    tell = _telling(args)
    tell("Reading the exports")
    links = read(args, max_loss=args.max_loss)
    tell("Finding and ranking the prospects")
    prospects = rank(find(links, args), args)
    backtest = _measured(prospects.gap, tell) if args.backtest and len(prospects) else None
    tell("Writing the report")
    written = lg.build_report(
        prospects,
        args.out,
        title=args.title,
        intro=args.intro,
        logo=args.logo,
        sections=args.sections,
        redact=args.redact,
        outreach=args.outreach,
        backtest=backtest,
        overwrite=args.overwrite,
    )
    tell(f"{counted(len(prospects), 'prospect')}. Report written to {written} ({_size(written)})")
    return DONE if len(prospects) else EMPTY


def _telling(args: argparse.Namespace) -> Callable[[str], None]:
    return lambda text: None if args.quiet else say_all([text])


def _measured(gap: Gap, tell: Callable[[str], None]) -> Backtest | None:
    """Return the backtest of the ranking, or None where the lists are too short for one."""
    tell("Testing how good the ranking is")
    try:
        return lg.backtest(gap)
    except (TooFewLinksError, InvalidArgumentError) as error:
        tell(f"It can't be tested here: {in_shell_words(str(error))}")
        return None


def _size(file: Path) -> str:
    number = file.stat().st_size
    return f"{number / 1_000_000:.1f} MB" if number >= _MEGABYTE else f"{max(number // 1000, 1):,} kB"


_MEGABYTE = 1_000_000


def _notebook(args: argparse.Namespace) -> int:
    if args.logo or args.sections:
        args.refuse("--logo and --sections can't be used with --notebook")
    if not args.paths:
        args.refuse("there is nothing to read: name a folder or files first, then the options")
    if args.site_files:
        args.refuse("--site-files can't be passed to the notebook: name each file after its site")
    from linkgap.report.building import open_book
    from linkgap.report.notebook import build_notebook

    open_book(args.outreach, args.site)
    tell = _telling(args)
    notebook, page = build_notebook(_parameters(args), args.out, overwrite=args.overwrite, tell=tell)
    tell(f"Notebook written to {notebook}, and as HTML to {page} ({_size(page)})")
    return DONE


def _parameters(args: argparse.Namespace) -> dict[str, Any]:
    """Return the arguments that were typed as the parameters in the notebook's first cell."""
    names = ("sites", "columns", "encoding", "day_first", "memory_limit", "engine")
    reading = {name: value for name in names if (value := getattr(args, name)) or value is False}
    question = {"level": args.level, "live_only": not args.include_lost, "follow_only": args.follow_only}
    ranking = {name: getattr(args, name) for name in ("authority_weight", "risk_weight", "allow", "deny")}
    return {
        "exports": [str(path_of(path)) if path else path for path in args.paths],  # Path("") is the working folder
        "site": args.site,
        "rivals": args.rivals,
        "reading": reading | {"max_loss": args.max_loss},
        "question": question | {"min_rivals": args.min_rivals, "own": args.own},
        "narrowing": {"present": args.present, "absent": args.absent},
        "ranking": ranking,
        "title": args.title,
        "intro": args.intro,
        "redact": args.redact,
        "outreach": args.outreach,
        "measured": args.backtest,
    }
