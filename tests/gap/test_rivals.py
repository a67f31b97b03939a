"""Rivals side by side, against sets; who spoils a list; who else could be a rival."""

from math import sqrt

import numpy as np
import pandas as pd
import pytest

import linkgap as lg
from linkgap.errors import InvalidArgumentError, TooFewLinksError, UnknownSiteError
from linkgap.gap.rivals import DOMINANT_SHARE

SITE = "me.example"


def read(lists: dict[str, list[int]], sites: list[str] | None = None) -> lg.Links:
    rows = [
        {"source_url": f"https://d{number:03}.test/", "target_url": f"https://www.{site}/page"}
        for site, numbers in lists.items()
        for number in numbers
    ]
    return lg.read_links(pd.DataFrame(rows), sites=sites or list(lists), complete=True, max_loss=1)


def random_sets(seed: int) -> dict[str, list[int]]:
    random = np.random.default_rng(seed)
    names = (SITE, "a.example", "b.example", "c.example", "e.example")
    return {name: np.flatnonzero(random.random(150) < random.random()).tolist() for name in names}


def cosine(one: set[int], other: set[int]) -> float:
    return len(one & other) / sqrt(len(one) * len(other))


@pytest.mark.parametrize("min_rivals", [1, 2])
def test_the_table_is_that_of_the_sets(min_rivals):
    lists = random_sets(3)
    gap = lg.find_gap(read(lists), site=SITE, min_rivals=min_rivals)
    sets = {name: set(numbers) for name, numbers in lists.items()}
    table = lg.compare_rivals(gap).frame.set_index("rival")
    assert sorted(table.index) == sorted(gap.rivals)
    for rival in gap.rivals:
        others = [other for other in gap.rivals if other != rival]
        row = table.loc[rival]
        assert row["domains"] == len(sets[rival])
        assert row["shared"] == len(sets[rival] & sets[SITE])
        assert row["similarity"] == pytest.approx(cosine(sets[rival], sets[SITE]))
        assert row["similarity_to_rivals"] == pytest.approx(
            np.mean([cosine(sets[rival], sets[other]) for other in others])
        )
        without = lg.find_gap(gap.links, site=SITE, rivals=others, min_rivals=min_rivals)
        assert row["adds"] == len(gap) - len(without)
        assert row["adds_share"] == pytest.approx((len(gap) - len(without)) / len(gap))
        assert row["weight"] == pytest.approx(lg.rank_prospects(gap).weights[rival])
    assert table["similarity"].is_monotonic_decreasing


def test_where_no_rival_is_alike_none_is_said_to_be():
    gap = lg.find_gap(read({SITE: [1], "a.example": [2, 3], "b.example": [3]}), site=SITE)
    # One of them alone gives half of the prospects, which is not more than half.
    assert repr(lg.compare_rivals(gap)) == f"2 rivals: none shares a linking domain with {SITE}; 0 warnings"


def alike(seed: int, size: int = 40) -> list[int]:
    return sorted(np.random.default_rng(seed).choice(60, size, replace=False).tolist())


ALIKE = {SITE: alike(0), "a.example": alike(1), "b.example": alike(2), "c.example": alike(3)}


def test_rivals_of_a_kind_raise_no_warning():
    assert lg.compare_rivals(lg.find_gap(read(ALIKE), site=SITE)).warnings == ()


def test_a_giant_is_named():
    giant = {"giant.example": list(range(30, 500))}
    found = lg.compare_rivals(lg.find_gap(read(ALIKE | giant), site=SITE))
    assert any(
        each.startswith("giant.example alone accounts for 9") and "min_rivals=2" in each and "rivals=[...]" in each
        for each in found.warnings
    )
    several = lg.compare_rivals(lg.find_gap(read(ALIKE | giant), site=SITE, min_rivals=2))
    assert not any("alone accounts for" in each for each in several.warnings)


