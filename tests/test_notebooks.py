"""The notebooks run from top to bottom, and are stored clean."""

import os
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SECONDS_A_CELL = 180


def read_notebook(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(notebook: NotebookNode) -> Iterator[NotebookNode]:
    return (cell for cell in notebook.cells if cell.cell_type == "code")


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_there_are_notebooks():
    assert NOTEBOOKS


def test_stored_without_what_running_leaves_behind(path: Path):
    for cell in code_cells(read_notebook(path)):
        assert (cell.outputs, cell.execution_count, dict(cell.metadata)) == ([], None, {})


def test_stored_as_jupyter_wants_it(path: Path):
    notebook = read_notebook(path)
    nbformat.validate(notebook)
    ids = [cell.get("id") for cell in notebook.cells]
    assert all(ids)
    assert len(set(ids)) == len(ids)
    assert notebook.metadata.kernelspec.name == "python3"


def test_runs_from_top_to_bottom(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = read_notebook(path)
    folder = tmp_path / "work"
    folder.mkdir()
    NotebookClient(notebook, timeout=SECONDS_A_CELL, resources={"metadata": {"path": str(folder)}}).execute()
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    assert [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"] == []
    assert all(cell.outputs for cell in code_cells(notebook))


def test_the_first_one_hands_over_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = read_notebook(ROOT / "notebooks" / "01_link_gap.ipynb")
    NotebookClient(notebook, timeout=SECONDS_A_CELL).execute()
    assert (tmp_path / "linkgap-demo" / "prospects.xlsx").stat().st_size > 10_000
