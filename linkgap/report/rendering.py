"""A summary as HTML, Markdown and JSON. Templates are files; whatever they show is escaped automatically."""

from __future__ import annotations

import json
import re
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from linkgap.cells import is_page
from linkgap.errors import counted
from linkgap.explorer.page import build_page, data_blocks, mount_element, policy
from linkgap.report import wording
from linkgap.report.summary import SECTIONS
from linkgap.schema import general

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linkgap.explorer.page import Parts

    Summary = Mapping[str, Any]

_FILTERS = (
    *(wording.integer, wording.one_decimal, general, wording.figure, wording.percent, wording.short, wording.shortened),
    *(counted, wording.native),
    *(wording.sentence, wording.px, wording.points, wording.largest, wording.highest, wording.ticks),
    *(
        wording.columns,
        wording.rows,
        wording.key,
        wording.is_dotted,
        wording.linked,
        wording.bars_in_words,
        wording.overlaps_in_words,
        wording.map_in_words,
        wording.curve_in_words,
    ),
)
_SPECIAL = "\\`*_[]<>|#!~"
_BLANKS = re.compile(r"\s+")
_SANDBOX = "allow-scripts allow-downloads allow-popups allow-popups-to-escape-sandbox"


def as_json_text(summary: Summary) -> str:
    """Return the summary as JSON."""
    return json.dumps(summary, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def as_markdown(summary: Summary) -> str:
    """Return the summary as Markdown."""
    text = _markdown().get_template("report.md").render(summary=summary)
    lines = [line.rstrip() for line in text.splitlines()]
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return "\n".join(kept).strip() + "\n"


def as_html(summary: Summary, parts: Parts | None) -> str:
    """Return the whole page; its Content-Security-Policy runs no script but the explorer's, and forbids all requests.

    Parameters
    ----------
    parts
        The explorer's parts of the page; None without the explorer.
    """
    styles = [_static("report.css"), _static("page.css"), *([parts.style] if parts else [])]
    return (
        _html()
        .get_template("report.html")
        .render(
            summary=summary,
            policy=policy(styles=tuple(styles), scripts=(parts.script,) if parts else ()),
            styles=[Markup(style) for style in styles],  # noqa: S704 - files of linkgap's own
            explorer=Markup(mount_element()),  # noqa: S704 - a constant
            blocks=Markup(data_blocks(parts)) if parts else "",  # noqa: S704 - base64, a file of our own, JSON without "<"
        )
        + "\n"
    )


def as_fragment(summary: Summary, parts: Parts | None, *, height: int) -> str:
    """Return the sections for another page to embed, such as a notebook; the explorer is in an iframe of its own.

    Parameters
    ----------
    height
        Height of the explorer in pixels.
    """
    return (
        _html()
        .get_template("fragment.html")
        .render(
            summary=summary,
            style=Markup(_static("report.css")),  # noqa: S704 - a file of linkgap's own
            explorer=_framed(parts, summary["title"], height) if parts else "",
        )
    )


def _framed(parts: Parts, title: str, height: int) -> Markup:
    """Return an iframe that can run only its own script: no network, no access to the page around it."""
    page = escape(build_page(parts, title=title))
    return Markup(  # noqa: S704 - escaped above and here
        f'<iframe class="lgr-frame lgr-screen" title="{escape(title)}: the explorer" height="{int(height)}" '
        f'sandbox="{_SANDBOX}" srcdoc="{page}"></iframe>'
    )


def _static(name: str) -> str:
    return files("linkgap.report").joinpath("static", name).read_text(encoding="utf-8")


@cache
def _html() -> Environment:
    return _prepared(Environment(**_environment_options(), autoescape=True, finalize=_readable))


@cache
def _markdown() -> Environment:
    options = _environment_options() | {"finalize": _escaped_markdown}
    environment = _prepared(Environment(**options, autoescape=False))  # noqa: S701 - `finalize` escapes
    environment.filters["verbatim"] = _Verbatim
    environment.filters["indented"] = lambda text: _Verbatim("\n".join(f"    {line}" for line in text.split("\n")))
    return environment


def _environment_options() -> dict[str, Any]:
    loader = PackageLoader("linkgap.report")
    return {"loader": loader, "undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}


def _prepared(environment: Environment) -> Environment:
    environment.filters.update({each.__name__: each for each in _FILTERS})
    environment.tests["page_address"] = is_page
    environment.globals["places"] = {name: section.where for name, section in SECTIONS.items()}
    return environment


class _Verbatim(str):
    """A text that is valid Markdown already, and must not be escaped again."""

    __slots__ = ()


def _readable(value: object) -> object:
    """Remove misleading control characters from texts that an HTML template shows; `Markup` is left as it is."""
    return wording.readable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _escaped_markdown(value: object) -> object:
    """Escape whatever a Markdown template shows, except `_Verbatim`, and remove misleading control characters."""
    if isinstance(value, _Verbatim):
        return value
    text = _BLANKS.sub(" ", wording.readable(str(value)))
    return "".join(f"\\{letter}" if letter in _SPECIAL else letter for letter in text)
