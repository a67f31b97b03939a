"""What differs between two states of the links, and what their lists prove; the SQL is in files beside this module.

A domain that is missing from a list has not necessarily gone: the list may be cut above it, be a sample, or come from a
provider that never knew the link. Each link that only one state shows is therefore checked against those lists of the
other state that come from a provider which did show it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from linkgap.engine import statement
from linkgap.gap.authority import ENOUGH_FOR_QUANTILES, percentile
from linkgap.gap.completeness import (
    UNKNOWN_PROVIDER,
    can_say_lost,
    lists_domains,
    names_sources,
    own_lists,
    put_platforms,
)
from linkgap.gap.referring import Question, names_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import numpy.typing as npt

    from linkgap.engine import Engine
    from linkgap.gap.membership import Gap
    from linkgap.loaders.links import Links

    Array = npt.NDArray[Any]
    Origins = Mapping[tuple[str, str], int]

USUAL_FALL = 0.95
"""The quantile of falls in authority, from state to state, that is allowed for where it is compared to a floor."""

_TABLES = ("both_states", "platform_names", "platforms", "folded", "above_floors", "came", "went", "latest_authority")
_ABSENCE_COLUMNS = ("reported", "complete", "above", "below", "cut", "in_part")


@dataclass(frozen=True, eq=False)
class Absences:
    """What one state's lists say about links that only the other shows: for each domain, a sum of the sites' bits.

    Attributes
    ----------
    reported
        A list of domains says that the link is gone.
    complete, above
        The link is missing from a complete list, or from one cut by authority although the domain is above its floor.
    below, cut, in_part
        The link may exist: the list is cut by authority, is cut otherwise, or is a sample, covers only part of the site
        or may show the domain under another name.
    """

    reported: Array
    complete: Array
    above: Array
    below: Array
    cut: Array
    in_part: Array

    @property
    def proven(self) -> Array:
        """The sites that the domain certainly did not link to."""
        return self.reported | self.complete | self.above


@dataclass(frozen=True, eq=False)
class Differences:
    """Two states of each domain that links to a compared site in either, in alphabetical order.

    Attributes
    ----------
    number_before, number_after
        Its number in the state's links; -1 where they don't have it.
    before, after
        Which sites it links to: bit 0 for the site, bit 1 for the first rival and so on.
    came, went
        What the lists before say about links that only the state after shows, and the other way round.
    authority, metric, percentile
        Its latest authority (NaN where no list has any), the metric, and the percentile, 0 to 1, among all domains that
        have this metric.
    """

    number_before: Array
    number_after: Array
    before: Array
    after: Array
    came: Absences
    went: Absences
    authority: Array
    metric: Array
    percentile: Array

    def __len__(self) -> int:
        """Return how many domains there are."""
        return len(self.before)

    @property
    def new(self) -> Array:
        """The sites that it links to, and certainly did not before."""
        return self.after & ~self.before & self.came.proven

    @property
    def lost(self) -> Array:
        """The sites that it linked to, and certainly no longer does."""
        return self.before & ~self.after & self.went.proven

    @property
    def perhaps_new(self) -> Array:
        """The sites that it links to, and perhaps did before."""
        return self.after & ~self.before & ~self.came.proven

    @property
    def perhaps_lost(self) -> Array:
        """The sites that it linked to, and perhaps still does."""
        return self.before & ~self.after & ~self.went.proven


def write_sightings(gap: Gap, origins: Origins, folder: Path) -> Path:
    """Write what each provider shows about each domain to a file: each state has its own engine, and one compares both.

    The tables that are read are those that finding the gap has just made.
    """
    links, question = gap.links, gap.question
    folds = lists_domains(links) & (question.level == "domain")
    columns = {"file": [source.number for source in links.sources], "origin": _origins_of(links, origins)}
    of_files = {"can_say_lost": can_say_lost, "names_sources": names_sources}
    flags = {name: flag_of(links, question).tolist() for name, flag_of in of_files.items()}
    links.engine.put("file_origins", {**columns, **flags, "folds": folds.tolist()})
    has_authority = "authority" in gap.candidates.seen
    query = statement("linkgap.gap", "sightings").replace(
        "{authority}", "MAX(s.authority)" if has_authority else "CAST(NULL AS DOUBLE)"
    )
    path = folder / f"sightings-{secrets.token_hex(8)}.parquet"
    links.embedded().copy_to_parquet(query, path)
    return path


def find_origins(*states: Links) -> dict[tuple[str, str], int]:
    """Number the origins of figures: each metric of each provider, and each provider that has lists without one."""
    keys = sorted({key for links in states for key in _keys(links)})
    return {key: number for number, key in enumerate(keys)}


def _keys(links: Links) -> list[tuple[str, str]]:
    return [(source.report.provider, source.report.authority_metric or "") for source in links.sources]


def _origins_of(links: Links, origins: Origins) -> list[int]:
    return [origins[key] for key in _keys(links)]


def find_differences(before: Gap, after: Gap, files: tuple[Path, Path], origins: Origins) -> Differences:
    """Compare two states in the engine of the state after.

    Parameters
    ----------
    files
        What `write_sightings` wrote for the state before and for the state after; they are deleted.
    """
    engine = after.links.embedded()
    old, new = (engine.offer_parquet(path)[0] for path in files)
    _put_origins(engine, origins)
    engine.run(_filled("both_states", before=old, after=new))
    put_platforms(engine, "(SELECT name AS number, name FROM both_states)")
    _put_absences(engine, "went", (old, new), after, origins)
    _put_absences(engine, "came", (new, old), before, origins)
    metrics = sorted({metric for _, metric in origins if metric})
    latest = [
        f"COALESCE(MAX(CASE WHEN metric = {place} THEN after END), MAX(CASE WHEN metric = {place} THEN before END)) "
        f"AS authority_{place}"
        for place in range(len(metrics))
    ]
    engine.run(_filled("latest_authority", before=old, after=new, latest=", ".join(latest) or "0 AS none"))
    found = engine.columns(_filled("differences", columns=", ".join(_columns(len(metrics)))))
    engine.run(f"DROP VIEW {old}; DROP VIEW {new}")
    engine.run("; ".join(f"DROP TABLE {name}" for name in _TABLES))
    for path in files:
        path.unlink()
    return _as_arrays(found, metrics)


def _put_origins(engine: Engine, origins: Origins) -> None:
    providers = sorted({provider for provider, _ in origins})
    metrics = sorted({metric for _, metric in origins if metric})
    engine.put(
        "origins",
        {
            "origin": list(origins.values()),
            "provider": [providers.index(provider) for provider, _ in origins],
            "metric": [metrics.index(metric) if metric else -1 for _, metric in origins],
        },
    )


def _put_absences(engine: Engine, name: str, views: tuple[str, str], there: Gap, origins: Origins) -> None:
    """Make a table of what the lists of one state say about the links that only the other shows."""
    shown, missing = views
    engine.put("listings", _listings(there, sorted({provider for provider, _ in origins})))
    floors = _floors(there, origins)
    if len(floors):
        engine.put("floors", {str(column): floors[column].to_numpy() for column in floors})
        engine.put("falls", _falls(engine, views, sorted(set(floors["origin"]))))
        engine.run(_filled("above_floors", here=shown, there=missing))
    else:
        nothing = f"SELECT name, origin AS provider, linked AS above FROM {shown} WHERE 1 = 0"
        engine.run(f"CREATE OR REPLACE TABLE above_floors AS {nothing}")
    engine.run(_filled("folded_names", here=shown, there=missing))
    linked_there = "linked_after" if name == "went" else "linked_before"
    tables = {"absences": name, "here": shown, "there": missing, "linked_there": linked_there, "lists": "listings"}
    engine.run(_filled("absences", **tables))


def _listings(gap: Gap, providers: list[str]) -> dict[str, Array]:
    """Return, for each provider, the sites (as bits) listed in full, cut by authority, cut otherwise, and in part."""
    table = {
        name: np.zeros(len(providers), dtype=np.int64) for name in ("complete", "by_authority", "by_rows", "in_part")
    }
    kinds = {"none": "complete", "authority": "by_authority", "rows": "by_rows"}
    receipts = gap.links.receipts.iloc[: len(gap.links.sources)]
    known = receipts["provider"] != UNKNOWN_PROVIDER
    for bit, site, own in _lists_by_site(gap):
        whole = own[own["provider"] != UNKNOWN_PROVIDER]
        for provider, cut in zip(whole["provider"], whole["cut"], strict=True):
            table[kinds[cut]][providers.index(provider)] |= bit
        others = receipts[known].drop(whole.index)
        for provider, sites in zip(others["provider"], others["site"], strict=True):
            if site in (sites or "").split(", "):
                table["in_part"][providers.index(provider)] |= bit
    return {"provider": np.arange(len(providers)), **table}


def _floors(gap: Gap, origins: Origins) -> pd.DataFrame:
    """Return the lowest authority in the lists that are cut by it: `origin`, `bit` of the site, `floor`."""
    rows: list[tuple[int, int, float]] = []
    for bit, _, own in _lists_by_site(gap):
        cut = own[(own["cut"] == "authority") & own["metric"].notna()]
        keys = zip(cut["provider"], cut["metric"], strict=True)
        rows += [(origins[key], bit, float(floor)) for key, floor in zip(keys, cut["floor"], strict=True)]
    return pd.DataFrame(rows, columns=["origin", "bit", "floor"])


def _lists_by_site(gap: Gap) -> Iterator[tuple[int, str, pd.DataFrame]]:
    """Yield each site's bit, name and own lists."""
    for place, site in enumerate(gap.question.sites):
        yield 1 << place, site, own_lists(gap.links, Question(site=site, rivals=(), level=gap.question.level))


