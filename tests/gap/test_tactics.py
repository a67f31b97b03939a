"""Tactics: every rule by its own example and near miss, rows worked by hand, hostile text, and real pages."""

import csv
import os
import string
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import linkgap as lg
from linkgap.errors import InvalidArgumentError
from linkgap.gap.tactics import (
    COLUMNS,
    ENOUGH,
    HOW_TO_WIN,
    MANY_LINKS_OUT,
    all_rules,
    find_phrases,
    find_tactics,
    folded,
    judge,
    parts_of,
)
from linkgap.schema import TACTICS

PLACES = {
    "host": "sample_url",
    "folder": "sample_url",
    "page": "sample_url",
    "title": "title",
    "anchor": "sample_anchor",
    "platform": "platform",
    "page type": "page_type",
    "kind": "kind",
    "target status": "target_status",
}
RULES = [rule for rule in all_rules() if rule.where != "links out"]
NAMES = [f"{rule.tactic}, {rule.where}, {rule.language}" for rule in RULES]
EXPORTS = Path(__file__).parents[3] / "shared" / "data" / "exports"
LABELS = Path(__file__).parents[2] / "benchmarks" / "tactics_labels.csv"


def page_with(where: str, text: str) -> dict[str, object]:
    page = dict.fromkeys(COLUMNS) | {"sample_url": "https://plain.test/a"}
    if where in {"folder", "page"}:
        text = f"https://plain.test{text}"
    return page | {PLACES[where]: int(text) if where == "target status" else text}


def rules_for(where: str, text: str) -> set[tuple[str, str, str]]:
    parts = parts_of(page_with(where, text))[where]
    return {
        (found.rule.tactic, found.rule.where, found.rule.language)
        for part in parts
        for found in find_phrases(where, part)
    }


# The rules.


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_a_rule_applies_to_its_example_and_not_to_its_near_miss(rule):
    name = (rule.tactic, rule.where, rule.language)
    assert name in rules_for(rule.where, rule.example)
    assert name not in rules_for(rule.where, rule.near_miss)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.strength >= ENOUGH], ids=str)
def test_an_example_alone_gives_its_tactic(rule):
    assert judge(page_with(rule.where, rule.example))[0] == rule.tactic


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_a_near_miss_gives_another_answer(rule):
    assert judge(page_with(rule.where, rule.near_miss))[0] != rule.tactic


@pytest.mark.parametrize("rule", all_rules(), ids=str)
def test_every_phrase_can_be_found(rule):
    assert rule.phrases
    assert rule.strength in {1, 2, 3}
    for phrase in rule.phrases:
        plain = phrase.removeprefix("=")
        if rule.where in {"kind", "target status", "links out"}:
            assert phrase == f"={plain}"
        elif rule.where == "host":
            assert set(plain) <= set(string.ascii_lowercase + (".-" if phrase.startswith("=") else ""))
            assert phrase.startswith("=") or phrase in {
                found.phrase for found in find_phrases("host", f"my{plain}x.test")
            }
        else:
            assert folded(plain.replace("#", "7")) == plain
            assert phrase in {found.phrase for found in find_phrases(rule.where, plain)}


def test_the_four_languages_have_rules_for_what_is_won_by_writing():
    for tactic in (
        "guest post",
        "resource page",
        "review",
        "partner",
        "testimonial",
        "podcast",
        "coupon",
        "directory",
        "news",
    ):
        languages = {rule.language for rule in all_rules() if rule.tactic == tactic}
        assert languages >= {"en", "de", "fr", "es"}, tactic


def test_every_tactic_has_rules_and_advice():
    assert set(HOW_TO_WIN) == set(TACTICS)
    assert {rule.tactic for rule in all_rules()} == set(TACTICS) - {"unknown"}
    assert len({(rule.tactic, rule.where, rule.language) for rule in all_rules()}) == len(all_rules())


# Rows worked by hand.

