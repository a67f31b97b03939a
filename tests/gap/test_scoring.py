"""The ranking, against the formula in plain loops; what a row of a prospect shows, against the links it is from."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import sqrt
from typing import NamedTuple
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import linkgap as lg
from linkgap.errors import InvalidArgumentError, UnknownDomainError, UnknownSiteError
from linkgap.gap.pages import pages_of
from linkgap.schema import PROSPECTS

SITE = "me.example"
RIVALS = ("one.example", "three.example", "two.example")
SITES = (SITE, *RIVALS)
RISK_NOTE = (
    "Risk is judged without figures that no export gives: a spam mark, a spam score, trust flow and citation flow, "
    "linked domains and referring domains, IP addresses."
)


class Row(NamedTuple):
    """One link, as a user who holds links in columns has it."""

    site: str
    source_url: str
    provider: str = "moz"
    target_url: str | None = None
    anchor: str | None = None
    lost: str | None = None
    nofollow: bool | None = None
    links: int | None = None
    first_seen: str | None = None
    last_seen: str | None = None
    authority: float | None = None
    linked_domains: int | None = None
    spam: bool | None = None
    spam_score: float | None = None

    @property
    def domain(self) -> str:
        return urlsplit(self.source_url).hostname or ""


def find(rows: Iterable[Row], sites: Iterable[str] = SITES, **options: object) -> lg.Gap:
    table = pd.DataFrame(list(rows), columns=Row._fields).astype(object).dropna(axis=1, how="all")
    links = lg.read_links(table, sites=sites, complete=True)
    return lg.find_gap(links, site=SITE, **options)


class Kind(NamedTuple):
    """What a random world is made of."""

    seed: int
    domains: int = 60
    own_share: float = 0.3
    rivals: tuple[str, ...] = RIVALS
    authority: bool = True
    linked_domains: bool = True


WORLDS = {
    "many own links": Kind(1),
    "few own links": Kind(2, own_share=0.06),
    "no own links": Kind(3, own_share=0),
    "a single rival": Kind(4, rivals=RIVALS[:1]),
    "two rivals": Kind(5, rivals=RIVALS[1:]),
    "no authority": Kind(6, authority=False),
    "no linked domains": Kind(7, linked_domains=False),
    "coverage alone": Kind(8, authority=False, linked_domains=False),
    "four domains": Kind(9, domains=4, own_share=0.2),
}


def random_rows(kind: Kind) -> list[Row]:
    random = np.random.default_rng(kind.seed)

    def some(share: float, value: object) -> object:
        return value if random.random() < share else None

    rows = []
    for number in range(kind.domains):
        authority = some(0.8, float(random.integers(1, 40)))
        linked = some(0.7, int(random.integers(5, 40)))
        sites = [rival for rival in kind.rivals if random.random() < 0.5] or [str(random.choice(kind.rivals))]
        sites += [SITE] if random.random() < kind.own_share else []
        for site in sites * int(random.integers(1, 3)):
            first = int(random.integers(1, 25))
            row = Row(
                site,
                f"https://d{number:03}.test/{random.integers(4)}",
                provider=("ahrefs", "moz", "semrush")[random.integers(3)],
                target_url=some(0.9, f"https://{site}/{random.integers(2)}"),
                anchor=some(0.6, ("desk", "a chair")[random.integers(2)]),
                lost=some(0.2, "2026-03-01"),
                nofollow=(None, False, True)[random.integers(3)],
                links=some(0.5, int(random.integers(1, 9))),
                first_seen=some(0.7, f"2024-01-{first:02}"),
                last_seen=some(0.7, f"2025-01-{random.integers(1, 29):02}"),
                authority=authority if kind.authority else None,
                linked_domains=linked if kind.linked_domains else None,
                spam=(None, False, True)[random.integers(3)],
                spam_score=some(0.5, float(random.integers(40, 80))),
            )
            rows.append(row)
    return rows


class Ranked(NamedTuple):
    """A random world with its gap."""

    rows: list[Row]
    gap: lg.Gap


@cache
def ranked(name: str) -> Ranked:
    rows = random_rows(WORLDS[name])
    return Ranked(rows, find(rows, sites=(SITE, *WORLDS[name].rivals)))


@pytest.fixture(params=list(WORLDS))
def world(request) -> Ranked:
    return ranked(request.param)


@pytest.fixture(params=["many own links", "a single rival", "coverage alone"])
def some_world(request) -> Ranked:
    return ranked(request.param)


@pytest.fixture
def usual() -> Ranked:
    return ranked("many own links")


# The oracle: the formula, domain by domain.

SETTINGS = (
    {},
    {"authority_weight": 0},
    {"authority_weight": 1.0, "risk_weight": 0.5},
    {"risk_weight": 0},
    {"rival_weights": {RIVALS[0]: 3, RIVALS[-1]: 1.5}},
    {"likelihood_weights": {"linked_domains": 0.4}},
    {"likelihood_weights": {}},
    {"likelihood_weights": {"authority": 1, "linked_domains": 0}, "authority_weight": 4},
    {"allow": ["d001.test", "d002.test"], "deny": ["https://www.d003.test/", "d004.test", "d005.test"]},
)


def usable(settings: Mapping[str, object], rivals: Iterable[str]) -> bool:
    return set(settings.get("rival_weights", ())) <= set(rivals)


def middle_ranks(values: Mapping[str, float]) -> dict[str, float]:
    """Return the share of values below each, and half of those equal to it."""
    pool = list(values.values())
    return {
        name: (sum(other < value for other in pool) + sum(other == value for other in pool) / 2) / len(pool)
        for name, value in values.items()
    }


def cosine(one: set[str], other: set[str]) -> float:
    return len(one & other) / sqrt(len(one) * len(other)) if one and other else 0.0


def weights_by_hand(linking: Mapping[str, set[str]], rivals: tuple[str, ...]) -> dict[str, float]:
    to_site = {rival: cosine(linking[SITE], linking[rival]) for rival in rivals}
    to_others = {}
    for rival in rivals:
        others = [cosine(linking[rival], linking[other]) for other in rivals if other != rival]
        to_others[rival] = sum(others) / len(others) if others else 0.0
    own = len(linking[SITE])
    raw = {}
    for rival in rivals:
        alike = to_site[rival] / sum(to_site.values()) if sum(to_site.values()) else 0.0
        among = to_others[rival] / sum(to_others.values()) if sum(to_others.values()) else 0.0
        raw[rival] = own * alike + 10 * among
    whole = sum(raw.values())
    return {rival: raw[rival] / whole if whole else 1 / len(rivals) for rival in rivals}


def highest(rows: Iterable[Row], field: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for row in rows:
        value = getattr(row, field)
        if value is not None:
            found[row.domain] = max(found.get(row.domain, -1), float(value))
    return found


def score_by_hand(
    world: Ranked,
    *,
    authority_weight: float = 0.25,
    risk_weight: float = 1.0,
    rival_weights: Mapping[str, float] | None = None,
    likelihood_weights: Mapping[str, float] | None = None,
    allow: Iterable[str] = (),
    deny: Iterable[str] = (),
) -> list[dict[str, object]]:
    """Rank the prospects of a world, the first first."""
    rivals = world.gap.rivals
    linking = {
        site: {row.domain for row in world.rows if row.site == site and not row.lost} for site in (SITE, *rivals)
    }
    prospects = sorted(set().union(*(linking[rival] for rival in rivals)) - linking[SITE])
    if rival_weights is None:
        weights = weights_by_hand(linking, rivals)
    else:
        whole = sum(rival_weights.values())
        weights = {rival: rival_weights.get(rival, 0) / whole for rival in rivals}

    candidates = [row for row in world.rows if row.domain in prospects]
    authority = middle_ranks(highest(candidates, "authority"))
    figures = highest(candidates, "linked_domains")
    linked = middle_ranks(figures)
    most_common = max((list(figures.values()).count(figure) for figure in figures.values()), default=0)
    terms = {"linked_domains": 0.1, "authority": 0.1} if likelihood_weights is None else dict(likelihood_weights)
    if not figures or (len(figures) > 1 and most_common > 0.3 * len(figures)):
        terms.pop("linked_domains", None)
    if not authority:
        terms.pop("authority", None)

    spam, spam_score = highest(candidates, "spam"), highest(candidates, "spam_score")
    ranked = []
    for domain in prospects:
        coverage = sum(weights[rival] for rival in rivals if domain in linking[rival])
        percentile = {"authority": authority.get(domain, 0.5), "linked_domains": linked.get(domain, 0.5)}
        likelihood = coverage
        for term, weight in terms.items():
            likelihood += weight * percentile[term]
        likelihood /= 1 + sum(terms.values())
        risk = risk_by_hand(domain, spam.get(domain), spam_score.get(domain, 0))
        if any(domain in listed for listed in deny):
            risk = 1.0
        if any(domain in listed for listed in allow):
            risk = 0.0
        value = max(percentile["authority"], 0.02) if authority else None
        worth = 1.0 if value is None else value**authority_weight
        priority = 100 * likelihood * worth * (1 - risk_weight * min(risk, 1.0))
        ranked.append(
            {
                "domain": domain,
                "coverage": coverage,
                "likelihood": likelihood,
                "value": value,
                "risk": min(risk, 1.0),
                "priority": priority,
            }
        )
    return sorted(ranked, key=lambda each: (-round(each["priority"], 9), each["domain"]))


def risk_by_hand(domain: str, spam: float | None, spam_score: float) -> float:
    """Add up the three reasons that these worlds have."""
    digits = sum(sign.isdigit() for sign in domain.partition(".")[0])
    return 0.3 * (spam == 1) + 0.3 * (spam_score > 60) + 0.15 * (digits >= 3)


NAMES_OF_SETTINGS = [", ".join(settings) or "defaults" for settings in SETTINGS]


def test_the_ranking_is_the_formula_written_out(world):
    agrees(world, {})
    agrees(world, {"authority_weight": 1.0, "risk_weight": 0.5, "likelihood_weights": {"linked_domains": 0.4}})


@pytest.mark.parametrize("settings", SETTINGS, ids=NAMES_OF_SETTINGS)
def test_the_ranking_is_the_formula_under_all_settings(some_world, settings):
    if not usable(settings, some_world.gap.rivals):
        settings = {**settings, "rival_weights": dict.fromkeys(some_world.gap.rivals, 2)}
    agrees(some_world, settings)


def agrees(world: Ranked, settings: Mapping[str, object]) -> None:
    table = lg.rank_prospects(world.gap, **settings).frame
    by_hand = pd.DataFrame(score_by_hand(world, **settings))
    assert table["domain"].tolist() == by_hand["domain"].tolist()
    assert table["rank"].tolist() == list(range(1, len(by_hand) + 1))
    for name in ("coverage", "likelihood", "value", "risk", "priority"):
        np.testing.assert_allclose(table[name].astype(float), by_hand[name].astype(float), atol=1e-12, err_msg=name)


@pytest.mark.parametrize("settings", SETTINGS, ids=NAMES_OF_SETTINGS)
def test_explain_adds_up_to_the_priority_of_every_prospect(usual, settings):
    prospects = lg.rank_prospects(usual.gap, **settings)
    for row in prospects.frame.itertuples():
        terms = prospects.explain(row.domain)
        assert terms["contribution"].sum() == pytest.approx(row.priority, abs=1e-9)
        assert terms.columns.tolist() == ["term", "value", "weight", "contribution"]


def test_explain_names_each_rival_and_each_term():
    prospects = lg.rank_prospects(by_hand_gap(), deny=["all.test"])
    terms = prospects.explain("all.test")
    assert terms["term"].tolist() == [
        "links to one.example",
        "links to three.example",
        "links to two.example",
        "linked domains percentile",
        "authority percentile",
        "value of the link: authority percentile ^ weight",
        "risk: on your deny list",
    ]
    assert prospects.explain("few.test")["term"].iloc[-1] == "risk: no reasons"
    with pytest.raises(UnknownDomainError, match=r"^nobody\.test is not among the 4 prospects for me\.example\. "):
        prospects.explain("nobody.test")


def test_places_are_asked_for_with_a_list_of_texts(usual):
    prospects = lg.rank_prospects(usual.gap)
    for domains, words in (
        ("abc", "domains='abc' is a single text"),
        (None, "domains=None is not a list"),
        ([1], "domains contains 1"),
    ):
        with pytest.raises(InvalidArgumentError, match=f"^{words}"):
            prospects.places(domains)


def test_any_kind_of_number_is_a_weight(usual):
    assert_frame_equal(
        lg.rank_prospects(usual.gap, authority_weight=Fraction(1, 2), risk_weight=np.float32(0.5)).frame,
        lg.rank_prospects(usual.gap, authority_weight=0.5, risk_weight=0.5).frame,
    )


@pytest.mark.parametrize("settings", SETTINGS, ids=NAMES_OF_SETTINGS)
def test_settings_make_the_ranking_again(usual, settings):
    prospects = lg.rank_prospects(usual.gap, **settings)
    again = lg.rank_prospects(usual.gap, **prospects.settings)
    assert_frame_equal(again.frame, prospects.frame)
    assert again.settings == prospects.settings
    assert again.weights == prospects.weights


def test_weights_of_rivals_add_up_to_one(some_world):
    assert sum(lg.rank_prospects(some_world.gap).weights.values()) == pytest.approx(1)
    some = dict.fromkeys(some_world.gap.rivals[:2], 7)
    weights = lg.rank_prospects(some_world.gap, rival_weights=some).weights
    assert list(weights) == list(some_world.gap.rivals)
    assert weights == {rival: 1 / len(some) if rival in some else 0 for rival in some_world.gap.rivals}


def test_only_proportions_of_given_weights_matter(usual):
    one = lg.rank_prospects(usual.gap, rival_weights={"one.example": 1, "two.example": 3})
    other = lg.rank_prospects(usual.gap, rival_weights={"one.example": 0.25, "two.example": 0.75, "three.example": 0})
    assert_frame_equal(one.frame, other.frame)


def test_weights_of_a_world_by_hand():
    # one and two share a, one and three share nothing; the site has a and b, so n = 2.
    # cos(S, one) = 1/2, cos(S, two) = 1/sqrt 2, cos(S, three) = 0; cos(one, two) = 1/sqrt 2.
    rows = [
        *(Row(SITE, f"https://{name}.test/") for name in "ab"),
        *(Row("one.example", f"https://{name}.test/") for name in "ac"),
        Row("two.example", "https://a.test/"),
        Row("three.example", "https://d.test/"),
    ]
    alike = {"one.example": 0.5 / (0.5 + sqrt(0.5)), "two.example": sqrt(0.5) / (0.5 + sqrt(0.5)), "three.example": 0}
    among = {"one.example": 0.5, "two.example": 0.5, "three.example": 0}
    wanted = {rival: (2 * alike[rival] + 10 * among[rival]) / 12 for rival in RIVALS}
    assert lg.rank_prospects(find(rows)).weights == pytest.approx(wanted)


def test_rivals_that_share_nothing_weigh_alike():
    rows = [Row(rival, f"https://{place}.test/") for place, rival in enumerate(RIVALS)]
    assert lg.rank_prospects(find(rows)).weights == pytest.approx(dict.fromkeys(RIVALS, 1 / 3))


def test_ties_stand_in_order_of_domains():
    names = ["z.test", "a.test", "xn--b-0ga.test", "10.test", "m.test", "a-b.test"]
    prospects = lg.rank_prospects(find(Row("one.example", f"https://{name}/") for name in names))
    assert prospects.frame["domain"].tolist() == sorted(names)
    assert len(set(prospects.frame["priority"])) == 1
    # 0.1 and 0.2 are as much as 0.3, although a computer adds up more.
    gap = find([*(Row(rival, "https://z.test/") for rival in RIVALS[:2]), Row(RIVALS[2], "https://a.test/")])
    weighed = lg.rank_prospects(gap, rival_weights=dict(zip(RIVALS, (0.1, 0.2, 0.3), strict=True)))
    assert weighed.frame["domain"].tolist() == ["a.test", "z.test"]
    assert weighed.frame["priority"].is_monotonic_increasing


def test_the_value_of_the_lowest_authority_is_lifted():
    rows = [Row("one.example", f"https://d{number}.test/", authority=number) for number in range(1, 101)]
    table = lg.rank_prospects(find(rows)).frame.set_index("domain")
    assert table.loc["d1.test", "authority_percentile"] == pytest.approx(0.005)
    assert table.loc["d1.test", "value"] == 0.02
    assert table.loc["d2.test", "value"] == 0.02
    assert table.loc["d3.test", "value"] == pytest.approx(0.025)
    assert table["priority"].min() > 0


# Settings that are refused, and what drops out.


REFUSED = [
    ({"authority_weight": 4.5}, InvalidArgumentError, r"authority_weight=4\.5 is not allowed\. Allowed: .* 0 to 4\."),
    ({"authority_weight": -1}, InvalidArgumentError, r"authority_weight=-1 is not allowed\."),
    ({"authority_weight": float("nan")}, InvalidArgumentError, r"authority_weight=nan is not allowed\."),
    ({"authority_weight": "1"}, InvalidArgumentError, r"authority_weight='1' is not allowed\."),
    ({"authority_weight": True}, InvalidArgumentError, r"authority_weight=True is not allowed\."),
    ({"risk_weight": 1.01}, InvalidArgumentError, r"risk_weight=1\.01 is not allowed\. Allowed: .* 0 to 1\."),
    (
        {"likelihood_weights": {"authority": 2}},
        InvalidArgumentError,
        r"likelihood_weights\['authority'\]=2 .* 0 to 1\.",
    ),
    (
        {"likelihood_weights": {"traffic": 0.1}},
        InvalidArgumentError,
        r"likelihood_weights contains traffic\. Allowed: authority, linked_domains\.",
    ),
    ({"rival_weights": {"one.example": -1}}, InvalidArgumentError, r"rival_weights\['one\.example'\]=-1 is not"),
    ({"rival_weights": {"one.example": float("nan")}}, InvalidArgumentError, r"rival_weights\['one\.example'\]=nan "),
    ({"rival_weights": {"one.example": float("inf")}}, InvalidArgumentError, r"rival_weights\['one\.example'\]=inf "),
    ({"rival_weights": {"one.example": 0}}, InvalidArgumentError, r"rival_weights are all 0\. Allowed: at least one"),
    ({"rival_weights": {}}, InvalidArgumentError, r"rival_weights "),
    (
        {"rival_weights": {"me.example": 1, "one.example": 1, "who.example": 1}},
        UnknownSiteError,
        r"rival_weights contains me\.example, who\.example\. Allowed: one\.example, three\.example, two\.example\.",
    ),
    ({"allow": "d001.test"}, InvalidArgumentError, r"allow='d001\.test' is a single text\."),
    ({"deny": None}, InvalidArgumentError, r"deny=None is not a list\. Allowed: a list of texts, such as deny="),
    (
        {"likelihood_weights": None},
        InvalidArgumentError,
        r"likelihood_weights is of type NoneType\. Allowed: a dict, such ",
    ),
    (
        {"rival_weights": ["one.example"]},
        InvalidArgumentError,
        r"rival_weights is of type list\. Allowed: a dict, such as ",
    ),
    ({"model": {"intercept": 0, "means": {}, "weights": {}}}, InvalidArgumentError, r"model=.* is not allowed\."),
    ({"deny": "d001.test"}, InvalidArgumentError, r"deny='d001\.test' is a single text\."),
]


@pytest.mark.parametrize(("settings", "error", "words"), REFUSED, ids=[repr(settings) for settings, *_ in REFUSED])
def test_settings_out_of_range_are_refused(usual, settings, error, words):
    with pytest.raises(error, match=words):
        lg.rank_prospects(usual.gap, **settings)


@pytest.mark.parametrize("number", [np.int64(2), np.float32(0.5), np.float64(2)])
def test_numbers_of_numpy_are_numbers(usual, number):
    plain = lg.rank_prospects(usual.gap, authority_weight=float(number), rival_weights={"one.example": float(number)})
    same = lg.rank_prospects(usual.gap, authority_weight=number, rival_weights={"one.example": number})
    assert_frame_equal(same.frame, plain.frame)


def test_columns_that_the_exports_lack_drop_out_and_the_notes_say_so():
    prospects = lg.rank_prospects(find([Row("one.example", "https://a.test/")], sites=(SITE, "one.example")))
    assert prospects.terms == {}
    assert prospects.formula == "priority = 100 x coverage x (1 - 1 x risk)"
    assert prospects.notes == (
        "No export gives an authority, so the ranking leaves it out.",
        "No export gives the number of domains that a prospect links to, so the ranking leaves it out.",
        RISK_NOTE,
    )
    row = prospects.frame.iloc[0]
    assert (row["priority"], row["likelihood"], row["coverage"]) == (100, 1, 1)
    assert np.isnan(row["value"])
    assert np.isnan(row["authority_percentile"])


def test_rivals_on_the_sites_own_domain_are_told_of():
    """A shop or a blog of the user's, exported beside the site, would be a rival without a word."""
    rows = [Row(site, "https://a.test/") for site in ("one.example", "shop.me.example")]
    sites = (SITE, "one.example", "shop.me.example")
    told = (
        "These rivals are on me.example's own domain: shop.me.example. If they are yours, name them as your own sites."
    )
    assert lg.rank_prospects(find(rows, sites)).notes[0] == told
    for options in ({"own": ["shop.me.example"]}, {"rivals": ["one.example"]}):
        assert told not in lg.rank_prospects(find(rows, sites, **options)).notes


