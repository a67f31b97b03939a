"""Backtests: trials against plain loops and scikit-learn, the rules that keep them honest, the traps they must see."""

import datetime as dt
import json
import os
import pickle
from dataclasses import replace
from itertools import combinations
from math import log2, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import linkgap as lg
from linkgap.errors import InvalidArgumentError, TooFewLinksError
from linkgap.gap.authority import percentile
from linkgap.gap.backtesting import run_backtest
from linkgap.gap.hiding import Plan
from linkgap.gap.lists import Lists, gather_lists
from linkgap.gap.results import CAVEAT, RIVAL_TO_SITE_FACTOR, interval_of
from linkgap.gap.trials import (
    AUTHORITY,
    COUNT,
    COUNT_THEN_AUTHORITY,
    LEAST_HIDDEN,
    LIKELIHOOD,
    LOT,
    PRIORITY,
    TUNED,
    Trial,
    hide_new,
    hide_own,
    hide_rivals,
    hide_some,
    measure,
    measure_lot,
    pool_of,
    scores_of,
)

SITE, RIVALS = "me.example", ("one.example", "three.example", "two.example")


def random_lists(seed: int, domains: int = 400, lists: int = 5, share: float = 0.25, **options: bool) -> Lists:
    """Lists of the same kind: some domains link a lot, others hardly."""
    random = np.random.default_rng(seed)
    chance = np.minimum(0.9, share * (random.pareto(1.5, domains) + 0.3))
    members = random.random((domains, lists)) < chance[:, None]
    members = members[members.any(axis=1)]
    size = len(members)
    authority = np.broadcast_to(random.random(size), (lists, size)) if options.get("authority", True) else None
    linked = random.integers(5, 5_000, size).astype(float)
    linked[random.random(size) < 0.2] = np.nan
    return Lists(
        sites=(SITE, *(f"r{number}.example" for number in range(1, lists))),
        members=members,
        authority=authority,
        linked_domains=np.broadcast_to(linked, (lists, size)) if options.get("linked_domains", True) else None,
        links=members * random.integers(1, 9, members.shape),
    )


# A trial, against the formula domain by domain.


def middle_ranks(values: dict[int, float]) -> dict[int, float]:
    pool = list(values.values())
    return {
        name: (sum(other < value for other in pool) + sum(other == value for other in pool) / 2) / len(pool)
        for name, value in values.items()
    }


def cosine(one: set[int], other: set[int]) -> float:
    return len(one & other) / sqrt(len(one) * len(other)) if one and other else 0.0


def scores_by_hand(lists: Lists, trial: Trial) -> tuple[dict[str, dict[int, float]], set[int]]:
    """Return the scores of each candidate by each method, and the candidates with a hidden link."""
    size, columns = lists.members.shape
    rivals = [column for column in range(columns) if column != trial.target]
    known = {column: {domain for domain in range(size) if trial.known[domain, column]} for column in range(columns)}
    hidden = {domain for domain in range(size) if trial.hidden[domain, trial.target]}
    pool = sorted(set().union(*(known[rival] for rival in rivals)) - (known[trial.target]))
    own = known[trial.target]
    to_site = {rival: cosine(own, known[rival]) for rival in rivals}
    to_others = {
        rival: sum(cosine(known[rival], known[other]) for other in rivals if other != rival) / (len(rivals) - 1)
        for rival in rivals
    }
    raw = {
        rival: len(own) * to_site[rival] / (sum(to_site.values()) or 1)
        + 10 * to_others[rival] / (sum(to_others.values()) or 1)
        for rival in rivals
    }
    weights = {rival: raw[rival] / sum(raw.values()) for rival in rivals}
    count = {domain: sum(domain in known[rival] for rival in rivals) for domain in pool}
    coverage = {domain: sum(weights[rival] for rival in rivals if domain in known[rival]) for domain in pool}
    terms = []
    authority = None
    if lists.linked_domains is not None:
        figures = {domain: lists.linked_domains[trial.target, domain] - (domain in hidden) for domain in pool}
        ranks = middle_ranks({domain: figure for domain, figure in figures.items() if figure == figure})  # noqa: PLR0124
        terms.append({domain: ranks.get(domain, 0.5) for domain in pool})
    if lists.authority is not None:
        authority = middle_ranks({domain: lists.authority[trial.target, domain] for domain in pool})
        terms.append(authority)
    likelihood = {
        domain: (coverage[domain] + 0.1 * sum(term[domain] for term in terms)) / (1 + 0.1 * len(terms))
        for domain in pool
    }
    scores = {COUNT: count, LIKELIHOOD: likelihood}
    if authority is not None:
        scores[AUTHORITY] = authority
        scores[COUNT_THEN_AUTHORITY] = {domain: count[domain] + authority[domain] for domain in pool}
        scores[PRIORITY] = {domain: 100 * likelihood[domain] * max(authority[domain], 0.02) ** 0.25 for domain in pool}
    return scores, hidden & set(pool)


