"""Measure what the ranking is worth on real link graphs, how far a backtest can be trusted, and how long both take.

    python benchmarks/bench_ranking.py --graphs ../shared/data/graphs

A task is a site of which some links are hidden, its three, five or ten most similar sites as rivals, and the domains
that link to a rival as candidates. Two graphs: political news, where three in ten links are hidden and the authority is
a real domain rating; Canadian politics, where the hidden links are those that appeared in the three years after a day.
Scores, trials and backtests are linkgap's own; only Adamic and Adar's score is computed here.
"""

import argparse
import datetime as dt
import itertools
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import linkgap as lg
from linkgap.domains import registrable_domain
from linkgap.gap.backtesting import run_backtest
from linkgap.gap.formula import cosines, shared_domains
from linkgap.gap.hiding import Plan
from linkgap.gap.lists import Lists
from linkgap.gap.model import learn, lessons_of, signals_of
from linkgap.gap.results import RIVAL_TO_SITE_FACTOR
from linkgap.gap.trials import (
    AUTHORITY,
    COUNT,
    COUNT_THEN_AUTHORITY,
    LIKELIHOOD,
    LOT,
    PRIORITY,
    TUNED,
    Outcome,
    Trial,
    hide_new,
    measure,
    measure_lot,
    pool_of,
    scores_of,
)

GRAPHS = Path(__file__).resolve().parents[2] / "shared" / "data" / "graphs"
ADAMIC_ADAR = "Adamic and Adar"
METHODS = (LOT, AUTHORITY, COUNT, COUNT_THEN_AUTHORITY, ADAMIC_ADAR, LIKELIHOOD, PRIORITY, TUNED)
LEAST_LINKERS, MOST_LINKERS = 12, 400
HIDDEN_SHARE = 0.3
LEAST_NEW = 5
WINDOW_YEARS = 3
RESAMPLES = 2_000
SEED = 0

Array = np.ndarray[Any, Any]


class Task(NamedTuple):
    """A site (the first of the lists), its rivals, and which links are hidden."""

    site: str
    lists: Lists
    trial: Trial
    linked: Array
    """How many domains each domain links to in the whole graph, not counting the hidden links."""


# Graphs to tasks.


def read_news(folder: Path) -> tuple[list[str], Array, Array]:
    """Return sites, whether each domain (row) links to each site (column), and the domains' rating."""
    rows = pd.read_csv(folder / "political-news" / "politifact_link_schemes.csv.gz", encoding="utf-8-sig")
    rows = rows[rows["domain_from"].notna() & (rows["domain_from"] != rows["domain_to"])]
    sources, places = np.unique(rows["domain_from"], return_inverse=True)
    sites, columns = np.unique(rows["domain_to"], return_inverse=True)
    members = np.zeros((len(sources), len(sites)), dtype=bool)
    members[places, columns] = True
    rating = np.zeros(len(sources))
    rating[places] = rows["domain_to_rating"]
    return sites.tolist(), members, rating


def news_tasks(folder: Path, rivals: int) -> Iterator[Task]:
    """Hide three in ten links of each site, and take the sites most similar by the visible links as its rivals."""
    sites, members, rating = read_news(folder)
    sizes = members.sum(axis=0)
    for target in np.flatnonzero((sizes >= LEAST_LINKERS) & (sizes <= MOST_LINKERS)).tolist():
        random = np.random.default_rng([SEED, target])
        hidden = np.zeros_like(members)
        size = round(HIDDEN_SHARE * sizes[target])
        hidden[random.choice(np.flatnonzero(members[:, target]), size, replace=False), target] = True
        chosen = [target, *most_similar(members & ~hidden, target, rivals, sizes >= LEAST_LINKERS)]
        yield make_task(sites, members, hidden, chosen, rating)


def most_similar(visible: Array, target: int, rivals: int, allowed: Array) -> list[int]:
    """Return the sites with the highest cosine to `target`, among those allowed."""
    alike = cosines(shared_domains(visible))[target].copy()
    alike[~allowed] = -1
    alike[target] = -1
    nearest: list[int] = np.argsort(-alike, kind="stable")[:rivals].tolist()
    return nearest


def make_task(
    sites: list[str],
    members: Array,
    hidden: Array,
    chosen: list[int],
    authority: Array,
    first_seen: Array | None = None,
) -> Task:
    """Cut the lists of a site and its rivals out of a graph."""
    there = members[:, chosen].any(axis=1)
    kept, out = hidden[there][:, chosen], members.sum(axis=1).astype(float)[there]
    known_out = out - hidden[there].sum(axis=1)
    size = (len(chosen), int(there.sum()))
    lists = Lists(
        sites=tuple(sites[column] for column in chosen),
        members=members[there][:, chosen],
        authority=np.broadcast_to(authority[there], size),
        linked_domains=np.broadcast_to(known_out + kept.sum(axis=1), size),
        first_seen=None if first_seen is None else first_seen[there][:, chosen],
    )
    trial = Trial(0, "", lists.members & ~kept, kept)
    return Task(sites[chosen[0]], lists, trial, known_out)