def test_the_formula_says_what_is_used(usual):
    assert lg.rank_prospects(usual.gap).formula == (
        "priority = 100 x (coverage + 0.1 x linked domains + 0.1 x authority) / 1.2 x authority ^ 0.25 x (1 - 1 x risk)"
    )


@pytest.mark.parametrize(
    ("figures", "used"),
    [
        ([7], True),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], True),
        ([100, 100, 100, 4, 5, 6, 7, 8, 9, 10], True),
        ([100, 100, 100, 100, 5, 6, 7, 8, 9, 10], False),
        ([100, 100, 100, None, None, None, None, 1, 2, 3], False),
        ([5, 5, 5], False),
        ([5, 5], True),
        ([12, 500, 9000], True),
        ([12, 500, 9000, *[None] * 7], True),
        ([7, 7, 8, 9], True),
    ],
    ids=["one", "all differ", "30 %", "40 %", "half of those known", "all the same", *"abcd"],
)
def test_linked_domains_are_left_out_when_many_have_the_same(figures, used):
    rows = [
        Row("one.example", f"https://d{place}.test/", linked_domains=figure) for place, figure in enumerate(figures)
    ]
    prospects = lg.rank_prospects(find(rows))
    assert ("linked_domains" in prospects.terms) is used
    assert any("linked domains is known, " in note for note in prospects.notes) is not used
    assert sorted(prospects.frame["linked_domains"].dropna()) == sorted(
        figure for figure in figures if figure is not None
    )


