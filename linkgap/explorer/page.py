"""The explorer as part of a page that needs no kernel and no network."""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from linkgap.explorer.modules import bundle, read_static
from linkgap.explorer.packing import pack, usual_settings
from linkgap.explorer.settings import complete_settings
from linkgap.schema import PROSPECTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from linkgap.gap.results import Backtest
    from linkgap.gap.scoring import Prospects

STANDALONE = "standalone.js"
ELEMENT_ID = "linkgap-explorer"
_FOR_FILES = 6
_OPENING = (
    "The explorer is opening. If this line does not disappear, your browser is too old: "
    "the explorer needs Chrome or Edge 110, Firefox 121, Safari 16.4, or a later version."
)


class Parts(NamedTuple):
    """The explorer's parts of a page: style sheet, script, and the two blocks of data that the script reads."""

    style: str
    script: str
    given: str
    columns: str


def page_parts(
    prospects: Prospects,
    *,
    settings: Mapping[str, Any] | None = None,
    memory: Mapping[str, Any] | None = None,
    backtest: Backtest | None = None,
    pages: Mapping[str, Any] | None = None,
    edit: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
) -> Parts:
    """Return what a page needs to show the explorer; the same prospects give the same text.

    Parameters
    ----------
    settings
        Settings with which it opens, complete or partial, as in `Explorer.settings`; the ranking is the prospects' own.
    memory
        Outreach: a mapping from domains to `status` and `note`.
    backtest
        How well the ranking did in a test.
    pages
        A mapping from domains to their links, as `linkgap.gap.pages.pages_of` returns them, for those domains whose
        detail panel lists more than the best page.
    edit
        Applied to the table before it is packed.

    Raises
    ------
    InvalidArgumentError
        When the settings name something that does not exist.
    """
    meta, data = pack(prospects, backtest, edit=edit, level=_FOR_FILES)
    meta["pages"] = dict(pages or {})
    values = {
        "_meta": meta,
        "_memory": dict(memory or {}),
        "settings": _opened(settings or {}, prospects, meta),
        "selected_domains": [],
    }
    return Parts(read_static("explorer.css"), bundle(STANDALONE), as_json(values), base64.b64encode(data).decode())


def _opened(settings: Mapping[str, Any], prospects: Prospects, meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings with which the screen opens; a column that was left out is neither shown nor sorted by."""
    usual = usual_settings(prospects, meta)
    known = [*(column["name"] for column in meta["shown"]), *(column.name for column in PROSPECTS)]
    complete = complete_settings(settings, usual, rivals=prospects.gap.rivals, columns=known)
    if complete["view"]["sort"]["column"] not in {column["name"] for column in meta["shown"]}:
        complete["view"]["sort"] = usual["view"]["sort"]
    return complete | {"ranking": usual["ranking"]}


def as_json(values: object) -> str:
    """Write JSON that is safe inside a script element: no text in it can end the element or begin markup."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e").replace("\u2028", "\\u2028")


def policy(*, styles: tuple[str, ...], scripts: tuple[str, ...]) -> str:
    """Return a Content-Security-Policy that allows only these style sheets and scripts, and images as data URLs."""
    allowed = {"style-src": styles, "script-src": scripts}
    listed = [f"{name} {' '.join(_hash(text) for text in texts) or repr('none')}" for name, texts in allowed.items()]
    return "; ".join(["default-src 'none'", *listed, "img-src data:", "base-uri 'none'", "form-action 'none'"])


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def build_page(parts: Parts, *, title: str) -> str:
    """Return a complete page that holds only the explorer, and stays transparent when it is shown in an iframe.

    `color-scheme` does that: browsers paint white behind an iframe whose page does not declare that it can be as dark
    as the page around it.
    """
    allowed = escape(policy(styles=(parts.style,), scripts=(parts.script,)))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{allowed}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n<title>{escape(title)}</title>\n'
        f"<style>{parts.style}</style>\n</head>\n<body>\n"
        f"<main>{mount_element()}</main>\n{data_blocks(parts)}\n</body>\n</html>\n"
    )


def mount_element() -> str:
    """Return the element in which the explorer opens, with the text that is shown until it does, or if it can't."""
    return f'<div id="{ELEMENT_ID}"><p>{_OPENING}</p></div>'


def data_blocks(parts: Parts) -> str:
    """Return the elements at the end of a page with the explorer: its values, its columns and its script."""
    return (
        f'<script type="application/json" id="linkgap-values">{parts.given}</script>\n'
        f'<script type="text/plain" id="linkgap-columns">{parts.columns}</script>\n'
        f'<script type="module">{parts.script}</script>'
    )
