"""The command `linkgap lab`: JupyterLab with the notebooks."""

from __future__ import annotations

import shutil
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from linkgap.cli.options import DONE, made_folder
from linkgap.cli.printing import say_all
from linkgap.drafts import whole_file
from linkgap.errors import MissingLibraryError
from linkgap.samples import shipped_folder

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from linkgap.cli.options import Make

LAB_FOLDER = "linkgap-notebooks"

_EPILOG = """\
examples:
  linkgap lab
  linkgap lab --folder work -- --no-browser --port 9000
"""


def add_lab(make: Make) -> None:
    """Add the command to the command line."""
    parser = make(
        "lab",
        usage="linkgap lab [--folder FOLDER] [-- OPTIONS...]",
        help="JupyterLab with the notebooks",
        description="Copy the notebooks that come with linkgap into a folder, and start JupyterLab there.\n"
        "A notebook that you changed is left as it is.",
        epilog=_EPILOG,
    )
    parser.add_argument("--folder", default=LAB_FOLDER, help=f"where the notebooks go (./{LAB_FOLDER})")
    parser.add_argument("extra", nargs="*", metavar="-- OPTION", help="passed on to JupyterLab")
    parser.set_defaults(run=_lab)


def _lab(args: argparse.Namespace) -> int:
    if find_spec("jupyterlab") is None:
        raise MissingLibraryError('JupyterLab is not installed. Install it with: pip install "linkgap[lab]"')
    place = made_folder(args.folder)
    shipped = sorted(shipped_folder("notebooks").glob("*.ipynb"))
    say_all(_copied(notebook, place) for notebook in shipped)
    # In this process, so that JupyterLab itself answers Ctrl-C.
    import_module("jupyterlab.labapp").main([str((place / shipped[0].name).resolve()), *args.extra])
    return DONE


def _copied(notebook: Path, folder: Path) -> str:
    target = folder / notebook.name
    if not target.exists():
        with whole_file(target, overwrite=False) as draft:
            shutil.copyfile(notebook, draft)
        return f"{target} is new"
    if target.read_bytes() == notebook.read_bytes():
        return f"{target} is already there"
    return f"{target} was changed and stays as it is; rename it to get a fresh one"
