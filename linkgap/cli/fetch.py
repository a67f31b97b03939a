"""The command `linkgap fetch`: links from a service that the user has a key for, as a file for the other commands."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import linkgap as lg
from linkgap.cli.options import DONE, add_max_loss, links_file
from linkgap.cli.printing import say_all
from linkgap.drafts import check_place
from linkgap.errors import counted
from linkgap.terminal import frame_rows, receipt_lines, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from linkgap.cli.options import Add, Make

# Repeated from `linkgap.web.services`, which is imported only when something is fetched, so that help stays quick.
SERVICES = ("ahrefs", "bing", "dataforseo", "majestic", "moz", "se_ranking", "semrush")
LISTS = ("referring_domains", "backlinks")
MAX_ROWS = 1000
CACHE = "linkgap-services.sqlite"

_ANY_LOSS_ALLOWED = 1.0

_EPILOG = """\
examples:
  linkgap fetch ahrefs --site mysite.com --rivals a.com b.com --estimate
  linkgap fetch ahrefs --site mysite.com --rivals a.com b.com --max-rows 5000
  linkgap gap ahrefs-referring-domains.parquet --site mysite.com

Put the key in an environment variable, such as LINKGAP_AHREFS_KEY, or in the keyring:
keyring set linkgap ahrefs. Each answer is kept in the cache, so an interrupted fetch resumes
where it stopped, and nothing is paid for twice. Tested against local servers that follow the
services' documented formats, not against the live services.
"""


def add_fetch(make: Make) -> None:
    """Add the command to the command line."""
    parser = make(
        "fetch",
        usage="linkgap fetch SERVICE --site SITE [--rivals SITE...] [options]",
        help="lists of links from a service that you have a key for",
        description="Show the most it can cost, then fetch the lists of who links to your site and your rivals.",
        epilog=_EPILOG,
    )
    asked = parser.add_argument_group("what is asked").add_argument
    asked("service", choices=SERVICES, metavar="SERVICE", help=", ".join(SERVICES))
    asked("--site", required=True, help="your site: a domain or a host")
    asked("--rivals", "--rival", nargs="+", action="extend", default=[], metavar="SITE", help="the rivals")
    asked("--what", choices=LISTS, default=LISTS[0], help="referring_domains (the default) or backlinks")
    _add_limits(parser.add_argument_group("what it may cost").add_argument)
    _add_output(parser.add_argument_group("what comes out").add_argument)
    parser.set_defaults(run=_fetch)


def _add_limits(add: Add) -> None:
    add(
        "--max-rows",
        type=_rows,
        default=MAX_ROWS,
        metavar="N",
        help=f"at most N rows for each site, or all ({MAX_ROWS})",
    )
    add("--max-units", type=_units, metavar="N", help="at most N units of the service for the whole call")
    add("--estimate", action="store_true", help="only show the most it can cost, and send no requests")
    add("--cached-only", action="store_true", help="send no requests, and take what the cache has")
    add("--cache", default=CACHE, metavar="FILE", help=f"file that keeps every answer ({CACHE})")


def _add_output(add: Add) -> None:
    add("--out", metavar="FILE", help="where the links go: .parquet (SERVICE-LIST.parquet)")
    add("--overwrite", action="store_true", help="replace FILE if it exists")
    add_max_loss(add)
    add("--quiet", action="store_true", help="print nothing but warnings and errors")


def _rows(text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more, or the word all")
    return int(text)


def _units(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from error


def _fetch(args: argparse.Namespace) -> int:
    target = _target(args)
    asked = {"sites": [args.site, *args.rivals], "what": args.what, "cache": args.cache}
    asked |= {"max_rows": args.max_rows, "max_units": args.max_units}
    if not (args.quiet or args.cached_only) or args.estimate:
        say_all(_estimate_lines(lg.estimate_fetch(args.service, **asked)))
    if args.estimate:
        return DONE
    progress = False if args.quiet else None
    links = lg.fetch_links(
        args.service, **asked, cached_only=args.cached_only, max_loss=args.max_loss, progress=progress
    )
    check_place(target, overwrite=args.overwrite)  # again: it takes minutes, in which another fetch may have written it
    links.save(target)
    if not args.quiet:
        for receipt in frame_rows(links.receipts):
            say_all(receipt_lines(receipt, max_loss=_ANY_LOSS_ALLOWED))
        say_all([f"{counted(int(links.receipts['kept'].sum()), 'link')} written to {target}"])
    return DONE


def _target(args: argparse.Namespace) -> Path:
    """Return the path of the file to write, checked before anything is paid for."""
    target = links_file(args.out or f"{args.service}-{args.what}.parquet".replace("_", "-"))
    if not args.estimate:
        check_place(target, overwrite=args.overwrite)
    return target


def _estimate_lines(estimate: lg.FetchEstimate) -> Iterable[str]:
    yield from wrapped(f"{estimate!r}.")
    width = max(len(row["site"]) for row in frame_rows(estimate.frame))
    for row in frame_rows(estimate.frame):
        more = f"at most {row['more_rows']:,} more" if isinstance(row["more_rows"], int) else "no limit"
        yield f"  {row['site']:<{width}}  {row['kept_rows']:,} kept, {'which is all' if row['complete'] else more}"
    yield ""