@pytest.mark.parametrize("options", [{}, {"authority": False}, {"linked_domains": False}], ids=repr)
@pytest.mark.parametrize("target", [0, 2])
def test_the_scores_of_a_trial_are_the_formula_written_out(options, target):
    lists = random_lists(1, domains=150, **options)
    trial = hide_some(lists, target, 12, np.random.default_rng(0))
    pool, (by_hand, found) = pool_of(lists, trial), scores_by_hand(lists, trial)
    scores = scores_of(pool)
    assert set(scores) == set(by_hand)
    assert set(pool.places[pool.found].tolist()) == found
    for name, values in by_hand.items():
        assert pool.places.tolist() == sorted(values)
        np.testing.assert_allclose(scores[name], [values[domain] for domain in sorted(values)], atol=1e-12)


def test_with_nothing_hidden_the_scores_are_those_of_the_ranking():
    rows = [
        {"site": site, "source_domain": f"d{number:02}.test", "authority": 90 - number, "linked_domains": 7 * number}
        for number in range(40)
        for place, site in enumerate((SITE, *RIVALS))
        if number % (place + 2) == 0
    ]
    gap = lg.find_gap(lg.read_links(pd.DataFrame(rows), sites=[SITE, *RIVALS], complete=True), site=SITE)
    lists, prospects = gather_lists(gap), lg.rank_prospects(gap)
    pool = pool_of(lists, Trial(0, "", lists.members, np.zeros_like(lists.members)))
    scores = scores_of(pool)
    np.testing.assert_allclose(scores[LIKELIHOOD], prospects.scores["likelihood"])
    np.testing.assert_allclose(scores[PRIORITY], prospects.scores["priority"])


# What is counted, against scikit-learn and by hand.


@pytest.mark.parametrize("seed", range(5))
def test_auc_and_gain_are_those_of_scikit_learn(seed):
    from sklearn.metrics import ndcg_score, roc_auc_score

    random = np.random.default_rng(seed)
    size = 150 if seed == 1 else 80  # those beyond the first hundred are hidden links as well
    found, scores = random.random(size) < 0.2, random.permutation(size).astype(float)
    outcome = measure(scores, found, random)
    assert outcome.auc == pytest.approx(roc_auc_score(found, scores))
    assert outcome.ndcg == pytest.approx(ndcg_score([found], [scores], k=50))
    tied = np.round(scores / 9)
    assert measure(tied, found, random).auc == pytest.approx(roc_auc_score(found, tied))


def test_hits_are_counted_in_the_order_of_scores():
    found = np.array([True, False, True, False, False, True])
    outcome = measure(np.array([6.0, 5, 4, 3, 2, 1]), found, np.random.default_rng(0))
    assert outcome.found[:7].tolist() == [1, 1, 2, 2, 2, 3, 3]
    assert outcome.found[99] == 3
    best = 1 + 1 / log2(3) + 1 / 2
    assert outcome.ndcg == pytest.approx((1 + 1 / 2 + 1 / log2(7)) / best)


@pytest.mark.parametrize(
    ("scores", "tied"),
    [
        (list(range(20)), 0),
        ([5.0] * 4 + [1.0] * 8, 0.6),
        ([1.0] * 12, 1),
        ([5.0] * 10 + [1.0] * 9, 0),
        ([1.0] * 8, 0),
    ],
    ids=["none", "six of ten", "all", "just ten", "fewer than ten"],
)
def test_ties_are_the_places_that_were_drawn_by_lot(scores, tied):
    outcome = measure(np.array(scores, dtype=float), np.arange(len(scores)) < 2, np.random.default_rng(0))
    assert outcome.tied == pytest.approx(tied)


def test_ties_are_broken_by_lot_and_by_the_same_lot_for_the_same_seed():
    found = np.arange(200) < 20
    first = [measure(np.ones(200), found, np.random.default_rng(seed)).found[9] for seed in range(300)]
    again = [measure(np.ones(200), found, np.random.default_rng(seed)).found[9] for seed in range(300)]
    assert first == again
    assert np.mean(first) == pytest.approx(1, abs=0.2)


def test_an_order_by_lot_finds_its_share():
    found = np.arange(40) < 10
    lot = measure_lot(found)
    assert lot.found[[0, 9, 39, 99]].tolist() == [0.25, 2.5, 10, 10]
    assert lot.auc == 0.5
    draws = [measure(np.ones(40), found, np.random.default_rng(seed)).ndcg for seed in range(2_000)]
    assert lot.ndcg == pytest.approx(np.mean(draws), abs=0.01)


# What is hidden.


