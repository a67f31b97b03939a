"""`rank_prospects`: the order in which to write to the prospects, by a formula that is explained row by row.

    likelihood = (coverage + 0.1 x linked domains + 0.1 x authority) / 1.2
    priority   = 100 x likelihood x authority ^ weight x (1 - risk)

`coverage` is the share of the rivals that the domain links to, each weighted by its similarity to the site (cosine of
their linking domains, blended with its similarity to the other rivals while the site has few links of its own).
`linked domains` and `authority` are percentiles among the prospects. On six of eight link graphs this was as good as
anything that could be learned (see `tune`). It was better than counting rivals; sorting by authority was hardly better
than chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from linkgap.domains import parse_site
from linkgap.errors import (
    InvalidArgumentError,
    UnknownDomainError,
    UnknownSiteError,
    check_kind,
    counted,
    in_words,
    is_number,
    listed,
)
from linkgap.gap.authority import Authority, merge_authority, metrics_of
from linkgap.gap.checked import notes_on, signs_today
from linkgap.gap.completeness import older_lists
from linkgap.gap.formula import (
    AUTHORITY_WEIGHT,
    DECIMALS,
    LIKELIHOOD_WEIGHTS,
    coverage_of,
    likelihood_of,
    linked_domains_percentile,
    priority_of,
    repeated_share,
    rival_similarity,
    terms_of,
    value_of,
)
from linkgap.gap.membership import Gap
from linkgap.gap.model import SIGNALS, Model, as_model, logistic, signals_of
from linkgap.gap.referring import count_links, names_of
from linkgap.gap.risk import Risk, screen_domains
from linkgap.gap.trials import Pool
from linkgap.schema import PROSPECTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from linkgap.domains import Site
    from linkgap.gap.checked import Checks

    Array = npt.NDArray[Any]
    Term = tuple[str, float, float, float]

MOST_RIVAL_WEIGHT = 1000


@dataclass(frozen=True, eq=False)
class Prospects:
    """Prospects in the order of their priority. Made by `rank_prospects`.

    Attributes
    ----------
    gap
        What was ranked.
    settings
        Options of `rank_prospects` that reproduce this ranking.
    weights
        The weight of each rival; they add up to 1.
    notes
        What was left out or estimated, in sentences.
    terms
        Terms of the likelihood that are used besides coverage, each with its weight.
    scores
        Arrays in the order of `gap.domains`: `coverage`, `linked_domains`, `authority`, `likelihood`, `value` and
        `priority`.
    model, signals
        The learned model that gives the likelihood, and its signals by name; None and empty when the formula gives it.
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
    model: Model | None = field(repr=False, default=None)
    signals: Mapping[str, Array] = field(repr=False, default_factory=dict)

    def __len__(self) -> int:
        """Return how many prospects there are."""
        return len(self.gap)

    def __repr__(self) -> str:
        """State how many prospects there are, and name the first three."""
        first = names_of(self.gap.links.engine, self.gap.question.level, self.gap.candidates.number[self.order[:3]])
        lead = f"; first: {', '.join(first)}" if first else ""
        return f"{counted(len(self), 'prospect')} for {self.gap.site}{lead}"

    def _repr_html_(self) -> str:
        """Show the finding, the first prospects and the notes."""
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        return f"<p>{escape(repr(self))}</p>{self.top(20).to_html(index=False, na_rep='', border=0)}<ul>{notes}</ul>"

    @cached_property
    def order(self) -> Array:
        """Positions in `gap.domains`, sorted by rank; ties are in alphabetical order."""
        return np.lexsort((self.gap.candidates.number, -np.round(self.scores["priority"], DECIMALS)))

    @property
    def formula(self) -> str:
        """The formula that was used, without the terms that the exports lack."""
        value = f" x authority ^ {self.settings['authority_weight']:g}" if self.authority.known else ""
        return f"priority = 100 x {self._likelihood_in_words()}{value} x (1 - {self.settings['risk_weight']:g} x risk)"

    def _likelihood_in_words(self) -> str:
        if self.model is not None:
            return f"learned likelihood ({', '.join(SIGNALS[name] for name in self.model.weights)})"
        terms = ["coverage", *(f"{weight:g} x {name.replace('_', ' ')}" for name, weight in self.terms.items())]
        return " + ".join(terms) if len(terms) == 1 else f"({' + '.join(terms)}) / {1 + sum(self.terms.values()):g}"

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All prospects in order of rank: `linkgap.schema.PROSPECTS`, then `PAGE_CHECKS` where pages were checked."""
        return self._first(len(self)).copy(deep=False)  # so that a user's changes to it stay out of the cached table

    @cached_property
    def _cached_table(self) -> list[pd.DataFrame]:
        """The longest table built so far, if any: it is kept, as reading the files again is what takes the time."""
        return []

    def top(self, number: int) -> pd.DataFrame:
        """Return the first prospects, with the columns of `frame`.

        Parameters
        ----------
        number
            How many; fewer are returned when there are fewer.

        Raises
        ------
        InvalidArgumentError
            When it is not a whole number of 0 or more.
        """
        if not is_number(number, whole=True) or number < 0:
            message = f"top({number!r}) is not allowed. Allowed: a whole number of 0 or more."
            raise InvalidArgumentError(message)
        return self._first(number).copy()

    def _first(self, number: int) -> pd.DataFrame:
        if not self._cached_table or len(self._cached_table[0]) < min(number, len(self)):
            self._cached_table[:] = [self._table(self.order[:number])]
        return self._cached_table[0].head(number)

    def _table(self, places: Array) -> pd.DataFrame:
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
        named = table[[*order[:behind], *self.gap.rivals, *order[behind:]]]
        pages = self.gap.pages_at(places)
        return named if pages is None else named.join(pages.reset_index(drop=True))

    def _columns(self, places: Array) -> dict[str, Any]:
        scores = {name: self.scores[name][places] for name in ("priority", "likelihood", "value", "coverage")}
        integer_columns = {
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
            **{name: column.astype("Int64") for name, column in integer_columns.items()},
            "spam": pd.array(self.details["spam"][places], dtype="Float64").astype("boolean"),
            "spam_score": self.details["spam_score"][places],
        }

    def explain(self, domain: str) -> pd.DataFrame:
        """Return what a prospect's priority is made of.

        Parameters
        ----------
        domain
            As spelled in `frame`.

        Returns
        -------
        DataFrame
            One row per term: `term`, `value`, `weight`, `contribution` in points; these add up to the priority.

        Raises
        ------
        UnknownDomainError
            When the domain is not a prospect.
        InvalidArgumentError
            When it is not a string.

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
        rows = self._explain_formula(place) if self.model is None else self._explain_model(self.model, place)
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

    def _explain_formula(self, place: int) -> list[Term]:
        share = 100 / (1 + sum(self.terms.values()))
        chosen = self.gap.candidates
        linked = [rival for position, rival in enumerate(self.gap.rivals) if chosen.links_to(position)[place]]
        rows = [(f"links to {rival}", 1.0, self.weights[rival], share * self.weights[rival]) for rival in linked]
        for name, weight in self.terms.items():
            percent = float(self.scores[name][place])
            rows.append((f"{name.replace('_', ' ')} percentile", percent, weight, share * weight * percent))
        return rows

    def _explain_model(self, model: Model, place: int) -> list[Term]:
        """Split the points above an average candidate's among the signals, by what each of them adds to the logit."""
        added = {name: float(values[place]) for name, values in model.contributions(self.signals).items()}
        average, total = float(logistic(np.array(model.intercept))), sum(added.values())
        slope = (float(self.scores["likelihood"][place]) - average) / total if total else average * (1 - average)
        rows = [("an average candidate", 1.0, average, 100 * average)]
        for name, logit in added.items():
            rows.append((SIGNALS[name], float(self.signals[name][place]), model.weights[name], 100 * slope * logit))
        return rows

    def with_checks(self, checks: Checks) -> Prospects:
        """Return the same ranking with page checks: their columns are added, and tactic and risk make use of them.

        Parameters
        ----------
        checks
            From `check_pages`.

        Raises
        ------
        InvalidArgumentError
            When these are not checks, or are those of another site's prospects.

        Examples
        --------
        >>> import linkgap as lg
        >>> gap = lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example")
        >>> prospects = lg.rank_prospects(gap)
        >>> checks = lg.check_pages(prospects, top=3, cached_only=True, cache=":memory:")
        >>> prospects.with_checks(checks).frame["page_result"].value_counts().to_dict()
        {'not asked': 3}
        """
        return rank_prospects(self.gap.with_checks(checks), **self.settings)

    def places(self, domains: Iterable[str]) -> Array:
        """Return the positions of some domains in `gap.domains`.

        Raises
        ------
        UnknownDomainError
            When one of them is not a prospect.
        InvalidArgumentError
            When they are not strings, or are a single string instead of a list.
        """
        return np.array([self._place(domain) for domain in dict.fromkeys(listed(domains, "domains"))], dtype=np.int64)

    def _place(self, domain: str) -> int:
        check_kind(domain, str, "domain", "a string, as in .frame['domain']")
        domains = self.gap.domains
        place = int(np.searchsorted(np.array(domains, dtype=object), domain)) if domains else 0
        if place == len(domains) or domains[place] != domain:
            near = [name for name in domains if domain in name or name in domain][:5]
            hint = f" Similar: {in_words(near)}." if near else " See .frame['domain'] for those that are."
            message = f"{domain} is not among the {counted(len(domains), 'prospect')} for {self.gap.site}.{hint}"
            raise UnknownDomainError(message)
        return place


