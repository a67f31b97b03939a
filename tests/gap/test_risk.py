"""The screen for risk: each term both ways, against a table worked by hand; the user's lists; innocents."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import linkgap as lg
from linkgap.gap.risk import DENIED, TERMS, TRUSTED, TRUSTED_POINTS, find_risk, matches
from linkgap.gap.risky_words import LINK_SELLING, SOLD_BY_SPAM, TOPICS, words_alone, words_anywhere
from linkgap.gap.signs import neighbours

SITE, RIVALS = "me.example", ("one.example", "two.example")
SPAM_WORD = "gambling, adult, drug or loan word in the name"
SELLER_WORD = "word of link sellers in the name"
HYPHENS, DIGITS, LONG = (
    "2 or more hyphens in the name",
    "3 or more digits in the name",
    "25 or more characters in the name",
)
SITEWIDE = "over 500 links to one site, as from every page"
NETWORK = "in one network with 3 or more others on the list"


def ranked(rows: list[dict[str, object]], *, level: str = "domain", **options: object) -> pd.DataFrame:
    table = pd.DataFrame([{"site": "one.example", "provider": "moz"} | row for row in rows]).astype(object)
    links = lg.read_links(table, sites=[SITE, *RIVALS], complete=True)
    return lg.rank_prospects(lg.find_gap(links, site=SITE, level=level), **options).frame.set_index("domain")


def judged(*names: str, level: str = "domain", **options: object) -> dict[str, tuple[float, str]]:
    found = ranked([{"source_url": f"https://{name}/"} for name in names], level=level, **options)
    return {name: (found.loc[name, "risk"], found.loc[name, "risk_reasons"]) for name in names}


# name                          spam word  seller  hyphens  digits  long  trusted   risk
NAMES = {
    "best-casino.test": (0.3, SPAM_WORD),
    "bestnz-poker-casinoslot.test": (0.45, f"{SPAM_WORD}; {HYPHENS}"),
    "cheap-viagra-4-u-2026-online-now.test": (0.75, f"{SPAM_WORD}; {HYPHENS}; {DIGITS}; {LONG}"),
    "online-slots.test": (0.3, SPAM_WORD),
    "sportwetten-tipps.test": (0.3, SPAM_WORD),
    "lesparissportifs.test": (0.3, SPAM_WORD),
    "las-apuestas.test": (0.3, SPAM_WORD),
    "pay-day-cash.test": (0.45, f"{SPAM_WORD}; {HYPHENS}"),
    "buybacklinks.test": (0.3, SELLER_WORD),
    "linkseopro.test": (0.3, SELLER_WORD),
    "buyback-links.test": (0.3, SELLER_WORD),
    "a-b-c.test": (0.15, HYPHENS),
    "a-b.test": (0.0, ""),
    "top100lists.test": (0.15, DIGITS),
    "area51b.test": (0.0, ""),
    "abcdefghijklmnopqrstuvwxy.test": (0.15, LONG),
    "abcdefghijklmnopqrstuvwx.test": (0.0, ""),
    "pharmacy.edu": (0.0, f"{SPAM_WORD}; {TRUSTED}"),
    "a-b-c-d.ac.uk": (0.0, f"{HYPHENS}; {TRUSTED}"),
    "school.edu": (0.0, ""),
    "casino.ac": (0.3, SPAM_WORD),
}


def test_names_by_hand():
    assert judged(*NAMES) == NAMES


INNOCENT = [
    *("sussex.test", "essexlife.test", "middlesex.test", "wessexwater.test", "scunthorpe.test", "analytics.test"),
    *("specialist.test", "socialistreview.test", "sloanegardens.test", "forexample.test", "pornic-tourisme.test"),
    *(
        "milfordsound.test",
        "autogeldern.test",
        "franklinkitchens.test",
        "timeslot.test",
        "alphabet.test",
        "reallyric.test",
    ),
    *("backlinko.test", "museumlink.test", "spillsandthrills.test", "ambientlight.test", "computas.test", "betty.test"),
    *(
        "therapist-finder.test",
        "cocktails.test",
        "penistone.test",
        "montecassino.test",
        "abetting.test",
        "toprankblog.test",
    ),
    *("frankrank.test", "seoul-city.test", "linkedopendata.test", "salooning.test", "pharmacology.test", "unisex.test"),
]


def test_names_that_hold_a_word_by_chance_are_left_alone():
    assert {name for name, (risk, _) in judged(*INNOCENT).items() if risk} == set()


def test_a_town_called_casino_is_marked_and_no_more_and_the_user_can_clear_it():
    town = "casinograndhistoricaltown.test"
    assert judged(town, "z.test")[town] == (0.45, f"{SPAM_WORD}; {LONG}")
    assert judged(town, "z.test", allow=[town])[town] == (0.0, "")
    assert town in ranked([{"source_url": f"https://{town}/"}], risk_weight=1).index


@pytest.mark.parametrize(
    "name", ["192.0.2.77", "xn--123-a1a-4b-5c-casinopornobacklinksxxx-q9a.test", "2001:db8:1:2:3:4:5:6"]
)
def test_addresses_and_encoded_names_have_no_name_to_judge(name):
    found = ranked([{"source_url": f"https://{f'[{name}]' if ':' in name else name}/"}])
    assert found["risk"].tolist() == [0.0]


def test_of_hosts_the_domain_is_judged():
    hosts = ["casino.harmless.test", "www.casino.test", "1234.harmless.test"]
    assert {name: risk for name, (risk, _) in judged(*hosts, level="host").items()} == {
        "casino.harmless.test": 0,
        "www.casino.test": 0.3,
        "1234.harmless.test": 0,
    }


def test_every_word_is_found_and_none_is_in_another_topics_way():
    for topic, words in TOPICS.items():
        for word in words.anywhere:
            assert re.search(words_anywhere(topic), f"best{word}4u"), word
        for word in words.alone:
            assert re.search(words_alone(topic), f"best-{word}"), word
            assert not re.search(words_alone(topic), f"a{word}a"), word
        assert all(re.fullmatch(r"[a-z0-9]+", word) for word in (*words.anywhere, *words.alone))
    assert set(SOLD_BY_SPAM) | set(LINK_SELLING) == set(TOPICS)


def test_links_from_every_page_of_one_host():
    rows = [
        {"source_url": "https://many.test/", "links": 501},
        {"source_url": "https://limit.test/", "links": 500},
        {"source_url": "https://split.test/", "links": 300},
        {"source_url": "https://split.test/", "links": 300, "site": "two.example"},
        {"source_url": "https://a.sum.test/", "links": 300},
        {"source_url": "https://b.sum.test/", "links": 201},
        {"source_url": "https://gone.test/", "links": 900, "lost": "2026-01-01"},
        {"source_url": "https://gone.test/", "links": 1},
    ]
    found = ranked(rows)
    assert found.loc[found["risk_reasons"] == SITEWIDE, "risk"].to_dict() == {"many.test": 0.1, "sum.test": 0.1}
    assert found["risk"].sum() == pytest.approx(0.2)


def test_of_several_links_of_a_host_the_highest_figure_counts():
    rows = [{"spam": True, "spam_score": 10}, {"spam": False, "spam_score": 70}]
    found = ranked([{"source_url": f"https://a.test/{number}"} | row for number, row in enumerate(rows)])
    assert found["risk_reasons"].tolist() == ["marked as spam by a provider; spam score above 60"]


def test_links_to_far_more_domains_than_link_to_it():
    rows = [
        {"source_url": "https://a.test/", "linked_domains": 51, "referring_domains": 10},
        {"source_url": "https://b.test/", "linked_domains": 50, "referring_domains": 10},
        {"source_url": "https://c.test/", "linked_domains": 99},
        {"source_url": "https://d.test/", "referring_domains": 1},
    ]
    assert ranked(rows)["risk"].to_dict() == {"a.test": 0.15, "b.test": 0, "c.test": 0, "d.test": 0}


def test_a_shared_network_and_large_hosts():
    addresses = {
        **{f"{name}.test": f"192.0.2.{place}" for place, name in enumerate("abcd")},
        **{f"{name}.test": f"198.51.100.{place}" for place, name in enumerate("efg")},
        **{f"{name}.test": f"104.21.9.{place}" for place, name in enumerate("hijkl")},
        **{f"{name}.test": f"198.185.159.{place}" for place, name in enumerate("pqrst")},
        "m.test": "2001:db8::1",
        "n.test": "no address",
        "o.test": None,
    }
    found = ranked([{"source_url": f"https://{name}/", "ip": address} for name, address in addresses.items()])
    assert set(found.index[found["risk_reasons"] == NETWORK]) == {"a.test", "b.test", "c.test", "d.test"}
    assert found["risk"].sum() == pytest.approx(0.8)


def test_hosts_of_one_domain_are_no_neighbours():
    hosts = [*(f"{name}.uni.test" for name in "abcde"), "x.test", "y.test"]
    rows = [{"source_url": f"https://{host}/", "ip": "192.0.2.9"} for host in hosts]
    assert ranked(rows, level="host")["risk"].tolist() == [0.0] * 7
    rows.append({"source_url": "https://z.test/", "ip": "192.0.2.10"})
    assert ranked(rows, level="host")["risk"].tolist() == [0.2] * 8


def test_saved_links_are_judged_alike(tmp_path):
    rows = [{"source_url": f"https://{name}.test/", "ip": "192.0.2.1", "site": "one.example"} for name in "abcd"]
    rows.append({"source_url": "https://mine.test/", "site": SITE})
    links = lg.read_links(pd.DataFrame(rows), sites=[SITE, *RIVALS])
    again = lg.read_links(links.save(tmp_path / "links.parquet"))
    first, second = (lg.rank_prospects(lg.find_gap(each, site=SITE)).frame for each in (links, again))
    assert first["risk"].tolist() == second["risk"].tolist() == [0.2] * 4


def test_flows_of_majestic(tmp_path):
    heading = "Domain,RefDomains,MatchedLinks,ExtBackLinks,IP,TrustFlow,CitationFlow,BackLinks_https://one.example\n"
    rows = ["low.test,9,1,1,,4,10,1", "half.test,9,1,1,,5,10,1", "small.test,9,1,1,,1,9,1", "good.test,9,1,1,,40,30,1"]
    (tmp_path / "one.example.csv").write_text(heading + "\n".join(rows), encoding="utf-8")
    links = lg.read_links(tmp_path, sites=[SITE, "one.example"])
    found = lg.rank_prospects(lg.find_gap(links, site=SITE)).frame.set_index("domain")
    assert found["risk"].to_dict() == {"low.test": 0.2, "half.test": 0, "small.test": 0, "good.test": 0}
    assert found.loc["low.test", "risk_reasons"] == "trust flow below half of its citation flow"


def test_the_notes_name_what_no_export_gives():
    table = pd.DataFrame([{"site": "one.example", "source_url": "https://a.test/", "spam_score": 3, "ip": "192.0.2.1"}])
    gap = lg.find_gap(lg.read_links(table, sites=[SITE, "one.example"]), site=SITE)
    assert lg.rank_prospects(gap).notes[-1] == (
        "Risk is judged without figures that no export gives: a spam mark, trust flow and citation flow, "
        "linked domains and referring domains."
    )


SIGNS = sorted({sign for term in TERMS for sign in term.signs} | {"trusted"})


@settings(max_examples=60)
@given(
    st.integers(1, 5).flatmap(
        lambda size: st.dictionaries(
            st.sampled_from(SIGNS),
            st.lists(st.sampled_from([np.nan, 0.0, 1.0, 3.0, 30.0, 61.0, 600.0]), min_size=size, max_size=size),
        ).map(lambda signs: (size, signs))
    )
)
def test_points_add_up_and_stay_between_none_and_one(drawn):
    size, drawn_signs = drawn
    signs = {name: np.array(values) for name, values in drawn_signs.items()}
    denied, allowed = np.arange(size) == 0, np.arange(size) == size - 1
    risk = find_risk(signs, denied=denied, allowed=allowed)
    points = {term.reason: term.points for term in TERMS} | {TRUSTED: TRUSTED_POINTS}
    for place in range(size):
        words = [reason for reason, marks in risk.reasons.items() if marks[place]]
        total = sum(points[reason] for reason in words if reason != DENIED)
        expected = 1.0 if DENIED in words else min(max(total, 0.0), 1.0)
        assert risk.points[place] == pytest.approx(expected, abs=1e-4)
        assert not (allowed[place] and words)
        assert risk.words(np.array([place])) == ["; ".join(words)]


class GoneThrough(list[str]):
    """A list that counts how often somebody went through it."""

    times = 0

    def __iter__(self):
        self.times += 1
        return super().__iter__()


def test_a_long_list_of_denied_domains_is_gone_through_once_and_not_for_each_prospect():
    listed = GoneThrough(["a.test", "blog.b.test", "c"])
    names = ["a.test", "www.x.a.test", "aa.test", "b.test", "blog.b.test", "my-blog.b.test", "test", "d.c", "c.d"]
    assert matches(names, listed).tolist() == [True, True, False, False, True, False, False, True, False]
    assert listed.times == 1


def test_each_term_says_where_it_comes_from():
    assert len({term.reason for term in TERMS}) == len(TERMS)
    for term in TERMS:
        assert 0 < term.points <= 0.3
        assert term.source
        assert ";" not in term.reason


@pytest.mark.parametrize("networks", [[], [np.nan], [999 * 65_536.0] * 5])
def test_neighbours_of_odd_addresses(networks):
    known = [value for value in networks if value == value]  # noqa: PLR0124 - NaN is unlike itself
    owners = np.arange(len(networks))
    assert np.nansum(neighbours(np.array(networks, dtype=float), owners)) == len(known) * max(len(known) - 1, 0)
