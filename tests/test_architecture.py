"""The shape of the house: who may import whom, and what no module does.

A tree is a dict of path to source, such as ``{"linkgap/errors.py": "..."}``.
Every checker takes a tree and returns its complaints.
"""

import ast
import importlib.util
import io
import json
import os
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import linkgap

# One stage a line, earliest first. A module may import its own stage and those above it.
STAGES = [
    {"errors"},
    {"paths", "schema", "samples", "temporary"},
    {"domains", "drafts"},
    {"engine"},
    {"spark"},
    {"loaders"},
    {"webgraph"},
    {"gap"},
    {"web"},
    {"charts"},
    {"cells"},
    {"workbook"},
    {"export"},
    {"comparison", "disavow", "outreach"},
    {"explorer"},
    {"report"},
    {"terminal"},
    {"cli", "__main__"},
]
# These stages may import less than all that lies above them.
ONLY = {"charts": {"charts", "errors", "schema"}}
# The face names everything and imports nothing until asked. Only these stages come after it.
FACE, BEHIND_THE_FACE = "linkgap", {"cli", "__main__"}

ROOMS_WITHOUT_A_NOUN = {"util", "utils", "helper", "helpers", "common", "misc"}
HEAVY = {"anywidget", "duckdb", "ipywidgets", "numpy", "pandas", "plotly", "polars", "pyarrow", "requests"}

ROOT = Path(__file__).parents[1]

Tree = dict[str, str]


def read_tree(root: Path) -> Tree:
    return {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in sorted((root / FACE).rglob("*.py"))}


