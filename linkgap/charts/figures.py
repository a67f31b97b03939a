"""What all charts share: colours that everybody can tell apart, a look for light and dark, and escaped texts."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from linkgap.errors import InvalidArgumentError, MissingLibraryError, in_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from plotly.graph_objects import Figure

BLUE, ORANGE, GREEN, RED = "#0072b2", "#e69f00", "#009e73", "#d55e00"
SKY, PINK, GREY = "#56b4e9", "#cc79a7", "#8a9099"
"""Okabe and Ito's colours, which colour-blind readers can tell apart, and a grey."""

FAINT = "rgba(128, 128, 128, 0.25)"
"""Visible on white and on black, and on neither as strong as a colour."""

_LAYOUT = {
    "template": "none",
    "font": {"color": "#72777f", "family": "system-ui, sans-serif", "size": 13},
    "paper_bgcolor": "rgba(0, 0, 0, 0)",
    "plot_bgcolor": "rgba(0, 0, 0, 0)",
    "margin": {"l": 70, "r": 20, "t": 60, "b": 55},
    "title": {"x": 0, "xref": "container", "pad": {"l": 10}, "font": {"size": 17, "weight": 600}},
    "legend": {"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom", "traceorder": "normal"},
    "uniformtext": {"mode": "hide", "minsize": 10},
    "hoverlabel": {"align": "left"},
    "height": 420,
}
_AXIS = {
    "gridcolor": FAINT,
    "zerolinecolor": FAINT,
    "linecolor": FAINT,
    "automargin": True,
    "title": {"font": {"size": 13, "weight": 600}},
}
_NOTHING = {
    "text": "There is nothing to draw.",
    "x": 0.5,
    "y": 0.5,
    "xref": "paper",
    "yref": "paper",
    "showarrow": False,
}
_MOST_TICKS = 20
_LONGEST = 120
_LONGEST_LABEL = 32
"""Characters of a label beside an axis or in a legend: longer ones would leave no room for the chart."""

_UNSEEN = dict.fromkeys([*range(0x20), 0x7F, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def graphs() -> Any:  # noqa: ANN401 - a module
    """Return `plotly.graph_objects`.

    Raises
    ------
    MissingLibraryError
        When plotly is not installed.
    """
    try:
        from plotly import graph_objects
    except ImportError as error:
        message = 'Charts need plotly, which is not installed. Install it with: pip install "linkgap[lab]"'
        raise MissingLibraryError(message) from error
    return graph_objects


def finished(figure: Figure, title: str, **layout: Any) -> Figure:  # noqa: ANN401 - plotly's values
    """Give a figure its title, its axes and the common look: transparent, so that it suits a light or dark page.

    One without any points says so, where plotly would draw axes from -1 to 6.
    """
    figure.update_layout(_LAYOUT)
    figure.update_layout(title_text=title, **layout)
    figure.update_xaxes(_AXIS)
    figure.update_yaxes(_AXIS)
    if not any(len(trace.x) for trace in figure.data):
        figure.update_xaxes(visible=False)
        figure.update_yaxes(visible=False)
        figure.add_annotation(_NOTHING)
    return figure


def rivals_axis(numbers: int) -> dict[str, Any]:
    """Return the axis for how many rivals are linked: each number has its tick, as long as they fit."""
    return {"title": "rivals linked", "dtick": 1 if numbers <= _MOST_TICKS else None}


def counted_things(table: pd.DataFrame) -> str:
    """Return what a table counts: hosts if these were compared, else domains."""
    return "hosts" if table.attrs.get("level") == "host" else "domains"


def inert(text: object) -> str:
    """Escape a text from others, in which plotly would interpret tags and entities, and cut it if it is very long.

    Examples
    --------
    >>> inert("<b>bold</b> & more")
    '&lt;b&gt;bold&lt;/b&gt; &amp; more'
    """
    shown = _visible(text)
    return escape(shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…", quote=False)


def label(text: object) -> str:
    """Escape a text, and shorten it for an axis or a legend; its middle goes, as names differ at either end.

    Examples
    --------
    >>> label("the-long-name-of-a-rival-from-far-away.example")
    'the-long-name-of…ar-away.example'
    """
    shown = _visible(text)
    half = _LONGEST_LABEL // 2
    return escape(shown if len(shown) <= _LONGEST_LABEL else f"{shown[:half]}…{shown[1 - half :]}", quote=False)


def _visible(text: object) -> str:
    return str(text).translate(_UNSEEN)


def check_columns(table: pd.DataFrame, wanted: Iterable[str], source: str) -> None:
    """Refuse a table that lacks columns.

    Raises
    ------
    InvalidArgumentError
        When one is missing; the message names `source`, the tables that have them.
    """
    missing = set(wanted) - set(getattr(table, "columns", ()))
    if missing:
        message = f"The table has no column {in_words(missing)}. Allowed: {source}, or a table with its columns."
        raise InvalidArgumentError(message)