def test_of_prospects_that_link_to_several_none_is_said_to_be_one_rivals_alone():
    lists = {SITE: [1], "a.example": [2, 3, 4, 5], "b.example": [2, 3, 6, 7], "c.example": [4, 5, 6]}
    found = lg.compare_rivals(lg.find_gap(read(lists), site=SITE, min_rivals=2))
    assert (found.frame["adds_share"] > DOMINANT_SHARE).sum() == len(lists) - 1
    assert found.warnings == ()


def test_a_rival_that_was_asked_for_is_not_said_to_be_too_much_of_the_list():
    gap = lg.find_gap(read(ALIKE | {"giant.example": list(range(30, 500))}), site=SITE).where(present=["giant.example"])
    found = lg.compare_rivals(gap)
    assert found.frame.set_index("rival").loc["giant.example", "adds_share"] > DOMINANT_SHARE
    assert not any("alone accounts for" in each for each in found.warnings)


def test_a_rival_unlike_the_rest_is_named():
    stranger = {"stranger.example": [1, *range(100, 112)]}
    gap = lg.find_gap(read(ALIKE | stranger), site=SITE, rivals=["a.example", "b.example", "stranger.example"])
    found = lg.compare_rivals(gap)
    assert [each.partition(" ")[0] for each in found.warnings if "unlike" in each] == ["stranger.example"]
    assert repr(found).endswith(f"; {len(found.warnings)} warning" + ("" if len(found.warnings) == 1 else "s"))


def test_a_rival_unlike_yours_and_like_the_others_is_one_of_them():
    lists = {SITE: range(30, 40), "a.example": range(40), "b.example": range(40), "c.example": range(30)}
    found = lg.compare_rivals(lg.find_gap(read(lists), site=SITE))
    assert found.frame.set_index("rival").loc["c.example", "similarity"] == 0
    assert found.warnings == ()


def test_of_a_giant_that_all_your_domains_link_to_it_is_not_said_that_hardly_any_does():
    giant = {"giant.example": list(range(2000))}
    found = lg.compare_rivals(lg.find_gap(read(ALIKE | giant), site=SITE))
    row = found.frame.set_index("rival").loc["giant.example"]
    assert row["shared"] == len(ALIKE[SITE])
    said = next(each for each in found.warnings if "unlike" in each)
    others = found.frame[found.frame["rival"] != "giant.example"]
    assert f"is {row['similarity']:.2f} to yours (others: {others['similarity'].median():.2f}) and " in said
    assert f"{row['similarity_to_rivals']:.2f} to the other rivals'" in said
    assert "hardly" not in said


def test_without_own_links_rivals_are_compared_with_one_another():
    lists = ALIKE | {SITE: [999], "a-stranger.example": [1, *range(100, 112)]}
    found = lg.compare_rivals(lg.find_gap(read(lists), site=SITE))
    assert any(each.startswith("a-stranger.example is unlike") for each in found.warnings)
    assert found.frame["weight"].is_monotonic_decreasing


def test_a_single_rival_is_no_giant():
    found = lg.compare_rivals(lg.find_gap(read({SITE: [1], "a.example": [1, 2, 3]}), site=SITE))
    assert found.warnings == ()
    assert found.frame["adds_share"].tolist() == [1]


def test_rivals_without_links_are_refused():
    links = read({SITE: [1, 2]}, sites=[SITE, "a.example"])
    with pytest.raises(TooFewLinksError, match=r"^No domain links to a rival of me\.example"):
        lg.compare_rivals(lg.find_gap(links, site=SITE))


# Whom to take.


def test_sites_that_share_linking_domains_are_suggested():
    eight, seven = ALIKE[SITE][:8], ALIKE[SITE][:7]
    lists = ALIKE | {"far.test": list(range(200, 240)), "z.test": eight, "twin.test": eight, "few.test": seven}
    links = read(lists, sites=[SITE, "a.example"])
    found = lg.suggest_rivals(links, site=SITE)
    sets = {name: set(numbers) for name, numbers in lists.items() if name not in {SITE, "few.test", "far.test"}}
    wanted = sorted(sets, key=lambda name: (-cosine(sets[name], set(ALIKE[SITE])), name))
    assert found["site"].tolist() == wanted
    for row in found.itertuples():
        assert row.domains == len(sets[row.site])
        assert row.shared == len(sets[row.site] & set(ALIKE[SITE]))
        assert row.similarity == pytest.approx(cosine(sets[row.site], set(ALIKE[SITE])))
        assert row.read == (row.site == "a.example")
    assert lg.suggest_rivals(links, site=SITE, most=2)["site"].tolist() == wanted[:2]