ROWS = [
    # address, title, anchor, and what else is known; tactic, evidence
    ({"sample_url": "https://a.test/blog/2024/05/desk-tips.html", "title": "Desk tips"}, "unknown", ""),
    ({"sample_url": None}, "unknown", ""),
    ({"sample_url": "https://a.test/"}, "unknown", ""),
    ({"sample_url": "https://a.test/x", "target_status": 404.0}, "broken link", "target status: 404"),
    ({"sample_url": "https://a.test/x", "target_status": 200}, "unknown", ""),
    ({"sample_url": "https://a.test/x", "target_status": np.nan}, "unknown", ""),
    ({"sample_url": "https://a.test/x", "target_status": np.inf, "page_external_links": np.nan}, "unknown", ""),
    ({"sample_url": "https://a.test/x", "target_status": np.int64(410)}, "broken link", "target status: 410"),
    ({"sample_url": "https://a.test/links/", "target_status": 404}, "broken link", "target status: 404"),
    ({"sample_url": "https://a.test/x", "http_status": 404}, "unknown", ""),
    ({"sample_url": "https://a.test/x", "kind": "redirect"}, "broken link", "kind: redirect"),
    ({"sample_url": "https://a.test/x", "page_external_links": MANY_LINKS_OUT + 1}, "scraper", "links out: many"),
    ({"sample_url": "https://a.test/links", "page_external_links": MANY_LINKS_OUT}, "resource page", "page: links"),
    (
        {"sample_url": "https://mydirectory.test/domain-list-171", "page_external_links": 2000},
        "scraper",
        "page: domain list #; links out: many",
    ),
    (
        {"sample_url": "https://a.test/nos-partenaires/", "title": "Nos partenaires - Club"},
        "partner",
        "page: nos partenaires; title: nos partenaires",
    ),
    ({"sample_url": "https://a.test/partenaires/", "title": "Tous les codes promo"}, "partner", "page: partenaires"),
    ({"sample_url": "https://a.test/guide", "sample_anchor": "Logo client Rival"}, "unknown", ""),
    (
        {"sample_url": "https://a.test/viewtopic.php?t=373", "platform": "wordpress, message-boards"},
        "forum",
        "page: viewtopic; platform: message boards",
    ),
    ({"sample_url": "https://a.test/t7625-13"}, "forum", "page: t# #"),
    ({"sample_url": "https://city.gazette.test/boite-a-outils/"}, "resource page", "page: boite a outils"),
    ({"sample_url": "https://dailynews.blogspot.com/2020/x"}, "unknown", ""),
    ({"sample_url": "dailynews.test"}, "news", "host: news"),
    ({"sample_url": "https://local.news/a"}, "news", "host: news"),
    ({"sample_url": "https://www.youtube.com/watch?v=links"}, "profile", "host: youtube.com"),
    ({"sample_url": "https://a.test/N%C3%BCtzliche_Links/"}, "resource page", "page: nutzliche links"),
    ({"sample_url": "https://xn--ntzlich-n2a.test/LIENS.HTML"}, "resource page", "page: liens"),
    ({"sample_url": "https://a.test/forum/partners/", "title": "Our partners"}, "forum", "folder: forum"),
    ({"sample_url": "https://a.test/guide#/links"}, "unknown", ""),
    ({"sample_url": "https://best-hot-deals.test/"}, "coupon", "host: hotdeals"),
    ({"sample_url": "https://listings-directory.test/"}, "directory", "host: listings; host: directory"),
]


@pytest.mark.parametrize(("page", "tactic", "evidence"), ROWS, ids=[str(page) for page, *_ in ROWS])
def test_pages_by_hand(page, tactic, evidence):
    found = find_tactics(pd.DataFrame([page], dtype=object))
    shown = found.to_numpy().tolist()[0]
    assert shown == [tactic, evidence]


def test_the_result_stands_beside_the_pages():
    pages = pd.DataFrame({"source_url": ["https://a.test/links/", None], "anchor": ["x", None]}, index=[7, 3])
    found = find_tactics(pages)
    assert found.index.tolist() == [7, 3]
    assert found["tactic"].tolist() == ["resource page", "unknown"]
    assert find_tactics(pages.iloc[:0]).columns.tolist() == ["tactic", "tactic_evidence"]


def test_pages_without_addresses_are_refused():
    with pytest.raises(InvalidArgumentError, match=r"^These pages have no addresses; their columns are a, title\. Add"):
        find_tactics(pd.DataFrame({"title": ["x"], "a": [1]}))