def test_each_rival_stands_for_the_site_once_a_size():
    lists = random_lists(3)
    trials = list(hide_rivals(lists, 0.3, 0))
    assert [(trial.target, trial.draw) for trial in trials] == [
        (target, draw) for target in range(1, 5) for draw in ("same share", "same number")
    ]
    own = lists.members.sum(axis=0)
    for trial in trials:
        number = round(0.3 * own[trial.target if trial.draw == "same share" else 0])
        assert trial.hidden.sum() == trial.hidden[:, trial.target].sum() == number
        assert not (trial.hidden & ~lists.members).any()
        assert (trial.known == (lists.members & ~trial.hidden)).all()


def test_the_number_hidden_is_never_more_than_a_rival_has_nor_less_than_five():
    lists = random_lists(4)
    few = Lists(lists.sites, lists.members.copy())
    few.members[10:, 0] = False
    few.members[np.flatnonzero(few.members[:, 2])[3:], 2] = False
    sizes = [int(trial.hidden.sum()) for trial in hide_rivals(few, 0.3, 0) if trial.draw == "same number"]
    assert sizes == [5, 3, 5, 5]


def test_draws_differ_and_seeds_repeat_them():
    lists = random_lists(5)
    draws = [trial.hidden for trial in hide_own(lists, 0.3, 4, seed=7)]
    assert all((one != other).any() for one, other in combinations(draws, 2))
    again = [trial.hidden for trial in hide_own(lists, 0.3, 4, seed=7)]
    assert all((one == other).all() for one, other in zip(draws, again, strict=True))


def test_hidden_links_are_taken_out_of_the_number_of_linked_domains():
    lists = random_lists(6, domains=60)
    linked = np.arange(len(lists.members), dtype=float)
    lists = Lists(lists.sites, lists.members, linked_domains=np.broadcast_to(linked, (5, len(linked))))
    trial = hide_some(lists, 1, 10, np.random.default_rng(0))
    pool = pool_of(lists, trial)
    expected = percentile(linked[pool.places] - pool.found)
    np.testing.assert_array_equal(pool.figures["linked_domains"], expected)
    assert pool.found.any()


# By day, worked by hand: the day is 2025-01-01.
#
#   domain  site        rival one   rival two
#   a       2024        2024        -          known to the site: no candidate
#   b       2025        2024        -          a hit
#   c       -           2024        2025       a candidate; its new link to two is not known
#   d       -           -           2025       no candidate: its only link is new
#   e       no day      2024        -          no candidate: it links to the site, nobody knows since when
#   f       -           no day      -          no candidate: that link may be new
def test_links_are_hidden_by_day():
    old, new, never = (np.datetime64(text, "D") for text in ("2024-05-01", "2025-01-01", "NaT"))
    days = np.array(
        [
            [old, old, never],
            [new, old, never],
            [never, old, new],
            [never, never, new],
            [never, old, never],
            [never, never, never],
        ]
    )
    members = ~np.isnat(days)
    members[4, 0] = members[5, 1] = True
    lists = Lists((SITE, *RIVALS[:2]), members, linked_domains=np.full((3, 6), 10.0), first_seen=days)
    first, *others = hide_new(lists, np.datetime64("2025-01-01"))
    pool = pool_of(lists, first)
    assert pool.places.tolist() == [1, 2]
    assert pool.found.tolist() == [True, False]
    assert pool.linked.tolist() == [[True, False], [True, False]]
    assert pool.hidden == 1
    assert pool.figures["linked_domains"].tolist() == [0.5, 0.5]  # each less its new link, to whichever site
    assert [trial.target for trial in others] == [1, 2]


# The trap: lists cut at a hundred show which link was taken out of the count.


def trap() -> tuple[Lists, Trial]:
    lists = random_lists(8, linked_domains=False)
    size = len(lists.members)
    cut = Lists(lists.sites, lists.members, lists.authority, np.full((5, size), 100.0))
    return cut, hide_some(cut, 1, 40, np.random.default_rng(0))


def test_the_trap_of_cut_counts_is_real():
    lists, trial = trap()
    pool = pool_of(lists, trial)
    betraying = percentile(100.0 - pool.found)
    assert measure(-betraying, pool.found, np.random.default_rng(0)).auc == pytest.approx(1)


def test_the_trap_of_cut_counts_is_seen():
    lists, trial = trap()
    honest = Lists(lists.sites, lists.members, lists.authority)
    assert "linked_domains" not in pool_of(lists, trial).figures
    for name, scores in scores_of(pool_of(honest, trial)).items():
        np.testing.assert_array_equal(scores_of(pool_of(lists, trial))[name], scores)