def test_sites_that_share_nothing_are_not_suggested():
    lists = {SITE: list(range(20)), "near.test": list(range(15, 30)), "far.test": list(range(40, 60))}
    assert lg.suggest_rivals(read(lists, sites=[SITE]), site=SITE)["site"].tolist() == ["near.test"]
    nobody = lg.suggest_rivals(read({SITE: [1, 2], "far.test": list(range(40, 60))}, sites=[SITE]), site=SITE)
    assert nobody.empty
    assert nobody.columns.tolist() == ["site", "domains", "shared", "similarity", "read"]


def test_links_that_were_lost_make_no_site_alike():
    rows = [(SITE, number, number < 5) for number in range(20)]
    rows += [("near.test", number, False) for number in range(12)]
    rows += [("gone.test", number, True) for number in range(20)]
    frame = pd.DataFrame(rows, columns=["site", "number", "lost"])
    frame = frame.assign(
        source_url=[f"https://d{number:02}.test/" for number in frame["number"]],
        target_url="https://" + frame["site"] + "/",
        lost=["2026-01-31" if lost else None for lost in frame["lost"]],
    )
    frame = frame[["source_url", "target_url", "lost"]]
    links = lg.read_links([frame[:20], frame[20:]], sites=[SITE])
    found = lg.suggest_rivals(links, site=SITE)
    assert found[["site", "domains", "shared"]].to_numpy().tolist() == [["near.test", 12, 7]]
    assert found["similarity"].tolist() == pytest.approx([7 / (12 * 15) ** 0.5])


def test_a_site_without_links_is_like_nobody():
    links = read({"near.test": list(range(20))}, sites=[SITE, "near.test"])
    with pytest.raises(TooFewLinksError, match=r"^No live link points to me\.example, so .*\. Read its links too"):
        lg.suggest_rivals(links, site=SITE)


def test_hosts_of_a_site_count_as_one_and_its_own_never():
    rows = [
        {"source_url": f"https://d{number}.test/", "target_url": f"https://{host}/"}
        for number in range(12)
        for host in (SITE, f"blog.{SITE}", f"shop.{SITE}", "www.a.test" if number % 2 else "blog.a.test")
    ]
    # Own links are none: of "www.a.test" to itself, and of the site to itself, which so shares nothing with itself.
    pairs = [("www.a.test", "blog.a.test"), (SITE, SITE), (SITE, "www.a.test")]
    rows += [{"source_url": f"https://{source}/", "target_url": f"https://{target}/"} for source, target in pairs]
    links = lg.read_links(pd.DataFrame(rows), sites=[SITE, f"shop.{SITE}"], max_loss=1)
    found = lg.suggest_rivals(links, site=SITE)
    assert found[["site", "domains", "shared"]].to_numpy().tolist() == [["a.test", 13, 12]]
    assert found["similarity"].tolist() == pytest.approx([12 / sqrt(13 * 12)])


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        (
            {"site": "who.example"},
            UnknownSiteError,
            r"site='who\.example' is not among the sites\. Allowed: me\.exampl",
        ),
        (
            {"site": SITE, "most": 0},
            InvalidArgumentError,
            r"most=0 is not allowed\. Allowed: a whole number of 1 or more",
        ),
        (
            {"site": SITE},
            TooFewLinksError,
            r"The links point only to me\.example, .*\. Read links of sites that may be",
        ),
    ],
    ids=["site", "most", "no others"],
)
def test_what_suggest_rivals_refuses(options, error, words):
    with pytest.raises(error, match=f"^{words}"):
        lg.suggest_rivals(read({SITE: [1, 2]}), **options)
