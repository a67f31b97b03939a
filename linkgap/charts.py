"""Tables to plotly figures: pure functions that compute nothing and change nothing."""

from __future__ import annotations

from html import escape
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
    _check_columns(curve, ("method", "k", "precision", "low", "high"), "lg.backtest(gap).curve")
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
    _check_columns(hit_rates, ("rivals_linked", "candidates", "links", "hit_rate"), "lg.backtest(gap).hit_rates")
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


def draw_overlaps(overlaps: pd.DataFrame, *, most: int = 15) -> Figure:
    """Draw which combinations of sites domains link to: a column a combination, dots for the sites that are linked.

    Parameters
    ----------
    overlaps
        `Gap.overlaps`: a boolean column a site, `sites` and `domains`.
    most
        How many combinations at most, the largest first.

    Returns
    -------
    plotly.graph_objects.Figure
        An UpSet plot: numbers of domains above, dots below.

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
    >>> bars, none, linked = lg.draw_overlaps(gap.overlaps, most=3).data
    >>> list(bars.y) == gap.overlaps["domains"].head(3).tolist()
    True
    """
    _check_columns(overlaps, ("sites", "domains"), "lg.find_gap(...).overlaps")
    graphs = _graphs()
    shown = overlaps.head(most)
    sites = [str(name) for name in overlaps if name not in {"sites", "domains"}][::-1]
    places = range(len(shown))
    words = [" and ".join(site for site in reversed(sites) if row[site]) for row in shown.to_dict("records")]
    figure = graphs.Figure()
    figure.add_bar(
        x=list(places),
        y=shown["domains"].tolist(),
        customdata=words,
        marker={"color": _BLUE},
        texttemplate="%{y:,}",
        hovertemplate="%{y:,} domains link to just %{customdata}<extra></extra>",
        showlegend=False,
    )
    for linked, colour in ((False, _FAINT), (True, _BLUE)):
        dots = [(x, y) for x in places for y, site in enumerate(sites) if bool(shown[site].iloc[x]) is linked]
        figure.add_scatter(
            x=[x for x, _ in dots],
            y=[y for _, y in dots],
            yaxis="y2",
            mode="markers",
            marker={"color": colour, "size": 11},
            hoverinfo="skip",
            showlegend=False,
        )
    below = 0.1 + 0.06 * min(len(sites), 10)
    figure.update_layout(
        _LAYOUT,
        title=_counted_title("How many domains link to just these sites?", len(shown), len(overlaps), "combinations"),
        height=380 + 22 * len(sites),
        xaxis={"visible": False},
        yaxis={"title": "domains", "domain": [below + 0.02, 1]},
        yaxis2={"domain": [0, below], "tickvals": list(range(len(sites))), "ticktext": sites, "zeroline": False},
    )
    return figure


def draw_authority(prospects: pd.DataFrame, *, most: int = 20_000) -> Figure:
    """Draw how likely a link is against what it is worth: the prospects to write to first are at the top right.

    Parameters
    ----------
    prospects
        `Prospects.frame`: `domain`, `likelihood`, `authority_percentile` and `risk`.
    most
        How many points at most, those of the first rows.

    Returns
    -------
    plotly.graph_objects.Figure
        A point a prospect, coloured by its risk.

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
    >>> figure = lg.draw_authority(lg.rank_prospects(gap).frame)
    >>> [points.name for points in figure.data]
    ['no risk named', 'some risk', 'risk over 30 %']
    """
    _check_columns(prospects, ("domain", "likelihood", "authority_percentile", "risk"), "prospects.frame")
    graphs = _graphs()
    shown = prospects.head(most)
    figure = graphs.Figure()
    for name, low, high, colour in _RISKS:
        points = shown[(shown["risk"] > low) & (shown["risk"] <= high)]
        figure.add_scattergl(
            x=points["authority_percentile"].tolist(),
            y=points["likelihood"].tolist(),
            text=points["domain"].tolist(),
            name=name,
            mode="markers",
            marker={"color": colour, "size": 6, "opacity": 0.7},
            hovertemplate="%{text}<br>likelihood %{y:.2f}, authority percentile %{x:.0%}<extra></extra>",
        )
    figure.update_layout(
        _LAYOUT,
        title=_counted_title("Likelihood against authority", len(shown), len(prospects), "prospects"),
        xaxis={"title": "authority percentile among the prospects", "tickformat": ".0%"},
        yaxis={"title": "likelihood", "rangemode": "tozero"},
    )
    return figure


