"""The explorer as part of a page that needs no kernel and no network."""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from linkgap.explorer.modules import bundle, read_static
from linkgap.explorer.packing import pack, usual_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linkgap.gap.scoring import Prospects

STANDALONE = "standalone.js"


class Parts(NamedTuple):
    """The explorer's share of a page: style sheet, script, and the two blocks of data that the script reads."""

    style: str
    script: str
    values: str
    columns: str


def page_parts(
    prospects: Prospects, *, settings: Mapping[str, Any] | None = None, memory: Mapping[str, Any] | None = None
) -> Parts:
    """Return what a page needs to show the explorer; the same prospects give the same text."""
    meta, data = pack(prospects)
    values = {
        "_meta": meta,
        "_memory": dict(memory or {}),
        "settings": dict(settings or usual_settings(prospects, meta)),
        "selected_domains": [],
    }
    return Parts(read_static("explorer.css"), bundle(STANDALONE), as_json(values), base64.b64encode(data).decode())


def as_json(values: object) -> str:
    """Write JSON that can stand in a page: no text in it can end the block or begin markup."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e").replace("\u2028", "\\u2028")


def policy(*, styles: tuple[str, ...], scripts: tuple[str, ...]) -> str:
    """Return a Content-Security-Policy under which nothing but these style sheets and scripts can do anything."""
    allowed = {"style-src": styles, "script-src": scripts}
    listed = [f"{name} {' '.join(_hash(text) for text in texts) or repr('none')}" for name, texts in allowed.items()]
    return "; ".join(["default-src 'none'", *listed, "img-src data: blob:", "base-uri 'none'", "form-action 'none'"])


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def build_page(prospects: Prospects, *, title: str) -> str:
    """Return a whole page with nothing but the explorer."""
    parts = page_parts(prospects)
    allowed = escape(policy(styles=(parts.style,), scripts=(parts.script,)))
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{allowed}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
        f"<style>{parts.style}</style>\n"
        '<div id="linkgap-explorer"></div>\n'
        f'<script type="application/json" id="linkgap-values">{parts.values}</script>\n'
        f'<script type="text/plain" id="linkgap-columns">{parts.columns}</script>\n'
        f'<script type="module">{parts.script}</script>\n</html>\n'
    )