def module_of(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def package_of(path: str) -> str:
    return path.rpartition("/")[0].replace("/", ".")


def stage_of(module: str) -> str:
    return module.split(".")[1]


# Imports


def imported_names(node: ast.AST, package: str) -> Iterator[str]:
    """Dotted names a node imports: ``from a.b import c`` gives ``a.b.c``, whether c is a module or not."""
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=module, names=names, level=level):
            base = importlib.util.resolve_name("." * level + (module or ""), package)
            yield from (f"{base}.{alias.name}" for alias in names)
        case ast.Call(
            func=ast.Name(id="import_module" | "__import__") | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            yield importlib.util.resolve_name(name, package)


def inner_imports(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """(path, line, imported module) for every import of our own, those inside functions included."""
    modules = {module_of(path) for path in tree}
    for path, source in tree.items():
        for node in ast.walk(ast.parse(source)):
            for name in imported_names(node, package_of(path)):
                if name.split(".")[0] == FACE and name != f"{FACE}.__version__":
                    yield path, node.lineno, name if name in modules else name.rpartition(".")[0] or name


def modules_without_a_stage(tree: Tree) -> list[str]:
    known = set().union(*STAGES)
    return [
        f"{path}: give {module_of(path)} a line in STAGES"
        for path in tree
        if module_of(path) != FACE and stage_of(module_of(path)) not in known
    ]


def forbidden_import(importer: str, imported: str) -> bool:
    ours = stage_of(importer)
    if imported == FACE:
        return ours not in BEHIND_THE_FACE
    theirs = stage_of(imported)
    height = {stage: number for number, stages in enumerate(STAGES) for stage in stages}
    too_late = height.get(theirs, len(STAGES)) > height.get(ours, len(STAGES))
    return too_late or theirs not in ONLY.get(ours, {theirs})


def imports_against_the_order(tree: Tree) -> list[str]:
    return [
        f"{path}:{line}: may not import {imported}"
        for path, line, imported in inner_imports(tree)
        if module_of(path) != FACE and forbidden_import(module_of(path), imported)
    ]


def import_cycles(tree: Tree) -> list[str]:
    graph: dict[str, set[str]] = {}
    for path, _, imported in inner_imports(tree):
        if FACE not in {module_of(path), imported}:
            graph.setdefault(module_of(path), set()).add(imported)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as cycle:
        return [" <- ".join(cycle.args[1])]
    return []


def nodes_run_on_import(node: ast.AST) -> Iterator[ast.AST]:
    """Everything below a node except bodies of functions and of ``if TYPE_CHECKING``."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                continue
            case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"), orelse=orelse):
                yield from nodes_run_on_import(ast.Module(body=orelse, type_ignores=[]))
            case _:
                yield child
                yield from nodes_run_on_import(child)


def eager_imports_of_the_face(tree: Tree) -> list[str]:
    path = f"{FACE}/__init__.py"
    return [
        f"{path}:{node.lineno}: imports {name} before anybody asks for it"
        for node in nodes_run_on_import(ast.parse(tree.get(path, "")))
        for name in imported_names(node, FACE)
        if name.split(".")[0] == FACE
    ]


# Names


def rooms_without_a_noun(tree: Tree) -> list[str]:
    return [
        f"{path}: a room needs a noun of its own"
        for path in tree
        if {part.strip("_") for part in module_of(path).split(".")} & ROOMS_WITHOUT_A_NOUN
    ]


def functions_named_after_their_module(tree: Tree) -> list[str]:
    return [
        f"{path}:{node.lineno}: {node.name} bears its module's name"
        for path, source in tree.items()
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == module_of(path).rpartition(".")[2]
    ]


# Statements


def prints(tree: Tree) -> list[str]:
    return [
        f"{path}:{node.lineno}: prints"
        for path, source in tree.items()
        if path != f"{FACE}/cli/printing.py"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Name) and node.id == "print"
    ]


def lines_with_a_reason(source: str) -> set[int]:
    """Lines that hold a comment with words in it, the codes of noqa, type: ignore and pragma left out."""
    return {
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
        and re.search(r"[a-z]{2}", re.sub(r"(noqa|type|pragma)\b(: *[\w\[\]-]+(, *\w+)*)?", "", token.string))
    }


def is_broad(caught: ast.expr | None) -> bool:
    match caught:
        case None | ast.Name(id="Exception" | "BaseException"):
            return True
        case ast.Tuple(elts=kinds):
            return any(is_broad(kind) for kind in kinds)
    return False


def catches_broadly(node: ast.AST) -> bool:
    match node:
        case ast.ExceptHandler(type=caught):
            return is_broad(caught)
        case ast.Call(func=ast.Name(id="suppress") | ast.Attribute(attr="suppress"), args=kinds):
            return any(is_broad(kind) for kind in kinds)
    return False


def broad_excepts_without_a_reason(tree: Tree) -> list[str]:
    """A broad except is explained on its own line, or on the line before or after."""
    return [
        f"{path}:{node.lineno}: catches everything and does not say why"
        for path, source in tree.items()
        for node in ast.walk(ast.parse(source))
        if catches_broadly(node) and not lines_with_a_reason(source) & {node.lineno - 1, node.lineno, node.lineno + 1}
    ]


CHECKERS = [
    modules_without_a_stage,
    imports_against_the_order,
    import_cycles,
    eager_imports_of_the_face,
    rooms_without_a_noun,
    functions_named_after_their_module,
    prints,
    broad_excepts_without_a_reason,
]


def test_the_tree_is_read():
    assert f"{FACE}/__init__.py" in read_tree(ROOT)


@pytest.mark.parametrize("checker", CHECKERS)
def test_the_house_has_no_complaints(checker: Callable[[Tree], list[str]]):
    assert checker(read_tree(ROOT)) == []


@pytest.mark.parametrize(
    ("importer", "statement"),
    [
        ("errors", "import linkgap.schema"),
        ("loaders/files", "from linkgap.gap import scoring"),
        ("loaders/files", "from linkgap.cli import main"),
        ("loaders/files", "from ..charts import draw_overlaps"),
        ("gap/scoring", "from .. import explorer"),
        ("gap/scoring", "def f():\n    from linkgap import report"),
        ("gap/scoring", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from linkgap import export"),
        ("gap/scoring", "import importlib\nimportlib.import_module('linkgap.charts')"),
        ("gap/scoring", "from importlib import import_module\nimport_module('..report', __package__)"),
        ("gap/scoring", "from linkgap import Links"),
        ("gap/scoring", "import linkgap as lg"),
        ("gap/scoring", "from linkgap.web import caching"),
        ("charts", "import linkgap.web"),
        ("charts", "from linkgap.gap import Gap"),
        ("charts", "import linkgap.domains"),
        ("explorer", "from linkgap import report"),
        ("export", "from linkgap import cli"),
    ],
)
def test_an_import_against_the_order_is_found(importer: str, statement: str):
    tree = {f"linkgap/{importer}.py": statement, "linkgap/gap/__init__.py": ""}
    tree |= {f"linkgap/{stage}.py": "" for stages in STAGES for stage in stages} | tree
    assert len(imports_against_the_order(tree)) == 1


@pytest.mark.parametrize(
    ("importer", "statement"),
    [
        ("loaders/files", "from linkgap import __version__, domains, engine, errors, schema"),
        ("loaders/files", "from linkgap.loaders import ahrefs"),
        ("gap/scoring", "from . import membership"),
        ("gap/scoring", "import pandas, linkgapper"),
        ("charts", "from linkgap.errors import LinkgapError\nfrom linkgap.schema import PROSPECTS"),
        ("report", "from linkgap import charts, explorer, export"),
        ("cli", "import linkgap as lg\nfrom linkgap import Links, report"),
        ("__init__", "def __getattr__(name):\n    from linkgap import cli"),
    ],
)
def test_an_import_along_the_order_passes(importer: str, statement: str):
    tree = {f"linkgap/{stage}.py": "" for stages in STAGES for stage in stages}
    tree |= {"linkgap/loaders/ahrefs.py": "", "linkgap/gap/membership.py": "", f"linkgap/{importer}.py": statement}
    assert [complaint for checker in CHECKERS for complaint in checker(tree)] == []


@pytest.mark.parametrize(
    "tree",
    [
        {"linkgap/gap/a.py": "from linkgap.gap import b", "linkgap/gap/b.py": "from linkgap.gap.a import f"},
        {"linkgap/gap/a.py": "def f():\n    from . import b", "linkgap/gap/b.py": "from .a import f"},
        {"linkgap/gap/__init__.py": "from linkgap.gap.a import f", "linkgap/gap/a.py": "from linkgap.gap import g"},
        {"linkgap/outreach.py": "import linkgap.disavow", "linkgap/disavow.py": "import linkgap.outreach"},
    ],
)
def test_a_cycle_is_found(tree: Tree):
    assert import_cycles(tree)
    assert imports_against_the_order(tree) == []


@pytest.mark.parametrize(
    ("checker", "path", "source"),
    [
        (modules_without_a_stage, "linkgap/attic.py", ""),
        (modules_without_a_stage, "linkgap/attic/box.py", ""),
        (eager_imports_of_the_face, "linkgap/__init__.py", "from linkgap.errors import LinkgapError"),
        (eager_imports_of_the_face, "linkgap/__init__.py", "try:\n    from . import gap\nfinally:\n    pass"),
        (
            eager_imports_of_the_face,
            "linkgap/__init__.py",
            "if TYPE_CHECKING:\n    1\nelse:\n    import linkgap.gap",
        ),
        (eager_imports_of_the_face, "linkgap/__init__.py", "class A:\n    gap = import_module('linkgap.gap')"),
        (rooms_without_a_noun, "linkgap/gap/utils.py", ""),
        (rooms_without_a_noun, "linkgap/_helpers.py", ""),
        (rooms_without_a_noun, "linkgap/common/__init__.py", ""),
        (functions_named_after_their_module, "linkgap/gap/backtest.py", "def backtest():\n    pass"),
        (functions_named_after_their_module, "linkgap/gap/__init__.py", "def gap():\n    pass"),
        (prints, "linkgap/gap/scoring.py", "def f():\n    print(1)"),
        (prints, "linkgap/gap/scoring.py", "def f(tell=print):\n    pass"),
        (broad_excepts_without_a_reason, "linkgap/engine.py", "try:\n    f()\nexcept:\n    pass"),
        (broad_excepts_without_a_reason, "linkgap/engine.py", "try:\n    f()\nexcept Exception as e:\n    pass"),
        (broad_excepts_without_a_reason, "linkgap/engine.py", "try:\n    f()\nexcept (KeyError, Exception):\n    pass"),
        (
            broad_excepts_without_a_reason,
            "linkgap/engine.py",
            "try:\n    f()\nexcept Exception:  # noqa: BLE001, S110\n    1",
        ),
        (broad_excepts_without_a_reason, "linkgap/engine.py", "with contextlib.suppress(Exception):\n    pass"),
    ],
)
def test_a_breach_is_found(checker: Callable[[Tree], list[str]], path: str, source: str):
    assert len(checker({path: source})) == 1


@pytest.mark.parametrize(
    ("checker", "path", "source"),
    [
        (eager_imports_of_the_face, "linkgap/__init__.py", "if TYPE_CHECKING:\n    from linkgap.gap import Gap"),
        (
            functions_named_after_their_module,
            "linkgap/gap/backtest.py",
            "class A:\n    def backtest(self):\n        1",
        ),
        (rooms_without_a_noun, "linkgap/loaders/commoncrawl.py", ""),
        (prints, "linkgap/cli/printing.py", "print(1)"),
        (prints, "linkgap/errors.py", "'''print(1)'''"),
        (broad_excepts_without_a_reason, "linkgap/engine.py", "try:\n    f()\nexcept KeyError:\n    pass"),
        (
            broad_excepts_without_a_reason,
            "linkgap/engine.py",
            "try:\n    f()\nexcept Exception:  # noqa: BLE001 - a broken renderer must not hide the table\n    pass",
        ),
        (
            broad_excepts_without_a_reason,
            "linkgap/engine.py",
            "try:\n    f()\nexcept Exception:\n    # whatever the renderer does, the table is shown\n    pass",
        ),
    ],
)
def test_good_manners_pass(checker: Callable[[Tree], list[str]], path: str, source: str):
    assert checker({path: source}) == []


# What importing does

PROBE = """
import json, os, sys
deeds, before = [], set(sys.modules)
LOUD = {"os.link", "os.mkdir", "os.rename", "os.symlink", "socket.connect", "socket.getaddrinfo", "subprocess.Popen"}
def watch(event, args):
    if event in LOUD or (event == "open" and args[2] & (os.O_CREAT | os.O_WRONLY | os.O_RDWR)):
        deeds.append(f"{event} {args[0]}")
sys.addaudithook(watch)
import linkgap
modules = {name.partition(".")[0] for name in set(sys.modules) - before}
json.dump([linkgap.__file__, sorted(modules), deeds], sys.stdout)
"""


def import_in_a_new_process(root: Path, empty: Path) -> tuple[Path, set[str], list[str]]:
    """The file that was imported, the top-level modules it loaded, and what it did besides."""
    surroundings = {"PYTHONPATH": str(root), "HOME": str(empty), "USERPROFILE": str(empty), "TMPDIR": str(empty)}
    run = subprocess.run(
        [sys.executable, "-B", "-c", PROBE],
        cwd=empty,
        env=os.environ | surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    file, modules, deeds = json.loads(run.stdout)
    return Path(file), set(modules), deeds + [f"left {path}" for path in empty.rglob("*")]


def test_importing_is_light_and_leaves_nothing(tmp_path: Path):
    file, modules, deeds = import_in_a_new_process(ROOT, tmp_path)
    assert file == ROOT / FACE / "__init__.py"
    assert modules & HEAVY == set()
    assert deeds == []


@pytest.mark.parametrize("library", sorted(HEAVY))
def test_a_heavy_import_is_found(library: str, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    (tmp_path / FACE).mkdir()
    (tmp_path / FACE / "__init__.py").write_text(f"import {library}")
    (tmp_path / library).mkdir()
    (tmp_path / library / "__init__.py").touch()
    _, modules, deeds = import_in_a_new_process(tmp_path, tmp_path / "empty")
    assert modules & HEAVY == {library}
    assert deeds == []


@pytest.mark.parametrize(
    "deed",
    [
        "open('cache', 'w').close()",
        "__import__('os').mkdir('cache')",
        "__import__('pathlib').Path.home().joinpath('cache').touch()",
        "__import__('socket').getaddrinfo('localhost', 80)",
    ],
)
def test_a_deed_on_import_is_found(deed: str, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    (tmp_path / FACE).mkdir()
    (tmp_path / FACE / "__init__.py").write_text(deed)
    _, _, deeds = import_in_a_new_process(tmp_path, tmp_path / "empty")
    assert deeds


# The version is written twice


def versions_apart(pyproject: str, shown: str) -> list[str]:
    declared = tomllib.loads(pyproject)["project"]["version"]
    return [] if shown == declared else [f"pyproject.toml says {declared}, linkgap.__version__ says {shown}"]


def test_the_version_is_the_same_in_both_places():
    assert versions_apart((ROOT / "pyproject.toml").read_text("utf-8"), linkgap.__version__) == []


def test_versions_apart_are_found():
    assert versions_apart('[project]\nversion = "0.2.0"', "0.1.0")
