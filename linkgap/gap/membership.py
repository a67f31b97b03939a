"""`find_gap`: which domains link to the rivals and not to the site, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd

from linkgap.domains import parse_site
from linkgap.errors import InvalidArgumentError, UnknownSiteError, check_kind, counted, in_words, is_number, listed
from linkgap.gap.checked import newer_details, table_of, tactics_today
from linkgap.gap.completeness import find_evidence
from linkgap.gap.pages import details_of
from linkgap.gap.referring import (
    Candidates,
    Combinations,
    Question,
    count_links,
    count_members,
    find_candidates,
    find_combinations,
    names_of,
)
from linkgap.gap.signs import signs_of
from linkgap.gap.tactics import find_tactics
from linkgap.loaders.links import Links
from linkgap.schema import CATEGORIES, EVIDENCE, LEVELS, PAGE_CHECKS, PROSPECTS, Category, Level

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import numpy.typing as npt

    from linkgap.gap.checked import Checks

_COLUMNS = {column.name for column in (*PROSPECTS, *PAGE_CHECKS)} | {"sites", "domains"}
"""Columns of the prospects and overlaps tables. Both have a column per site, so no site may have such a name."""

CATEGORY_MEANING: dict[Category, str] = {
    "best": "links to every rival and not to you",
    "weak": "links to several rivals and not to you, or fewer times to you than to its average rival",
    "strong": "links only to you, or at least as often to you as to its average rival",
    "shared": "links to you and to every rival",
    "unique": "links to one rival only and not to you",
}
"""Each domain is in exactly one category; with a single rival, a domain that links to it and not to you is `best`."""


@dataclass(frozen=True, eq=False)
class Gap:
    """The domains that link to rivals and not to the site. Made by `find_gap`.

    Attributes
    ----------
    links
        The links that were compared.
    question
        Site, rivals and options.
    candidates
        The prospects, and what the links say about each, as arrays.
    combinations
        How many domains link to each combination of the sites.
    evidence_codes
        For each candidate, the index of its evidence in `linkgap.schema.EVIDENCE`.
    pages
        Results of `check_pages`, by domain; None as long as no pages were checked.
    """

    links: Links = field(repr=False)
    question: Question
    candidates: Candidates = field(repr=False)
    combinations: Combinations = field(repr=False)
    evidence_codes: npt.NDArray[np.int8] = field(repr=False)
    pages: pd.DataFrame | None = field(repr=False, default=None)

    @property
    def site(self) -> str:
        """The site whose gap it is."""
        return self.question.site

    @property
    def rivals(self) -> tuple[str, ...]:
        """The rivals, in the order of the columns of `frame`."""
        return self.question.rivals

    def __len__(self) -> int:
        """Return how many prospects there are."""
        return len(self.candidates)

    def __repr__(self) -> str:
        """State the finding: how many prospects there are, and how sure that is."""
        counts = ", ".join(f"{number:,} {word}" for word, number in self.evidence_counts.items() if number)
        noun = "domain" if self.question.level == "domain" else "host"
        rivals = f"to at least {self.question.min_rivals} of {counted(len(self.rivals), 'rival')}{self.question.among}"
        return f"{counted(len(self), noun)} {self._link_in_words(rivals)} {self.question.unlinked}" + (
            f" ({counts})" if counts else ""
        )

    def _link_in_words(self, rivals: str) -> str:
        if self.question.follow_only:
            return f"{'has' if len(self) == 1 else 'have'} followed links {rivals} and none to"
        return f"{'links' if len(self) == 1 else 'link'} {rivals} and not to"

    def _repr_html_(self) -> str:
        """Show the finding and the first prospects."""
        return f"<p>{escape(repr(self))}</p>" + self.frame.head(20).to_html(index=False, na_rep="", border=0)

    @property
    def evidence_counts(self) -> dict[str, int]:
        """How many prospects are proven, likely and unverified."""
        counts = np.bincount(self.evidence_codes, minlength=len(EVIDENCE))
        return dict(zip(EVIDENCE, counts.tolist(), strict=True))

    @cached_property
    def domains(self) -> list[str]:
        """The prospects' names, in alphabetical order."""
        return names_of(self.links.engine, self.question.level, self.candidates.number)

    @cached_property
    def signs(self) -> dict[str, npt.NDArray[Any]]:
        """The figures that the risk screen looks at, the same for every ranking; see `linkgap.gap.signs`."""
        return signs_of(self.links, self.question, self.candidates)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The prospects table without the ranking's columns, in alphabetical order; see `linkgap.schema.PROSPECTS`."""
        table = self.table(np.arange(len(self)))
        table.insert(0, "domain", pd.Series(self.domains, dtype=object))
        return table

    def table(self, places: npt.NDArray[np.int64]) -> pd.DataFrame:
        """Return the columns of the prospects table that this gap knows, except `domain`, for prospects by position."""
        chosen, numbers = self.candidates, self.candidates.number[places]
        counts = count_links(self.links, self.question, numbers)
        details = details_of(self.links, self.question, numbers)
        pages = self.pages_at(places)
        table = pd.DataFrame(
            {
                "relation": pd.Series(np.where(chosen.was_linked[places], "lost", "never"), dtype=object),
                "evidence": pd.Series(np.array(EVIDENCE)[self.evidence_codes[places]], dtype=object),
                "rivals_linked": chosen.rivals_linked[places],
                **{rival: chosen.links_to(position)[places] for position, rival in enumerate(self.rivals)},
                "links": counts[:, 1:].sum(axis=1),
                "follow_links": details["follow_links"].astype("Float64").astype("Int64"),
            }
        )
        for name in (column.name for column in PROSPECTS if column.type == "text" and column.name in details):
            table[name] = details[name].astype(object).where(details[name].notna(), None)
        shown = details.assign(sample_url=self._pages_or_names(details["sample_url"], numbers))
        tactics = find_tactics(shown if pages is None else newer_details(shown, pages))
        table = table.join(tactics if pages is None else tactics_today(tactics, pages))
        for name in ("first_seen", "last_seen"):
            table[name] = pd.to_datetime(details[name])
        table["providers"] = pd.Series(self._providers(places), dtype=object)
        return table

    def pages_at(self, places: npt.NDArray[np.int64]) -> pd.DataFrame | None:
        """Return the page checks of some prospects, null for those not checked; None when there are no page checks."""
        if self.pages is None:
            return None
        return self.pages.reindex(names_of(self.links.engine, self.question.level, self.candidates.number[places]))

    def with_checks(self, checks: Checks) -> Gap:
        """Return this gap with the results of `check_pages`, which its tactics, and a ranking's risk, then use.

        Raises
        ------
        InvalidArgumentError
            When these are not checks, or are those of another site's prospects.
        """
        return replace(self, pages=table_of(checks, self.site))

    def _pages_or_names(self, pages: pd.Series, numbers: npt.NDArray[np.int64]) -> pd.Series:
        """Return the pages, with the name of the domain where no list shows a page."""
        if pages.notna().all():
            return pages
        return pages.fillna(pd.Series(names_of(self.links.engine, self.question.level, numbers), dtype=object))

    def _providers(self, places: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
        """Return, for some prospects, the providers that show a link to a rival, separated by commas."""
        seen, names = self.candidates.seen, self.links.receipts["provider"].to_numpy()
        rows = np.full(len(self), -1)
        rows[places] = np.arange(len(places))
        row = rows[seen["place"]]
        shown = seen["linked"] & (row >= 0)
        each = sorted({str(name) for name in names if name})
        has = np.zeros((len(places), len(each)), dtype=bool)
        columns = np.array([each.index(name) if name in each else 0 for name in names])
        has[row[shown], columns[seen["file"][shown]]] = True
        sets, which = np.unique(has, axis=0, return_inverse=True) if len(places) else (has, np.zeros(0, dtype=int))
        words = np.array([", ".join(np.array(each)[held]) for held in sets], dtype=object)
        return np.asarray(words[which.ravel()])

    @cached_property
    def overlaps(self) -> pd.DataFrame:
        """Every combination of sites with the number of domains that link to exactly these.

        One boolean column per site, then `sites` (how many) and `domains`; the largest combination first.
        `attrs["level"]` says whether domains or hosts are counted. Neither `min_rivals` nor `where` leaves any out.
        """
        table = pd.DataFrame(self.combinations.present, columns=[self.site, *self.rivals])
        table.attrs["level"] = self.question.level
        table["sites"] = self.combinations.present.sum(axis=1)
        table["domains"] = self.combinations.domains
        return table.sort_values(["domains", "sites"], ascending=False, kind="stable", ignore_index=True)

    @cached_property
    def categories(self) -> pd.DataFrame:
        """How many domains are in each of the SEO suites' categories: `category`, `domains`, `meaning`.

        Each domain that links to a compared site is in exactly one: the first of best, unique, shared, weak and strong
        that fits. Neither `min_rivals` nor `where` leaves any out.
        """
        counts = self._categorised["category"].value_counts()
        return pd.DataFrame(
            {
                "category": CATEGORIES,
                "domains": [int(counts.get(category, 0)) for category in CATEGORIES],
                "meaning": [CATEGORY_MEANING[category] for category in CATEGORIES],
            }
        )

    def in_category(self, category: Category) -> pd.DataFrame:
        """Return the domains of a category: `domain`, `site_links`, `rival_links`, `rivals_linked`.

        Raises
        ------
        InvalidArgumentError
            When there is no such category.
        """
        if category not in CATEGORIES:
            message = f"category={category!r} is not known. Allowed: {in_words(CATEGORIES)}."
            raise InvalidArgumentError(message)
        found = self._categorised
        chosen = found[found["category"] == category].drop(columns="category").reset_index(drop=True)
        names = names_of(self.links.engine, self.question.level, chosen["domain"].to_numpy())
        return chosen.assign(domain=pd.Series(names, dtype=object))

    @cached_property
    def _categorised(self) -> pd.DataFrame:
        """Every domain that links to a compared site: its number, links and category, in alphabetical order."""
        with self.links.engine.turn:
            count_members(self.links, self.question)
            found = self.links.engine.columns("SELECT domain FROM members WHERE linked <> 0 ORDER BY domain")
        numbers = np.asarray(found["domain"])
        counts = count_links(self.links, self.question, numbers)
        site, rivals, linked = counts[:, 0], counts[:, 1:].sum(axis=1), (counts[:, 1:] > 0).sum(axis=1)
        return pd.DataFrame(
            {
                "domain": numbers,
                "site_links": site,
                "rival_links": rivals,
                "rivals_linked": linked,
                "category": _category(site, rivals, linked, len(self.rivals)),
            }
        )

    def where(self, *, present: Iterable[str] = (), absent: Iterable[str] = ()) -> Gap:
        """Return this gap with only the domains that link to all of `present` and none of `absent`.

        Raises
        ------
        InvalidArgumentError
            When `present` or `absent` is not a list of strings.
        UnknownSiteError
            When one of the sites is not a rival.

        Examples
        --------
        >>> import linkgap as lg
        >>> gap = lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example")
        >>> only_deskly = gap.where(present=["deskly.example"], absent=["sitwell.example", "workhaven.example"])
        >>> len(only_deskly) < len(gap)
        True
        """
        wanted = frozenset(_known_rivals(present, self.rivals, "present"))
        unwanted = frozenset(_known_rivals(absent, self.rivals, "absent"))
        question = replace(
            self.question, present=self.question.present | wanted, absent=self.question.absent | unwanted
        )
        return replace(_ask(self.links, question), pages=self.pages)


def find_gap(
    links: Links,
    *,
    site: str,
    rivals: Iterable[str] | None = None,
    min_rivals: int = 1,
    own: Iterable[str] = (),
    live_only: bool = True,
    follow_only: bool = False,
    level: Level = "domain",
) -> Gap:
    """Find the domains that link to rivals and not, or no longer, to the site.

    Parameters
    ----------
    links
        From `read_links`.
    site
        One of `links.sites`.
    rivals
        Others of `links.sites`; None takes all that are not your own. Sites left out are not compared, so they can be
        prospects.
    min_rivals
        Minimum number of rivals that a prospect links to, from 1 to the number of rivals.
    own
        Your other sites. They are not rivals, unless you name them as such, and, like the compared sites, they are
        never prospects.
    live_only
        Count only links that are live; False counts lost ones as links as well.
    follow_only
        Don't count links that an export marks as nofollow, ugc or sponsored. That goes for links to the site, too, so a
        prospect may have one. Links count where the export does not say.
    level
        `"domain"` for registrable domains, `"host"` for hosts.

    Returns
    -------
    Gap
        With `.frame`, `.categories`, `.overlaps` and `.where(...)`.

    Raises
    ------
    UnknownSiteError
        When the links don't contain one of the sites.
    InvalidArgumentError
        When something other than links is given, or an option is out of range.

    Examples
    --------
    >>> import linkgap as lg
    >>> links = lg.read_links(lg.sample_exports())
    >>> gap = lg.find_gap(links, site="oakdesk.example", min_rivals=3)
    >>> set(gap.frame["relation"]) <= {"never", "lost"}
    True
    """
    check_kind(links, Links, "links", "links, as read_links returns them")
    yours = own_sites(own)
    question = Question(
        site=known_site(site, links.sites, "site"),
        rivals=_chosen_rivals(links, site, rivals, yours),
        own=yours,
        live_only=live_only,
        follow_only=follow_only,
        level=level,
        min_rivals=min_rivals,
    )
    _check(question)
    return _ask(links, question)


def _category(
    site: npt.NDArray[np.int64], rivals: npt.NDArray[np.int64], linked: npt.NDArray[np.int64], rival_count: int
) -> npt.NDArray[np.str_]:
    """Put each domain into one category, from its links to the site and to rivals, and how many rivals it links to."""
    conditions: list[tuple[npt.NDArray[np.bool_], Category]] = [
        ((site == 0) & (linked == rival_count), "best"),
        ((site == 0) & (linked == 1), "unique"),
        (site == 0, "weak"),
        (linked == rival_count, "shared"),
        (site * linked < rivals, "weak"),
    ]
    return np.select([condition for condition, _ in conditions], [name for _, name in conditions], default="strong")


def _ask(links: Links, question: Question) -> Gap:
    with links.engine.turn:
        count_members(links, question)
        candidates = find_candidates(links.engine, question)
        evidence = find_evidence(candidates, links, question)
        return Gap(links, question, candidates, find_combinations(links.engine, question), evidence)


def _check(question: Question) -> None:
    rival_count = len(question.rivals)
    for name in ("live_only", "follow_only"):
        check_kind(getattr(question, name), bool, name, "True or False")
    taken = set(question.sites) & _COLUMNS
    if taken:
        message = (
            f"{in_words(taken)} can't be compared: tables have a column per site, and already have one of that name. "
            "Read links to it by its full name, such as 'links.example', or leave it out with rivals=[...]."
        )
        raise InvalidArgumentError(message)
    if question.level not in get_args(Level):
        message = f"level={question.level!r} is not allowed. Allowed: {in_words(LEVELS)}."
        raise InvalidArgumentError(message)
    if not is_number(question.min_rivals, whole=True) or not 1 <= question.min_rivals <= rival_count:
        message = (
            f"min_rivals={question.min_rivals!r} is not allowed. Allowed: 1 to {rival_count}, the number of rivals."
        )
        raise InvalidArgumentError(message)


def own_sites(own: Iterable[str]) -> tuple[str, ...]:
    """Return the user's other sites under their normalised names."""
    return tuple(str(parse_site(text)) for text in listed(own, "own"))


def _chosen_rivals(links: Links, site: str, rivals: Iterable[str] | None, own: Collection[str]) -> tuple[str, ...]:
    itself = known_site(site, links.sites, "site")
    if rivals is None:
        chosen = tuple(each for each in links.sites if each not in {itself, *own})
    else:
        chosen = tuple(dict.fromkeys(known_site(text, links.sites, "rivals") for text in listed(rivals, "rivals")))
    if itself in chosen:
        message = f"rivals= contains {itself!r}, the site itself. Allowed: the others of {in_words(links.sites)}."
        raise InvalidArgumentError(message)
    if not chosen:
        raise InvalidArgumentError(_no_rival(itself, set(links.sites) - {itself, *own}))
    return chosen


def _no_rival(site: str, others: Collection[str]) -> str:
    advice = f"Allowed: some of {in_words(others)}, or None for all of them" if others else "Read a rival's links too"
    return f"A gap needs a site and at least one rival, and there is none for {site}. {advice}."


def known_site(text: str, sites: Iterable[str], option: str) -> str:
    """Return a site under the name that it has in the links.

    Raises
    ------
    UnknownSiteError
        When it is not one of `sites`.
    """
    name = str(parse_site(text)) if isinstance(text, str) else str(text)
    if name not in sites:
        message = (
            f"{option}={text!r} is not among the sites. Allowed: {in_words(sites)}. "
            "Read its links, or name it in read_links(..., sites=[...])."
        )
        raise UnknownSiteError(message)
    return name


def _known_rivals(texts: Iterable[str], rivals: tuple[str, ...], option: str) -> list[str]:
    names = [str(parse_site(text)) for text in listed(texts, option)]
    unknown = set(names) - set(rivals)
    if unknown:
        message = f"{option}= contains {in_words(unknown)}. Allowed: the rivals of this gap, {in_words(rivals)}."
        raise UnknownSiteError(message)
    return names
