"""Rivals: how similar they are, what each adds to the list, which one spoils it, and who else could be one."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from linkgap.domains import host_of, parse_site, registrable_domain
from linkgap.engine import statement
from linkgap.errors import (
    TooFewLinksError,
    check_kind,
    check_most,
    counted,
)
from linkgap.gap.formula import cosines, rival_similarity
from linkgap.gap.membership import Gap, known_site
from linkgap.loaders.links import Links

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from linkgap.gap.referring import Question

    Array = npt.NDArray[Any]

DOMINANT_SHARE = 0.5
"""A rival that alone gives more than this share of the prospects dominates the list."""

UNLIKE = 1 / 3
"""A rival with less than this share of the others' median similarity is called unlike them."""

LEAST_DOMAINS = 8
"""With fewer linking domains, similarity is a matter of luck."""

_LEAST_TO_COMPARE = 3
_MEASURES = {"similarity": "to yours", "similarity_to_rivals": "to the other rivals'"}
_TARGET_COLUMNS = ("file", "pair", "name", "domain")


@dataclass(frozen=True, eq=False)
class Rivals:
    """The rivals of a gap side by side. Made by `compare_rivals`.

    Attributes
    ----------
    site
        Whose rivals they are.
    frame
        One row per rival, the most similar first: `rival`, number of `domains` that link to it and of `shared` ones
        that link to the site as well, `similarity` to the site and `similarity_to_rivals`, 0 to 1, its `weight` in the
        ranking, number of `prospects` that link to it, and of those that the gap would not have without it (`adds`, and
        `adds_share` of all prospects).
    warnings
        Which rivals spoil the list and what to do, in sentences.
    """

    site: str
    frame: pd.DataFrame = field(repr=False)
    warnings: tuple[str, ...]

    def __repr__(self) -> str:
        """Name the rival that is most like the site, if any is, and say how many warnings there are."""
        first = self.frame.iloc[0]
        alike = f"{first['rival']} is most like {self.site} ({first['similarity']:.2f})"
        if not first["similarity"]:
            alike = f"none shares a linking domain with {self.site}"
        return f"{counted(len(self.frame), 'rival')}: {alike}; {counted(len(self.warnings), 'warning')}"

    def _repr_html_(self) -> str:
        """Show the finding, the rivals and the warnings."""
        warnings = "".join(f"<li>{escape(each)}</li>" for each in self.warnings)
        table = self.frame.round(3).to_html(index=False, na_rep="", border=0)
        return f"<p>{escape(repr(self))}</p>{table}<ul>{warnings}</ul>"


def compare_rivals(gap: Gap) -> Rivals:
    """Show how similar the rivals are, what each alone adds, and whether one of them spoils the list.

    Parameters
    ----------
    gap
        From `find_gap`.

    Returns
    -------
    Rivals
        With `.frame` and `.warnings`.

    Raises
    ------
    InvalidArgumentError
        When something other than a gap is given.
    TooFewLinksError
        When no domain links to any rival.

    Notes
    -----
    Similarity is the cosine of the linking domains: the number that two sites share over the root of the product of
    their numbers. Where half of the rivals were replaced by popular sites, weighting by similarity kept the ranking's
    precision; five to ten good rivals were enough on every link graph tried.

    Examples
    --------
    >>> import linkgap as lg
    >>> gap = lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example")
    >>> lg.compare_rivals(gap).frame["rival"].iloc[0]
    'deskly.example'
    """
    check_kind(gap, Gap, "gap", "a gap, as find_gap returns it")
    shared = gap.combinations.shared()
    if not np.diag(shared)[1:].any():
        message = f"No domain links to a rival of {gap.site}, so there is nothing to compare. Read the rivals' links."
        raise TooFewLinksError(message)
    alike, linked = cosines(shared), _linked(gap)
    needed = gap.candidates.rivals_linked == gap.question.min_rivals
    rivals = len(gap.rivals)
    table = pd.DataFrame(
        {
            "rival": pd.Series(gap.rivals, dtype=object),
            "domains": np.diag(shared)[1:],
            "shared": shared[0, 1:],
            "similarity": alike[0, 1:],
            "similarity_to_rivals": (alike[1:, 1:].sum(axis=1) - np.diag(alike)[1:]) / max(rivals - 1, 1),
            "weight": rival_similarity(shared),
            "prospects": linked.sum(axis=0),
            "adds": (linked & needed[:, None]).sum(axis=0),
        }
    )
    table["adds_share"] = table["adds"] / max(len(gap), 1)
    ordered = table.sort_values(["similarity", "weight"], ascending=False, kind="stable", ignore_index=True)
    return Rivals(gap.site, ordered, tuple(_warnings(ordered, gap.question)))