def test_counts_from_a_list_that_its_provider_cut_are_not_used(tmp_path):
    sites = [SITE, *RIVALS]
    for place, site in enumerate(sites):
        rows = 100 if place == 1 else 90
        numbers = range(place * 20, place * 20 + rows)
        table = pd.DataFrame(
            {
                "source_domain": [f"d{n:03}.test" for n in numbers],
                "linked_domains": [1_000 * place + n for n in numbers],
            }
        )
        table.to_csv(tmp_path / f"{site}.csv", index=False)
    paths = {site: str(tmp_path / f"{site}.csv") for site in sites}
    links = lg.read_links(paths, columns={"source_domain": "source_domain", "linked_domains": "linked_domains"})
    assert links.receipts.set_index("site")["cut"].to_dict() == dict.fromkeys(sites, "none") | {sites[1]: "rows"}
    gap = lg.find_gap(links, site=SITE)
    shown = gather_lists(gap).linked_domains[0]
    assert (shown >= 2_000).any()
    assert not ((shown >= 1_000) & (shown < 2_000)).any()
    assert any("Cut by their provider: one.example.csv" in note for note in lg.backtest(gap, kind="rivals").notes)


def test_an_authority_that_only_the_hidden_list_shows_betrays_nobody():
    random = np.random.default_rng(0)
    rows = [
        {"site": site, "source_domain": f"d{number:03}.test", "provider": "ahrefs" if site == RIVALS[0] else "plain"}
        | ({"authority": int(random.integers(1, 90))} if site == RIVALS[0] else {})
        for number in range(150)
        for site in (SITE, *RIVALS)
        if random.random() < 0.4
    ]
    gap = lg.find_gap(lg.read_links(pd.DataFrame(rows), sites=[SITE, *RIVALS], complete=True), site=SITE)
    lists = gather_lists(gap)
    assert not np.isnan(lists.authority[0]).all()
    assert np.isnan(lists.authority[1]).all()
    trial = hide_some(lists, 1, 20, random)
    assert AUTHORITY not in scores_of(pool_of(lists, trial))


# The result.


@pytest.fixture(scope="module")
def lists() -> Lists:
    return random_lists(2)


@pytest.fixture(scope="module")
def result(lists) -> lg.Backtest:
    return run_backtest(lists, Plan("rivals", "as requested"), tuned=True, seed=3)


def test_the_table_is_the_mean_over_the_rivals_of_one_draw_each(lists, result):
    for name in (COUNT, LIKELIHOOD):
        precisions, recalls = [], []
        for trial in hide_rivals(lists, 0.3, 3):
            if trial.draw == "same share":
                pool = pool_of(lists, trial)
                random = np.random.default_rng([3, trial.target, len(pool)])
                outcomes = {each: measure(scores, pool.found, random) for each, scores in scores_of(pool).items()}
                precisions.append(outcomes[name].found[24] / 25)
                recalls.append(outcomes[name].found[24] / trial.hidden.sum())
        assert result.table.loc[name, "precision_25"] == pytest.approx(np.mean(precisions))
        assert result.table.loc[name, "recall_25"] == pytest.approx(np.mean(recalls))
    table = result.table
    assert table.loc[LIKELIHOOD, "lift_25"] == pytest.approx(
        table.loc[LIKELIHOOD, "precision_25"] / table.loc[LOT, "precision_25"]
    )
    assert table.index.tolist() == [LOT, AUTHORITY, COUNT, COUNT_THEN_AUTHORITY, LIKELIHOOD, PRIORITY, TUNED]


def test_expectation_and_bound_are_what_they_say(result):
    rows = result.trials[result.trials["method"] == LIKELIHOOD]
    share = rows[rows["draw"] == "same share"]
    for k in (1, 10, 40):
        assert result.expected(k) == pytest.approx(
            0.87 * np.mean([result.found[row, k - 1] / k for row in share.index])
        )
        worst = min(result.found[row, k - 1] / k for row in rows.index)
        assert result.bound(k) == (pytest.approx(worst), 4 / 5)
    assert RIVAL_TO_SITE_FACTOR == 0.87
    assert any("0.87 ×" in sentence for sentence in result.words)


@pytest.mark.parametrize(("least", "told"), [(0.0, "so there is no number to rely on."), (0.2, "80%")])
def test_nothing_is_not_promised_with_a_certainty(result, least, told):
    worst = np.full_like(result.found, 10 * least)
    sentence = next(each for each in replace(result, found=worst).words if each.startswith("The worst rival"))
    assert told in sentence
    assert ("certainty" in sentence) == (least > 0)


def test_reach_is_the_share_of_hidden_links_that_a_candidate_has(lists, result):
    shares = []
    for trial in hide_rivals(lists, 0.3, 3):
        if trial.draw == "same share":
            others = np.delete(trial.known, trial.target, axis=1).any(axis=1)
            hidden = trial.hidden[:, trial.target]
            shares.append((hidden & others).sum() / hidden.sum())
    assert result.reach == pytest.approx(np.mean(shares))
    assert result.reach < 1