def politics_tasks(folder: Path, rivals: int) -> Iterator[Task]:
    """Hide what appeared in the three years after a day, among the domains that were crawled before and after it."""
    rows = pd.read_csv(folder / "canadian-politics" / "edges.csv.gz")
    names = {host: registrable_domain(host) for host in pd.unique(rows[["source", "target"]].to_numpy().ravel())}
    links = pd.DataFrame(
        {
            "source": rows["source"].map(names),
            "target": rows["target"].map(names),
            "day": pd.to_datetime(rows["crawl_date"].astype(str)).to_numpy(dtype="datetime64[D]"),
        }
    )
    links = links[links["source"] != links["target"]]
    for year, month in itertools.product(range(2006, 2015), (1, 7)):
        start, day, end = (np.datetime64(dt.date(year + shift, month, 1)) for shift in (-WINDOW_YEARS, 0, WINDOW_YEARS))
        window = links[(links["day"] >= start) & (links["day"] < end)]
        crawled = set(window["source"][window["day"] < day]) & set(window["source"][window["day"] >= day])
        yield from window_tasks(window[window["source"].isin(crawled)], day, rivals)


def window_tasks(window: pd.DataFrame, day: np.datetime64, rivals: int) -> Iterator[Task]:
    """Return the tasks of one window: sites with enough links before the day and enough new ones after it."""
    first = window.groupby(["source", "target"])["day"].min().reset_index()
    sources, places = np.unique(first["source"], return_inverse=True)
    sites, columns = np.unique(first["target"], return_inverse=True)
    first_seen = np.full((len(sources), len(sites)), np.datetime64("NaT", "D"))
    first_seen[places, columns] = first["day"].to_numpy(dtype="datetime64[D]")
    known, new = first_seen < day, first_seen >= day
    linking = dict(zip(sites, known.sum(axis=0), strict=True))
    authority = np.array([float(linking.get(source, 0)) for source in sources])
    enough = known.sum(axis=0) >= LEAST_NEW
    for target in np.flatnonzero(enough & (new.sum(axis=0) >= LEAST_NEW)):
        chosen = [int(target), *most_similar(known, int(target), rivals, enough)]
        task = make_task(sites.tolist(), known | new, new, chosen, authority, first_seen)
        trial = next(each for each in hide_new(task.lists, day) if each.target == 0)
        yield task._replace(trial=trial)


# Tasks to figures.


def outcomes_of(task: Task, number: int) -> dict[str, Outcome]:
    """Return each method's outcome for a task: what it finds of the hidden links."""
    pool, random = pool_of(task.lists, task.trial), np.random.default_rng([SEED, number])
    signals = signals_of(pool)
    model = learn(lessons_of(task.lists.without(task.trial.hidden), SEED), among=signals)
    scores = scores_of(pool)
    scores[ADAMIC_ADAR] = pool.linked.sum(axis=1) / np.log(np.e + task.linked[pool.places])
    scores[TUNED] = scores[LIKELIHOOD] if model is None else model.likelihood(signals)
    return {LOT: measure_lot(pool.found)} | {name: measure(each, pool.found, random) for name, each in scores.items()}


def figures_of(outcomes: dict[str, Outcome], firsts: tuple[int, ...]) -> dict[str, tuple[float, ...]]:
    """Return precision at each of `firsts`, NDCG@50 and AUC of each method."""
    return {
        name: (*(each.found[first - 1] / first for first in firsts), each.ndcg, each.auc)
        for name, each in outcomes.items()
    }


