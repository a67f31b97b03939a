"""`rank_prospects`: in which order to write to them, by a formula that is explained row by row.

    likelihood = (coverage + 0.1 x linked domains + 0.1 x authority) / 1.2
    priority   = 100 x likelihood x authority ^ weight x (1 - risk)

`coverage` is the share of the rivals that the domain links to, weighted by how alike each rival is to the site (cosine
of their linking domains, blended with how alike it is to the other rivals while the site has few links of its own).
`linked domains` and `authority` are percentiles among the prospects. On eight link graphs this was as good as anything
that could be learned, and better than counting rivals; sorting by authority was hardly better than chance.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from linkgap.domains import parse_site
from linkgap.errors import (
    InvalidArgumentError,
    UnknownDomainError,
    UnknownSiteError,
    counted,
    in_words,
    is_number,
    listed,
)
from linkgap.gap.authority import MEDIAN, Authority, merge_authority, percentile
from linkgap.gap.referring import names_of
from linkgap.gap.risk import Risk, screen_domains
from linkgap.schema import PROSPECTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt

    from linkgap.gap.membership import Gap
    from linkgap.gap.referring import Combinations

    Array = npt.NDArray[Any]

LEAST_VALUE = 0.02
"""Authority percentiles below are lifted to it, so that no prospect is multiplied by zero."""

OWN_LINKS_TRUSTED = 10
"""With as many own linking domains, similarity to the site and among the rivals weigh alike."""

LIKELIHOOD_WEIGHTS: Mapping[str, float] = MappingProxyType({"linked_domains": 0.1, "authority": 0.1})
MOST_RIVAL_WEIGHT = 1000
_MOST_REPEATED = 0.3
_DECIMALS = 9


@dataclass(frozen=True, eq=False)
class Prospects:
    """Prospects in the order of their priority. Made by `rank_prospects`.

    Attributes
    ----------
    gap
        What was ranked.
    settings
        The options of `rank_prospects` that make this ranking again.
    weights
        The weight of each rival; they add up to 1.
    notes
        What was left out or estimated, in sentences.
    terms
        The terms of the likelihood that are used besides coverage, each with its weight.
    scores
        Arrays in order of domains: `coverage`, `linked_domains`, `authority`, `likelihood`, `value`, `priority`.
    """

    gap: Gap
    settings: Mapping[str, Any]
    weights: Mapping[str, float]
    notes: tuple[str, ...]
    terms: Mapping[str, float] = field(repr=False)
    scores: Mapping[str, Array] = field(repr=False)
    authority: Authority = field(repr=False)
    risk: Risk = field(repr=False)
    details: Mapping[str, Array] = field(repr=False)

    def __len__(self) -> int:
        """Return how many prospects there are."""
        return len(self.gap)

    def __repr__(self) -> str:
        """State how many prospects, and the first of them."""
        first = names_of(self.gap.links.engine, self.gap.question.level, self.gap.candidates.number[self.order[:3]])
        lead = f"; first: {', '.join(first)}" if first else ""
        return f"{counted(len(self), 'prospect')} for {self.gap.site}{lead}"

    def _repr_html_(self) -> str:
        """Show the finding, the first prospects and the notes."""
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        return f"<p>{escape(repr(self))}</p>{self.top(20).to_html(index=False, na_rep='', border=0)}<ul>{notes}</ul>"

    @cached_property
    def order(self) -> Array:
        """The places of the prospects in order of rank; ties by domain in alphabetical order."""
        return np.lexsort((self.gap.candidates.number, -np.round(self.scores["priority"], _DECIMALS)))

    @property
    def formula(self) -> str:
        """The formula that was used, without the terms that the exports lack."""
        named = {"linked_domains": "linked domains", "authority": "authority"}
        terms = ["coverage", *(f"{weight:g} x {named[name]}" for name, weight in self.terms.items())]
        likelihood = (
            " + ".join(terms) if len(terms) == 1 else f"({' + '.join(terms)}) / {1 + sum(self.terms.values()):g}"
        )
        value = f" x authority ^ {self.settings['authority_weight']:g}" if self.authority.known else ""
        return f"priority = 100 x {likelihood}{value} x (1 - {self.settings['risk_weight']:g} x risk)"

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All prospects in order of rank, see `linkgap.schema.PROSPECTS`."""
        return self.top(len(self))

    def top(self, number: int) -> pd.DataFrame:
        """Return the first prospects, with the columns of `frame`.

        Parameters
        ----------
        number
            How many; fewer are returned when there are fewer.
        """
        if not is_number(number, whole=True) or number < 0:
            message = f"top({number!r}) is not allowed. Allowed: a whole number, 0 or more."
            raise InvalidArgumentError(message)
        places = self.order[:number]
        known = self.gap.table(places)
        names = names_of(self.gap.links.engine, self.gap.question.level, self.gap.candidates.number[places])
        added: dict[str, Any] = {
            "rank": np.arange(1, len(places) + 1),
            "domain": pd.Series(names, dtype=object),
            **self._columns(places),
        }
        table = known.assign(**added)
        order = [column.name for column in PROSPECTS]
        behind = order.index("rivals_linked") + 1
        return table[[*order[:behind], *self.gap.rivals, *order[behind:]]]

    def _columns(self, places: Array) -> dict[str, Any]:
        scores = {name: self.scores[name][places] for name in ("priority", "likelihood", "value", "coverage")}
        whole = {
            name: pd.array(self.details[name][places], dtype="Float64")
            for name in ("referring_domains", "linked_domains")
        }
        return {
            **scores,
            "risk": self.risk.points[places],
            "risk_reasons": pd.Series(self.risk.words(places), dtype=object),
            "authority": self.authority.raw[places],
            "authority_metric": pd.Series(self.authority.metric[places], dtype=object).replace("", None),
            "authority_percentile": self.authority.percentile[places],
            "authority_imputed": self.authority.imputed[places],
            "traffic": self.details["traffic"][places],
            **{name: column.astype("Int64") for name, column in whole.items()},
            "spam": pd.array(self.details["spam"][places], dtype="Float64").astype("boolean"),
            "spam_score": self.details["spam_score"][places],
        }

    def explain(self, domain: str) -> pd.DataFrame:
        """Return what a prospect's priority is made of.

        Parameters
        ----------
        domain
            As it stands in `frame`.

        Returns
        -------
        DataFrame
            One row a term: `term`, `value`, `weight`, `contribution` in points; these add up to the priority.

        Raises
        ------
        UnknownDomainError
            When the domain is no prospect.

        Examples
        --------
        >>> import linkgap as lg
        >>> gap = lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example")
        >>> prospects = lg.rank_prospects(gap)
        >>> best = prospects.frame.iloc[0]
        >>> bool(abs(prospects.explain(best["domain"])["contribution"].sum() - best["priority"]) < 1e-9)
        True
        """
        place = self._place(domain)
        share = 100 / (1 + sum(self.terms.values()))
        chosen = self.gap.candidates
        linked = [rival for position, rival in enumerate(self.gap.rivals) if chosen.links_to(position)[place]]
        rows = [(f"links to {rival}", 1.0, self.weights[rival], share * self.weights[rival]) for rival in linked]
        for name, weight in self.terms.items():
            percent = float(self.scores[name][place])
            rows.append((f"{name.replace('_', ' ')} percentile", percent, weight, share * weight * percent))
        running = sum(row[3] for row in rows)
        if self.authority.known:
            weight, value = self.settings["authority_weight"], float(self.scores["value"][place])
            rows.append(
                ("value of the link: authority percentile ^ weight", value, weight, running * (value**weight - 1))
            )
            running *= value**weight
        points, weight = float(self.risk.points[place]), self.settings["risk_weight"]
        words = self.risk.words(np.array([place]))[0]
        rows.append(
            (f"risk: {words}" if words else "risk: no reasons", points, weight, 0.0 - running * weight * points)
        )
        return pd.DataFrame(rows, columns=["term", "value", "weight", "contribution"])

    def _place(self, domain: str) -> int:
        domains = self.gap.domains
        place = int(np.searchsorted(np.array(domains, dtype=object), domain)) if domains else 0
        if place == len(domains) or domains[place] != domain:
            near = [name for name in domains if domain in name or name in domain][:5]
            hint = f" Near it: {in_words(near)}." if near else " See .frame['domain'] for those that are."
            message = f"{domain} is not among the {counted(len(domains), 'prospect')} for {self.gap.site}.{hint}"
            raise UnknownDomainError(message)
        return place