def test_hit_rates_count_candidates_by_rivals_linked(lists, result):
    candidates, links = dict.fromkeys(range(1, 5), 0), dict.fromkeys(range(1, 5), 0)
    for trial in hide_rivals(lists, 0.3, 3):
        for domain in range(len(lists.members)) if trial.draw == "same share" else ():
            number = sum(trial.known[domain, column] for column in range(5) if column != trial.target)
            if number and not trial.known[domain, trial.target]:
                candidates[number] += 1
                links[number] += int(trial.hidden[domain, trial.target])
    table = result.hit_rates.set_index("rivals_linked")
    assert table["candidates"].to_dict() == candidates
    assert table["links"].to_dict() == links
    np.testing.assert_allclose(table["hit_rate"], [links[number] / candidates[number] for number in links])


def test_the_bound_holds_as_often_as_it_says():
    kept, level = [], 0.0
    for seed in range(120):
        lists = random_lists(1_000 + seed, domains=260, lists=4, share=0.2)
        trial = hide_some(lists, 0, round(0.3 * lists.members[:, 0].sum()), np.random.default_rng(seed))
        pool = pool_of(lists, trial)
        came = measure(scores_of(pool)[LIKELIHOOD], pool.found, np.random.default_rng(seed)).found[9] / 10
        visible = lists.without(trial.hidden)
        visible = visible.take(np.flatnonzero(visible.members.any(axis=1)))
        least, level = run_backtest(visible, Plan("rivals", ""), seed=seed).bound(10)
        kept.append(came >= least)
    assert level == 3 / 4
    assert np.mean(kept) >= level


def test_intervals_hold_the_mean_and_shrink_to_nothing_where_rivals_agree(result):
    table = result.table
    assert (table["precision_10_low"] <= table["precision_10"]).all()
    assert (table["precision_10"] <= table["precision_10_high"]).all()
    same = Lists((SITE, "a.example", "b.example", "c.example"), np.tile(np.arange(60)[:, None] % 2 == 0, (1, 4)))
    agreed = run_backtest(same, Plan("rivals", "")).curve
    assert agreed["low"].to_numpy() == pytest.approx(agreed["high"].to_numpy())


@pytest.mark.parametrize("sites", [2, 3, 4, 5, 10, 11, 40])
def test_intervals_hold_the_truth_as_often_as_they_say(sites):
    # Each column is a backtest of its own, of so many sites whose true mean is known.
    low, high = interval_of(np.random.default_rng(sites).normal(0.3, 0.1, size=(sites, 10_000)))
    assert np.mean((low <= 0.3) & (high >= 0.3)) == pytest.approx(0.95, abs=0.01)


def test_the_note_on_ties_is_of_the_trials_in_the_table(result):
    assert (
        result.notes[0]
        == f"{result.table.loc[COUNT, 'tied']:.0%} of the first ten places by {COUNT} were ties, broken by lot."
    )


def test_rivals_with_fewer_than_five_hidden_links_are_left_out_and_named(lists):
    members = lists.members.copy()
    members[np.flatnonzero(members[:, 2])[15:], 2] = False
    members[np.flatnonzero(members[:, 3])[4:], 3] = False
    result = run_backtest(Lists(lists.sites, members), Plan("rivals", ""))
    assert set(result.trials["site"]) == {"r1.example", "r2.example", "r4.example"}
    assert set(result.trials.loc[result.trials["draw"] == "same share", "hidden"] >= LEAST_HIDDEN) == {True}
    assert any("r3.example" in note for note in result.notes)
    assert result.words[0].startswith("2 rivals stood in for me.example in turn")
    assert result.bound(10).level == 2 / 3


def test_precision_divides_by_k_though_there_are_fewer_candidates():
    members = np.zeros((30, 3), dtype=bool)
    members[:20, 0] = members[:25, 1] = members[5:, 2] = True
    result = run_backtest(Lists((SITE, *RIVALS[:2]), members), Plan("recover", ""))
    assert result.trials["candidates"].max() < 50
    assert result.table.loc[LIKELIHOOD, "precision_100"] == pytest.approx(result.trials["reachable"].mean() / 100)


def test_a_result_is_plain(result):
    again = pickle.loads(pickle.dumps(result))  # noqa: S301 - made a moment ago
    assert_frame_equal(again.table, result.table)
    summary = json.loads(json.dumps(result.summary, allow_nan=False))
    assert summary["expected"]["10"] == pytest.approx(result.expected(10))
    assert len(summary["curve"]) == 100 * len(result.methods)
    assert CAVEAT in summary["words"]


def test_the_same_seed_gives_the_same_result(lists, result):
    again = run_backtest(lists, Plan("rivals", "as requested"), tuned=True, seed=3)
    assert_frame_equal(again.trials, result.trials)
    assert (again.found == result.found).all()
    assert (run_backtest(lists, Plan("rivals", "as requested"), seed=4).found[:3] != result.found[:3]).any()