HOSTILE = [
    *(
        "http://[::1",
        "//",
        "http://",
        "https://a.test/%",
        "https://a.test/%ff%fe/links",
        "javascript:alert(1)",
        "?",
        "#",
    ),
    *("https://a.test/" + "links-" * 5_000, "x" * 100_000, "https://a.test/\x00/links", "https://a.test/\ud800/links"),
    *(
        "https://" + "a." * 200 + "test/links",
        "https://a.test/" + "/" * 5_000,
        "https://\uff41.test/\uff4c\uff49\uff4e\uff4b\uff53",
    ),
]


@pytest.mark.parametrize("text", HOSTILE, ids=[text[:30].encode("ascii", "replace").decode() for text in HOSTILE])
def test_hostile_text_in_every_column(text):
    found = find_tactics(pd.DataFrame([dict.fromkeys(COLUMNS, text)], dtype=object))
    assert found["tactic"].isin(TACTICS).all()


@settings(max_examples=150)
@given(st.fixed_dictionaries(dict.fromkeys(COLUMNS, st.none() | st.text(max_size=60) | st.integers() | st.floats())))
def test_anything_gets_an_answer_and_an_answer_its_evidence(page):
    found = find_tactics(pd.DataFrame([page], dtype=object)).iloc[0]
    assert found["tactic"] in TACTICS
    assert (found["tactic"] == "unknown") == (found["tactic_evidence"] == "")


# In the flow.


@pytest.fixture(scope="module")
def prospects() -> lg.Prospects:
    links = pd.DataFrame(
        [
            {"site": "one.example", "source_url": "https://club.test/sponsors/", "title": "Our sponsors | Club"},
            {"site": "one.example", "source_url": "https://shop.test/", "kind": "text", "target_status": "404"},
            {"site": "one.example", "source_url": "https://b.test/story", "platform": "news"},
            {"site": "one.example", "source_domain": "chairforum.test"},
            {"site": "me.example", "source_url": "https://mine.test/"},
        ]
    )
    return lg.rank_prospects(lg.find_gap(lg.read_links(links, sites=["me.example", "one.example"]), site="me.example"))


def test_prospects_have_tactics(prospects):
    told = prospects.frame.set_index("domain")[["tactic", "tactic_evidence"]]
    assert {domain: tuple(row) for domain, row in zip(told.index, told.to_numpy().tolist(), strict=True)} == {
        "club.test": ("partner", "page: sponsors; title: our sponsors"),
        "shop.test": ("broken link", "target status: 404"),
        "b.test": ("news", "platform: news"),
        "chairforum.test": ("forum", "host: forum"),
    }
    assert prospects.gap.frame.set_index("domain")["tactic"].to_dict() == told["tactic"].to_dict()


def test_the_head_has_the_tactics_of_the_whole(prospects):
    assert lg.rank_prospects(prospects.gap).top(2)["tactic"].tolist() == prospects.frame["tactic"].tolist()[:2]


# Real pages.


@pytest.fixture(scope="module")
def labelled() -> list[tuple[dict[str, str], str]]:
    if not EXPORTS.is_dir() and not os.environ.get("CI"):
        pytest.skip("the real exports are not here: they lie in shared/data/exports beside the checkout")
    path = next(EXPORTS.rglob("lamicrobyflo.fr-*.csv"))
    with path.open(encoding="utf-8-sig", newline="") as file:
        records = list(csv.DictReader(file))
    with LABELS.open(encoding="utf-8", newline="") as file:
        return [
            (records[int(row["row"]) - 1], row["label"]) for row in csv.DictReader(file) if row["file"] == path.name
        ]


def test_real_pages_get_the_label_that_was_given_by_hand(labelled):
    pages = pd.DataFrame(
        [
            {
                "sample_url": record["Referring page URL"],
                "title": record["Referring page title"],
                "sample_anchor": record["Anchor"],
                "platform": record["Platform"],
                "kind": record["Type"],
                "page_external_links": float(record["External links"]),
            }
            for record, _ in labelled
        ]
    )
    found = find_tactics(pages)["tactic"]
    wanted = pd.Series([{"resource": "resource page"}.get(label, label) for _, label in labelled])
    told = found != "unknown"
    assert len(labelled) == 219
    assert (found[told] == wanted[told]).mean() > 0.95
    assert (found == wanted).sum() > 100
    assert (found[wanted == "article"] == "unknown").mean() > 0.98