# Risk.


def test_points_of_risk_and_their_reasons():
    rows = [
        Row("one.example", "https://both.test/", spam=True, spam_score=61.0),
        Row("one.example", "https://mark.test/", spam=True, spam_score=60.0),
        Row("one.example", "https://score.test/", spam=False, spam_score=75.0),
        Row("two.example", "https://score.test/", spam_score=10.0),
        Row("one.example", "https://none.test/"),
        Row("one.example", "https://denied.test/", spam=True),
        Row("one.example", "https://allowed.test/", spam=True, spam_score=99.0),
        Row("one.example", "https://both-lists.test/", spam=True),
    ]
    prospects = lg.rank_prospects(
        find(rows), deny=["denied.test", "both-lists.test"], allow=["allowed.test", "both-lists.test"]
    )
    table = prospects.frame.set_index("domain")[["risk", "risk_reasons"]]
    assert {domain: tuple(row) for domain, row in zip(table.index, table.to_numpy().tolist(), strict=True)} == {
        "both.test": (0.6, "marked as spam by a provider; spam score above 60"),
        "mark.test": (0.3, "marked as spam by a provider"),
        "score.test": (0.3, "spam score above 60"),
        "none.test": (0.0, ""),
        "denied.test": (1.0, "marked as spam by a provider; on your deny list"),
        "allowed.test": (0.0, ""),
        "both-lists.test": (0.0, ""),
    }
    scores = prospects.frame.set_index("domain")["spam_score"]
    assert scores["score.test"] == 75
    assert prospects.frame["domain"].iloc[-1] == "denied.test"
    assert prospects.frame["priority"].iloc[-1] == 0