def rank_prospects(
    gap: Gap,
    *,
    authority_weight: float = AUTHORITY_WEIGHT,
    risk_weight: float = 1.0,
    rival_weights: Mapping[str, float] | None = None,
    likelihood_weights: Mapping[str, float] = LIKELIHOOD_WEIGHTS,
    model: Model | Mapping[str, Any] | None = None,
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
        Mapping from rivals to weights from 0 to 1,000, of which only the proportions matter; a rival left out weighs 0.
        None weights rivals by similarity.
    likelihood_weights
        Weights of `linked_domains` and `authority` relative to coverage, which has weight 1.
    model
        `lg.tune(gap).model`: a learned likelihood in place of the formula's; None keeps the formula.
    allow, deny
        Domains whose risk is 0, or 1, whatever else is known about them; the URL of a page counts as its domain. A
        domain in both lists is allowed.

    Returns
    -------
    Prospects
        With `.frame`, `.top(n)`, `.explain(domain)`, `.formula` and `.notes`.

    Raises
    ------
    InvalidArgumentError
        When something other than a gap is given, a weight is out of range, rival or likelihood weights are given
        together with a model, or the model needs a signal that these exports lack.
    UnknownSiteError
        When `rival_weights` names a site that is not a rival of this gap.

    Notes
    -----
    A column that the exports lack drops out of the formula, and `notes` says so. Percentiles are mid-ranks among the
    prospects. With several authority metrics, the percentile is the mean of those that are known, each mapped to the
    metric that most prospects have. Where a prospect's linked domains are not known, their percentile is 0.5; where its
    authority is not, it is estimated, see `authority_imputed`. As the value of a link, an authority percentile below
    0.02 counts as 0.02. Priorities are compared to nine decimals; ties are in alphabetical order of domains.

    Examples
    --------
    >>> import linkgap as lg
    >>> gap = lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example")
    >>> lg.rank_prospects(gap).frame["rank"].head(3).tolist()
    [1, 2, 3]
    """
    check_kind(gap, Gap, "gap", "a gap, as find_gap returns it")
    ranking: dict[str, Any] = {"authority_weight": authority_weight, "risk_weight": risk_weight}
    ranking |= {"rival_weights": rival_weights, "likelihood_weights": likelihood_weights}
    check_weights(ranking, gap.rivals)
    authority_weight, risk_weight = float(authority_weight), float(risk_weight)
    details = _details(gap)
    authority = merge_authority(gap.candidates, metrics_of(gap.links), _receipts_by_rival(gap))
    weights = (
        rival_similarity(gap.combinations.shared()) if rival_weights is None else _given_weights(gap, rival_weights)
    )
    parts = _parts(gap, weights, details["linked_domains"], authority)
    learned = None if model is None else _checked_model(model, rival_weights, likelihood_weights)
    terms = terms_of(likelihood_weights, parts) if learned is None else {}
    signals = {} if learned is None else _signals(gap, parts)
    likelihood = likelihood_of(parts, terms) if learned is None else learned.likelihood(signals)
    lists = {
        name: [_named_in_rows(parse_site(text), gap) for text in listed(texts, name)]
        for name, texts in (("allow", allow), ("deny", deny))
    }
    pages = gap.pages_at(np.arange(len(gap)))
    signs = gap.signs if pages is None else {**gap.signs, **signs_today(pages)}
    risk = screen_domains(gap.links, gap.question, gap.candidates, signs=signs, **lists)
    value = value_of(authority.percentile)
    priority = priority_of(likelihood, value, authority_weight) * (1 - risk_weight * risk.points)
    scores = {
        **parts,
        "authority": authority.percentile,
        "likelihood": likelihood,
        "value": value,
        "priority": priority,
    }
    settings = {
        "authority_weight": authority_weight,
        "risk_weight": risk_weight,
        "rival_weights": None if rival_weights is None else {name: float(each) for name, each in rival_weights.items()},
        "likelihood_weights": {name: float(each) for name, each in likelihood_weights.items()},
        "model": None if learned is None else learned.plain(),
        **lists,
    }
    named = dict(zip(gap.rivals, weights.tolist(), strict=True))
    missing = [] if "linked_domains" in parts else [_why_no_linked_domains(details["linked_domains"])]
    page_notes = () if pages is None else notes_on(pages)
    counting = [_what_counts(gap.site)] if gap.question.follow_only else []
    dated = older_lists(gap.links, gap.question)
    of_lists = (*_rivals_nearby(gap.site, gap.rivals), *dated, *counting)
    notes = (*of_lists, *authority.notes, *missing, *risk.notes, *page_notes)
    return Prospects(gap, settings, named, notes, terms, scores, authority, risk, details, learned, signals)


def _parts(gap: Gap, weights: Array, linked_domains: Array, authority: Authority) -> dict[str, Array]:
    """Return the coverage, and the percentiles of the other terms of the likelihood that are known."""
    linked = linked_domains_percentile(linked_domains)
    return {
        "coverage": coverage_of(map(gap.candidates.links_to, range(len(gap.rivals))), weights),
        **({} if linked is None else {"linked_domains": linked}),
        **({"authority": authority.percentile} if authority.known else {}),
    }


def _checked_model(
    model: Model | Mapping[str, Any], rivals: Mapping[str, float] | None, weights: Mapping[str, float]
) -> Model:
    if rivals is not None or dict(weights) != dict(LIKELIHOOD_WEIGHTS):
        message = (
            "rival_weights and likelihood_weights belong to the formula, and a model has learned its own. "
            "Give either weights or a model."
        )
        raise InvalidArgumentError(message)
    return as_model(model)


def _signals(gap: Gap, parts: Mapping[str, Array]) -> dict[str, Array]:
    """Return the signals that a model looks at, computed as in the trials that it learned from."""
    candidates = gap.candidates
    linked = np.column_stack([candidates.links_to(rival) for rival in range(len(gap.rivals))])
    links = count_links(gap.links, gap.question, candidates.number)[:, 1:].sum(axis=1)
    figures = {name: values for name, values in parts.items() if name != "coverage"}
    figures |= {"links": links / np.maximum(candidates.rivals_linked, 1)}
    places, nothing = np.arange(len(gap)), np.zeros(len(gap), dtype=bool)
    return signals_of(Pool(places, linked, nothing, gap.combinations.shared(), figures, hidden=0))


def check_weights(ranking: Mapping[str, Any], rivals: Sequence[str]) -> None:
    """Refuse weights that `rank_prospects` can't take.

    Raises
    ------
    InvalidArgumentError
        When a weight is out of range.
    UnknownSiteError
        When a weight is for a site that is not a rival.
    """
    _check_weight("authority_weight", ranking["authority_weight"], 4)
    _check_weight("risk_weight", ranking["risk_weight"], 1)
    _check_likelihood_weights(ranking["likelihood_weights"])
    if ranking["rival_weights"] is not None:
        _check_rival_weights(ranking["rival_weights"], rivals)


def _check_likelihood_weights(weights: Mapping[str, float]) -> None:
    check_kind(weights, Mapping, "likelihood_weights", "a dict, such as {'linked_domains': 0.1, 'authority': 0.1}")
    unknown = set(weights) - set(LIKELIHOOD_WEIGHTS)
    if unknown:
        message = f"likelihood_weights contains {in_words(unknown)}. Allowed: {in_words(LIKELIHOOD_WEIGHTS)}."
        raise InvalidArgumentError(message)
    for name, weight in weights.items():
        _check_weight(f"likelihood_weights[{name!r}]", weight, 1)


def _check_weight(name: str, weight: float, max_weight: float) -> None:
    if not is_number(weight) or not 0 <= weight <= max_weight:
        message = f"{name}={weight!r} is not allowed. Allowed: a number from 0 to {max_weight:,g}."
        raise InvalidArgumentError(message)


def _check_rival_weights(weights: Mapping[str, float], rivals: Sequence[str]) -> None:
    check_kind(weights, Mapping, "rival_weights", f"a dict, such as {{{rivals[0]!r}: 1}}, or None")
    unknown = set(weights) - set(rivals)
    if unknown:
        message = f"rival_weights contains {in_words(unknown)}. Allowed: {in_words(rivals)}."
        raise UnknownSiteError(message)
    for rival, weight in weights.items():
        _check_weight(f"rival_weights[{rival!r}]", weight, MOST_RIVAL_WEIGHT)


def _given_weights(gap: Gap, weights: Mapping[str, float]) -> Array:
    chosen = np.array([float(weights.get(rival, 0)) for rival in gap.rivals])
    total = np.cumsum(chosen)[-1]  # adds one by one, as the explorer does: sum() adds eight at a time
    if not total:
        message = "rival_weights are all 0. Allowed: at least one above 0."
        raise InvalidArgumentError(message)
    return np.asarray(chosen / total)


def _receipts_by_rival(gap: Gap) -> pd.DataFrame:
    """Return the receipts with the position of the `rival` that each is for (-1: none or several)."""
    rivals = {rival: position for position, rival in enumerate(gap.rivals)}
    receipts = gap.links.receipts
    return receipts.assign(rival=[rivals.get(site, -1) for site in receipts["site"]])


def _details(gap: Gap) -> dict[str, Array]:
    """Return the highest figure that any file shows for each candidate; NaN where none does."""
    figures = ("traffic", "referring_domains", "linked_domains", "spam", "spam_score")
    return {figure: gap.candidates.highest(figure) for figure in figures}


def _named_in_rows(site: Site, gap: Gap) -> str:
    """Return how the rows of a gap name a site: by its domain, or by its host where hosts are compared."""
    return site.domain if gap.question.level == "domain" else site.host


def _rivals_nearby(site: str, rivals: Sequence[str]) -> Iterator[str]:
    """Say which rivals are on the site's own domain: probably a shop or blog of the user's that was exported, too."""
    domain = parse_site(site).domain
    if near := [rival for rival in rivals if parse_site(rival).domain == domain]:
        named = in_words(near)
        yield f"These rivals are on {site}'s own domain: {named}. If they are yours, name them as your own sites."


def _what_counts(site: str) -> str:
    return f"Only followed links count: a prospect may already link to {site}, with nofollow, ugc or sponsored."


def _why_no_linked_domains(figures: Array) -> str:
    if np.isnan(figures).all():
        return "No export gives the number of domains that a prospect links to, so the ranking leaves it out."
    share = f"{repeated_share(figures):.0%}"
    return (
        f"Of the prospects whose number of linked domains is known, {share} have the same number: "
        "these lists look cut, so the ranking leaves it out."
    )
