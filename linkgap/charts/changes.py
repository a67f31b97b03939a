"""Charts of what changed between two states of the links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linkgap.charts.figures import BLUE, RED, check_columns, counted_things, finished, graphs, inert, label

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

_MOST_TICKS = 5
_CHANGES = {
    "new": ("new", 1, BLUE, ""),
    "unverified_new": ("new or not listed before", 1, BLUE, "/"),
    "lost": ("lost", -1, RED, ""),
    "unverified_lost": ("lost or not listed any more", -1, RED, "/"),
}
"""Legend, direction, colour and hatching of each column.

Hatching marks what is unproven without another colour; blue and red stand out on light and on dark backgrounds."""

_SIDES = (("lost", "unverified_lost"), ("new", "unverified_new"))


def draw_changes(sites: pd.DataFrame) -> Figure:
    """Draw how many referring domains each site gained and lost: new ones to the right, lost ones to the left.

    Parameters
    ----------
    sites
        `Changes.sites`: `site`, `kept`, `new`, `unverified_new`, `lost` and `unverified_lost`.

    Returns
    -------
    plotly.graph_objects.Figure
        One row per site; what the lists can't prove is hatched.

    Raises
    ------
    InvalidArgumentError
        When a column is missing.
    MissingLibraryError
        When plotly is not installed.

    Examples
    --------
    >>> import pandas as pd, linkgap as lg
    >>> row = {"site": "oakdesk.example", "kept": 700, "new": 12, "unverified_new": 3, "lost": 5, "unverified_lost": 0}
    >>> [(bars.name, bars.x[0]) for bars in lg.draw_changes(pd.DataFrame([row])).data]
    [('new', 12), ('new or not listed before', 3), ('lost', -5), ('lost or not listed any more', None)]
    """
    check_columns(sites, ("site", "kept", *_CHANGES), "lg.compare_links(...).sites")
    figure = graphs().Figure()
    shown = sites[::-1]
    names = [inert(name) for name in shown["site"]]
    for column, (name, side, colour, shape) in _CHANGES.items():
        numbers = shown[column].tolist()
        figure.add_bar(
            x=[side * number or None for number in numbers],
            y=list(range(len(names))),
            orientation="h",
            name=name,
            text=[f"{number:,}" for number in numbers],
            textposition="none" if shape else "auto",
            customdata=list(zip(names, numbers, shown["kept"].tolist(), strict=True)),
            marker={
                "color": colour,
                "line": {"color": colour, "width": 1},
                "pattern": {"shape": shape, "fillmode": "replace", "solidity": 0.4},
            },
            hovertemplate=f"%{{customdata[0]}}: %{{customdata[1]:,}} {name}, %{{customdata[2]:,}} kept<extra></extra>",
        )
    ends = [int(shown[list(names)].sum(axis=1).max() or 0) if len(shown) else 0 for names in _SIDES]
    ticks, things = _ticks(*ends), counted_things(sites)
    return finished(
        figure,
        f"Who gained {things}, and who lost some?",
        barmode="relative",
        height=270 + 40 * len(names),
        xaxis={"title": f"lost ← {things} → new", "tickvals": ticks, "ticktext": [f"{abs(tick):,}" for tick in ticks]},
        yaxis={"tickvals": list(range(len(names))), "ticktext": [label(name) for name in shown["site"]]},
    )


def _ticks(left: int, right: int) -> list[int]:
    """Return round tick positions from -left to right, zero among them."""
    most = max(left, right, 1)
    power = 10 ** (len(str(most)) - 1)
    step = next(size for size in (power // 5, power // 2, power, 2 * power) if size and most / size <= _MOST_TICKS)
    return [*range(-(left // step) * step, 0, step), *range(0, right + 1, step)]