def test_lists_reach_hosts_below_a_domain():
    rows = [Row("one.example", f"https://{host}/") for host in ("a.test", "blog.a.test", "nota.test")]
    gap = find(rows, level="host")
    table = lg.rank_prospects(gap, deny=["https://www.A.test/"]).frame.set_index("domain")
    assert table["risk"].to_dict() == {"a.test": 1, "blog.a.test": 1, "nota.test": 0}
    table = lg.rank_prospects(gap, deny=["https://blog.a.test/x"]).frame.set_index("domain")
    assert table["risk"].to_dict() == {"a.test": 0, "blog.a.test": 1, "nota.test": 0}


@pytest.mark.parametrize("address", ["a.test", "https://www.a.test/best?desks=1", "a.test/x", "blog.a.test/x"])
def test_the_address_of_a_page_counts_as_its_domain(address):
    prospects = lg.rank_prospects(find([Row("one.example", f"https://{name}.test/") for name in "ab"]), deny=[address])
    assert prospects.frame.set_index("domain")["risk"].to_dict() == {"a.test": 1, "b.test": 0}
    assert prospects.settings["deny"] == ["a.test"]


# The table.


def by_hand_gap() -> lg.Gap:
    links = [
        Row(SITE, "https://mine.test/"),
        *(Row(rival, "https://all.test/", authority=40, linked_domains=9) for rival in RIVALS),
        Row("one.example", "https://few.test/", authority=10, linked_domains=4),
        Row("two.example", "https://low.test/", authority=20, linked_domains=3),
        Row("two.example", "https://mid.test/", authority=30, linked_domains=2),
    ]
    return find(links)