def suggest_rivals(links: Links, *, site: str, most: int = 20) -> pd.DataFrame:
    """Find sites that are linked from the same domains as yours: whom to take as rivals, when you have none.

    The links have to point to other sites too, like those of a crawl, of a web graph, or of exports for many sites.
    Sites that rank for the same searches are rivals as well, but no list of links shows them.

    Parameters
    ----------
    links
        From `read_links`; here, links to sites outside `links.sites` count, too.
    site
        One of `links.sites`.
    most
        Maximum number of sites to return.

    Returns
    -------
    DataFrame
        The most similar first: `site`, number of `domains` that link to it and of `shared` ones that link to yours as
        well, `similarity` from 0 to 1, and `read`, whether it is one of `links.sites`. Sites with fewer than eight
        linking domains, or with none in common with yours, are left out.

    Raises
    ------
    InvalidArgumentError
        When something other than links is given, or `most` is not a valid number of rows.
    TooFewLinksError
        When no live link points to the site, or none to any other.
    UnknownSiteError
        When the links don't contain the site.

    Examples
    --------
    >>> import linkgap as lg
    >>> lg.suggest_rivals(lg.read_links(lg.sample_exports()), site="oakdesk.example")["site"].iloc[0]
    'deskly.example'
    """
    check_kind(links, Links, "links", "links, as read_links returns them")
    check_most(most)
    name = known_site(site, links.sites, "site")
    targets = _named_targets(links, name)
    if targets.empty:
        message = (
            f"The links point only to {name}, so they can't show which sites are like it. "
            "Read links of sites that may be rivals, or a list of links to many sites, such as a crawl."
        )
        raise TooFewLinksError(message)
    own = links.engine.rows(
        "SELECT COUNT(DISTINCT domain) FROM judged WHERE site = $site AND verdict = 'kept' AND NOT is_lost", site=name
    )[0][0]
    if not own:
        message = (
            f"No live link points to {name}, so nothing shows which sites are like it. "
            "Read its links too, or compare rivals that you know: lg.compare_rivals(gap)."
        )
        raise TooFewLinksError(message)
    with links.engine.turn:
        links.engine.put("named_targets", {name: targets[name].to_numpy() for name in _TARGET_COLUMNS})
        query = statement("linkgap.gap", "linking_domains")
        found = pd.DataFrame(links.engine.rows(query, site=name), columns=["site", "domains", "shared"])
    found = found[(found["domains"] >= LEAST_DOMAINS) & (found["shared"] > 0)]
    similarity = found["shared"] / np.sqrt(found["domains"] * own)
    found = found.assign(similarity=similarity.astype(float), read=found["site"].isin(links.sites))
    order = found.sort_values(["similarity", "site"], ascending=[False, True], ignore_index=True)
    return order.head(most)


def _linked(gap: Gap) -> Array:
    return np.column_stack([gap.candidates.links_to(rival) for rival in range(len(gap.rivals))])


def _warnings(table: pd.DataFrame, question: Question) -> Iterator[str]:
    # Where prospects must link to several rivals, none is due to one rival alone, and several rivals may each be needed
    # for most of them. Nor is it a rival's fault that all prospects link to it where `where(present=...)` asks for it.
    if len(table) > 1 and question.min_rivals == 1:
        dominant = (table["adds_share"] > DOMINANT_SHARE) & ~table["rival"].isin(question.present)
        for row in table[dominant].itertuples():
            yield (
                f"{row.rival} alone accounts for {row.adds_share:.0%} of the prospects: the list is mostly about it. "
                "Leave it out with rivals=[...], or ask for domains that link to several with min_rivals=2."
            )
    if len(table) < _LEAST_TO_COMPARE:
        return
    for place, row in enumerate(table.itertuples()):
        usual = table.drop(index=place)[list(_MEASURES)].median()
        measures = [name for name in _MEASURES if usual[name] > 0]
        if measures and all(getattr(row, name) < UNLIKE * usual[name] for name in measures):
            measured = [f"{getattr(row, name):.2f} {_MEASURES[name]} (others: {usual[name]:.2f})" for name in measures]
            yield (
                f"{row.rival} is unlike the others: the similarity of its linking domains is {' and '.join(measured)}. "
                "It has little weight in the ranking; a closer rival in its place would make the list better."
            )


def _named_targets(links: Links, site: str) -> pd.DataFrame:
    """Return the targets of links to other sites: `file`, `pair`, the `name` of the site linked to and its `domain`."""
    rows = links.engine.rows(
        "SELECT p.file, p.pair, p.target, t.site FROM pairs AS p "
        "LEFT JOIN targets AS t ON t.file = p.file AND t.pair = p.pair WHERE t.site IS NULL OR t.site <> $site",
        site=site,
    )
    own, names = parse_site(site).domain, dict[str, str]()
    for target in {str(row[2]) for row in rows if row[3] is None}:
        host = host_of(target)
        names[target] = registrable_domain(host) if host else ""
    named = [(file, pair, read or names[target]) for file, pair, target, read in rows]
    table = pd.DataFrame(named, columns=list(_TARGET_COLUMNS[:3]))
    table["domain"] = [parse_site(name).domain if name else "" for name in table["name"]]
    return table[(table["name"] != "") & (table["domain"] != own)]
