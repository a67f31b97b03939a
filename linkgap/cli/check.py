"""The command `linkgap check`: a look at the prospects' pages, before writing to anybody."""

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
from linkgap.export import check_target
from linkgap.terminal import check_lines
from linkgap.web.caching import PAGES_FILE

if TYPE_CHECKING:
    import argparse

    from linkgap.cli.options import Add, Make

_EPILOG = """\
examples:
  linkgap check exports/ --site mysite.com --top 50
  linkgap check exports/ --site mysite.com --contact me@mysite.com --out prospects.xlsx
  linkgap check exports/ --site mysite.com --cached-only

Each host is asked once a second at most, and robots.txt is obeyed. Fetched pages are kept in a
file: stop with Ctrl-C whenever you like, and run the same command again to go on.
"""


def add_check(make: Make) -> None:
    """Add the command to the command line."""
    parser = make(
        "check",
        usage="linkgap check FOLDER_OR_FILE... --site SITE [options]",
        help="look at the prospects' pages before you write to anybody",
        description="Find and rank the prospects, and check their pages: is the link still there, and its target?",
        epilog=_EPILOG,
    )
    add_max_loss(add_reading(parser))
    add_question(parser.add_argument_group("what is asked").add_argument)
    add_ranking(parser.add_argument_group("how it is ranked").add_argument)
    _add_looking(parser.add_argument_group("how the pages are checked").add_argument)
    add = parser.add_argument_group("what comes out").add_argument
    add("--out", metavar="FILE", help="write all prospects, with what the pages say: .xlsx, .csv, .parquet or .json")
    add("--overwrite", action="store_true", help="replace FILE if it exists")
    add("--quiet", action="store_true", help="print nothing but warnings and errors")
    parser.set_defaults(run=_check)


def _add_looking(add: Add) -> None:
    add("--top", type=partial(number_from, 1), default=200, metavar="N", help="the first N prospects (200)")
    add("--domains", nargs="+", metavar="DOMAIN", help="these prospects instead")
    add("--cache", default=PAGES_FILE, metavar="FILE", help=f"where fetched pages are kept (./{PAGES_FILE})")
    add("--expire-after", type=partial(number_from, 0), default=30, metavar="DAYS", help="ask again after DAYS (30)")
    add("--cached-only", action="store_true", help="send no requests, and show what is kept")
    add("--contact", metavar="ADDRESS", help="where page owners can reach you (your site)")
    add(
        "--allow-hosts",
        nargs="+",
        default=[],
        metavar="HOST",
        help="hosts outside the public internet that may be asked",
    )
    add("--parallel", type=partial(number_from, 1), default=16, metavar="N", help="hosts asked at the same time (16)")


def _check(args: argparse.Namespace) -> int:
    if args.out is not None:
        check_target(args.out, overwrite=args.overwrite)
    prospects = rank(find(read(args, max_loss=args.max_loss), args), args)
    checks = lg.check_pages(
        prospects,
        top=args.top,
        domains=args.domains,
        cache=args.cache,
        expire_after=args.expire_after,
        cached_only=args.cached_only,
        contact=args.contact,
        allow=args.allow_hosts,
        parallel=args.parallel,
        progress=False if args.quiet else None,
    )
    if not args.quiet:
        say_all(check_lines(checks))
    if args.out is not None:
        written = lg.export_prospects(prospects.with_checks(checks), args.out, overwrite=args.overwrite)
        say_all([] if args.quiet else ["", f"{counted(len(prospects), 'prospect')} written to {written}"])
    return DONE if len(prospects) else EMPTY
