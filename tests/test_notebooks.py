"""The notebooks run from top to bottom, and are stored clean."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import linkgap as lg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbclient import NotebookClient
    from nbformat import NotebookNode

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SECONDS_A_CELL = 180


def read_notebook(path: Path) -> NotebookNode:
    import nbformat

    return nbformat.read(path, as_version=4)


def code_cells(notebook: NotebookNode) -> Iterator[NotebookNode]:
    return (cell for cell in notebook.cells if cell.cell_type == "code")


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem, scope="module")
def path(request: pytest.FixtureRequest) -> Path:
    return request.param


BEFORE_EACH = """
import ipywidgets
ipywidgets.Widget.close_all()
%reset -f
%cd -q {folder}
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NotebookClient]:
    """A kernel that runs one notebook after the other: to start one and to import everything takes long."""
    import nbformat
    from nbclient import NotebookClient

    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    client = NotebookClient(nbformat.v4.new_notebook(), timeout=SECONDS_A_CELL, kernel_name="python3")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(paths))
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        with client.setup_kernel():
            yield client


def run(client: NotebookClient, *cells: NotebookNode) -> None:
    import nbformat

    client.nb = nbformat.v4.new_notebook(cells=list(cells))
    for place, cell in enumerate(cells):
        client.execute_cell(cell, place)


@pytest.fixture(scope="module")
def ran(path: Path, client: NotebookClient, tmp_path_factory: pytest.TempPathFactory) -> tuple[NotebookNode, Path]:
    """The notebook after running in an empty folder, where no name is known, and that folder."""
    import nbformat

    notebook, folder = read_notebook(path), tmp_path_factory.mktemp("work")
    run(client, nbformat.v4.new_code_cell(BEFORE_EACH.format(folder=folder)))
    run(client, *notebook.cells)
    return notebook, folder


def test_there_are_notebooks():
    assert NOTEBOOKS


def test_stored_without_what_running_leaves_behind(path: Path):
    for cell in code_cells(read_notebook(path)):
        assert (cell.outputs, cell.execution_count) == ([], None)
        assert dict(cell.metadata) in ({}, {"tags": ["parameters"]})


def test_stored_as_jupyter_wants_it(path: Path):
    import nbformat

    notebook = read_notebook(path)
    nbformat.validate(notebook)
    ids = [cell.get("id") for cell in notebook.cells]
    assert all(ids)
    assert len(set(ids)) == len(ids)
    assert notebook.metadata.kernelspec.name == "python3"


def test_runs_from_top_to_bottom(ran: tuple[NotebookNode, Path]):
    notebook, _ = ran
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    assert [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"] == []
    assert all(cell.outputs or cell.metadata.get("tags") == ["parameters"] for cell in code_cells(notebook))


BARS = """
import duckdb
from linkgap.engine import Engine
asked = "SELECT current_setting('enable_progress_bar')"
duckdb.connect().execute(asked).fetchone()[0], Engine().rows(asked)[0][0]
"""


def test_in_a_notebook_only_duckdb_itself_shows_bars_of_its_own(client: NotebookClient):
    import nbformat

    cell = nbformat.v4.new_code_cell(BARS)
    run(client, cell)
    assert cell.outputs[0].data["text/plain"] == "(True, False)"


LEAVES = {
    "01_link_gap": {"linkgap-demo"},
    "02_explore_and_prioritise": {"linkgap-demo", "outreach.sqlite"},
    "03_share_a_report": {"linkgap-demo", "outreach.sqlite"},
    "04_is_the_ranking_any_good": set(),
    "05_free_backlinks_from_common_crawl": {"converted_graph", "web_graph.parquet"},
    "06_check_and_come_back": {"pages.sqlite", "pages-later.sqlite", "changes.xlsx", "outreach.sqlite"},
    "report": set(),
}


def test_where_lists_name_no_pages_the_first_notebook_says_so(capsys: pytest.CaptureFixture[str]):
    lists = {"me.example": ["x.example"], "a.example": ["y.example"]}
    rows = [{"site": site, "source_domain": domain} for site, domains in lists.items() for domain in domains]
    gap = lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="me.example")
    cells = code_cells(read_notebook(ROOT / "notebooks" / "01_link_gap.ipynb"))
    source = next(cell.source for cell in cells if "explain(" in cell.source)
    exec(source, {"prospects": lg.rank_prospects(gap)})  # noqa: S102 - as the notebook runs it
    assert capsys.readouterr().out == "y.example links to a rival on a page that no file names\n"


def test_the_notebook_on_the_ranking_promises_what_the_test_in_it_says(capsys: pytest.CaptureFixture[str]):
    gap = lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example")
    cells = code_cells(read_notebook(ROOT / "notebooks" / "04_is_the_ranking_any_good.ipynb"))
    source = next(cell.source for cell in cells if ".bound(10)" in cell.source)
    test = lg.backtest(gap, kind="rivals")
    exec(source, {"test": test})  # noqa: S102 - as the notebook runs it
    expected, bound, _ = capsys.readouterr().out.splitlines()
    assert expected.split()[1] in test.words[1].partition(" of the first 10")[0].split()
    assert bound.split()[2].rstrip(",") in test.words[2].partition(" of the first 10")[0].split()


def test_leaves_what_it_says_and_nothing_else(path: Path, ran: tuple[NotebookNode, Path]):
    _, folder = ran
    assert {each.name for each in folder.iterdir()} == LEAVES[path.stem]
    if path.stem == "03_share_a_report":
        names = {"gap.html", "gap-shared.html", "gap-short.html", "gap.json", "gap.md"}
        assert {each.name for each in (folder / "linkgap-demo").iterdir()} == names
    elif "linkgap-demo" in LEAVES[path.stem]:
        assert (folder / "linkgap-demo" / "prospects.xlsx").stat().st_size > 10_000
