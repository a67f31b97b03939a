"""Options that several commands share: what is read, what is asked, how it is ranked."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from linkgap.schema import LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable

    Add = Callable[..., object]


def add_reading(parser: argparse.ArgumentParser) -> Add:
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
    add("--memory-limit", metavar="SIZE", help="of the engine, such as 4GB")
    return add


def add_question(add: Add) -> None:
    """Add the options that say what is asked."""
    add("--site", required=True, help="your site: a domain, a host or a URL prefix")
    add("--rivals", nargs="+", metavar="SITE", help="the rivals; all other sites if left out")
    add("--own", nargs="+", default=[], metavar="SITE", help="your other sites, which are no prospects")
    add("--min-rivals", type=int, default=1, metavar="N", help="a prospect links to at least N rivals (1)")
    add("--follow-only", action="store_true", help="nofollow, ugc and sponsored links don't count")
    add("--include-lost", action="store_true", help="links that are gone count as well")
    add("--level", choices=LEVELS, default="domain", help="what a prospect is (domain)")
    add("--present", nargs="+", default=[], metavar="RIVAL", help="only domains that link to all of these")
    add("--absent", nargs="+", default=[], metavar="RIVAL", help="only domains that link to none of these")


def add_ranking(add: Add) -> None:
    """Add the options that say how it is ranked."""
    authority, risk = "how much authority counts, 0 to 4 (0.25)", "how much risk counts, 0 to 1 (1)"
    add("--authority-weight", type=float, default=0.25, metavar="W", help=authority)
    add("--risk-weight", type=float, default=1.0, metavar="W", help=risk)
    add("--allow", nargs="+", default=[], metavar="DOMAIN", help="domains that are no risk, whatever is said of them")
    add("--deny", nargs="+", default=[], metavar="DOMAIN", help="domains that you want to stay away from")


def _site_file(text: str) -> tuple[str, Path]:
    site, sign, file = text.partition("=")
    if not (site and sign and file):
        raise argparse.ArgumentTypeError(f"{text!r} is not SITE=FILE, such as rival.com=links.csv")
    return site, Path(file)