def test_a_difference_that_is_nothing_has_no_minus(result, monkeypatch):
    nothing = np.array([-0.0004, 0.0003, -0.0004])
    monkeypatch.setattr(type(result), "differences", lambda *_: nothing)
    told = [sentence for sentence in result.words if sentence.startswith("Compared to sorting")]
    assert told
    assert all(": +0.0 of the first 10 (+0.0 to +0.0), no difference" in sentence for sentence in told)


@pytest.mark.parametrize(
    ("gains", "verdict"),
    [
        ([0.1, 0.1], "better in 2 trials, too few to rule out luck."),
        ([0.1, 0.2], "no difference that this data can show."),
        ([-0.1, -0.2, -0.1, -0.2], "worse."),
        ([0.1, 0.1, 0.2, 0.1, 0.1], "better."),
        ([0.1, -0.1], "no difference that this data can show."),
    ],
)
def test_few_trials_are_not_made_surer_than_they_are(result, monkeypatch, gains, verdict):
    monkeypatch.setattr(type(result), "differences", lambda *_: np.array(gains))
    told = [sentence for sentence in result.words if sentence.startswith("Compared to sorting")]
    assert told
    assert all(sentence.endswith(f"), {verdict}") for sentence in told)


@pytest.mark.parametrize("k", [0, 101, 2.5, "10", True])
def test_places_are_from_one_to_a_hundred(result, k):
    for ask in (result.expected, result.bound):
        with pytest.raises(
            InvalidArgumentError, match=r"^k=.* is not allowed\. Allowed: a whole number from 1 to 100\."
        ):
            ask(k)


def test_methods_and_measures_that_are_none_are_refused(result):
    with pytest.raises(InvalidArgumentError, match=r"^method='luck' is not allowed\. Allowed: authority, by lot, "):
        result.expected(10, method="luck")
    with pytest.raises(InvalidArgumentError, match=r"^measure='f1' is not allowed\. Allowed: auc, ndcg_50, "):
        result.differences(LIKELIHOOD, COUNT, measure="f1")
    with pytest.raises(InvalidArgumentError, match=r"^measure=\['auc'\] is not allowed\. "):
        result.differences(LIKELIHOOD, COUNT, measure=["auc"])


# From a gap.


def dated_gap(days: float = 1.0, own: int = 60, rivals: int = 3) -> lg.Gap:
    random = np.random.default_rng(1)
    sites = (SITE, *RIVALS[:rivals])
    rows = [
        {
            "site": site,
            "source_url": f"https://d{number:03}.test/",
            "authority": int(random.integers(1, 90)),
            "first_seen": str(dt.date(2020, 1, 1) + dt.timedelta(int(random.integers(2_000))))
            if random.random() < days
            else None,
        }
        for number in range(160)
        for site in sites
        if random.random() < 0.4 and (site != SITE or number < own)
    ]
    table = pd.DataFrame(rows)
    table = table.dropna(axis=1, how="all")
    return lg.find_gap(lg.read_links(table, sites=sites, complete=True), site=SITE)


@pytest.mark.parametrize("later", [0, 0.2])
def test_where_most_links_have_the_day_of_the_first_crawl_each_rival_takes_its_turn(later):
    """To hide what came from that day on would leave nothing to rank by."""
    random = np.random.default_rng(1)
    rows = [
        {
            "site": site,
            "source_url": f"https://d{number:03}.test/",
            "first_seen": "2026-03-05" if random.random() < later else "2026-01-05",
        }
        for number in range(160)
        for site in (SITE, *RIVALS)
        if random.random() < 0.4
    ]
    gap = lg.find_gap(lg.read_links(pd.DataFrame(rows), complete=True), site=SITE)
    result = lg.backtest(gap)
    assert (result.kind, result.reason) == ("rivals", "no link to a rival was first seen before 2026-01-05")
    with pytest.raises(TooFewLinksError, match=r"kind='first_seen' is not possible: no link to a rival .* Use lg\."):
        lg.backtest(gap, kind="first_seen")


@pytest.mark.parametrize("kind", [None, "first_seen"])
def test_where_all_links_are_lost_nothing_can_be_measured(kind):
    rows = [
        {"site": site, "source_domain": f"d{number}.test", "first_seen": "2025-01-01", "is_lost": True}
        for site in (SITE, *RIVALS)
        for number in range(20)
    ]
    with pytest.raises(TooFewLinksError):
        lg.backtest(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site=SITE), kind=kind)


def test_by_default_links_are_hidden_by_day_where_days_are_known():
    result = lg.backtest(dated_gap())
    assert result.kind == "first_seen"
    assert result.reason == "100% of the links have a first-seen date"
    assert set(result.trials["site"]) == {SITE, *RIVALS}
    frame = dated_gap().links.frame
    pairs = frame.groupby(["source_domain", "site"])["first_seen"].min()
    assert (pairs >= pd.Timestamp(result.cutoff)).mean() == pytest.approx(0.3, abs=0.02)
    hidden = result.trials[result.trials["method"] == LOT].set_index("site")["hidden"].to_dict()
    assert hidden == (pairs[pairs >= pd.Timestamp(result.cutoff)]).groupby("site").size().to_dict()
    assert any("day on which the provider found a link" in note for note in result.notes)


