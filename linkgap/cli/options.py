"""What the commands share: the options for reading, asking and ranking, and the functions that carry them out."""

from __future__ import annotations

import argparse
import logging
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import linkgap as lg
from linkgap.errors import InvalidArgumentError, UnwritableFileError
from linkgap.paths import path_of
from linkgap.schema import LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from linkgap.gap.membership import Gap
    from linkgap.gap.scoring import Prospects
    from linkgap.loaders.links import Links

    Add = Callable[..., object]
    Make = Callable[..., argparse.ArgumentParser]

DONE, FAILED, USAGE, EMPTY, STOPPED = 0, 1, 2, 3, 130
"""Exit codes."""

MAX_LOSS = 0.05


class CommandParser(argparse.ArgumentParser):
    """Refuses unknown options with its own usage, where argparse shows the main one, and names a similar option."""

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201 - argparse's own
        """Parse as argparse does, but refuse unknown arguments."""
        known, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}{self._likely(unknown)}")
        return known, unknown

    def _likely(self, words: Sequence[str]) -> str:
        if not words[0].startswith("-"):
            return ". Put a name with spaces in quotes; --help shows what goes where."
        names = get_close_matches(words[0].partition("=")[0], self._option_string_actions, n=1)
        return f". Did you mean {names[0]}?" if names else ". --help lists the options."


def links_file(name: str) -> Path:
    """Check the name of a file to save links in, before long work, and return its path.

    Raises
    ------
    InvalidArgumentError
        When the name does not end in `.parquet`.
    """
    target = path_of(name)
    if target.suffix != ".parquet":
        raise InvalidArgumentError(f"{target.name} is not a name for saved links. Allowed: names that end in .parquet.")
    return target


def add_reading(parser: argparse.ArgumentParser) -> Add:
    """Add the options that say what is read, and `args.refuse`, which exits with the usage; return what adds more."""
    parser.set_defaults(refuse=parser.error, quiet=False)
    group = parser.add_argument_group("what is read")
    add = group.add_argument
    paths = "backlink exports from any tool: CSV, XLSX, JSON, ZIP, GZ"
    site_files = "the site of a file that does not say whose links it lists; repeatable"
    sites = "all compared sites, if names and targets don't make them clear"
    add("paths", nargs="*", metavar="FOLDER_OR_FILE", help=paths)
    add("--site-files", action="append", default=[], type=site_file, metavar="SITE=FILE", help=site_files)
    add("--sites", nargs="+", default=[], metavar="SITE", help=sites)
    add("--columns", metavar="FILE_OR_NAME", help="mapping for a tool that linkgap does not know")
    add("--encoding", metavar="NAME", help="encoding of text files; detected if left out")
    day = group.add_mutually_exclusive_group().add_argument
    day("--day-first", action="store_const", const=True, help="03/04/2026 is the 3rd of April")
    day("--month-first", dest="day_first", action="store_const", const=False, help="03/04/2026 is the 4th of March")
    add("--memory-limit", metavar="SIZE", help="memory for this process, such as 4GB; the rest goes to disk")
    add("--engine", metavar="MASTER", help="count on Spark: local[2], spark://host:7077; in this process if left out")
    return add


def add_max_loss(add: Add) -> None:
    """Add the option for the share of damaged rows to accept."""
    share = f"share of damaged rows to accept, 0 to 1 ({MAX_LOSS:g})"
    add("--max-loss", type=number, default=MAX_LOSS, metavar="SHARE", help=share)


def add_question(add: Add) -> None:
    """Add the options that say what is asked."""
    add("--site", required=True, help="your site: a domain, a host or a URL prefix")
    add("--rivals", nargs="+", metavar="SITE", help="the rivals; if left out, all other sites but your own")
    add("--own", nargs="+", default=[], metavar="SITE", help="your other sites: neither rivals nor prospects")
    add("--min-rivals", type=whole_number, default=1, metavar="N", help="a prospect links to at least N rivals (1)")
    add("--follow-only", action="store_true", help="nofollow, ugc and sponsored links don't count")
    add("--include-lost", action="store_true", help="links that are gone count as well")
    add("--level", choices=LEVELS, default="domain", help="what a prospect is (domain)")
    add("--present", nargs="+", default=[], metavar="RIVAL", help="only domains that link to all of these")
    add("--absent", nargs="+", default=[], metavar="RIVAL", help="only domains that link to none of these")


def add_ranking(add: Add) -> None:
    """Add the options that say how it is ranked."""
    authority, risk = "how much authority counts, 0 to 4 (0.25)", "how much risk counts, 0 to 1 (1)"
    add("--authority-weight", type=number, default=0.25, metavar="W", help=authority)
    add("--risk-weight", type=number, default=1.0, metavar="W", help=risk)
    add(
        "--allow", nargs="+", default=[], metavar="DOMAIN", help="domains to treat as risk-free, whatever the lists say"
    )
    add("--deny", nargs="+", default=[], metavar="DOMAIN", help="domains that you want to stay away from")


def site_file(text: str) -> tuple[str, Path]:
    """Parse `SITE=FILE`."""
    site, sign, file = text.partition("=")
    if not (site and sign and file):
        raise argparse.ArgumentTypeError(f"{text!r} is not SITE=FILE, such as rival.com=links.csv")
    return site, Path(file)


def number(text: str) -> float:
    """Parse a number; the error, unlike argparse's own, does not name a type of Python's."""
    try:
        return float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number, such as 0.5") from error


def whole_number(text: str) -> int:
    """Parse a whole number; whether it is allowed is checked where it is used."""
    try:
        return int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from error


def number_from(least: int, text: str) -> int:
    """Parse a whole number that is not less than `least`."""
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of {least} or more")
    return int(text)


def read(args: argparse.Namespace, *, max_loss: float) -> Links:
    """Read the files that were named, or say that none was."""
    where: list[object] = [*args.paths, *({site: [file]} for site, file in args.site_files)]
    if not where:
        args.refuse("there is nothing to read: name a folder or files first, then the options")
    return read_these(where, args, max_loss=max_loss)


def read_these(where: object, args: argparse.Namespace, *, max_loss: float) -> Links:
    """Read some of the files, with the options that were typed."""
    if args.engine:
        # Py4J, by which Python talks to Spark, also logs Ctrl-C as an error, with a traceback.
        logging.getLogger().addFilter(_is_worth_logging)
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


def _is_worth_logging(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith("KeyboardInterrupt")


def find(links: Links, args: argparse.Namespace) -> Gap:
    """Find the gap that was asked for."""
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


def rank(gap: Gap, args: argparse.Namespace) -> Prospects:
    """Rank a gap as was asked for."""
    return lg.rank_prospects(
        gap,
        authority_weight=args.authority_weight,
        risk_weight=args.risk_weight,
        allow=args.allow,
        deny=args.deny,
    )


def made_folder(name: str) -> Path:
    """Return the path of a folder, which is created if missing."""
    folder = path_of(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnwritableFileError(
            f"The folder {folder} can't be created: {error.strerror}. Name another one."
        ) from error
    return folder
