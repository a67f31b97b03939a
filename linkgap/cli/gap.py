"""The command `linkgap gap`: who links to rivals and not to the site, ranked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import linkgap as lg
from linkgap.cli.options import (
    DONE,
    EMPTY,
    add_max_loss,
    add_question,
    add_ranking,
    add_reading,
    find,
    number_from,
    rank,
    read,
)
from linkgap.cli.printing import say_all
from linkgap.errors import counted
from linkgap.export import PRESETS, check_target
from linkgap.terminal import gap_lines

if TYPE_CHECKING:
    import argparse

    from linkgap.cli.options import Add, Make

_SHOWN_PROSPECTS = 10

_EPILOG = """\
examples:
  linkgap gap exports/ --site mysite.com --out prospects.xlsx
  linkgap gap exports/ --site mysite.com --min-rivals 2 --follow-only --top 200 --out prospects.csv
  linkgap gap exports/ --site mysite.com --present a.com b.com --absent c.com
  linkgap gap mine.csv rival.csv --site mysite.com --out pitch.csv --preset pitchbox
  linkgap gap s3a://bucket/links/ --site mysite.com --engine spark://host:7077

Files and folders come first, options after them.
With --engine, Spark reads tables by name, and Parquet and CSV files by address; this process
reads the rest.
Exit code 3 means that there are no prospects; the file is written all the same.
"""


def add_gap(make: Make) -> None:
    """Add the command to the command line."""
    parser = make(
        "gap",
        usage="linkgap gap FOLDER_OR_FILE... --site SITE [options]",
        help="the domains that link to rivals and not to your site, ranked",
        description="Find the domains that link to your rivals and not to you, and rank them.",
        epilog=_EPILOG,
    )
    add_max_loss(add_reading(parser))
    add_question(parser.add_argument_group("what is asked").add_argument)
    add_ranking(parser.add_argument_group("how it is ranked").add_argument)
    _add_output(parser.add_argument_group("what comes out").add_argument)
    parser.set_defaults(run=_gap)


def _add_output(add: Add) -> None:
    add("--out", metavar="FILE", help="write the prospects: .xlsx, .csv, .parquet or .json")
    add("--report", metavar="FILE", help="write a report that works anywhere, explorer inside: .html, .md or .json")
    add("--preset", choices=PRESETS, help="the columns that an outreach tool expects")
    add("--top", type=partial(number_from, 1), metavar="N", help="write the first N only")
    add("--overwrite", action="store_true", help="replace FILE if it exists")
    add("--show", type=partial(number_from, 0), default=_SHOWN_PROSPECTS, metavar="N", help="print the first N (10)")
    add("--quiet", action="store_true", help="print nothing but warnings and errors")


def _gap(args: argparse.Namespace) -> int:
    if args.out is not None:
        out = check_target(args.out, preset=args.preset, overwrite=args.overwrite)
    elif args.preset or args.top:
        args.refuse("--preset and --top apply to a file: add --out FILE. --show N sets how many are printed.")
    if args.report is not None:
        from linkgap.report.building import check_report

        report = check_report(args.report, overwrite=args.overwrite)
        if args.out is not None and out.resolve() == report.resolve():
            args.refuse(f"--out and --report are both {args.report}: one would replace the other. Name two files.")
    prospects = rank(find(read(args, max_loss=args.max_loss), args), args)
    if not args.quiet:
        say_all(gap_lines(prospects, show=args.show))
    if args.out is not None:
        written = lg.export_prospects(prospects, args.out, preset=args.preset, top=args.top, overwrite=args.overwrite)
        number = min(len(prospects), args.top or len(prospects))
        say_all([] if args.quiet else ["", f"{counted(number, 'prospect')} written to {written}"])
    if args.report is not None:
        written = lg.build_report(prospects, args.report, overwrite=args.overwrite)
        say_all([] if args.quiet else ["", f"Report written to {written}"])
    return DONE if len(prospects) else EMPTY