def test_the_frame_has_the_columns_of_the_schema(some_world):
    names = [column.name for column in PROSPECTS]
    behind = names.index("rivals_linked") + 1
    prospects = lg.rank_prospects(some_world.gap)
    assert prospects.frame.columns.tolist() == [*names[:behind], *some_world.gap.rivals, *names[behind:]]
    ranked_only = {"rank", "priority", "likelihood", "value", "risk", "risk_reasons", "coverage", "spam", "spam_score"}
    ranked_only |= {name for name in names if name.startswith("authority")}
    ranked_only |= {"traffic", "referring_domains", "linked_domains"}
    known = set(names) - ranked_only | set(some_world.gap.rivals)
    assert set(some_world.gap.frame.columns) == known


def test_the_types_are_those_of_the_schema(some_world):
    table = lg.rank_prospects(some_world.gap).frame
    is_type = {
        "text": lambda column: pd.api.types.is_string_dtype(column.dropna()) or column.isna().all(),
        "integer": pd.api.types.is_integer_dtype,
        "number": pd.api.types.is_float_dtype,
        "boolean": pd.api.types.is_bool_dtype,
        "date": pd.api.types.is_datetime64_dtype,
    }
    for column in PROSPECTS:
        assert is_type[column.type](table[column.name]), column
        assert not (column.never_null and table[column.name].isna().any()), column
    for rival in some_world.gap.rivals:
        assert table[rival].dtype == bool


