"""Tables to plotly figures: pure functions that compute nothing and change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linkgap.errors import InvalidArgumentError, MissingLibraryError, in_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from plotly.graph_objects import Figure

COLOURS = {
    "by lot": "#9aa0a6",
    "authority": "#d55e00",
    "rivals linked": "#56b4e9",
    "rivals linked, then authority": "#0072b2",
    "likelihood": "#009e73",
    "priority": "#e69f00",
    "tuned": "#cc79a7",
}
"""Of each method, the same in all charts: Okabe and Ito's, which colour-blind readers can tell apart."""

_LAYOUT = {"template": "plotly_white", "margin": {"l": 60, "r": 20, "t": 60, "b": 50}}


def draw_precision(curve: pd.DataFrame) -> Figure:
    """Draw how many of the first k places hold hidden links, for each method: higher is better.

    Parameters
    ----------
    curve
        `Backtest.curve`: `method`, `k`, `precision`, `low` and `high`.

    Returns
    -------
    plotly.graph_objects.Figure
        A line a method; the band is the 95 % interval of the likelihood.

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
    _check_columns(curve, ("method", "k", "precision", "low", "high"))
    graphs = _graphs()
    figure = graphs.Figure()
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
            name=str(method),
            line={"color": COLOURS.get(str(method)), "dash": "dot" if method == "by lot" else "solid"},
            hovertemplate="first %{x}: %{y:.0%}",
        )
    figure.update_layout(
        _LAYOUT,
        title="How many of the first k prospects turn out to be links?",
        xaxis={"title": "first k prospects"},
        yaxis={"title": "share of hidden links among the first k", "tickformat": ".0%", "rangemode": "tozero"},
    )
    return figure


def draw_hit_rates(hit_rates: pd.DataFrame) -> Figure:
    """Draw how often a domain has a hidden link, by how many rivals it links to.

    Parameters
    ----------
    hit_rates
        `Backtest.hit_rates`: `rivals_linked`, `candidates`, `links` and `hit_rate`.

    Returns
    -------
    plotly.graph_objects.Figure
        A bar a number of rivals.

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
    _check_columns(hit_rates, ("rivals_linked", "candidates", "links", "hit_rate"))
    graphs = _graphs()
    figure = graphs.Figure()
    figure.add_bar(
        x=hit_rates["rivals_linked"].tolist(),
        y=hit_rates["hit_rate"].tolist(),
        customdata=hit_rates[["links", "candidates"]].to_numpy().tolist(),
        marker={"color": COLOURS["likelihood"]},
        texttemplate="%{y:.0%}",
        hovertemplate="%{customdata[0]:,} of %{customdata[1]:,}",
    )
    figure.update_layout(
        _LAYOUT,
        title="The more rivals a domain links to, the more likely it links to the next one",
        xaxis={"title": "rivals linked", "dtick": 1},
        yaxis={"title": "share with a hidden link", "tickformat": ".0%"},
    )
    return figure


def _check_columns(table: pd.DataFrame, wanted: Iterable[str]) -> None:
    missing = set(wanted) - set(getattr(table, "columns", ()))
    if missing:
        message = (
            f"The table has no column {in_words(missing)}. Allowed: tables of a backtest. "
            "Give lg.backtest(gap).curve to draw_precision, and .hit_rates to draw_hit_rates."
        )
        raise InvalidArgumentError(message)


def _graphs() -> Any:  # noqa: ANN401 - a module
    try:
        from plotly import graph_objects
    except ImportError as error:
        message = 'Charts need plotly, which is not installed. Install it: pip install "linkgap[lab]".'
        raise MissingLibraryError(message) from error
    return graph_objects