def test_a_day_can_be_given():
    result = lg.backtest(dated_gap(), cutoff="2024-01-01")
    assert (result.kind, result.cutoff) == ("first_seen", dt.date(2024, 1, 1))
    assert result.bound(10).level == 3 / 4
    assert result.expected(10) == pytest.approx(result.table.loc[LIKELIHOOD, "precision_10"])


@pytest.mark.parametrize(
    ("gap", "kind", "reason"),
    [
        (lambda: dated_gap(days=0), "rivals", "no export says when a link was first seen"),
        (
            lambda: dated_gap(days=0.2),
            "rivals",
            "fewer than half of the links to me.example, or to any rival, have a first-seen date",
        ),
        (lambda: dated_gap(own=8), "rivals", "me.example has "),
        (lambda: dated_gap(days=0, rivals=1), "recover", "no export says"),
    ],
    ids=["no days", "few days", "few own links", "a single rival"],
)
def test_the_result_says_why_links_were_not_hidden_by_day(gap, kind, reason):
    result = lg.backtest(gap())
    assert result.kind == kind
    assert result.reason.startswith(reason)
    assert result.summary["reason"] == result.reason


@pytest.mark.parametrize(
    ("gap", "options", "error", "words"),
    [
        (dated_gap, {"kind": "future"}, InvalidArgumentError, r"kind='future' is not allowed\. Allowed: first_seen, "),
        (dated_gap, {"share": 0.01}, InvalidArgumentError, r"share=0\.01 is not allowed\. Allowed: .* 0\.05 to 0\.9"),
        (dated_gap, {"share": "0.3"}, InvalidArgumentError, r"share='0\.3' is not allowed"),
        (
            dated_gap,
            {"seed": -1},
            InvalidArgumentError,
            r"seed=-1 is not allowed\. Allowed: a whole number of 0 or more",
        ),
        (dated_gap, {"authority_weight": 9}, InvalidArgumentError, r"authority_weight=9 is not allowed\. .* 0 to 4"),
        (dated_gap, {"cutoff": "soon"}, InvalidArgumentError, r"cutoff='soon' is not a date\. Allowed: a date, such "),
        (dated_gap, {"tuned": "no"}, InvalidArgumentError, r"tuned is of type str\. Allowed: True or False\."),
        (dated_gap, {"cutoff": "NaT"}, InvalidArgumentError, r"cutoff='NaT' is not a date"),
        *(
            (dated_gap, {"cutoff": cutoff}, InvalidArgumentError, rf"cutoff={cutoff!r} is not a date\. Allowed: a date")
            for cutoff in (20260101, 0, True, "03/04/2025", "25", "20260101")
        ),
        (
            dated_gap,
            {"cutoff": "1900-01-01"},
            TooFewLinksError,
            r"Without the hidden links, no domain links to enough .* choose a later day than cutoff='1900-01-01'",
        ),
        (dated_gap, {"cutoff": "2024-01-01", "kind": "rivals"}, InvalidArgumentError, r"cutoff='2024-01-01' goes with"),
        (
            dated_gap,
            {"cutoff": "2030-01-01"},
            TooFewLinksError,
            r"kind='first_seen' is not possible: me\.example has 0 ",
        ),
        (
            lambda: dated_gap(days=0),
            {"kind": "first_seen"},
            TooFewLinksError,
            r"kind='first_seen' is not possible: no export says .*\. Use lg\.backtest\(gap, kind='rivals'\)\.",
        ),
        (
            lambda: dated_gap(rivals=1),
            {"kind": "rivals"},
            InvalidArgumentError,
            r"kind='rivals' is not possible: each rival .*, and there is only one\. Read another .* kind='recover'",
        ),
        (
            lambda: dated_gap(own=10),
            {"kind": "recover"},
            TooFewLinksError,
            r"A backtest hides at least 5 links of a list: at 30%, that takes 17 linking domains, but me\.example has ",
        ),
    ],
)
def test_what_a_backtest_refuses(gap, options, error, words):
    with pytest.raises(error, match=f"^{words}"):
        lg.backtest(gap(), **options)


def test_own_links_have_no_bound():
    result = lg.backtest(dated_gap(), kind="recover")
    with pytest.raises(InvalidArgumentError, match=r"^kind='recover' has no bound: .* kind='rivals'"):
        result.bound(10)
    assert result.summary["bound"] == {}
    assert any("not how other sites would do" in note for note in result.notes)


