"""`compare_links`: what has changed since last time, as distinct from what the lists merely no longer show."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from linkgap.domains import parse_site, registrable_domain
from linkgap.errors import InvalidArgumentError, UnknownSiteError, check_kind, counted, in_words, listed
from linkgap.gap.change_tables import changed_gaps, changed_links, changed_outreach, changed_sites, links_by_domain
from linkgap.gap.change_words import first_rows, markdown_of, notes_of
from linkgap.gap.differences import find_differences, find_origins, names_of_both, write_sightings
from linkgap.gap.membership import find_gap, own_sites
from linkgap.gap.referring import count_members, find_members, names_of
from linkgap.gap.scoring import rank_prospects
from linkgap.loaders.links import Links

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import pandas as pd

    from linkgap.gap.differences import Differences
    from linkgap.gap.membership import Gap
    from linkgap.gap.scoring import Prospects
    from linkgap.schema import Level


class OutreachBook(Protocol):
    """The part of what `open_outreach` returns that is needed here."""

    @property
    def site(self) -> str:
        """The site whose outreach it is."""

    @property
    def frame(self) -> pd.DataFrame:
        """Domains and their status."""

    def check(self, links_or_gap: Links, /) -> pd.DataFrame:
        """Say, for each domain that was won, whether it links to the site."""


@dataclass(frozen=True, eq=False)
class Changes:
    """The changes between two states of the links. Made by `compare_links`.

    Attributes
    ----------
    before, after
        The ranked prospects of each state.
    differences
        Both states of each domain, as arrays.
    outreach
        What the links of the state after say about each domain that was won, or that was written to and links now, see
        `linkgap.schema.CHANGED_OUTREACH`; None when no outreach was given.
    notes
        What was left out or can't be known, in sentences.
    """

    before: Prospects = field(repr=False)
    after: Prospects = field(repr=False)
    differences: Differences = field(repr=False)
    outreach: pd.DataFrame | None = field(repr=False)
    notes: tuple[str, ...]

    @property
    def site(self) -> str:
        """The site that was compared with its rivals."""
        return self.after.gap.site

    @property
    def rivals(self) -> tuple[str, ...]:
        """Its rivals."""
        return self.after.gap.rivals

    def __repr__(self) -> str:
        """State the finding: what came and went for the site, and which gaps opened and closed."""
        own = self.sites.iloc[0]
        unsure = own["unverified_new"] + own["unverified_lost"]
        gaps = self.gaps["change"].value_counts()
        return (
            f"{self.site}: {own['new']:,} new, {own['lost']:,} lost and {own['kept']:,} kept referring "
            f"{self.noun}s{f' ({unsure:,} unverified)' if unsure else ''}; "
            f"{counted(int(gaps.get('new', 0)), 'new gap')}, {gaps.get('closed', 0):,} closed"
            + (f" ({gaps['unverified']:,} unverified)" if "unverified" in gaps else "")
        )

    def _repr_html_(self) -> str:
        """Show the finding, the sites, the first new gaps and the notes."""
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        first = self.gaps[self.gaps["change"] == "new"].head(10)
        tables = (self.sites, first, self.outreach) if self.outreach is not None else (self.sites, first)
        shown = "".join(table.to_html(index=False, na_rep="", border=0) for table in tables)
        return f"<p>{escape(repr(self))}</p>{shown}<ul>{notes}</ul>"

    @property
    def noun(self) -> str:
        """What was compared: `"domain"` or `"host"`."""
        return self.after.gap.question.level

    @cached_property
    def domains(self) -> list[str]:
        """The domains that link to a compared site in either state, in alphabetical order."""
        names: list[str] = names_of_both(self.before.gap, self.after.gap, self.differences).tolist()
        return names

    @cached_property
    def sites(self) -> pd.DataFrame:
        """How many domains each site gained, lost and kept, see `linkgap.schema.CHANGED_SITES`."""
        table = changed_sites(self.differences, (self.site, *self.rivals))
        table.attrs["level"] = self.noun
        return table

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Each site's referring domains in either state and what became of them, see `linkgap.schema.CHANGED_LINKS`."""
        return changed_links(self.differences, (self.site, *self.rivals), np.array(self.domains, dtype=object))

    @cached_property
    def gaps(self) -> pd.DataFrame:
        """The prospects of either state and what became of them, see `linkgap.schema.CHANGED_GAPS`."""
        return changed_gaps(self.differences, self.before, self.after, np.array(self.domains, dtype=object))

    @property
    def ranks(self) -> pd.DataFrame:
        """The prospects of both states that changed places, those that moved most first; columns as in `gaps`.

        Places are counted among the prospects of both states, so that newcomers push nobody down.
        """
        moved = self.gaps[self.gaps["moved"].fillna(0) != 0]
        return moved.sort_values("moved", key=abs, ascending=False, kind="stable", ignore_index=True)

    @cached_property
    def summary(self) -> dict[str, Any]:
        """The findings as plain values that can be dumped as JSON.

        `title`, `finding`, `site`, `rivals`, `noun`, `sites`, `gaps` (number by change), the first rows of `new_gaps`,
        `closed_gaps`, `new_links` and `lost_links` (those of the site, by authority) and `moved`, all of `outreach`,
        and `notes`.
        """
        own = self.frame[self.frame["site"] == self.site]
        return {
            "title": f"Changes for {self.site}",
            "finding": f"{self!r}.",
            "site": self.site,
            "rivals": list(self.rivals),
            "noun": self.noun,
            **first_rows(self.sites, own, self.gaps, self.ranks, self.outreach),
            "notes": list(self.notes),
        }

    def to_markdown(self) -> str:
        """Return the findings as a section in Markdown."""
        return markdown_of(self.summary)