def test_top_is_the_head_of_the_frame(some_world):
    whole = lg.rank_prospects(some_world.gap).frame
    for numbers in ((0, 1, 5, 2, len(whole), len(whole) + 9, 3), (2,), (len(whole) + 9,)):
        prospects = lg.rank_prospects(some_world.gap)
        for number in numbers:
            assert_frame_equal(prospects.top(number), whole.head(number))


def test_a_top_that_is_changed_changes_no_other(usual):
    prospects = lg.rank_prospects(usual.gap)
    for number in (2, 1, len(prospects), 1):
        first = prospects.top(number)
        first["domain"] = "changed.example"
    assert "changed.example" not in {*prospects.top(1)["domain"], *prospects.frame["domain"]}
    prospects.frame["domain"] = "changed.example"
    assert "changed.example" not in set(prospects.top(len(prospects))["domain"])


@pytest.mark.parametrize("number", [-1, 1.5, "3", None])
def test_top_wants_a_number_of_rows(usual, number):
    with pytest.raises(InvalidArgumentError, match=r"^top\(.*\) is not allowed\. Allowed: "):
        lg.rank_prospects(usual.gap).top(number)


# What a prospect's row shows.


class Facts(NamedTuple):
    """What the rows say of one domain's live links to rivals."""

    links: int
    follow_links: int | None
    first_seen: str | None
    last_seen: str | None


