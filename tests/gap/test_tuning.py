"""Learning: the regression against scikit-learn, lessons against plain loops, and when a model is let in."""

from itertools import pairwise
from math import sqrt
from unittest.mock import Mock

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import linkgap as lg
from linkgap.errors import InvalidArgumentError, TooFewLinksError
from linkgap.gap.formula import coverage_of
from linkgap.gap.lists import Lists, gather_lists
from linkgap.gap.model import (
    _FOLDS,
    MOST_DOMAINS,
    RIDGE,
    SIGNALS,
    Lesson,
    Model,
    _softplus,
    as_model,
    fit_logistic,
    learn,
    lessons_of,
    logistic,
    signals_of,
)
from linkgap.gap.trials import LIKELIHOOD, TUNED, Trial, hide_some, pool_of
from linkgap.gap.tuning import gain_of

SITES = ("me.example", "r1.example", "r2.example", "r3.example", "r4.example")


def make_gap(kind: str, *, domains: int = 900, lists: int = 5, seed: int = 5) -> lg.Gap:
    """A world in which domains of low authority link most ("modest"), or those that link anyway ("usual")."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(domains):
        authority = number * 89 // domains
        chance = (0.4 if authority < 30 else 0.1) if kind == "modest" else 0.05 + 0.8 * float(random.random()) ** 3
        rows += [
            {"site": site, "source_url": f"https://d{number:03}.test/{page}", "authority": authority}
            for site in SITES[:lists]
            for page in range(random.integers(1, 4) if kind == "modest" else 1)
            if random.random() < chance
        ]
    links = lg.read_links(pd.DataFrame(rows), sites=SITES[:lists], complete=True)
    return lg.find_gap(links, site="me.example")


@pytest.fixture(scope="module")
def gap() -> lg.Gap:
    return make_gap("modest")


@pytest.fixture(scope="module")
def tuning(gap) -> lg.Tuning:
    return lg.tune(gap)


# The regression.


@pytest.mark.parametrize("seed", range(4))
def test_the_regression_is_that_of_scikit_learn(seed):
    from sklearn.linear_model import LogisticRegression

    random = np.random.default_rng(seed)
    table = random.normal(size=(300, 4))
    answers = (random.random(300) < logistic(table @ [2, -1, 0, 0.5] - 1)).astype(float)
    weights = random.random(300) + 0.1
    oracle = LogisticRegression(C=1 / RIDGE, tol=1e-12, max_iter=10_000).fit(table, answers, sample_weight=weights)
    np.testing.assert_allclose(
        fit_logistic(table, answers, weights), [oracle.intercept_[0], *oracle.coef_[0]], atol=1e-6
    )


def test_a_step_of_the_regression_computes_one_loss(monkeypatch):
    """The loss before a step is the one after the last: most of the time goes into logarithms."""
    logarithms, steps = Mock(wraps=_softplus), Mock(wraps=np.linalg.lstsq)
    monkeypatch.setattr("linkgap.gap.model._softplus", logarithms)
    monkeypatch.setattr(np.linalg, "lstsq", steps)
    table = np.random.default_rng(0).normal(size=(300, 4))
    fit_logistic(table, (table[:, 0] > 1).astype(float), np.ones(300))
    assert logarithms.call_count == 1 + 2 * steps.call_count  # for the loss, and for the chances


def test_whole_steps_diverge_where_halved_ones_arrive():
    from sklearn.linear_model import LogisticRegression

    random = np.random.default_rng(0)
    table = random.standard_cauchy((200, 3)) * 30
    answers = (np.arange(200) < 3).astype(float)
    weights = np.ones(200)
    oracle = LogisticRegression(C=1 / RIDGE, tol=1e-12, max_iter=100_000).fit(table, answers)
    fitted = fit_logistic(table, answers, weights)

    def loss(found: np.ndarray) -> float:
        logit = found[0] + table @ found[1:]
        return float((np.logaddexp(0, logit) - answers * logit).sum() + RIDGE / 2 * (found[1:] ** 2).sum())

    assert loss(fitted) <= loss(np.array([oracle.intercept_[0], *oracle.coef_[0]])) + 1e-6


def test_a_model_is_learned_from_lessons_of_the_same_weight():
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    random = np.random.default_rng(1)
    lessons = []
    for target, size in enumerate((60, 400, 150)):
        signals = {"coverage": random.random(size), "authority": random.random(size) * (target + 1)}
        answers = random.random(size) < logistic(4 * signals["coverage"] - 3)
        lessons.append(Lesson(target, signals, answers))
    model = learn(lessons)
    table = np.concatenate([np.column_stack(list(each.signals.values())) for each in lessons])
    answers = np.concatenate([each.answers for each in lessons])
    weights = np.concatenate([np.full(len(each.answers), 610 / 3 / len(each.answers)) for each in lessons])
    scaler = StandardScaler().fit(table, sample_weight=weights)
    oracle = LogisticRegression(C=1 / RIDGE, tol=1e-12, max_iter=10_000)
    oracle.fit(scaler.transform(table), answers, sample_weight=weights)
    signals = {"coverage": np.array([0.1, 0.9]), "authority": np.array([2.0, 0.3])}
    wanted = oracle.predict_proba(scaler.transform(np.column_stack(list(signals.values()))))[:, 1]
    np.testing.assert_allclose(model.likelihood(signals), wanted, atol=1e-6)


def test_nothing_is_learned_from_lessons_without_answers():
    nothing = Lesson(0, {"coverage": np.ones(5)}, np.zeros(5, dtype=bool))
    everything = Lesson(1, {"coverage": np.ones(5)}, np.ones(5, dtype=bool))
    assert learn([]) is None
    assert learn([nothing, everything]) is None


@pytest.mark.parametrize("noise", [0, 1e-16])
def test_a_signal_that_differs_by_rounding_alone_gets_no_weight(noise):
    random = np.random.default_rng(0)
    signal, answers = random.random(90), random.random(90) < 0.4
    steady = 0.25 + noise * random.integers(-2, 3, 90)
    model = learn([Lesson(1, {"coverage": signal, "closest_rival": steady}, answers)])
    assert model.weights["closest_rival"] == pytest.approx(0, abs=1e-6)
    usual = model.likelihood({"coverage": signal, "closest_rival": steady})
    other = model.likelihood({"coverage": signal, "closest_rival": np.full(90, 0.9)})
    assert other == pytest.approx(usual)


@pytest.mark.parametrize("numbers", [lambda _: range(40), lambda place: range(100 * place, 100 * place + 40)])
def test_where_lists_are_all_alike_or_share_nothing_there_is_nothing_to_learn(numbers):
    rows = [(site, f"d{number:03}.test") for place, site in enumerate(SITES) for number in numbers(place)]
    gap = lg.find_gap(lg.read_links(pd.DataFrame(rows, columns=["site", "source_domain"])), site=SITES[0])
    with pytest.raises(TooFewLinksError, match=r"^On every list, all candidates link or none does, .* Read longer"):
        lg.tune(gap)


def test_a_site_without_links_can_be_tuned():
    rows = [(site, f"d{number:03}.test") for place, site in enumerate(SITES) for number in range(place, 40 + place)]
    frame = pd.DataFrame([row for row in rows if row[0] != SITES[0]], columns=["site", "source_domain"])
    tuning = lg.tune(lg.find_gap(lg.read_links(frame, sites=SITES), site=SITES[0]))
    assert np.isfinite(tuning.ranges.drop(columns="domain").to_numpy(dtype=float)).all()
    assert len(set(tuning.ranges["times_average"])) > 1


def test_small_chances_keep_their_proportions():
    assert logistic(np.array([-700, -50, 0, 50])) == pytest.approx([np.exp(-700), np.exp(-50), 0.5, 1])


def test_a_signal_that_never_changes_gets_no_weight():
    answers = np.arange(40) % 4 == 0
    model = learn([Lesson(0, {"rivals_linked": np.ones(40), "coverage": answers * 0.5 + 0.1}, answers)])
    assert model.weights["rivals_linked"] == pytest.approx(0, abs=1e-9)
    assert model.weights["coverage"] > 0


# Lessons.


def random_lists(seed: int = 0, domains: int = 120) -> Lists:
    random = np.random.default_rng(seed)
    members = random.random((domains, 4)) < 0.1 + 0.6 * random.random(domains)[:, None]
    members = members[members.any(axis=1)]
    return Lists(SITES[:4], members, np.broadcast_to(random.random(len(members)), (4, len(members))))


def cosine(one: set[int], other: set[int]) -> float:
    return len(one & other) / sqrt(len(one) * len(other)) if one and other else 0.0


def test_similarities_beside_an_answer_are_computed_without_its_fold():
    lists = random_lists()
    fold = np.random.default_rng(9).integers(_FOLDS, size=len(lists.members))
    for lesson in lessons_of(lists, 9):
        target = lesson.target
        rivals = [column for column in range(4) if column != target]
        wanted = []
        for domain in np.flatnonzero(lists.members[:, rivals].any(axis=1)):
            known = {
                column: {each for each in np.flatnonzero(lists.members[:, column]) if fold[each] != fold[domain]}
                for column in range(4)
            }
            alike = {rival: cosine(known[target], known[rival]) for rival in rivals}
            linked = [rival for rival in rivals if lists.members[domain, rival]]
            wanted.append((max(alike[rival] for rival in linked) / max(alike.values()), lists.members[domain, target]))
        np.testing.assert_allclose(lesson.signals["closest_rival"], [each for each, _ in wanted])
        assert lesson.answers.tolist() == [each for _, each in wanted]


def test_the_candidates_of_a_lesson_are_looked_at_once_not_once_for_each_fold(monkeypatch):
    """With 60 sites, a test of 120 trials has 7,200 lessons."""
    looks = Mock(wraps=coverage_of)
    monkeypatch.setattr("linkgap.gap.model.coverage_of", looks)
    assert len(lessons_of(random_lists(), 9)) == looks.call_count == 4


def test_hidden_links_teach_nothing():
    lists = random_lists()
    linked = np.broadcast_to(np.arange(len(lists.members)) * 3.0, (4, len(lists.members)))
    lists = Lists(lists.sites, lists.members, lists.authority, linked)
    hidden = hide_some(lists, 1, 12, np.random.default_rng(0)).hidden
    never = Lists(lists.sites, lists.members & ~hidden, lists.authority, linked - hidden.sum(axis=1))
    for one, other in zip(lessons_of(lists.without(hidden), 2), lessons_of(never, 2), strict=True):
        assert one.answers.tolist() == other.answers.tolist()
        for name, values in one.signals.items():
            np.testing.assert_array_equal(values, other.signals[name])


def test_many_domains_are_learned_from_by_sample():
    members = np.random.default_rng(0).random((MOST_DOMAINS + 500, 3)) < 0.5
    lessons = lessons_of(Lists(SITES[:3], members), 0)
    assert all(0.7 * MOST_DOMAINS < len(each.answers) <= MOST_DOMAINS for each in lessons)


# When a model is let in.


def test_a_model_that_finds_more_is_accepted(gap, tuning):
    assert tuning.accepted
    assert tuning.model is tuning.learned
    assert tuning.gain > tuning.error
    gains = tuning.backtest.differences(TUNED, LIKELIHOOD, measure="ndcg_50")
    assert len(gains) == 4
    assert tuning.gain == pytest.approx(np.mean(gains))
    assert repr(tuning).startswith("Tuning for me.example: the learned model wins (the first 50 places score +0.")
    assert repr(tuning).endswith(f" out of 1 in 4 trials, standard error {tuning.error:.4f})")
    assert lg.rank_prospects(gap, model=tuning.model).frame["authority"].iloc[0] < 30


def test_where_the_formula_finds_as_much_it_stays():
    gap = make_gap("usual")
    tuning = lg.tune(gap)
    assert not tuning.accepted
    assert tuning.model is None
    assert tuning.gain <= tuning.error
    assert "no clear gain, keeping the formula" in repr(tuning)
    assert_frame_equal(lg.rank_prospects(gap, model=tuning.model).frame, lg.rank_prospects(gap).frame)


def test_the_standard_error_is_that_of_the_mean():
    assert gain_of(np.array([0.1, 0.3, -0.2, 0.4])) == pytest.approx((0.15, sqrt(0.07 / 4)))
    assert np.isnan(gain_of(np.array([]))).all()


# Two trials that gain 1 and 3: from their mean they are 1 away, so the error of one is sqrt(2) and that of the mean 1.
def test_two_trials_are_not_made_surer_than_they_are():
    assert gain_of(np.array([0.01, 0.03])) == pytest.approx((0.02, 0.01))


def test_a_single_trial_is_no_proof():
    lists = {
        "r1.example": range(10, 100),
        "r2.example": range(20, 26),
        "r3.example": range(22, 30),
        SITES[0]: range(30),
    }
    rows = [(site, f"d{number:02}.test") for site, numbers in lists.items() for number in numbers]
    frame = pd.DataFrame(rows, columns=["site", "source_domain"])
    tuning = lg.tune(lg.find_gap(lg.read_links(frame), site=SITES[0]))
    assert len(tuning.backtest.differences(TUNED, LIKELIHOOD)) == 1
    assert tuning.gain > 0
    assert np.isnan(tuning.error)
    assert tuning.model is None
    assert repr(tuning) == (
        f"Tuning for me.example: a single trial, in which the first 50 places score {tuning.gain:+.4f} out of 1, "
        "can't tell a gain from luck, keeping the formula"
    )


def test_tuning_takes_three_rivals():
    with pytest.raises(TooFewLinksError, match=r"^Learning needs at least 3 rivals; this gap has 2 rivals\. Read more"):
        lg.tune(make_gap("usual", domains=60, lists=3))


@pytest.mark.parametrize("options", [{"share": 2}, {"seed": 0.5}])
def test_options_out_of_range_are_refused(gap, options):
    with pytest.raises(InvalidArgumentError, match=r" is not allowed\. Allowed: "):
        lg.tune(gap, **options)


# Ranking by a model.


def test_likelihoods_and_ranks_stay_between_those_with_a_list_left_out(gap, tuning):
    ranges = tuning.ranges
    assert sorted(ranges["domain"]) == gap.domains
    assert ranges["rank"].tolist() == list(range(1, len(gap) + 1))
    assert ranges["times_average"].is_monotonic_decreasing
    assert (ranges["rank_best"] <= ranges["rank"]).all()
    assert (ranges["rank"] <= ranges["rank_worst"]).all()
    assert (ranges["times_average_low"] <= ranges["times_average"]).all()
    assert (ranges["times_average"] <= ranges["times_average_high"]).all()
    assert ranges["times_average"].mean() == pytest.approx(1)
    assert (tuning.weights["low"] <= tuning.weights["high"]).all()
    assert (ranges["rank_worst"] > ranges["rank_best"]).any()


def test_explanations_add_up_to_the_priority(gap, tuning):
    prospects = lg.rank_prospects(gap, model=tuning.model, authority_weight=1)
    for row in prospects.frame.itertuples():
        terms = prospects.explain(row.domain)
        assert terms["contribution"].sum() == pytest.approx(row.priority, abs=1e-9)
    assert terms["term"].tolist()[:3] == ["an average candidate", SIGNALS["rivals_linked"], SIGNALS["coverage"]]
    assert prospects.formula.startswith("priority = 100 x learned likelihood (rivals linked, logarithm, coverage, ")


def test_an_average_prospect_has_only_average_points():
    model = Model(-1.0, {"coverage": 0.5}, {"coverage": 3.0})
    signals = {"coverage": np.array([0.5])}
    assert model.contributions(signals)["coverage"].tolist() == [0]
    assert model.likelihood(signals) == pytest.approx(1 / (1 + np.e))


def test_contributions_are_in_proportion_to_the_logit(gap, tuning):
    prospects = lg.rank_prospects(gap, model=tuning.model, authority_weight=0, risk_weight=0)
    terms = prospects.explain(prospects.frame["domain"].iloc[0])
    signals = terms.iloc[1 : 1 + len(tuning.model.weights)]
    means = np.array(list(tuning.model.means.values()))
    logits = signals["weight"].to_numpy() * (signals["value"].to_numpy() - means)
    ratios = signals["contribution"].to_numpy()[logits != 0] / logits[logits != 0]
    np.testing.assert_allclose(ratios, ratios[0])


def test_settings_make_the_ranking_again(gap, tuning):
    prospects = lg.rank_prospects(gap, model=tuning.model)
    again = lg.rank_prospects(gap, **prospects.settings)
    assert_frame_equal(again.frame, prospects.frame)
    assert again.settings == prospects.settings


def test_a_model_looks_at_prospects_as_at_candidates_of_which_nothing_is_hidden(gap, tuning):
    lists = gather_lists(gap)
    pool = pool_of(lists, Trial(0, "", lists.members, np.zeros_like(lists.members)))
    looked_at, wanted = lg.rank_prospects(gap, model=tuning.learned).signals, signals_of(pool)
    assert "links" in looked_at.keys() == wanted.keys()
    for name, values in wanted.items():
        np.testing.assert_allclose(looked_at[name], values, err_msg=name)


def test_ranks_follow_the_learned_likelihood(gap, tuning):
    table = lg.rank_prospects(gap, model=tuning.model, authority_weight=0, risk_weight=0).frame
    assert all(one >= other - 1e-12 for one, other in pairwise(table["likelihood"]))
    np.testing.assert_allclose(table["priority"], 100 * table["likelihood"])


@pytest.mark.parametrize(
    "model",
    [
        3,
        "tuned",
        {},
        {"intercept": 1, "means": {"coverage": 1}, "weights": {}},
        {"intercept": 1, "means": {"luck": 1}, "weights": {"luck": 1}},
        {"intercept": float("nan"), "means": {"coverage": 1}, "weights": {"coverage": 1}},
    ],
    ids=repr,
)
def test_what_is_no_model_is_refused(gap, model):
    with pytest.raises(InvalidArgumentError, match=r"^model=.* is not allowed\. Allowed: "):
        lg.rank_prospects(gap, model=model)


def test_a_model_that_looks_at_what_is_unknown_is_refused(gap):
    model = as_model({"intercept": 0, "means": {"linked_domains": 0.5}, "weights": {"linked_domains": 1}})
    with pytest.raises(InvalidArgumentError, match=r"^The model needs linked_domains, which .* lg\.tune\(gap\)"):
        lg.rank_prospects(gap, model=model)


@pytest.mark.parametrize("options", [{"rival_weights": {"r1.example": 1}}, {"likelihood_weights": {}}])
def test_weights_of_the_formula_do_not_go_with_a_model(gap, tuning, options):
    with pytest.raises(InvalidArgumentError, match=r"belong to the formula, and a model has learned its own"):
        lg.rank_prospects(gap, model=tuning.model, **options)