def compare_links(
    before: Links,
    after: Links,
    *,
    site: str,
    rivals: Iterable[str] | None = None,
    min_rivals: int = 1,
    own: Iterable[str] = (),
    live_only: bool = True,
    follow_only: bool = False,
    level: Level = "domain",
    ranking: Mapping[str, Any] | None = None,
    outreach: OutreachBook | None = None,
) -> Changes:
    """Compare the links of last time with those of today: which domains came and went, which gaps opened and closed.

    Exports may be cut, sampled, or from other providers than last time. A domain counts as lost only where the lists of
    the state after prove it, as new only where those of the state before do, and as unverified otherwise.

    Parameters
    ----------
    before, after
        From `read_links`, one folder of exports each.
    site
        Your site, which both must contain.
    rivals
        Other sites that both contain; None takes all of these that are not your own.
    min_rivals, own, live_only, follow_only, level
        As in `find_gap`.
    ranking
        Options of `rank_prospects`, such as `prospects.settings`; None takes its defaults.
    outreach
        From `open_outreach`: domains that were won are confirmed or flagged, as registrable domains even where hosts
        are compared; None leaves outreach out.

    Returns
    -------
    Changes
        With `.sites`, `.frame`, `.gaps`, `.ranks`, `.outreach`, `.summary` and `.notes`.

    Raises
    ------
    UnknownSiteError
        When one of the two does not contain one of the sites.
    InvalidArgumentError
        When something other than links is given, or an option is not allowed.

    Notes
    -----
    An absence is proven by a list from a provider that showed the link in the other state: a complete list, one cut by
    authority with the domain above its floor, or a list of domains that calls it lost. A plain list names no provider,
    so it proves nothing. The domain's authority is taken from the state of the list that is cut; where that state shows
    none, from the other state, less the fall that 95% of the domains in both don't exceed (with fewer than 20 domains
    in both, it proves nothing).

    Examples
    --------
    >>> import linkgap as lg
    >>> links = lg.read_links(lg.sample_exports())
    >>> changes = lg.compare_links(links, links, site="oakdesk.example")
    >>> int(changes.sites[["new", "lost", "unverified_new", "unverified_lost"]].to_numpy().sum())
    0
    """
    yours = own_sites(own)
    sites, notes = _compared(before, after, site, rivals, yours)
    options: dict[str, Any] = {
        "site": sites[0],
        "rivals": sites[1:],
        "min_rivals": min_rivals,
        "own": yours,
    }
    options |= {"live_only": live_only, "follow_only": follow_only, "level": level}
    settings = _checked_ranking(ranking)
    _check_outreach(outreach, sites[0])
    _, engine = before.embedded(), after.embedded()
    origins = find_origins(before, after)
    with before.engine.turn:
        old = find_gap(before, **options)
        old_file = write_sightings(old, origins, engine.folder)
    with after.engine.turn:
        new = find_gap(after, **options)
        new_file = write_sightings(new, origins, engine.folder)
        differences = find_differences(old, new, (old_file, new_file), origins)
    ranked = rank_prospects(old, **settings), rank_prospects(new, **settings)
    changes = Changes(*ranked, differences, None, (*notes, *notes_of(old, new, differences)))
    return changes if outreach is None else replace(changes, outreach=_outreach_of(changes, outreach))