def interval(values: Array, sites: list[str]) -> tuple[float, float, float]:
    """Return the mean over tasks and its 95 % interval, resampling sites with all of their tasks."""
    _, places = np.unique(sites, return_inverse=True)
    known = ~np.isnan(values)
    sums = np.bincount(places, np.where(known, values, 0))
    counts = np.bincount(places, known)
    draws = np.random.default_rng(SEED).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=RESAMPLES)
    means = (draws @ sums) / np.maximum(draws @ counts, 1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(np.nanmean(values)), float(low), float(high)


def show_methods(title: str, tasks: list[Task], firsts: tuple[int, ...]) -> None:
    """Print the methods side by side, and by how much the likelihood is better than four of them."""
    figures = [figures_of(outcomes_of(task, number), firsts) for number, task in enumerate(tasks)]
    sites = [task.site for task in tasks]
    pools = [len(pool_of(task.lists, task.trial)) for task in tasks]
    print(f"\n{title}: {len(tasks)} tasks, {len(set(sites))} sites, {np.median(pools):.0f} candidates (median)")
    columns = [*(f"precision@{first}" for first in firsts), "NDCG@50", "AUC"]
    print(f"{'':32}" + "".join(f"{column:>24}" for column in columns))
    measured = {name: np.array([each[name] for each in figures]) for name in METHODS}
    for name, values in measured.items():
        print(f"{name:32}" + "".join(f"{shown(interval(values[:, part], sites)):>24}" for part in range(len(columns))))
    for name in (AUTHORITY, COUNT, COUNT_THEN_AUTHORITY, TUNED):
        gain = measured[LIKELIHOOD] - measured[name]
        parts = "".join(f"{shown(interval(gain[:, part], sites)):>24}" for part in range(len(columns)))
        print(f"{f'likelihood − {name}':32.32}{parts}")


def shown(figures: tuple[float, float, float]) -> str:
    """Write a mean with its interval."""
    return f"{figures[0]:.3f} [{figures[1]:.3f}, {figures[2]:.3f}]"


def show_trust(tasks: list[Task], rivals: int) -> None:
    """Print whether a backtest on the visible links predicts the result on the hidden ones."""
    rows, sites = [], []
    for number, task in enumerate(tasks):
        visible = task.lists.without(task.trial.hidden)
        lists = visible.take(np.flatnonzero(visible.members.any(axis=1)))
        try:
            result = run_backtest(lists, Plan("rivals", "measured"), seed=SEED)
        except lg.LinkgapError:
            continue
        found = figures_of(outcomes_of(task, number), (10,))[LIKELIHOOD][0]
        bound = result.bound(10)
        sites.append(task.site)
        rows.append((result.expected(10), bound.precision, bound.level, found))
    expected, least, level, found = np.array(rows).T
    kept = interval((found >= least - 1e-9).astype(float), sites)
    print(
        f"  {rivals} rivals, {len(rows)} backtests: expected {expected.mean():.3f}, found {found.mean():.3f}, ", end=""
    )
    print(
        f"found / rivals' mean {RIVAL_TO_SITE_FACTOR * found.mean() / expected.mean():.2f} "
        f"({RIVAL_TO_SITE_FACTOR} is assumed), ",
        end="",
    )
    print(f"correlation {np.corrcoef(expected, found)[0, 1]:.2f};")
    print(f"    bound held in {shown(kept)}, promised {level.mean():.3f}; mean bound {least.mean():.3f}")


def show_graphs(folder: Path) -> None:
    """Measure on both graphs."""
    news = {rivals: list(news_tasks(folder, rivals)) for rivals in (3, 5, 10)}
    show_methods("Political news, links hidden at random, 5 rivals", news[5], (10,))
    show_methods("Political news, links hidden at random, 10 rivals", news[10], (10,))
    politics = list(politics_tasks(folder, 10))
    show_methods("Canadian politics, links of the three years after a day, 10 rivals", politics, (5, 10))
    print("\nCan a backtest be trusted? Political news: what it expects without the hidden links, and what was found.")
    for rivals, tasks in news.items():
        show_trust(tasks, rivals)


# Speed.


def large_gap(prospects: int, rivals: int) -> lg.Gap:
    """Return a gap with about this many prospects."""
    random = np.random.default_rng(SEED)
    domains, sites = round(1.635 * prospects), [f"site{number:02}.example" for number in range(rivals + 1)]
    chance = np.minimum(0.9, 0.05 * (random.pareto(1.3, domains) + 0.5))
    places, columns = np.nonzero(random.random((domains, len(sites))) < chance[:, None])
    table = pd.DataFrame(
        {
            "site": np.array(sites, dtype=object)[columns],
            "source_domain": [f"d{place:06}.test" for place in places],
            "authority": random.integers(0, 90, domains).astype(float)[places],
            "linked_domains": random.integers(1, 90_000, domains)[places],
            "first_seen": pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 2000, len(places)), "D"),
        }
    )
    return lg.find_gap(lg.read_links(table, sites=sites, complete=True), site=sites[0])


def show_speed(prospects: int, rivals: int) -> None:
    """Print how long ranking and backtests of a large gap take."""
    gap = large_gap(prospects, rivals)
    print(f"\nSpeed: {len(gap):,} prospects, {rivals} rivals")
    jobs: dict[str, Callable[[], object]] = {
        "rank_prospects": lambda: lg.rank_prospects(gap).order,
        "backtest(kind='rivals')": lambda: lg.backtest(gap, kind="rivals").table,
        "backtest(kind='first_seen')": lambda: lg.backtest(gap, kind="first_seen").table,
        "tune": lambda: lg.tune(gap),
        "compare_rivals": lambda: lg.compare_rivals(gap),
    }
    for name, job in jobs.items():
        started = time.perf_counter()
        job()
        print(f"  {name:30}{time.perf_counter() - started:8.2f} s", flush=True)
    unit = 1 if sys.platform == "darwin" else 1024
    print(f"  peak memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6:,.0f} MB")


def main() -> None:
    """Measure all."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--graphs", type=Path, default=GRAPHS, help="folder with the real link graphs")
    options.add_argument("--prospects", type=int, default=100_000)
    options.add_argument("--rivals", type=int, default=20)
    chosen = options.parse_args()
    if chosen.graphs.is_dir():
        show_graphs(chosen.graphs)
    else:
        print(f"No link graphs in {chosen.graphs}: only speed is measured. Name their folder with --graphs.")
    show_speed(chosen.prospects, chosen.rivals)


if __name__ == "__main__":
    main()