def rank_prospects(
    gap: Gap,
    *,
    authority_weight: float = 0.25,
    risk_weight: float = 1.0,
    rival_weights: Mapping[str, float] | None = None,
    likelihood_weights: Mapping[str, float] = LIKELIHOOD_WEIGHTS,
    allow: Iterable[str] = (),
    deny: Iterable[str] = (),
) -> Prospects:
    """Put the prospects of a gap in the order in which to write to them.

    Parameters
    ----------
    gap
        From `find_gap`.
    authority_weight
        How much you care about authority: 0 not at all, 0.25 a little, 1 as much as about likelihood; 0 to 4.
    risk_weight
        How much risk counts, 0 to 1.
    rival_weights
        From rivals to weights from 0 to 1,000, of which only the proportions matter; rivals left out weigh 0. None
        weighs them by similarity.
    likelihood_weights
        Weights of `linked_domains` and `authority` beside a coverage of weight 1.
    allow, deny
        Domains whose risk is 0, or 1, whatever else is said of them.

    Returns
    -------
    Prospects
        With `.frame`, `.top(n)`, `.explain(domain)`, `.formula` and `.notes`.

    Raises
    ------
    InvalidArgumentError
        When a weight is out of range.
    UnknownSiteError
        When `rival_weights` names a site that is no rival of this gap.

    Notes
    -----
    A column that the exports lack drops out of the formula, and `notes` says so. Percentiles are mid-ranks among the
    prospects. Priorities are compared to nine decimals; ties are in order of the domains.

    Examples
    --------
    >>> import linkgap as lg
    >>> gap = lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example")
    >>> lg.rank_prospects(gap).frame["rank"].head(3).tolist()
    [1, 2, 3]
    """
    _check_weight("authority_weight", authority_weight, 4)
    _check_weight("risk_weight", risk_weight, 1)
    details = _details(gap)
    authority = merge_authority(gap.candidates, *_metrics(gap))
    weights = rival_similarity(gap.combinations) if rival_weights is None else _given_weights(gap, rival_weights)
    linked, notes = _linked_domains(details["linked_domains"])
    terms = _terms(likelihood_weights, linked_known=linked is not None, authority_known=authority.known)
    lists = {
        name: [str(parse_site(text)) for text in listed(texts, name)]
        for name, texts in (("allow", allow), ("deny", deny))
    }
    risk = screen_domains(gap.links, gap.question, gap.candidates, **lists)
    parts = {"coverage": _coverage(gap, weights), "authority": authority.percentile}
    parts |= {} if linked is None else {"linked_domains": linked}
    scores = _scores(parts, terms, risk, authority_weight, risk_weight)
    settings = {
        "authority_weight": float(authority_weight),
        "risk_weight": float(risk_weight),
        "rival_weights": None if rival_weights is None else {name: float(each) for name, each in rival_weights.items()},
        "likelihood_weights": {name: float(each) for name, each in likelihood_weights.items()},
        **lists,
    }
    named = dict(zip(gap.rivals, weights.tolist(), strict=True))
    return Prospects(
        gap, settings, named, (*authority.notes, *notes, *risk.notes), terms, scores, authority, risk, details
    )