def facts_by_hand(rows: Iterable[Row], rivals: Iterable[str], *, follow_only: bool = False) -> dict[str, Facts]:
    live: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.site in rivals and not row.lost and not (follow_only and row.nofollow):
            live[row.domain].append(row)
    facts = {}
    for domain, found in live.items():
        links: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        follow: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for row in found:
            links[row.site][row.provider] += row.links or 1
            if row.nofollow is not None:
                follow[row.site][row.provider] += 0 if row.nofollow else row.links or 1
        facts[domain] = Facts(
            sum(max(reports.values()) for reports in links.values()),
            sum(max(reports.values()) for reports in follow.values()) if follow else None,
            min((row.first_seen for row in found if row.first_seen), default=None),
            max((row.last_seen for row in found if row.last_seen), default=None),
        )
    return facts


@pytest.mark.parametrize("follow_only", [False, True])
def test_links_and_days_are_those_of_the_live_rows(some_world, follow_only):
    gap = lg.find_gap(some_world.gap.links, site=SITE, follow_only=follow_only)
    facts = facts_by_hand(some_world.rows, gap.rivals, follow_only=follow_only)
    for row in gap.frame.itertuples():
        shown = Facts(
            row.links,
            None if pd.isna(row.follow_links) else row.follow_links,
            None if pd.isna(row.first_seen) else f"{row.first_seen:%Y-%m-%d}",
            None if pd.isna(row.last_seen) else f"{row.last_seen:%Y-%m-%d}",
        )
        assert shown == facts[row.domain], row.domain


def test_the_sample_is_the_first_page_with_a_followed_link(world):
    rank = {False: 0, None: 1, True: 2}
    for row in world.gap.frame.itertuples():
        pages = [each for each in world.rows if each.domain == row.domain and each.site != SITE and not each.lost]
        best = min((rank[page.nofollow], page.source_url) for page in pages)
        assert row.sample_url == best[1]
        shown = {(page.anchor, page.target_url) for page in pages if (rank[page.nofollow], page.source_url) == best}
        assert (row.sample_anchor, row.sample_target) in shown


