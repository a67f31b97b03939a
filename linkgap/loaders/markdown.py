"""Tables in Markdown, as language models answer with them and people paste them from their notes.

A row begins with a bar, and the second row is a rule of dashes. Prose around a table is not part of it.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

_RULE = re.compile(r":?-+:?")
_BETWEEN_CELLS = re.compile(r"(?<!\\)\|")
_MARKS = re.compile(r"(\*\*|__|~~|`+)(.+)\1")
_LINK = re.compile(r"\[[^\]]*\]\(<?([^\s>]+?)>?(?:\s+\"[^\"]*\")?\)|<(\S+://\S+)>")


class Row(NamedTuple):
    """A row of a table: its line number and its cells."""

    line: int
    cells: list[str]


def cells_of(line: str) -> list[str] | None:
    """Return the cells of a row, without formatting; None when the line is not a row.

    Examples
    --------
    >>> cells_of("| **a.example** | [a post](https://a.example/post) | this |")
    ['a.example', 'https://a.example/post', 'this']
    >>> cells_of("Here is what I found:") is None
    True
    """
    bare = line.strip()
    if not bare.startswith("|"):
        return None
    inner = bare[1:-1] if len(bare) > 1 and bare.endswith("|") and not bare.endswith(r"\|") else bare[1:]
    return [_text_of(cell.strip()) for cell in _BETWEEN_CELLS.split(inner)]


def is_rule(cells: list[str] | None) -> bool:
    """Tell whether a row is the rule of dashes below the heading.

    Examples
    --------
    >>> is_rule(cells_of("|:---|---:|")), is_rule(cells_of("| - | a |"))
    (True, False)
    """
    return bool(cells) and all(map(_RULE.fullmatch, cells or []))


def tables_in(lines: Iterable[str]) -> list[list[Row]]:
    """Return the tables of a text, each with its heading first and without its rule.

    A line directly after a row that is not a row itself is kept as one of a single cell, so that it can be looked at.
    Rows separated from their table by a blank line or a sentence, as in long answers, still belong to it.

    Examples
    --------
    >>> text = [
    ...     "Two domains:",
    ...     "",
    ...     "| Domain | DR |",
    ...     "|---|---|",
    ...     "| a.example | 40 |",
    ...     "| b.test | 20 |",
    ...     "",
    ...     "Done.",
    ... ]
    >>> [[cells for _, cells in table] for table in tables_in(text)]
    [[['Domain', 'DR'], ['a.example', '40'], ['b.test', '20']]]
    """
    tables: list[list[Row]] = []
    apart: Row | None = None
    in_table = False
    for number, line in enumerate(lines, start=1):
        cells = cells_of(line)
        if apart is not None and is_rule(cells):
            tables.append([apart])
            apart, in_table = None, True
            continue
        if apart is not None and tables:
            tables[-1].append(apart)
        in_table = in_table and bool(line.strip())
        apart = Row(number, cells) if cells and not in_table else None
        if in_table:
            tables[-1].append(Row(number, cells or [line.strip()]))
    if apart is not None and tables:
        tables[-1].append(apart)
    return tables


def _text_of(cell: str) -> str:
    """Return the content of a cell: the URL if it is a link, else its text without markup for bold, code and such."""
    marked = _MARKS.fullmatch(cell)
    bare = marked[2] if marked else cell
    link = _LINK.fullmatch(bare)
    return (link[1] or link[2]) if link else bare.replace(r"\|", "|")
