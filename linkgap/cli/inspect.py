"""The command `linkgap inspect`: what each file is, and how complete."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from linkgap.cli.options import DONE, FAILED, MAX_LOSS, add_reading, read, read_these
from linkgap.cli.printing import say, say_all
from linkgap.errors import LinkgapError, LinkgapWarning, NotBacklinksError, UnknownSiteError, UnreadableFileError
from linkgap.loaders.files import find_files
from linkgap.loaders.mappings import ENDING, save_columns
from linkgap.paths import path_of
from linkgap.terminal import frame_rows, in_shell_words, receipt_lines, set_aside_lines, wrapped

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from linkgap.cli.options import Make
    from linkgap.loaders.links import Links

_SHOWN_ROWS = 50

_EPILOG = """\
examples:
  linkgap inspect exports/
  linkgap inspect exports/rival.csv --set-aside
  linkgap inspect exports/rival-from-my-tool.csv --save-columns mytool
"""


def add_inspect(make: Make) -> None:
    """Add the command to the command line."""
    parser = make(
        "inspect",
        usage="linkgap inspect FOLDER_OR_FILE... [options]",
        help="what each file is, and how complete",
        description="Show what each file is, whose links it lists, and how complete it is.",
        epilog=_EPILOG,
    )
    add_reading(parser)
    add = parser.add_argument_group("what comes out").add_argument
    add("--set-aside", action="store_true", help=f"list the rows set aside, the first {_SHOWN_ROWS}")
    add("--all", action="store_true", help="with --set-aside: list them all")
    add("--save-columns", metavar="NAME", help="save what an unknown tool's columns seem to be, as NAME.columns.json")
    parser.set_defaults(run=_inspect)


def _inspect(args: argparse.Namespace) -> int:
    warnings.simplefilter("ignore", LinkgapWarning)  # the lines on each file say the same
    if args.save_columns:
        return _save_columns(args)
    try:
        links = read(args, max_loss=1.0)
    except (UnknownSiteError, UnreadableFileError) as error:
        say(f"linkgap: {in_shell_words(str(error))}", error=True)
        say_all(["", "Each file on its own:", ""])
        say_all(line for name, where in _each_file(args) for line in _lines_alone(name, where, args))
        return FAILED
    say_all(_receipts_in_lines(links))
    if args.set_aside:
        say_all(set_aside_lines(links.set_aside, most=None if args.all else _SHOWN_ROWS))
    say(repr(links))
    return DONE


def _save_columns(args: argparse.Namespace) -> int:
    """Save a guess at the columns of the first file from an unknown tool, beside that file."""
    for name, where in _each_file(args):
        try:
            read_these(where, args, max_loss=1.0)
        except NotBacklinksError as error:
            if error.proposed:
                path = path_of(name).parent / f"{args.save_columns.removesuffix(ENDING)}{ENDING}"
                if path.exists():
                    args.refuse(f"{path.name} already exists. Choose another name, or remove it first")
                save_columns(error.proposed, path)
                say_all(f"  {column}: {heading}" for column, heading in error.proposed.items())
                say(f"Saved as {path}. Check that each is right; files in that folder with these headings will use it.")
                return DONE
        except LinkgapError:
            continue
    say("linkgap: none of these files has columns that look like an unknown tool's links.", error=True)
    return FAILED


def _receipts_in_lines(links: Links) -> Iterator[str]:
    for receipt in frame_rows(links.receipts):
        yield from receipt_lines(receipt, max_loss=MAX_LOSS)


def _each_file(args: argparse.Namespace) -> Iterator[tuple[str, object]]:
    """Yield each file's name, and what `read_links` takes to read it alone."""
    for path in args.paths:
        yield from ((str(file), file) for file in find_files(path_of(path)))
    yield from ((str(file), {site: [file]}) for site, file in args.site_files)


def _lines_alone(name: str, where: object, args: argparse.Namespace) -> Iterator[str]:
    try:
        yield from _receipts_in_lines(read_these(where, args, max_loss=1.0))
    except LinkgapError as error:
        yield from [name, *wrapped(in_shell_words(str(error)), "  "), ""]