# links and follow_links of one domain, worked by hand: one report adds up, of several the largest counts, rivals add up
#
#   rival  provider  links              followed
#   one    ahrefs    3 + 4 = 7          3 (4 are nofollow)
#   one    moz       5                  unknown
#   one    semrush   1 (lost: 50)       1
#   two    moz       2                  0
#                    7 + 2 = 9          3 + 0 = 3
def test_links_of_a_domain_by_hand():
    rows = [
        Row("one.example", "https://a.test/1", "ahrefs", nofollow=False, links=3, first_seen="2024-02-02"),
        Row("one.example", "https://a.test/2", "ahrefs", nofollow=True, links=4, last_seen="2025-05-05"),
        Row("one.example", "https://a.test/3", "moz", links=5, first_seen="2024-03-03", last_seen="2025-06-06"),
        Row("one.example", "https://a.test/4", "semrush", nofollow=False),
        Row(
            "one.example",
            "https://a.test/0",
            "semrush",
            nofollow=False,
            links=50,
            lost="2025-01-01",
            first_seen="2020-01-01",
        ),
        Row("two.example", "https://a.test/2", "moz", nofollow=True, links=2),
        Row(SITE, "https://a.test/0", "semrush", lost="2025-01-01", first_seen="2019-01-01", last_seen="2026-01-01"),
    ]
    row = find(rows).frame.iloc[0]
    assert (row["links"], row["follow_links"], row["relation"]) == (9, 3, "lost")
    assert (row["first_seen"], row["last_seen"]) == (pd.Timestamp("2024-02-02"), pd.Timestamp("2025-06-06"))
    assert row["sample_url"] == "https://a.test/1"
    assert row["providers"] == "ahrefs, moz, semrush"


@pytest.mark.parametrize(
    ("pages", "shown"),
    [
        ([("b", False), ("a", False)], "a"),
        ([("a", True), ("b", False)], "b"),
        ([("a", None), ("b", False)], "b"),
        ([("b", None), ("a", True)], "b"),
        ([("b", True), ("a", True)], "a"),
    ],
    ids=["first by address", "followed", "known to be followed", "perhaps followed", "none followed"],
)
def test_which_page_is_shown(pages, shown):
    rows = [Row("one.example", f"https://x.test/{page}", nofollow=nofollow, anchor=page) for page, nofollow in pages]
    row = find(rows).frame.iloc[0]
    assert (row["sample_url"], row["sample_anchor"]) == (f"https://x.test/{shown}", shown)


def test_a_provider_is_named_where_it_shows_a_link_that_counts():
    rows = [Row("one.example", "https://a.test/"), Row("one.example", "https://a.test/", "semrush", lost="2025-01-01")]
    assert find(rows).frame["providers"].tolist() == ["moz"]


def test_where_lost_links_count_a_live_one_is_shown_first():
    rows = [
        Row("one.example", "https://x.test/gone", nofollow=False, anchor="gone", lost="2025-01-01"),
        Row("one.example", "https://x.test/live", nofollow=True, anchor="live"),
        Row("one.example", "https://y.test/gone", nofollow=False, anchor="gone", lost="2025-01-01"),
    ]
    gap = find(rows, live_only=False)
    assert gap.frame["sample_anchor"].tolist() == ["live", "gone"]
    pages = pages_of(gap.links, gap.question, gap.candidates.number, most=5)
    assert [[page["anchor"] for page in each] for each in pages] == [["live", "gone"], ["gone"]]


def test_a_page_is_shown_though_a_list_of_domains_knows_of_a_followed_link():
    domains = pd.DataFrame(
        [{"site": "one.example", "source_domain": "x.test", "nofollow": "false", "provider": "ahrefs"}]
    )
    pages = pd.DataFrame([Row("one.example", "https://x.test/page", nofollow=True, anchor="seen")]).dropna(axis=1)
    gap = lg.find_gap(lg.read_links([domains, pages], sites=SITES), site=SITE)
    assert gap.frame[["sample_url", "sample_anchor"]].to_numpy().tolist() == [["https://x.test/page", "seen"]]


def test_priorities_fall_from_rank_to_rank(some_world):
    priorities = lg.rank_prospects(some_world.gap).frame["priority"].tolist()
    assert all(first >= second - 1e-9 for first, second in pairwise(priorities))
