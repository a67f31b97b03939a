"""Charts of who links to whom, and of the prospects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

from linkgap.charts.figures import (
    BLUE,
    FAINT,
    GREEN,
    GREY,
    ORANGE,
    PINK,
    RED,
    SKY,
    check_columns,
    counted_things,
    finished,
    graphs,
    inert,
    label,
    rivals_axis,
)
from linkgap.errors import InvalidArgumentError, check_most, in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from plotly.graph_objects import Figure

By = Literal["risk", "tactic", "evidence"]
"""What the points of `draw_authority` are coloured by."""

HIGH_RISK = 0.3
"""A risk from this value on is called high, in the explorer as well."""

_EVIDENCE = {"proven": GREEN, "likely": BLUE, "unverified": ORANGE}
_OTHERS = (BLUE, ORANGE, GREEN, PINK, SKY, RED)


def draw_overlaps(overlaps: pd.DataFrame, *, most: int = 15) -> Figure:
    """Draw which combinations of sites domains link to: a column per combination, dots for the sites linked.

    Parameters
    ----------
    overlaps
        `Gap.overlaps`: a boolean column per site, `sites` and `domains`.
    most
        Maximum number of combinations, the largest first.

    Returns
    -------
    plotly.graph_objects.Figure
        An UpSet plot (Lex et al. 2014): numbers of domains above, dots below.

    Raises
    ------
    InvalidArgumentError
        When a column is missing, or `most` is not a whole number of 1 or more.
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
    check_columns(overlaps, ("sites", "domains"), "lg.find_gap(...).overlaps")
    check_most(most)
    shown = overlaps.head(most)
    sites = [str(name) for name in overlaps if name not in {"sites", "domains"}][::-1]
    figure = graphs().Figure()
    figure.add_bar(
        x=list(range(len(shown))),
        y=shown["domains"].tolist(),
        customdata=[
            " and ".join(inert(site) for site in reversed(sites) if row[site]) for row in shown.to_dict("records")
        ],
        marker={"color": BLUE},
        texttemplate="%{y:,}",
        textposition="outside",
        textangle=0,
        cliponaxis=False,
        hovertemplate="linking to just %{customdata}: <b>%{y:,}</b><extra></extra>",
        showlegend=False,
    )
    for linked, colour in ((False, FAINT), (True, BLUE)):
        _add_dots(figure, shown[sites], linked=linked, colour=colour)
    things = counted_things(overlaps)
    below = 0.1 + 0.06 * min(len(sites), 10)
    return finished(
        figure,
        _counted_title(f"How many {things} link to exactly these?", f"the largest {len(shown):,}", shown, overlaps),
        height=380 + 22 * len(sites),
        xaxis={"visible": False},
        yaxis={"title": things, "domain": [below + 0.02, 1]},
        yaxis2={
            "domain": [0, below],
            "tickvals": list(range(len(sites))),
            "ticktext": [label(site) for site in sites],
            "zeroline": False,
        },
    )


def _add_dots(figure: Figure, linked_sites: pd.DataFrame, *, linked: bool, colour: str) -> None:
    places = [(x, y) for x, row in enumerate(linked_sites.to_numpy()) for y, links in enumerate(row) if links == linked]
    figure.add_scatter(
        x=[x for x, _ in places],
        y=[y for _, y in places],
        yaxis="y2",
        mode="markers",
        marker={"color": colour, "size": 11},
        hoverinfo="skip",
        showlegend=False,
    )


def draw_authority(prospects: pd.DataFrame, *, by: By = "risk", most: int = 20_000) -> Figure:
    """Draw how likely a link is against what it is worth: the prospects to write to first are at the top right.

    Parameters
    ----------
    prospects
        `Prospects.frame`: `domain`, `likelihood`, `authority_percentile`, and what `by` names.
    by
        What the colours show: `risk`, `tactic` or `evidence`.
    most
        Maximum number of points; of more prospects, this many are drawn, evenly spaced in the table's order.

    Returns
    -------
    plotly.graph_objects.Figure
        One point per prospect. If no export gives an authority, all are in the middle, and the axis says so.

    Raises
    ------
    InvalidArgumentError
        When a column is missing, or an option is not one of those allowed.
    MissingLibraryError
        When plotly is not installed.

    Examples
    --------
    >>> import linkgap as lg
    >>> gap = lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example")
    >>> figure = lg.draw_authority(lg.rank_prospects(gap).frame)
    >>> [points.name for points in figure.data]
    ['risk of 0%', 'some risk', 'risk of 30% or more']
    """
    if by not in get_args(By):
        message = f"by={by!r} is not allowed. Allowed: {in_words(get_args(By))}."
        raise InvalidArgumentError(message)
    check_columns(prospects, ("domain", "likelihood", "authority_percentile", by), "prospects.frame")
    check_most(most)
    shown = _spread(prospects, most)
    figure = graphs().Figure()
    for name, colour, members in _risks(shown) if by == "risk" else _words(shown, by):
        points = shown[members]
        figure.add_scattergl(
            x=points["authority_percentile"].fillna(0.5).tolist(),
            y=points["likelihood"].tolist(),
            text=[inert(domain) for domain in points["domain"]],
            name=label(name),
            mode="markers",
            marker={"color": colour, "size": 6, "opacity": 0.7},
            hovertemplate="<b>%{text}</b><br>likelihood %{y:.2f}, authority percentile %{x:.0%}<extra></extra>",
        )
    unknown = len(shown) > 0 and prospects["authority_percentile"].isna().all()
    where = "authority percentile among the prospects" + ("<br>(no export gives an authority)" if unknown else "")
    return finished(
        figure,
        _counted_title("How likely is a link, and how strong?", f"{len(shown):,}", shown, prospects),
        height=440,
        showlegend=True,
        xaxis={"title": where, "tickformat": ".0%", "range": [-0.02, 1.02]},
        yaxis={"title": "likelihood", "rangemode": "tozero"},
    )


