"""The command `linkgap demo`: the main job on the sample data, explained step by step."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import linkgap as lg
from linkgap.cli.options import DONE, made_folder
from linkgap.cli.printing import say_all
from linkgap.errors import counted
from linkgap.export import check_target
from linkgap.terminal import WIDTH, prospect_table, shell_word, wrapped

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from linkgap.cli.options import Make
    from linkgap.gap.membership import Gap
    from linkgap.gap.scoring import Prospects
    from linkgap.loaders.links import Links

DEMO_FOLDER = "linkgap-demo"


def add_demo(make: Make) -> None:
    """Add the command to the command line."""
    parser = make(
        "demo",
        help="see it work on invented exports",
        description="Run the main job on exports that come with linkgap: an invented site, four rivals, seven tools.",
    )
    out = f"where to write the result (./{DEMO_FOLDER})"
    parser.add_argument("--out", default=DEMO_FOLDER, metavar="FOLDER", help=out)
    always = f"replace files in FOLDER; in ./{DEMO_FOLDER} they always are"
    parser.add_argument("--overwrite", action="store_true", help=always)
    parser.set_defaults(run=_demo)


def _demo(args: argparse.Namespace) -> int:
    folder = made_folder(args.out)
    say_all(show_demo(folder, overwrite=args.overwrite or folder.name == DEMO_FOLDER, command=_own_name()))
    return DONE


def _own_name() -> str:
    """Return what the user has to type to start this command again."""
    typed, found = Path(sys.argv[0]), shutil.which("linkgap")
    if typed.name == "__main__.py":
        return "python -m linkgap"
    found_by_name = found is not None and typed.exists() and typed.samefile(found)
    return shell_word(typed) if typed.stem == "linkgap" and not found_by_name else "linkgap"


def show_demo(folder: Path, *, overwrite: bool, command: str) -> Iterator[str]:
    """Do the job, and yield lines that say what is done.

    Parameters
    ----------
    folder
        Where the result is written.
    overwrite
        Whether what an earlier demo wrote is replaced.
    command
        What the user types to start linkgap.
    """
    exports = lg.sample_exports()
    targets = [check_target(folder / name, overwrite=overwrite) for name in ("prospects.xlsx", "prospects.csv")]
    yield from _story(exports)
    links = lg.read_links(exports)
    yield from _reading(links)
    gap = lg.find_gap(links, site="oakdesk.example", own=["oakdesk-journal.example", "oakdesk-outlet.example"])
    yield from _gap(gap)
    prospects = lg.rank_prospects(gap)
    yield from _ranking(prospects)
    written = [lg.export_prospects(prospects, target, overwrite=overwrite) for target in targets]
    yield from _end(written, command)


def _story(exports: Path) -> Iterator[str]:
    yield from wrapped(
        "Oakdesk sells desks, and so do four rivals. Who links to the rivals, and not to Oakdesk? "
        f"Exports of their backlinks, all invented, are in {exports}."
    )


def _reading(links: Links) -> Iterator[str]:
    tools, cut = links.receipts["provider"].nunique(), int((links.receipts["cut"] != "none").sum())
    yield from ["", "1. Read the exports", *wrapped(f"{links!r}.", "   ")]
    yield from wrapped(f"They come from {tools} tools, and {counted(cut, 'file')} stop before the list ends.", "   ")


def _gap(gap: Gap) -> Iterator[str]:
    counts, best = gap.evidence_counts, gap.where(present=gap.rivals)
    unsure = counts["likely"] + counts["unverified"]
    yield from ["", "2. Find the gap", *wrapped(f"{gap!r}.", "   ")]
    yield from wrapped(
        "Proven: if there were a link to Oakdesk, a list at hand would show it. "
        f"The other {unsure:,} are worth a look before you write. {len(best):,} link to every rival.",
        "   ",
    )


def _ranking(prospects: Prospects) -> Iterator[str]:
    top, rivals = prospects.top(5), len(prospects.gap.rivals)
    first = top.iloc[0]
    yield from ["", "3. Rank it: who is likely to link, is worth it, and is not a risk"]
    yield from (f"   {line}" for line in prospect_table(top, rivals=rivals, width=WIDTH - 3))
    yield from wrapped(
        f"Why {first['domain']}? It links to {first['rivals_linked']} of {rivals} rivals, with more authority than "
        f"{first['authority_percentile']:.0%} of prospects.",
        "   ",
    )


def _end(written: Iterable[Path], command: str) -> Iterator[str]:
    yield from ["", "4. Hand it over", *(f"   {path}" for path in written)]
    yield from ["", "Now with your own exports, from any tools, all in one folder:"]
    yield f"   {command} gap your-folder --site yoursite.com --out prospects.xlsx"
    yield from ["or step by step in JupyterLab:", f"   {command} lab"]
