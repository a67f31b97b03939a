"""The command `linkgap changes`: what is different since last time, in a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import linkgap as lg
from linkgap.cli.options import DONE, EMPTY, add_max_loss, add_reading, read_these, whole_number
from linkgap.cli.printing import say_all
from linkgap.comparison import PARTS, check_changes_target
from linkgap.errors import MissingFileError
from linkgap.paths import path_of
from linkgap.schema import LEVELS
from linkgap.terminal import changes_lines

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from linkgap.cli.options import Add, Make
    from linkgap.outreach.book import Outreach

SHOWN_CHANGES = 10
SAME = EMPTY

_EPILOG = """\
examples:
  linkgap changes september/ october/ --site mysite.com
  linkgap changes september/ october/ --site mysite.com --out changes.xlsx
  linkgap changes september/ october/ --site mysite.com --out gaps.csv --part gaps
  linkgap changes september/ october/ --site mysite.com --outreach outreach.sqlite

The older folder or file comes first, options after both.
If a list is cut, sampled or from another tool, a domain that is missing from it counts as
unverified, not as lost.
Exit code 3 means that nothing changed; the file is written all the same.
"""


def add_changes(make: Make) -> None:
    """Add the command to the command line."""
    parser = make(
        "changes",
        usage="linkgap changes OLD NEW --site SITE [options]",
        help="what came and went since last time",
        description="Compare last time's exports with today's: links and gaps that came and went.",
        epilog=_EPILOG,
    )
    add_max_loss(add_reading(parser))
    _add_question(parser.add_argument_group("what is asked").add_argument)
    _add_output(parser.add_argument_group("what comes out").add_argument)
    parser.set_defaults(run=_run)


def _add_question(add: Add) -> None:
    add("--site", required=True, help="your site: a domain, a host or a URL prefix")
    add("--rivals", nargs="+", metavar="SITE", help="the rivals; if left out, all other sites of both but your own")
    add("--own", nargs="+", default=[], metavar="SITE", help="your other sites: neither rivals nor prospects")
    add("--min-rivals", type=whole_number, default=1, metavar="N", help="a prospect links to at least N rivals (1)")
    add("--follow-only", action="store_true", help="nofollow, ugc and sponsored links don't count")
    add("--level", choices=LEVELS, default="domain", help="what a prospect is (domain)")
    add("--outreach", metavar="FILE", help="outreach file: confirm or flag what was won")


def _add_output(add: Add) -> None:
    add("--out", metavar="FILE", help="write what changed: .xlsx with all of it, or .csv with one part")
    add("--part", choices=PARTS, help="which part a .csv gets (links)")
    add("--overwrite", action="store_true", help="replace FILE if it exists")
    add("--quiet", action="store_true", help="print nothing but warnings and errors")


def _run(args: argparse.Namespace) -> int:
    old, new = _states(args)
    if args.out is not None:
        check_changes_target(args.out, part=args.part, overwrite=args.overwrite)
    elif args.part:
        args.refuse("--part applies to a file: add --out FILE.csv")
    if args.part == "outreach" and args.outreach is None:
        args.refuse("--part outreach needs an outreach file: add --outreach FILE")
    book = None if args.outreach is None else _open_book(args.outreach, args.site)
    changes = lg.compare_links(
        read_these([old], args, max_loss=args.max_loss),
        read_these([new], args, max_loss=args.max_loss),
        site=args.site,
        rivals=args.rivals,
        min_rivals=args.min_rivals,
        own=args.own,
        follow_only=args.follow_only,
        level=args.level,
        outreach=book,
    )
    say_all([] if args.quiet else changes_lines(changes, show=SHOWN_CHANGES))
    if args.out is not None:
        written = lg.export_changes(changes, args.out, part=args.part, overwrite=args.overwrite)
        say_all([] if args.quiet else ["", f"Changes written to {written}"])
    differences = changes.differences
    return SAME if (differences.before == differences.after).all() else DONE


def _open_book(path: str, site: str) -> Outreach:
    """Open an existing outreach file: a mistyped name must not create an empty one."""
    if not path_of(path).is_file():
        raise MissingFileError(f"There is no outreach file {path}. Name the one that your notebook or explorer writes.")
    return lg.open_outreach(path, site=site)


def _states(args: argparse.Namespace) -> tuple[Path, Path]:
    if args.site_files:
        args.refuse("--site-files can't say which of the two states a file is from: name each file after its site")
    if len(args.paths) != 2:  # noqa: PLR2004 - two states
        args.refuse("name two folders or files, the older one first, then the options")
    old, new = args.paths
    return old, new