def rival_similarity(combinations: Combinations) -> Array:
    """Return the weight of each rival: how alike it is to the site, and to the other rivals; they add up to 1.

    Notes
    -----
    With S the domains linking to the site, n their number, and R those linking to a rival: a = cos(S, R) and
    p = the mean of cos(R, other R), each divided by its sum over the rivals; weight = (n a + 10 p) / (n + 10).
    cos(A, B) is the number of domains in both over the root of the product of their numbers.
    """
    shared = combinations.shared().astype(float)
    sizes = np.sqrt(np.diag(shared))
    cosines = shared / np.maximum(np.outer(sizes, sizes), 1)
    to_site, among = cosines[0, 1:], cosines[1:, 1:]
    rivals = len(to_site)
    to_rivals = (among.sum(axis=1) - np.diag(among)) / max(rivals - 1, 1)
    own = shared[0, 0]
    blended = own * _shares(to_site) + OWN_LINKS_TRUSTED * _shares(to_rivals)
    return np.asarray(blended / blended.sum()) if blended.sum() else np.full(rivals, 1 / rivals)


def _shares(values: Array) -> Array:
    """Divide by the sum; all zeros stay zeros."""
    return values / values.sum() if values.sum() else np.zeros(len(values))


def _scores(
    parts: Mapping[str, Array], terms: Mapping[str, float], risk: Risk, authority_weight: float, risk_weight: float
) -> dict[str, Array]:
    likelihood = (parts["coverage"] + sum(weight * parts[name] for name, weight in terms.items())) / (
        1 + sum(terms.values())
    )
    value = np.maximum(parts["authority"], LEAST_VALUE)
    worth = np.where(np.isnan(value), 1.0, value**authority_weight)
    priority = 100 * likelihood * worth * (1 - risk_weight * risk.points)
    return {**parts, "likelihood": likelihood, "value": value, "priority": priority}


