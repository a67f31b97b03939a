"""What the README says can be typed is understood, works, and shows what stands beside it."""

import ast
import inspect
import re
import shlex
from pathlib import Path

import pytest

import linkgap as lg
from linkgap.cli import command_line

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
COMMANDS = re.findall(r"^ {4}linkgap (.+?)(?: {2,}.*)?$", README, re.MULTILINE)

ELSEWHERE = ("fetch_links", "fetch_authority", "SparkSession")
"""What asks a service, or needs a Spark: there the running of a block ends."""

SAID = (lg.Links, lg.Gap, lg.Changes, lg.FetchEstimate)
"""What says in a line what was found; where the README has figures beside it, they are these."""


def test_calls_are_such_as_their_functions_take():
    calls = [node for block in BLOCKS for node in ast.walk(ast.parse(block)) if isinstance(node, ast.Call)]
    named = [(found[1], call) for call in calls if (found := re.fullmatch(r"lg\.(\w+)", ast.unparse(call.func)))]
    for name, call in named:
        inspect.signature(getattr(lg, name)).bind(*call.args, **{each.arg: each.value for each in call.keywords})
    assert {"read_links", "fetch_links", "fetch_authority"} <= {name for name, _ in named}


@pytest.mark.parametrize("words", COMMANDS)
def test_commands_are_understood(words: str):
    assert callable(command_line().parse_args(shlex.split(words)).run)


def test_blocks_run_one_after_the_other_and_find_what_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    found = set()
    for block in BLOCKS:
        for step in ast.parse(block).body:
            text = ast.get_source_segment(block, step)
            if any(word in text for word in ELSEWHERE):
                break
            exec(f"_ = {text}" if isinstance(step, ast.Expr) else text, names)  # noqa: S102 - this project's own words
            said = block.splitlines()[step.end_lineno - 1].partition("  # ")[2].removesuffix(" (...)")
            if isinstance(step, ast.Expr) and isinstance(names["_"], SAID) and re.search(r"\d", said):
                assert said in repr(names["_"])
                found.add(type(names["_"]))
    assert found == set(SAID)