def _falls(engine: Engine, views: tuple[str, str], wanted: list[int]) -> dict[str, Array]:
    """Return by how much figures of each origin usually fall from the first state to the second.

    This is measured on the domains that have both figures. An origin with too few of these is left out: a figure of its
    first state then proves nothing.
    """
    found = engine.columns(_filled("falls", here=views[0], there=views[1]))
    origin, fall = np.asarray(found["origin"]), np.asarray(found["fall"], dtype=np.float64)
    usual = {
        each: max(0.0, float(np.quantile(fall[origin == each], USUAL_FALL)))
        for each in wanted
        if (origin == each).sum() >= ENOUGH_FOR_QUANTILES
    }
    return {"origin": np.array(list(usual), dtype=np.int64), "fall": np.array(list(usual.values()), dtype=np.float64)}


def _columns(metrics: int) -> Iterator[str]:
    for table, prefix in (("c", "came"), ("w", "went")):
        yield from (f"COALESCE({table}.{name}, 0) AS {prefix}_{name}" for name in _ABSENCE_COLUMNS)
    yield from (f"l.authority_{place}" for place in range(metrics))


def _as_arrays(found: Mapping[str, Array], metrics: list[str]) -> Differences:
    integer_columns = {
        name: np.ma.filled(values, -1).astype(np.int64) for name, values in found.items() if "authority" not in name
    }
    figures = [np.ma.filled(found[f"authority_{place}"].astype(np.float64), np.nan) for place in range(len(metrics))]
    size = len(found["linked_after"])
    authority, metric, percent = np.full(size, np.nan), np.full(size, "", dtype=object), np.full(size, np.nan)
    for place in sorted(range(len(metrics)), key=lambda place: (np.isnan(figures[place]).sum(), place)):
        take = np.isnan(authority) & ~np.isnan(figures[place])
        authority[take], metric[take] = figures[place][take], metrics[place]
        percent[take] = percentile(figures[place])[take]
    came, went = (
        Absences(*(integer_columns[f"{prefix}_{name}"] for name in _ABSENCE_COLUMNS)) for prefix in ("came", "went")
    )
    numbers = integer_columns["number_before"], integer_columns["number_after"]
    bits = integer_columns["linked_before"], integer_columns["linked_after"]
    return Differences(*numbers, *bits, came, went, authority, metric, percent)


def names_of_both(before: Gap, after: Gap, differences: Differences) -> Array:
    """Return the names of the domains (or hosts) of either state."""
    names = np.empty(len(differences), dtype=object)
    for gap, numbers, rows in (
        (after, differences.number_after, differences.number_after >= 0),
        (before, differences.number_before, differences.number_after < 0),
    ):
        names[rows] = names_of(gap.links.engine, gap.question.level, numbers[rows])
    return names


def _filled(name: str, **places: str) -> str:
    """Return an SQL statement with tables, columns or SQL put in for its placeholders."""
    text = statement("linkgap.gap", name)
    for place, value in places.items():
        text = text.replace(f"{{{place}}}", value)
    return text