def _spread(table: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return at most `most` rows, evenly spaced, the first always among them."""
    import numpy as np

    return table if len(table) <= most else table.iloc[np.arange(most) * len(table) // most]


def _risks(prospects: pd.DataFrame) -> Iterator[tuple[str, str, Any]]:
    risk = prospects["risk"]
    yield "risk of 0%", BLUE, risk <= 0
    yield "some risk", ORANGE, (risk > 0) & (risk < HIGH_RISK)
    yield "risk of 30% or more", RED, risk >= HIGH_RISK


def _words(prospects: pd.DataFrame, column: str) -> Iterator[tuple[str, str, Any]]:
    """Yield each word of a column with its colour and rows, the most frequent first; the rare ones share a grey."""
    words = prospects[column].fillna("unknown")
    counts = words.value_counts()
    named = [word for word in counts.index if word != "unknown"]
    if column == "evidence":
        colours = {word: _EVIDENCE[word] for word in _EVIDENCE if word in counts}
    else:
        colours = dict(zip(named, _OTHERS, strict=False))
    for word, colour in colours.items():
        yield word, colour, words == word
    if "unknown" in counts:
        yield "unknown", FAINT, words == "unknown"
    rest = set(named) - set(colours)
    if rest:
        yield "others", GREY, words.isin(rest)


def draw_rivals_linked(prospects: pd.DataFrame) -> Figure:
    """Draw how many prospects link to one rival, to two, and so on.

    Parameters
    ----------
    prospects
        `Prospects.frame` or `Gap.frame`: `rivals_linked`.

    Returns
    -------
    plotly.graph_objects.Figure
        One bar per number of rivals.

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
    check_columns(prospects, ("rivals_linked",), "prospects.frame")
    counts = prospects["rivals_linked"].value_counts().sort_index()
    figure = graphs().Figure()
    figure.add_bar(
        x=counts.index.tolist(),
        y=counts.tolist(),
        customdata=["1 rival" if number == 1 else f"{number:,} rivals" for number in counts.index],
        marker={"color": BLUE},
        texttemplate="%{y:,}",
        textposition="outside",
        textangle=0,
        cliponaxis=False,
        hovertemplate="linking to %{customdata}: <b>%{y:,}</b><extra></extra>",
    )
    return finished(
        figure,
        "How many rivals do prospects link to?",
        xaxis=rivals_axis(len(counts)),
        yaxis={"title": "prospects"},
    )


def draw_similarity(rivals: pd.DataFrame) -> Figure:
    """Draw how similar the rivals are to the site, and what each adds, to see which to keep and which to leave out.

    Parameters
    ----------
    rivals
        `Rivals.frame`, from `compare_rivals`: `rival`, `similarity`, `similarity_to_rivals`, `adds` and `prospects`.

    Returns
    -------
    plotly.graph_objects.Figure
        Two bars per rival, the most similar on top: its similarity to the site, and to the other rivals.

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
    >>> lg.draw_similarity(lg.compare_rivals(gap).frame).data[0].y[-1]
    'deskly.example'
    """
    needed = ("rival", "similarity", "similarity_to_rivals", "adds", "prospects")
    check_columns(rivals, needed, "lg.compare_rivals(gap).frame")
    shown = rivals.iloc[::-1]
    names = [inert(rival) for rival in shown["rival"]]
    figure = graphs().Figure()
    for column, name, colour in (
        ("similarity", "to the site", BLUE),
        ("similarity_to_rivals", "to the other rivals", SKY),
    ):
        figure.add_bar(
            x=shown[column].tolist(),
            y=names,
            orientation="h",
            name=name,
            customdata=list(zip(shown["prospects"].tolist(), shown["adds"].tolist(), names, strict=True)),
            marker={"color": colour},
            texttemplate="%{x:.2f}",
            hovertemplate=f"similarity {name} %{{x:.2f}}<br>prospects that link to it: %{{customdata[0]:,}}, "
            "prospects only because of it: %{customdata[1]:,}<extra>%{customdata[2]}</extra>",
        )
    return finished(
        figure,
        "How similar are the rivals?",
        height=210 + 44 * len(shown),
        # Without a type, plotly would take 2024 or 1.2.3.4 for a number or a date, and leave out the names.
        yaxis={"type": "category", "tickvals": names, "ticktext": [label(rival) for rival in shown["rival"]]},
        xaxis={"title": "similarity, 0 to 1", "rangemode": "tozero"},
    )


def _counted_title(title: str, how_many: str, shown: pd.DataFrame, table: pd.DataFrame) -> str:
    """Return the title, with a line below it if not everything is drawn."""
    return title if len(shown) == len(table) else f"{title}<br><sub>{how_many} of {len(table):,} drawn</sub>"
