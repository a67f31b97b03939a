"""The report as a notebook: linkgap's own `report.ipynb`, run headless with other parameters, and its HTML."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack, contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from linkgap import errors
from linkgap.drafts import check_place, whole_file
from linkgap.errors import LinkgapError, MissingLibraryError
from linkgap.explorer.modules import bundle
from linkgap.explorer.page import STANDALONE, policy
from linkgap.paths import path_of
from linkgap.samples import shipped_folder

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping

NOTEBOOK = "report.ipynb"
PARAMETERS = "parameters"
"""Tag of the cell that holds the parameters, the same as papermill's."""

_END = "\n"
_TEMPLATES = str(files("linkgap.report").joinpath("templates"))
_MISSING = 'A report as a notebook needs {name}, which is not installed. Install it with: pip install "linkgap[lab]"'


def build_notebook(
    parameters: Mapping[str, Any],
    path: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    tell: Callable[[str], object] = lambda _: None,
) -> tuple[Path, Path]:
    """Run the report's notebook, and write it with its outputs and as HTML.

    Parameters
    ----------
    parameters
        Values for the names in the notebook's first cell; others are refused.
    path
        Ends in `.html` or `.ipynb`; the other file is written beside it.
    tell
        Called with a sentence at each step, to show progress.

    Returns
    -------
    tuple
        The notebook and the HTML, whose code is hidden and whose explorer works with no kernel and no network.

    Raises
    ------
    MissingLibraryError
        When nbclient or nbconvert is not installed.
    InvalidArgumentError
        When the notebook has no such parameter, or the path has another suffix.
    LinkgapError
        When a cell raised one (of the same class), or the kernel died.
    RuntimeError
        When a cell raised any other error.
    """
    given = path_of(path)
    if given.suffix.lower() not in {".html", ".ipynb"}:
        came = f"ends in {given.suffix}" if given.suffix else "has no suffix"
        message = f"{given.name} {came}. Allowed: .html, .ipynb."
        raise errors.InvalidArgumentError(message)
    targets = given.with_suffix(".ipynb"), given.with_suffix(".html")
    for target in targets:
        check_place(target, overwrite=overwrite)
    notebook = with_parameters(_shipped(), parameters)
    _run(notebook, tell)
    tell("Writing the notebook and its HTML")
    texts = _as_text(notebook), hidden_code(notebook, title=given.stem)
    with ExitStack() as stack:  # both are written before either gets its name
        for target, text in zip(targets, texts, strict=True):
            draft = stack.enter_context(whole_file(target, overwrite=overwrite))
            draft.write_text(text, encoding="utf-8", newline="\n")
    return targets


def with_parameters(notebook: Any, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - nbformat knows no types
    """Set values for names in the notebook's cell of parameters, in place, and return the notebook."""
    cell = next(filter(_has_parameters, notebook.cells))
    lines = cell.source.splitlines()
    known = {line.partition(" = ")[0] for line in lines if " = " in line}
    unknown = set(parameters) - known
    if unknown:
        message = f"{NOTEBOOK} has no parameter {errors.in_words(unknown)}. Allowed: {errors.in_words(known)}."
        raise errors.InvalidArgumentError(message)
    cell.source = "\n".join(_replaced(line, parameters) for line in lines)
    return notebook


def _has_parameters(cell: Any) -> bool:  # noqa: ANN401 - nbformat knows no types
    return PARAMETERS in cell.metadata.get("tags", ())


def _replaced(line: str, parameters: Mapping[str, Any]) -> str:
    name = line.partition(" = ")[0]
    if name not in parameters:
        return line
    _, sign, remark = line.partition("  # ")
    return f"{name} = {parameters[name]!r}{sign}{remark}"


def _shipped() -> Any:  # noqa: ANN401 - nbformat knows no types
    try:
        import nbformat
    except ImportError as error:
        raise MissingLibraryError(_MISSING.format(name="nbformat")) from error
    return nbformat.read(shipped_folder("notebooks") / NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]


def _run(notebook: Any, tell: Callable[[str], object]) -> None:  # noqa: ANN401 - nbformat knows no types
    try:
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, DeadKernelError
    except ImportError as error:
        raise MissingLibraryError(_MISSING.format(name="nbclient")) from error
    steps = [each["id"] for each in notebook.cells if each.cell_type == "code" and not _has_parameters(each)]

    def say(cell: Any, cell_index: int) -> None:  # noqa: ANN401, ARG001 - nbclient's own signature
        if cell["id"] in steps:
            tell(f"{steps.index(cell['id']) + 1} of {len(steps)}: {cell.source.partition(_END)[0].removeprefix('# ')}")

    where = {"metadata": {"path": str(Path.cwd())}}
    client = NotebookClient(notebook, timeout=None, kernel_name="python3", resources=where, on_cell_start=say)
    try:
        # The kernel's own log on stderr is noise: errors in cells come back as exceptions.
        with _stoppable(client):
            client.execute(stderr=subprocess.DEVNULL)
    except CellExecutionError as error:
        raise _as_raised(error.ename, error.evalue) from error
    except DeadKernelError as error:
        raise LinkgapError(
            "The notebook's kernel died, which can happen when memory runs out. Try without --notebook."
        ) from error


@contextmanager
def _stoppable(client: Any) -> Iterator[None]:  # noqa: ANN401 - nbclient is imported late
    """Raise KeyboardInterrupt after Ctrl-C: nbclient stops the kernel then, and fails because there is none."""
    try:
        yield
    except Exception:  # an AssertionError, an AttributeError or another: it depends on what it was doing
        if getattr(client, "_async_cleanup_kernel_future", None):
            raise KeyboardInterrupt from None
        raise


def _as_raised(name: str, message: str) -> Exception:
    """Return the LinkgapError that a cell raised, as an instance again; for any other error, a RuntimeError."""
    kind = getattr(errors, name, None)
    if isinstance(kind, type) and issubclass(kind, LinkgapError):
        return kind(message)
    return RuntimeError(f"The report's notebook stopped with {name}: {message}")


def _as_text(notebook: Any) -> str:  # noqa: ANN401 - nbformat knows no types
    import nbformat

    return str(nbformat.writes(notebook)) + "\n"  # type: ignore[no-untyped-call]


def hidden_code(notebook: Any, *, title: str) -> str:  # noqa: ANN401 - nbformat knows no types
    """Return a notebook with its outputs as HTML, the code hidden.

    As `jupyter nbconvert --to html --no-input` makes it, but without what that would fetch from the network, and with
    a Content-Security-Policy that forbids all requests; nbconvert's own inline styles stay allowed. `frame-src blob:`
    is needed to save a file: Firefox and Safari take that for the explorer's frame navigating to a blob.
    """
    try:
        from nbconvert import HTMLExporter
    except ImportError as error:
        raise MissingLibraryError(_MISSING.format(name="nbconvert")) from error
    options: Any = {"exclude_input": True, "exclude_input_prompt": True, "exclude_output_prompt": True}
    options |= {"extra_template_basedirs": [_TEMPLATES], "template_name": "notebook"}
    exporter = HTMLExporter(**options)  # type: ignore[no-untyped-call]
    allowed = policy(styles=(), scripts=(bundle(STANDALONE),)).replace("style-src 'none'", "style-src 'unsafe-inline'")
    resources = {"metadata": {"name": title}, "policy": f"{allowed}; frame-src blob:"}
    text, _ = exporter.from_notebook_node(notebook, resources=resources)
    return str(text)
