"""The command `linkgap`: the same functions from a shell, one module per command."""

from __future__ import annotations

import argparse
import itertools
import sys
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

import linkgap as lg
from linkgap.cli.changes import add_changes
from linkgap.cli.check import add_check
from linkgap.cli.demo import add_demo
from linkgap.cli.fetch import add_fetch
from linkgap.cli.gap import add_gap
from linkgap.cli.inspect import add_inspect
from linkgap.cli.lab import add_lab
from linkgap.cli.options import DONE, EMPTY, FAILED, STOPPED, USAGE, CommandParser
from linkgap.cli.printing import say, say_all, show_warning
from linkgap.cli.report import add_report
from linkgap.cli.webgraph import add_web_graph
from linkgap.errors import LinkgapError, LinkgapWarning
from linkgap.terminal import in_shell_words

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DONE", "EMPTY", "FAILED", "STOPPED", "USAGE", "command_line", "main"]

_MAIN_EPILOG = """\
examples:
  linkgap demo                               see it work on invented exports
  linkgap gap exports/ --site mysite.com     who links to your rivals, and not to you
  linkgap report exports/ --site mysite.com  one file for people without Python, explorer inside
  linkgap fetch ahrefs --site mysite.com     lists of links from a service, instead of exports
  linkgap inspect exports/                   what each file is, and how complete
  linkgap check exports/ --site mysite.com   look at the pages before you write to anybody
  linkgap changes old/ new/ --site mysite.com
                                             what came and went since last time
  linkgap webgraph similar graph/ --site mysite.com
                                             rivals, from Common Crawl's web graph
  linkgap lab                                JupyterLab with the notebooks

exit codes:
  0  done                                1  an error, explained
  2  the command was not understood      3  done, but there are no prospects, or no changes
  130  stopped with Ctrl-C
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command, and return its exit code.

    Parameters
    ----------
    argv
        The arguments after `linkgap`; None takes those of this process.

    Returns
    -------
    int
        0 when it is done, 1 after an error, 2 without a command, 3 when there are no prospects or no changes, 130 when
        it was stopped. Arguments that are not understood end in `SystemExit` with code 2, as usual with argparse.
    """
    try:
        return _run(sys.argv[1:] if argv is None else list(argv))
    except LinkgapError as error:
        say(f"linkgap: {in_shell_words(str(error))}", error=True)
        return FAILED
    except KeyboardInterrupt:
        return _stopped()
    except RuntimeError as error:
        # DuckDB raises this on Ctrl-C, also while a result is fetched: https://github.com/duckdb/duckdb/pull/5487
        if str(error) != "Query interrupted":
            raise
        return _stopped()


def _run(words: Sequence[str]) -> int:
    parser = command_line()
    _check_values(parser, words)
    args = parser.parse_args(words)
    if args.run is None:
        say_all(parser.format_help().splitlines(), error=True)
        return USAGE
    with warnings.catch_warnings():
        warnings.simplefilter("always", LinkgapWarning)
        warnings.showwarning = partial(show_warning, warnings.showwarning)
        return int(args.run(args))


def _check_values(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Refuse `--out=--`, which argparse turns into an empty list, as it drops any `--`."""
    for word in itertools.takewhile(lambda word: word != "--", words):
        if word.startswith("--") and word.endswith("=--"):
            name = word.removesuffix("=--")
            parser.error(f"{word} has no value. For a file of this name type {name}=./-- .")


def _stopped() -> int:
    say("linkgap: stopped", error=True)
    return STOPPED


def command_line() -> argparse.ArgumentParser:
    """Return the parser of the command line: the commands, each with its options."""
    manners: dict[str, Any] = {"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False}
    parser = CommandParser(
        prog="linkgap",
        description="Which domains link to your rivals and not to you, and which of them to write to first.",
        epilog=_MAIN_EPILOG,
        **manners,
    )
    parser.add_argument("--version", action="version", version=f"linkgap {lg.__version__}")
    parser.set_defaults(run=None)
    make = partial(parser.add_subparsers(title="commands", metavar="COMMAND").add_parser, **manners)
    commands = (add_gap, add_report, add_fetch, add_inspect, add_check, add_changes, add_web_graph, add_demo, add_lab)
    for add_command in commands:
        add_command(make)
    return parser
