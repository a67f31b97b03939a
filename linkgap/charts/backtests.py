"""Charts of what a ranking is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linkgap.charts.figures import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PINK,
    RED,
    SKY,
    check_columns,
    finished,
    graphs,
    label,
    rivals_axis,
)

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

COLOURS = {
    "by lot": GREY,
    "authority": RED,
    "rivals linked": SKY,
    "rivals linked, then authority": BLUE,
    "likelihood": GREEN,
    "priority": ORANGE,
    "tuned": PINK,
}
"""The colour of each method, the same in all charts."""


def draw_precision(curve: pd.DataFrame) -> Figure:
    """Draw the share of hidden links among the first k prospects, for each method: higher is better.

    Parameters
    ----------
    curve
        `Backtest.curve`: `method`, `k`, `precision`, `low` and `high`.

    Returns
    -------
    plotly.graph_objects.Figure
        One line per method; the band is the 95% interval of the likelihood.

    Raises
    ------
    InvalidArgumentError
        When a column is missing.
    MissingLibraryError
        When plotly is not installed.

    Examples
    --------
    >>> import linkgap as lg
    >>> gap = lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example")
    >>> figure = lg.draw_precision(lg.backtest(gap).curve)
    >>> figure.layout.yaxis.title.text
    'share of hidden links among the first k'
    """
    check_columns(curve, ("method", "k", "precision", "low", "high"), "lg.backtest(gap).curve")
    figure = graphs().Figure()
    ours = curve[(curve["method"] == "likelihood") & curve["low"].notna()]
    for edge, fill in (("high", None), ("low", "tonexty")) if len(ours) else ():
        figure.add_scatter(
            x=ours["k"].tolist(),
            y=ours[edge].tolist(),
            line={"width": 0},
            fill=fill,
            fillcolor="rgba(0, 158, 115, 0.15)",
            hoverinfo="skip",
            showlegend=False,
        )
    for method, points in curve.groupby("method", sort=False):
        figure.add_scatter(
            x=points["k"].tolist(),
            y=points["precision"].tolist(),
            name=label(method),
            line={"color": COLOURS.get(str(method)), "dash": "dot" if method == "by lot" else "solid"},
            hovertemplate="first %{x}: %{y:.0%}",
        )
    return finished(
        figure,
        "How many of the first k are links?",
        height=500,
        xaxis={"title": "first k prospects"},
        yaxis={"title": "share of hidden links among the first k", "tickformat": ".0%", "rangemode": "tozero"},
    )


def draw_hit_rates(hit_rates: pd.DataFrame) -> Figure:
    """Draw how often a domain has a hidden link, by how many rivals it links to.

    Parameters
    ----------
    hit_rates
        `Backtest.hit_rates`: `rivals_linked`, `candidates`, `links` and `hit_rate`.

    Returns
    -------
    plotly.graph_objects.Figure
        One bar per number of rivals.

    Raises
    ------
    InvalidArgumentError
        When a column is missing.
    MissingLibraryError
        When plotly is not installed.

    Examples
    --------
    >>> import pandas as pd, linkgap as lg
    >>> rates = pd.DataFrame(
    ...     {"rivals_linked": [1, 2], "candidates": [90, 10], "links": [3, 1], "hit_rate": [1 / 30, 0.1]}
    ... )
    >>> lg.draw_hit_rates(rates).data[0].y
    (0.03333333333333333, 0.1)
    """
    check_columns(hit_rates, ("rivals_linked", "candidates", "links", "hit_rate"), "lg.backtest(gap).hit_rates")
    figure = graphs().Figure()
    figure.add_bar(
        x=hit_rates["rivals_linked"].tolist(),
        y=hit_rates["hit_rate"].tolist(),
        customdata=hit_rates[["links", "candidates"]].to_numpy().tolist(),
        marker={"color": GREEN},
        texttemplate="%{y:.0%}",
        textposition="outside",
        textangle=0,
        cliponaxis=False,
        hovertemplate="%{customdata[0]:,} of %{customdata[1]:,}",
    )
    return finished(
        figure,
        "How often is there a hidden link?",
        xaxis=rivals_axis(len(hit_rates)),
        yaxis={"title": "share with a hidden link", "tickformat": ".0%", "rangemode": "tozero"},
    )
