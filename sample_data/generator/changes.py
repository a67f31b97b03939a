"""How every referring domain changed within the month, by what the generator knows, without reading files."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from generator.exports import Export
from generator.providers import AHREFS, SEARCH_CONSOLE, metric
from generator.truth import Row
from generator.world import SISTERS, SITES

CHANGES = ("site", "domain", "change", "absence")

_NEVER = {site.key for site in SITES} | set(SISTERS)
_USUAL = 0.95


class _Month(NamedTuple):
    """What the exports of a month show.

    By site and domain, the providers that show a live link; (site, domain, provider) where a list of referring domains
    reports a lost one; by site and provider, the lists; by domain, the rating at Ahrefs.
    """

    live: dict[tuple[str, str], set[str]]
    called_lost: set[tuple[str, str, str]]
    lists: dict[tuple[str, str], list[Export]]
    ratings: dict[str, float]


def changes(before: Iterable[Export], after: Iterable[Export]) -> list[Row]:
    """Return a row for every site and domain with a live link in either month, sorted by both."""
    old, new = _month(before), _month(after)
    places = {site.key: place for place, site in enumerate(SITES)}
    keys = sorted(old.live.keys() | new.live.keys(), key=lambda key: (places[key[0]], key[1]))
    return [dict(zip(CHANGES, (*key, *_became(old, new, key)), strict=True)) for key in keys]


def _month(exports: Iterable[Export]) -> _Month:
    month = _Month(defaultdict(set), set(), defaultdict(list), {})
    for export in exports:
        provider, site = export.provider.name, export.site.key
        month.lists[site, provider].append(export)
        for record in export.records:
            if record.reason or record.domain is None or record.domain.key in _NEVER:
                continue
            key = record.domain.key
            if export.provider is AHREFS:
                month.ratings[key] = metric("ahrefs_dr", record.domain)
            if not record.lost:
                month.live[site, key].add(provider)
            elif export.report == "referring domains":
                month.called_lost.add((site, key, provider))
    return month


def _became(old: _Month, new: _Month, key: tuple[str, str]) -> tuple[str, str]:
    shown = old.live.get(key), new.live.get(key)
    if shown[0] and shown[1]:
        return "kept", ""
    here, there, providers, word = (old, new, shown[0], "lost") if shown[0] else (new, old, shown[1], "new")
    said = {_said(here, there, *key, provider) for provider in providers or ()}
    for proof in ("complete list", "above the cut", "reported gone"):
        if proof in said:
            return word, proof
    doubts = ("below the cut", "cut list", "sample or part", "no such list")
    return "unverified", next(doubt for doubt in doubts if doubt in said)


def _said(here: _Month, there: _Month, site: str, key: str, provider: str) -> str:
    """Return what a provider's lists of the other month say about a link that they do not show."""
    lists = there.lists.get((site, provider), [])
    if not lists:
        return "no such list"
    if provider == SEARCH_CONSOLE.name:
        return "sample or part"
    if any(each.cut == "none" for each in lists):
        return "complete list"
    floors = [each.floor for each in lists if each.floor is not None]
    if floors and _rating(here, there, key) > min(floors):
        return "above the cut"
    if (site, key, provider) in there.called_lost:
        return "reported gone"
    return "below the cut" if floors else "cut list"


def _rating(here: _Month, there: _Month, key: str) -> float:
    """Return the other month's rating; if it is unknown, this month's minus the 95th percentile of all falls."""
    if key in there.ratings:
        return there.ratings[key]
    falls = sorted(here.ratings[each] - there.ratings[each] for each in here.ratings.keys() & there.ratings.keys())
    place = _USUAL * (len(falls) - 1)
    low, share = int(place), place % 1
    usual = falls[low] * (1 - share) + falls[min(low + 1, len(falls) - 1)] * share
    return here.ratings[key] - max(usual, 0)