def test_a_list_without_days_is_left_out_and_named():
    gap = dated_gap()
    frame = gap.links.frame[["site", "source_url", "first_seen"]].copy()
    frame.loc[frame["site"] == RIVALS[1], "first_seen"] = pd.NaT
    third = frame.index[frame["site"] == RIVALS[2]]
    frame.loc[third[: len(third) // 2], "first_seen"] = pd.NaT
    frame = frame.drop(third[-1:] if len(third) % 2 else [])  # of those that are left, just half have a day
    partly = lg.find_gap(lg.read_links(frame, sites=gap.links.sites, complete=True), site=SITE)
    result = lg.backtest(partly)
    assert result.rivals == (RIVALS[0], RIVALS[2])
    assert any(f"fewer than half of their links have a date: {RIVALS[1]}" in note for note in result.notes)


def test_min_rivals_holds_in_every_trial():
    gap = dated_gap()
    several = lg.find_gap(gap.links, site=SITE, min_rivals=2)
    rates = lg.backtest(several, kind="rivals").hit_rates
    assert rates.loc[rates["rivals_linked"] == 1, "candidates"].tolist() == [0]
    assert rates["candidates"].sum() > 0


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({}, "rivals", "that link to a rival; no list of link gaps can contain the others."),
        ({"min_rivals": 2}, "rivals", "that link to at least 2 rivals; no list that requires as many can contain"),
        ({"min_rivals": 2}, "first_seen", "seen linking to at least 2 rivals before 2024-01-01; no list made then"),
    ],
)
def test_what_a_list_can_contain_is_said_of_the_lists_that_were_tried(options, kind, words):
    gap = lg.find_gap(dated_gap().links, site=SITE, **options)
    result = lg.backtest(gap, kind=kind, cutoff="2024-01-01" if kind == "first_seen" else None)
    assert words in result.words[-2]
    assert result.words[-2].startswith(f"{result.reach:.0%} of the hidden links are from websites ")


def test_reach_by_days_and_several_rivals_is_that_of_pandas():
    gap = lg.find_gap(dated_gap(days=0.9).links, site=SITE, min_rivals=2)
    frame = gap.links.frame
    days = frame.pivot_table(index="source_domain", columns="site", values="first_seen", aggfunc="min")
    cutoff, shares = pd.Timestamp("2024-01-01"), []
    for site in gap.links.sites:
        hidden = days.index[days[site] >= cutoff]
        shares.append(((days.drop(columns=site) < cutoff).sum(axis=1)[hidden] >= 2).mean())
    assert lg.backtest(gap, cutoff="2024-01-01").reach == pytest.approx(np.mean(shares))


GRAPHS = Path(__file__).parents[3] / "shared" / "data" / "graphs"


@pytest.fixture
def graphs():
    if not GRAPHS.is_dir():
        assert not os.environ.get("CI"), f"{GRAPHS} must be there in CI"
        pytest.skip("the real link graphs are not beside this checkout")
    return GRAPHS


def test_real_rivals_beat_the_authority_sort(graphs):
    rows = pd.read_csv(graphs / "political-news" / "politifact_link_schemes.csv.gz", encoding="utf-8-sig")
    rows = rows[rows["domain_from"].notna()].rename(
        columns={"domain_from": "source_domain", "domain_to": "site", "domain_to_rating": "authority"}
    )
    sites = rows["site"].value_counts().head(12).index.tolist()
    table = rows[rows["site"].isin(sites)][["site", "source_domain", "authority"]]
    gap = lg.find_gap(lg.read_links(table, sites=sites, max_loss=1), site=sites[0])
    measured = lg.backtest(gap, kind="rivals").table["precision_10"]
    assert measured[COUNT] > 2 * measured[AUTHORITY]
    assert measured[LIKELIHOOD] > 2 * measured[AUTHORITY]


def test_what_is_shown_is_escaped_and_one_line(result):
    hostile = replace(result, notes=("Cut by their provider: <script>alert(1)</script>.csv",), site="<b>me</b>")
    shown = hostile._repr_html_()
    assert "<script>" not in shown
    assert "<b>" not in shown
    assert "&lt;script&gt;" in shown
    assert CAVEAT in shown
    assert "\n" not in repr(result)
    with pytest.raises(AttributeError, match="cannot assign to field"):
        result.kind = "recover"


def test_without_a_rival_that_could_be_tried_there_is_no_bound():
    days = np.full((60, 2), np.datetime64("2024-01-01"), dtype="datetime64[D]")
    days[:9, 0] = np.datetime64("2025-06-01")
    members = np.ones((60, 2), dtype=bool)
    members[30:, 0] = False
    lists = Lists((SITE, RIVALS[0]), members, first_seen=days)
    result = run_backtest(lists, Plan("first_seen", "", day=np.datetime64("2025-01-01")))
    assert set(result.trials["site"]) == {SITE}
    assert result.summary["bound"] == {}
    with pytest.raises(InvalidArgumentError, match=r"^No rival had enough new links for a bound"):
        result.bound(10)