def _terms(weights: Mapping[str, float], *, linked_known: bool, authority_known: bool) -> dict[str, float]:
    unknown = set(weights) - set(LIKELIHOOD_WEIGHTS)
    if unknown:
        message = f"likelihood_weights names {in_words(unknown)}. Allowed: {in_words(LIKELIHOOD_WEIGHTS)}."
        raise InvalidArgumentError(message)
    for name, weight in weights.items():
        _check_weight(f"likelihood_weights[{name!r}]", weight, 1)
    known = {"linked_domains": linked_known, "authority": authority_known}
    return {name: float(weights[name]) for name in LIKELIHOOD_WEIGHTS if known[name] and weights.get(name)}


def _check_weight(name: str, weight: float, most: float) -> None:
    if not is_number(weight) or not 0 <= weight <= most:
        message = f"{name}={weight!r} is not allowed. Allowed: a number from 0 to {most:,g}."
        raise InvalidArgumentError(message)


def _given_weights(gap: Gap, weights: Mapping[str, float]) -> Array:
    unknown = set(weights) - set(gap.rivals)
    if unknown:
        message = f"rival_weights names {in_words(unknown)}. Allowed: {in_words(gap.rivals)}."
        raise UnknownSiteError(message)
    for rival, weight in weights.items():
        _check_weight(f"rival_weights[{rival!r}]", weight, MOST_RIVAL_WEIGHT)
    chosen = np.array([float(weights.get(rival, 0)) for rival in gap.rivals])
    if not chosen.sum():
        message = "rival_weights are all 0. Allowed: at least one above 0."
        raise InvalidArgumentError(message)
    return np.asarray(chosen / chosen.sum())


def _metrics(gap: Gap) -> tuple[list[str | None], pd.DataFrame]:
    """Return the metric of each file, and the receipts with the rival that each is for (-1: none or several)."""
    metrics = [source.report.authority_metric if source.cell("authority") else None for source in gap.links.sources]
    rivals = {rival: position for position, rival in enumerate(gap.rivals)}
    receipts = gap.links.receipts
    return metrics, receipts.assign(rival=[rivals.get(site, -1) for site in receipts["site"]])


def _details(gap: Gap) -> dict[str, Array]:
    """Return the highest figure that any file shows for each candidate; NaN where none does."""
    figures = ("traffic", "referring_domains", "linked_domains", "spam", "spam_score")
    return {figure: gap.candidates.highest(figure) for figure in figures}


def _coverage(gap: Gap, weights: Array) -> Array:
    """Return the sum of the weights of the rivals that each candidate links to."""
    linked = (gap.candidates.links_to(rival) * weight for rival, weight in enumerate(weights))
    return np.asarray(sum(linked, np.zeros(len(gap))))


def _linked_domains(figures: Array) -> tuple[Array | None, list[str]]:
    """Return the percentiles of linked domains, or None when the figures are missing or show a cut list's cap."""
    known = figures[~np.isnan(figures)]
    if not len(known):
        return None, ["No export gives the number of domains that a prospect links to, so the ranking leaves it out."]
    _, counts = np.unique(known, return_counts=True)
    if len(known) > 1 and counts.max() > _MOST_REPEATED * len(known):
        share = f"{counts.max() / len(known):.0%}"
        cut = f"{share} of the prospects link to the same number of domains: these lists are cut, and it is left out."
        return None, [cut]
    return np.where(np.isnan(figures), MEDIAN, percentile(figures)), []