def _outreach_of(changes: Changes, book: OutreachBook) -> pd.DataFrame:
    own = changes.frame[changes.frame["site"] == changes.site]
    by_domain = own if changes.noun == "domain" else links_by_domain(own)
    links_now = by_domain["after"].astype(bool) & by_domain["domain"].isin(_live_domains(changes.after.gap))
    won, won_before = book.check(changes.after.gap.links), book.check(changes.before.gap.links)
    return changed_outreach(book.frame, won, won_before, by_domain.assign(after=links_now.to_numpy(dtype=bool)))


def _live_domains(gap: Gap) -> set[str]:
    """Return the domains with a live link to the site, even where lost links count for the gap."""
    with gap.links.engine.turn:
        count_members(gap.links, replace(gap.question, live_only=True))
        number, bits = find_members(gap.links.engine)
    return {registrable_domain(name) for name in names_of(gap.links.engine, gap.question.level, number[bits & 1 == 1])}


def _compared(
    before: Links, after: Links, site: str, rivals: Iterable[str] | None, own: Collection[str]
) -> tuple[list[str], list[str]]:
    """Return the site with its rivals, and sentences on what is not compared."""
    for name, links in (("before", before), ("after", after)):
        check_kind(links, Links, name, "links, as read_links returns them")
    asked = None if rivals is None else [_known(text, before, after, "rivals") for text in listed(rivals, "rivals")]
    chosen = _known(site, before, after, "site")
    both = [each for each in after.sites if each in before.sites]
    if asked is None and len(both) == 1:
        message = (
            f"The old and the new links have no site in common but {chosen}, so there is no rival to compare it with. "
            "Read the same rivals' exports from both times, or name them in read_links(..., sites=[...])."
        )
        raise InvalidArgumentError(message)
    left_out = [
        f"{each} is only in the {name} links and was not compared."
        for name, links in (("old", before), ("new", after))
        for each in links.sites
        if each not in both and asked is None
    ]
    return [chosen, *((each for each in both if each not in {chosen, *own}) if asked is None else asked)], left_out


def _known(text: str, before: Links, after: Links, option: str) -> str:
    name = str(parse_site(text)) if isinstance(text, str) else str(text)
    for state, links in (("old", before), ("new", after)):
        if name not in links.sites:
            both = in_words(set(before.sites) & set(after.sites))
            message = (
                f"{option}={text!r} is not among the sites of the {state} links. Allowed: the sites in both, "
                f"{both}. Read its exports from that time too, or name it in read_links(..., sites=[...])."
            )
            raise UnknownSiteError(message)
    return name


def _checked_ranking(ranking: Mapping[str, Any] | None) -> dict[str, Any]:
    allowed = [
        name for name, each in inspect.signature(rank_prospects).parameters.items() if each.kind is each.KEYWORD_ONLY
    ]
    if ranking is not None:
        check_kind(ranking, Mapping, "ranking", "options of rank_prospects, such as {'risk_weight': 0}, or None")
    settings = dict(ranking or {})
    unknown = set(settings) - set(allowed)
    if unknown:
        message = f"ranking= contains {in_words(unknown)}. Allowed: the options of rank_prospects, {in_words(allowed)}."
        raise InvalidArgumentError(message)
    return settings


def _check_outreach(outreach: OutreachBook | None, site: str) -> None:
    if outreach is None:
        return
    if not callable(getattr(outreach, "check", None)) or not isinstance(getattr(outreach, "site", None), str):
        message = f"outreach= is of type {type(outreach).__name__}. Allowed: what open_outreach returns, or None."
        raise InvalidArgumentError(message)
    if outreach.site != site:
        message = (
            f"outreach= is for {outreach.site}. Allowed: outreach for {site}, from open_outreach(..., site={site!r})."
        )
        raise InvalidArgumentError(message)
