"""The explorer's ES modules bundled into one, which a widget, a shared file and an old notebook page can all load."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

ENTRY = "explorer.js"
_IMPORT = re.compile(r'^import \{ ([^}]+) \} from "\./([\w-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function (\w+)|class (\w+)|const (\w+))", re.MULTILINE)
_DEFAULT = re.compile(r"^export default (.+);\n", re.MULTILINE)


def read_static(name: str) -> str:
    """Return a file of the explorer: a module or the style sheet."""
    return files("linkgap.explorer").joinpath("static", name).read_text(encoding="utf-8")


@cache
def bundle(entry: str = ENTRY) -> str:
    """Return one ES module that holds `entry` and all modules that it imports, each in a scope of its own."""
    parts: dict[str, str] = {}
    default = _add(entry, parts)
    return "\n".join([*parts.values(), f"export default {default};", ""])


def _add(name: str, parts: dict[str, str]) -> str:
    """Add a module after those that it imports, and return the expression for its default export."""
    text = read_static(name)
    for _, needed in _IMPORT.findall(text):
        if f"./{needed}" not in parts:
            _add(needed, parts)
    default = _DEFAULT.search(text)
    names = ["".join(found) for found in _EXPORT.findall(text)]
    scoped = _IMPORT.sub(lambda found: f"const {{ {found[1]} }} = {_scope(found[2])};\n", text)
    scoped = _DEFAULT.sub("", _EXPORT.sub("", scoped))
    given = ", ".join([*names, *([f"default: {default[1]}"] if default else [])])
    parts[f"./{name}"] = f"const {_scope(name)} = (() => {{\n{scoped}\nreturn {{ {given} }};\n}})();"
    return f"{_scope(name)}.default"


def _scope(name: str) -> str:
    return f"_{name.removesuffix('.js')}"
