"""`build_report`: a summary becomes a page that works anywhere, offline, with the explorer in it."""

from __future__ import annotations

import json
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from linkgap.cells import heading_of, is_page
from linkgap.errors import InvalidArgumentError, in_words
from linkgap.explorer.page import page_parts, policy
from linkgap.export import check_place, whole_file
from linkgap.gap.scoring import Prospects
from linkgap.report.summary import summarise

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

    from linkgap.gap.results import Backtest

KINDS = (".html", ".json", ".md")
_NUMBERS = {"priority": ".1f", "authority": "g", "floor": "g"}


def build_report(
    prospects: Prospects,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    intro: str = "",
    backtest: Backtest | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a report that people without Python can open: one file, no network, no kernel.

    Parameters
    ----------
    prospects
        From `rank_prospects`, or an explorer's `.prospects`.
    path
        Ends in `.html` (with the working explorer), `.md` or `.json` (the summary alone).
    title, intro
        Of the page; None takes a title of linkgap's own.
    backtest
        From `lg.backtest(gap)`: what the ranking was shown to be worth.
    overwrite
        Whether a file that is there is replaced.

    Returns
    -------
    Path
        The file that was written: whole, or not at all. The same prospects give the same bytes.

    Raises
    ------
    InvalidArgumentError
        When `prospects` is something else, or the path ends otherwise.
    FileExistsAlreadyError
        When the file exists and `overwrite` is False.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import linkgap as lg
    >>> gap = lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example")
    >>> with TemporaryDirectory() as folder:
    ...     lg.build_report(lg.rank_prospects(gap), f"{folder}/gap.html").name
    'gap.html'
    """
    if not isinstance(prospects, Prospects):
        message = f"build_report() was given a {type(prospects).__name__}. Allowed: what rank_prospects(gap) returns."
        raise InvalidArgumentError(message)
    target = check_report(path, overwrite=overwrite)
    kind = target.suffix.lower()
    summary = summarise(prospects, backtest) | ({"title": title} if title else {}) | {"intro": intro}
    text = {".html": as_html, ".md": as_markdown, ".json": as_json_text}[kind](summary, prospects)
    with whole_file(target, overwrite=overwrite) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n")
    return target


def check_report(path: str | os.PathLike[str], *, overwrite: bool) -> Path:
    """Raise what `build_report` would, before long work, and return the path.

    Raises
    ------
    InvalidArgumentError
        When the path ends otherwise than a report does, or is a folder.
    FileExistsAlreadyError
        When the file exists and `overwrite` is False.

    Examples
    --------
    >>> check_report("gap.html", overwrite=True).name
    'gap.html'
    """
    target = Path(path).expanduser()
    kind = target.suffix.lower()
    if kind not in KINDS:
        message = f"{target.name} ends in {kind or 'nothing'}. Allowed: {in_words(KINDS)}."
        raise InvalidArgumentError(message)
    check_place(target, overwrite=overwrite)
    return target


def as_json_text(summary: Mapping[str, Any], _: Prospects) -> str:
    """Return the summary as JSON."""
    return json.dumps(summary, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def as_markdown(summary: Mapping[str, Any], _: Prospects) -> str:
    """Return the summary as Markdown; what strangers wrote is escaped."""
    parts = [f"# {_marked(summary['title'])}", _marked(summary["intro"]), _marked(summary["finding"])]
    parts += ["## The ten to write to first", _table(summary["best"])]
    parts += ["## What the ranking is worth", *map(_marked, summary["backtest"])] if summary["backtest"] else []
    parts += ["## Method", f"`{summary['formula']}`", *(f"- {_marked(note)}" for note in summary["notes"])]
    parts += ["## Files", _table(summary["receipts"])]
    return "\n\n".join(part for part in parts if part) + "\n"


def _marked(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|#!~" else letter for letter in " ".join(text.split()))


def _table(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "None."
    names = list(rows[0])
    lines = [[heading_of(name) for name in names], ["---"] * len(names)]
    lines += [[_marked(_cell(name, row[name])) for name in names] for row in rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def as_html(summary: Mapping[str, Any], prospects: Prospects) -> str:
    """Return the whole page: summary, working explorer, method and receipts; its policy lets nothing else run."""
    parts = page_parts(prospects)
    own = _static("report.css")
    values = {
        "policy": escape(policy(styles=(own, parts.style), scripts=(parts.script,))),
        "title": escape(summary["title"]),
        "finding": escape(summary["finding"]),
        "intro": f"<p>{escape(summary['intro'])}</p>" if summary["intro"] else "",
        "evidence": "".join(_chip(word, number) for word, number in summary["evidence"].items() if number),
        "best": "".join(map(_best, summary["best"])) or "<li>There are no prospects.</li>",
        "backtest": _section("What the ranking is worth", summary["backtest"]),
        "formula": escape(summary["formula"]),
        "notes": _items(summary["notes"]),
        "receipts": _html_table(summary["receipts"]),
        "settings": escape(json.dumps(summary["settings"], ensure_ascii=False)),
    }
    scripts = {"own_style": own, "style": parts.style, "values": parts.values, "columns": parts.columns}
    return Template(_static("report.html")).substitute(values, **scripts, script=parts.script)


def _static(name: str) -> str:
    return files("linkgap.report").joinpath("static", name).read_text(encoding="utf-8")


def _chip(word: str, number: int) -> str:
    return f'<span class="chip" data-word="{escape(word)}"><b>{number:,}</b> {escape(word)}</span>'


def _best(row: Mapping[str, Any]) -> str:
    address = row["sample_url"]
    page = f' <a href="{escape(address)}" rel="noopener noreferrer nofollow">see a page</a>' if is_page(address) else ""
    tactic = f", usually won as: {escape(row['tactic'])}" if row["tactic"] not in {None, "unknown"} else ""
    return (
        f'<li><b>{escape(row["domain"])}</b> <span class="score">{row["priority"]:.1f}</span> '
        f"{escape(row['evidence'])} missing; {escape(row['why'])}{tactic}.{page}</li>"
    )


def _section(title: str, sentences: Iterable[str]) -> str:
    found = _items(sentences)
    return f"<section><h2>{escape(title)}</h2>{found}</section>" if found else ""


def _items(sentences: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f"<ul>{items}</ul>" if items else ""


def _html_table(rows: list[dict[str, Any]]) -> str:
    names = list(rows[0]) if rows else []
    heads = "".join(f'<th scope="col">{escape(heading_of(name))}</th>' for name in names)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(_cell(name, row[name]))}</td>' for name in names)}</tr>" for row in rows
    )
    return f'<div class="wide" tabindex="0"><table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(name: str, value: Any) -> str:  # noqa: ANN401 - whatever a summary holds
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return format(value, _NUMBERS.get(name, ","))