def draw_rivals_linked(prospects: pd.DataFrame) -> Figure:
    """Draw how many prospects link to one rival, to two, and so on.

    Parameters
    ----------
    prospects
        `Prospects.frame` or `Gap.frame`: `rivals_linked`.

    Returns
    -------
    plotly.graph_objects.Figure
        A bar a number of rivals.

    Raises
    ------
    InvalidArgumentError
        When the column is missing.
    MissingLibraryError
        When plotly is not installed.

    Examples
    --------
    >>> import pandas as pd, linkgap as lg
    >>> lg.draw_rivals_linked(pd.DataFrame({"rivals_linked": [1, 1, 3]})).data[0].y
    (2, 1)
    """
    _check_columns(prospects, ("rivals_linked",), "prospects.frame")
    counts = prospects["rivals_linked"].value_counts().sort_index()
    figure = _graphs().Figure()
    figure.add_bar(
        x=counts.index.tolist(),
        y=counts.tolist(),
        marker={"color": _BLUE},
        texttemplate="%{y:,}",
        hovertemplate="%{y:,} prospects link to %{x} rivals<extra></extra>",
    )
    figure.update_layout(
        _LAYOUT,
        title="How many rivals do the prospects link to?",
        xaxis={"title": "rivals linked", "dtick": 1},
        yaxis={"title": "prospects"},
    )
    return figure


def draw_changes(sites: pd.DataFrame) -> Figure:
    """Draw how many referring domains each site won and lost: new ones to the right, lost ones to the left.

    Parameters
    ----------
    sites
        `Changes.sites`: `site`, `kept`, `new`, `unverified_new`, `lost` and `unverified_lost`.

    Returns
    -------
    plotly.graph_objects.Figure
        A row a site; what the lists can't prove is hatched.

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
    _check_columns(sites, ("site", "kept", *_CHANGES), "lg.compare_links(...).sites")
    figure = _graphs().Figure()
    shown = sites[::-1]
    names = [_plain_text(name) for name in shown["site"]]
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
    ticks = _ticks(*ends)
    figure.update_layout(
        _LAYOUT,
        title="Which sites won referring domains, and which lost some?",
        barmode="relative",
        height=220 + 40 * len(names),
        xaxis={"title": "lost ← domains → new", "tickvals": ticks, "ticktext": [f"{abs(tick):,}" for tick in ticks]},
        yaxis={"tickvals": list(range(len(names))), "ticktext": names, "automargin": True},
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "traceorder": "normal"},
    )
    return figure


_MOST_TICKS = 5
_BLUE = "#0072b2"
_ORANGE = "#d55e00"
_CHANGES = {
    "new": ("new", 1, _BLUE, ""),
    "unverified_new": ("new or not listed before", 1, _BLUE, "/"),
    "lost": ("lost", -1, _ORANGE, ""),
    "unverified_lost": ("lost or not listed any more", -1, _ORANGE, "/"),
}
"""Hatching tells the unproven apart without a colour; blue and orange stand out from light and from dark paper."""
_SIDES = (("lost", "unverified_lost"), ("new", "unverified_new"))
_FAINT = "#d5dae0"
_RISKS = (
    ("no risk named", -1.0, 0.0, _BLUE),
    ("some risk", 0.0, 0.3, "#e69f00"),
    ("risk over 30 %", 0.3, 1.0, "#d55e00"),
)


def _counted_title(title: str, shown: int, every: int, noun: str) -> str:
    """Say in the title when not everything is drawn."""
    return title if shown == every else f"{title} The first {shown:,} of {every:,} {noun}"


def _plain_text(text: object) -> str:
    """Return a text that plotly takes for no markup: it makes bold words and links of what looks like HTML."""
    return escape(str(text), quote=False)


def _ticks(left: int, right: int) -> list[int]:
    """Return round numbers from -left to right, zero among them."""
    most = max(left, right, 1)
    power = 10 ** (len(str(most)) - 1)
    step = next(size for size in (power // 5, power // 2, power, 2 * power) if size and most / size <= _MOST_TICKS)
    return [*range(-(left // step) * step, 0, step), *range(0, right + 1, step)]


def _check_columns(table: pd.DataFrame, wanted: Iterable[str], source: str) -> None:
    missing = set(wanted) - set(getattr(table, "columns", ()))
    if missing:
        message = f"The table has no column {in_words(missing)}. Allowed: {source}, or a table with its columns."
        raise InvalidArgumentError(message)


def _graphs() -> Any:  # noqa: ANN401 - a module
    try:
        from plotly import graph_objects
    except ImportError as error:
        message = 'Charts need plotly, which is not installed. Install it: pip install "linkgap[lab]".'
        raise MissingLibraryError(message) from error
    return graph_objects
