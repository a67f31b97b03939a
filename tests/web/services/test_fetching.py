"""Lists fetched from servers on loopback that speak the services' documented forms."""

import datetime as dt
import re
import sqlite3
import time
from decimal import Decimal

import pandas as pd
import pytest

import linkgap as lg
from linkgap.domains import parse_site
from linkgap.errors import KeyRefusedError, NoUnitsLeftError, ServiceAnswerError, ServiceError, TooMuchLossError
from linkgap.web.services import fetching, semrush
from linkgap.web.services.reading import FetchedList
from linkgap.web.services.service import Reply
from linkgap.web.services.spending import Budget

LISTS = [
    (name, what)
    for name, lists in {
        "ahrefs": ("referring_domains", "backlinks"),
        "bing": ("backlinks",),
        "dataforseo": ("referring_domains", "backlinks"),
        "majestic": ("referring_domains", "backlinks"),
        "moz": ("referring_domains", "backlinks"),
        "se_ranking": ("referring_domains", "backlinks"),
        "semrush": ("referring_domains", "backlinks"),
    }.items()
    for what in lists
]
PAGED = [each for each in LISTS if each not in {("majestic", "referring_domains"), ("se_ranking", "referring_domains")}]
ONE_EACH = [
    ("ahrefs", "referring_domains"),
    ("bing", "backlinks"),
    ("dataforseo", "backlinks"),
    ("majestic", "backlinks"),
    ("moz", "referring_domains"),
    ("se_ranking", "backlinks"),
    ("semrush", "referring_domains"),
]
"""Of each service the list whose pages go on in the harder way."""

RIVAL = "rival.example"


def domain_of(place: int) -> str:
    """Return the name of a row's domain; the fourth has lost it."""
    return "" if place == 3 else names(place + 1)[-1]


def domains(links: lg.Links, site: str = RIVAL) -> list[str]:
    frame = links.frame
    return sorted(frame.loc[frame["site"] == site, "source_domain"])


def names(number: int) -> list[str]:
    return [f"d{place:05}.test" for place in range(number)]


COLUMNS: dict[tuple[str, str], dict[str, object]] = {
    ("ahrefs", "referring_domains"): {"links": 3, "follow_links": 2, "authority": 90, "linked_domains": 40},
    ("ahrefs", "backlinks"): {"source_url": "https://www.d00000.test/page", "links": 4, "language": "en;de"},
    ("semrush", "referring_domains"): {"links": 5, "authority": 90, "ip": "192.0.2.9", "country": "us"},
    ("semrush", "backlinks"): {"title": '"Desks"; chairs; and more', "page_authority": 90, "anchor": "here"},
    ("moz", "referring_domains"): {"links": 6, "follow_links": 4, "authority": 90, "linked_domains": 30},
    ("moz", "backlinks"): {"source_url": "www.d00000.test/page", "is_lost": False, "authority": 90},
    ("majestic", "referring_domains"): {"links": 8, "authority": 90, "citation_flow": 30, "referring_domains": 9},
    ("majestic", "backlinks"): {"nofollow": False, "page_authority": 90},
    ("dataforseo", "referring_domains"): {"links": 9, "follow_links": 7, "authority": 900, "spam_score": 4},
    ("dataforseo", "backlinks"): {"links": 2, "nofollow": False, "platform": "blogs;cms", "kind": "text"},
    ("se_ranking", "referring_domains"): {"links": 7, "follow_links": 5, "authority": 90},
    ("se_ranking", "backlinks"): {"anchor": "a picture", "kind": "image", "page_authority": 15},
    ("bing", "backlinks"): {"source_url": "https://www.d00000.test/page", "anchor": "here"},
}
METRICS = {
    "ahrefs": "ahrefs_dr",
    "semrush": "semrush_as",
    "moz": "moz_da",
    "majestic": "majestic_tf",
    "dataforseo": "dataforseo_rank",
    "se_ranking": "seranking_dt",
}
"""What the first row of each list holds, as a file of the same report would."""


def check_columns(links: lg.Links, name: str, what: str) -> None:
    frame = links.frame
    row = frame[(frame["site"] == RIVAL) & (frame["source_domain"] == "d00000.test")].iloc[0].dropna().to_dict()
    expected = COLUMNS[name, what]
    assert {column: row[column] for column in expected} == expected
    assert row.get("authority_metric") == (METRICS.get(name) if "authority" in row else None)
    day = pd.Timestamp.now("UTC").date().isoformat()
    assert (row["provider"], row["file"]) == (name, f"{RIVAL} {name} {what.replace('_', ' ')} {day}")


@pytest.mark.parametrize(("name", "what"), LISTS)
def test_a_whole_list_is_read_page_by_page(serve, tmp_path, name, what):
    vendor = serve(name)
    vendor.hold(rival__example=50, me__example=7)
    estimate = lg.estimate_fetch(name, sites=[RIVAL, "me.example"], what=what, max_rows=200, cache=tmp_path / "kept")
    links = lg.fetch_links(name, sites=[RIVAL, "me.example"], what=what, max_rows=200, cache=tmp_path / "kept")
    assert domains(links) == names(50)
    assert domains(links, "me.example") == names(7)
    assert links.receipts["cut"].tolist() == ["none", "none"]
    assert links.receipts["rows"].tolist() == links.receipts["kept"].tolist() == [50, 7]
    assert vendor.charged <= estimate.units
    check_columns(links, name, what)
    if (name, what) in PAGED:
        assert len(vendor.asked) >= 4
    asked = len(vendor.asked)
    options = {"sites": [RIVAL, "me.example"], "what": what, "cache": tmp_path / "kept"}
    if name in {"ahrefs", "semrush"}:
        again = lg.fetch_links(name, max_rows=200, **options)
        pd.testing.assert_frame_equal(again.frame, links.frame)
        assert len(vendor.asked) == asked
    assert lg.estimate_fetch(name, max_rows=200, **options).frame["complete"].all()


# What goes wrong.


def fetch(name: str, what: str, tmp_path, **options) -> lg.Links:
    given = {"sites": [RIVAL], "what": what, "max_rows": 200, "cache": tmp_path / "kept.sqlite", **options}
    return lg.fetch_links(name, **given)


@pytest.fixture
def listed(tmp_path, monkeypatch):
    """Fetch lists as `fetch` does, but leave out the reading of them, which takes most of the time."""

    def fetch_lists(name: str, what: str, **options) -> list[FetchedList]:
        with monkeypatch.context() as patch:
            patch.setattr(fetching, "_as_links", lambda lists, _: lists)
            return fetch(name, what, tmp_path, **options)

    return fetch_lists


def all_of(what: str, number: int = 50) -> list[tuple[str, str, int]]:
    """What a vendor sent, when it sent every row once."""
    return [(what, RIVAL, place) for place in range(number)]


@pytest.mark.parametrize(("name", "what"), ONE_EACH)
def test_an_expired_key_is_told_with_where_to_make_one(serve, tmp_path, monkeypatch, name, what):
    vendor = serve(name)
    vendor.hold(rival__example=50)
    monkeypatch.setenv(f"LINKGAP_{name.upper()}_KEY", "an-old:key-that-expired")
    words = r"does not accept the key: .*\. It may have expired, .* at https://.*was for rival\.example\. Nothing had"
    with pytest.raises(KeyRefusedError, match=words) as caught:
        fetch(name, what, tmp_path)
    assert "expired" not in str(caught.value).replace("may have expired", "")
    assert (len(vendor.asked), vendor.charged) == (1, 0)


@pytest.mark.parametrize(("name", "what"), [each for each in ONE_EACH if each[0] != "bing"])
def test_no_units_left_is_told_with_what_is_kept(serve, listed, name, what):
    vendor = serve(name)
    vendor.hold(rival__example=50)
    vendor.fail("no_units", after=1)
    words = r"says that no .* are left: .*https://.*\. The request was for .* before \(20 rows of 1 site\)"
    with pytest.raises(NoUnitsLeftError, match=words):
        listed(name, what)
    assert len(listed(name, what)[0].rows) == 50
    assert vendor.sent == all_of(what)


def test_units_that_end_within_a_page_are_noticed(serve, tmp_path):
    vendor = serve("semrush")
    vendor.hold(rival__example=50)
    vendor.left = 40 * 33
    with pytest.raises(NoUnitsLeftError, match=r"fetched before \(33 rows of 1 site\)"):
        fetch("semrush", "referring_domains", tmp_path)
    vendor.left = None
    assert domains(fetch("semrush", "referring_domains", tmp_path)) == names(50)
    assert vendor.charged == 40 * 50


@pytest.mark.parametrize(("name", "what"), ONE_EACH)
def test_a_site_without_links_is_there_all_the_same(serve, tmp_path, name, what):
    vendor = serve(name)
    vendor.hold(rival__example=2, me__example=0)
    links = fetch(name, what, tmp_path, sites=["me.example", RIVAL])
    assert links.sites == ("me.example", RIVAL)
    assert links.receipts[["site", "rows", "cut"]].to_numpy().tolist() == [
        ["me.example", 0, "none"],
        [RIVAL, 2, "none"],
    ]
    gap = lg.find_gap(links, site="me.example")
    assert gap.domains == names(2)
    assert gap.evidence_counts["proven"] == (0 if name == "bing" else 2)


@pytest.mark.parametrize(
    ("name", "what", "fault"),
    [(*each, "malformed") for each in ONE_EACH] + [(*each, "html") for each in ONE_EACH if each[0] != "bing"],
)
def test_an_answer_of_another_form_is_shown_and_not_kept(serve, listed, name, what, fault):
    vendor = serve(name)
    vendor.hold(rival__example=50)
    vendor.fail(fault, after=1)
    with pytest.raises(ServiceAnswerError, match=r"The answer from .* is not .*: .*Its format may have changed"):
        listed(name, what)
    assert len(listed(name, what)[0].rows) == 50


@pytest.mark.parametrize("most", [60, None])
def test_a_page_that_is_named_again_is_not_read_again(serve, listed, most):
    """The third page says that the second is next."""
    vendor = serve("se_ranking")
    vendor.hold(rival__example=60)
    answer = vendor.answer

    def in_circles(asked):
        status, headers, body = answer(asked)
        return status, headers, body.replace(b"at60", b"at20")

    vendor.answer = in_circles
    vendor.sites["rival.example"] = 80
    (found,) = listed("se_ranking", "backlinks", max_rows=most)
    assert [row["url_from"] for row in found.rows] == [f"https://www.{name}/page" for name in names(60)]
    assert (len(vendor.asked), found.may_go_on, found.is_complete) == (3, True, False)


@pytest.mark.parametrize("cost", ["NaN", "-5"])
def test_odd_costs_are_not_reckoned_with(serve, listed, cost):
    task = '{"status_code": 20000, "result": [{"total_count": 1, "items": [{"domain": "d.test"}]}]}'
    body = f'{{"status_code": 20000, "cost": {cost}, "tasks": [{task}]}}'.encode()
    serve("dataforseo").answer = lambda _: (200, {}, body)
    lists = listed("dataforseo", "referring_domains", sites=[RIVAL, "me.example"], max_units=5)
    assert [len(each.rows) for each in lists] == [1, 1]


def test_a_list_that_lacks_the_items_it_counts_is_not_taken_for_an_empty_one(serve, listed):
    task = '{"status_code": 20000, "result": [{"total_count": 7, "items": null}]}'
    serve("dataforseo").answer = lambda _: (200, {}, f'{{"status_code": 20000, "tasks": [{task}]}}'.encode())
    with pytest.raises(ServiceAnswerError, match="is not a result with items, as its total_count says"):
        listed("dataforseo", "referring_domains")


def test_an_odd_code_is_shown(serve, listed):
    serve("majestic").answer = lambda _: (200, {}, b'{"Code": ["x"]}')
    with pytest.raises(ServiceError, match=r"^Majestic refused the request: \['x'\]"):
        listed("majestic", "backlinks")


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Two\u2028lines\x85of\x0bone\x0ctitle\x1c", "Two\u2028lines\x85of\x0bone\x0ctitle"),
        ('"Two\nlines; and ""more"""', 'Two\nlines; and "more"'),
        ('"Desks"; chairs; and more', '"Desks"; chairs; and more'),
        ('"Never closed', '"Never closed'),
        ('5" pipes', '5" pipes'),
    ],
)
def test_titles_from_semrush(written, title):
    heading = semrush.SERVICE.listings["backlinks"].fields
    rows = [";".join([f"{place}{cell}" for cell in heading[:-1]] + [text]) for place, text in enumerate([written, "b"])]
    reply = Reply(200, "\r\n".join([";".join(heading), *rows]), {}, 3)
    answer = semrush.SERVICE.answer("backlinks", parse_site(RIVAL), "", reply)
    assert [row["source_title"] for row in answer.rows] == [title, "b"]
    assert [row["anchor"] for row in answer.rows] == ["0anchor", "1anchor"]


@pytest.mark.parametrize("fault", ["cut", "hang up"])
@pytest.mark.parametrize(("name", "what"), ONE_EACH)
def test_after_a_cut_connection_nothing_is_fetched_twice(serve, listed, tmp_path, name, what, fault):
    vendor = serve(name)
    vendor.hold(rival__example=50)
    good = 1 if name != "bing" else 3
    vendor.fail(fault, after=good)
    kept = r"fetched before \((20|5) rows of 1 site\) is kept in .*kept\.sqlite"
    with pytest.raises(
        ServiceError, match=rf"(broke off|closed the connection).* may be charged for\. The request was for .*{kept}"
    ):
        listed(name, what)
    assert len(vendor.asked) == good + 1
    if fault == "cut":
        partial = fetch(name, what, tmp_path, cached_only=True)
        assert set(domains(partial)) < set(names(50))
        assert partial.receipts["cut"].tolist() != ["none"]
    assert len(vendor.asked) == good + 1
    before = [each["query"] | {"body": each["body"]} for each in vendor.asked[:good]]
    (rest,) = listed(name, what)
    assert (len(rest.rows), rest.is_complete) == (50, True)
    after = [each["query"] | {"body": each["body"]} for each in vendor.asked[good + 1 :]]
    assert [each for each in after if each in before] == []


@pytest.mark.parametrize(("name", "status"), [("ahrefs", 429), ("moz", 500), ("semrush", 503), ("semrush", 429)])
def test_a_busy_service_is_asked_again_with_patience(serve, listed, waits, name, status):
    vendor = serve(name)
    vendor.hold(rival__example=5)
    vendor.fail(f"status {status}", times=2)
    assert len(listed(name, "referring_domains")[0].rows) == 5
    assert [seconds for seconds in waits if seconds >= 1.5 or seconds == 1.0] == [1.0, 2.0]


def test_a_service_says_how_long_to_wait(serve, listed, waits):
    vendor = serve("moz")
    vendor.hold(rival__example=5)
    vendor.fail("status 429 17")
    listed("moz", "referring_domains")
    assert max(waits) == 17


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="The zone of a running process can't be changed on Windows.")
def test_a_day_to_wait_for_that_names_no_zone_is_in_utc(serve, listed, waits, monkeypatch):
    vendor = serve("moz")
    vendor.hold(rival__example=5)
    vendor.fail(f"status 429 {dt.datetime.now(dt.UTC) + dt.timedelta(seconds=50):%a, %d %b %Y %H:%M:%S}")
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        listed("moz", "referring_domains")
    time.tzset()
    assert 5 < max(waits) <= 50


def test_patience_has_an_end(serve, tmp_path, waits):
    vendor = serve("moz")
    vendor.fail("status 503", times=9)
    with pytest.raises(ServiceError, match=r"Moz could not answer in 4 attempts: status 503: slow down\. Try again"):
        fetch("moz", "referring_domains", tmp_path)
    vendor.fail("status 429 3600")
    with pytest.raises(
        ServiceError, match=r"^Moz accepts no requests for another 3,600 seconds\. Try again after that\."
    ):
        fetch("moz", "referring_domains", tmp_path)
    assert max(waits) == 4


def test_no_redirect_is_followed(serve, tmp_path):
    other, vendor = serve("semrush"), serve("ahrefs")
    vendor.fail("elsewhere")
    vendor.elsewhere = other.url
    with pytest.raises(ServiceError, match=r"^Ahrefs refused the request"):
        fetch("ahrefs", "referring_domains", tmp_path)
    assert other.asked == []


# Limits.


@pytest.mark.parametrize(("name", "what"), LISTS)
def test_max_rows_is_kept_and_the_list_is_marked_as_cut(serve, listed, tmp_path, name, what):
    vendor = serve(name)
    vendor.hold(rival__example=50)
    (found,) = listed(name, what, max_rows=27)
    assert (len(found.rows), found.is_complete) == (27, False)
    if name != "bing":
        assert vendor.sent == all_of(what, 27)
    if (name, what) in {("bing", "backlinks"), ("se_ranking", "referring_domains"), ("semrush", "backlinks")}:
        links = fetch(name, what, tmp_path, max_rows=27)
        assert set(domains(links)) <= set(names(50))
        assert links.receipts["rows"].tolist() == [27]
        assert links.receipts["cut"].tolist() != ["none"]


@pytest.mark.parametrize(("name", "what"), [each for each in ONE_EACH if each[0] != "bing"])
def test_no_row_is_paid_for_twice_when_more_are_wanted(serve, listed, name, what):
    vendor = serve(name)
    vendor.hold(rival__example=50)
    for most, there in ((27, 27), (12, 12), (45, 45), (None, 50), (20, 20)):
        (found,) = listed(name, what, max_rows=most)
        assert (len(found.rows), found.is_complete) == (there, there == 50)
    assert sorted(vendor.sent) == all_of(what)


def test_a_list_without_pages_is_asked_for_anew_only_when_it_ends_too_soon(serve, listed):
    vendor = serve("se_ranking")
    vendor.hold(rival__example=50)
    for most, there, charged in ((10, 10, 10), (5, 5, 10), (30, 30, 40), (60, 50, 90), (80, 50, 90)):
        (found,) = listed("se_ranking", "referring_domains", max_rows=most)
        assert (len(found.rows), vendor.charged) == (there, charged)


def test_a_list_without_pages_is_kept_when_the_units_buy_no_more(serve, listed, tmp_path):
    vendor = serve("se_ranking")
    vendor.hold(rival__example=50)
    listed("se_ranking", "referring_domains", max_rows=30)
    for units in (0, 20, 30):
        (found,) = listed("se_ranking", "referring_domains", max_rows=None, max_units=units)
        assert (len(found.rows), found.is_complete, vendor.charged) == (30, False, 30)
        options = {"max_rows": None, "max_units": units, "cache": tmp_path / "kept.sqlite"}
        for most in (None, 30):
            estimate = lg.estimate_fetch("se_ranking", sites=[RIVAL], **options | {"max_rows": most})
            assert estimate.frame["more_rows"].tolist() == [0]


def test_a_plan_that_cuts_pages_is_noticed(serve, tmp_path):
    vendor = serve("ahrefs", page_rows=1000)
    vendor.hold(rival__example=250)
    vendor.most_rows = 100
    links = fetch("ahrefs", "referring_domains", tmp_path, max_rows=None)
    assert domains(links) == names(250)
    assert links.receipts["cut"].tolist() == ["none"]
    assert len(vendor.asked) == 3


def test_max_units_is_shared_by_the_sites(serve, tmp_path):
    vendor = serve("semrush")
    vendor.hold(a__example=50, b__example=3, c__example=50)
    sites = ["a.example", "b.example", "c.example"]
    links = fetch("semrush", "referring_domains", tmp_path, sites=sites, max_units=40 * 60)
    assert dict(zip(links.receipts["site"], links.receipts["rows"], strict=True)) == {
        "a.example": 20,
        "b.example": 3,
        "c.example": 37,
    }
    assert vendor.charged == 40 * 60


def test_units_that_buy_nothing_are_told(serve, tmp_path):
    vendor = serve("ahrefs")
    with pytest.raises(
        ServiceError, match=r"^max_units=40 is not enough for .* the smallest request costs 50 API units\."
    ):
        fetch("ahrefs", "referring_domains", tmp_path, max_units=40)
    assert vendor.asked == []


def test_a_site_that_the_units_do_not_reach_is_left_out_with_a_warning(serve, tmp_path):
    vendor = serve("majestic")
    vendor.hold(a__example=3, b__example=3)
    fetch("majestic", "backlinks", tmp_path, sites=["a.example"])
    with pytest.warns(
        lg.LinkgapWarning, match=r"^b\.example left out: there are no backlinks from Majestic in the cache"
    ):
        links = fetch("majestic", "backlinks", tmp_path, sites=["a.example", "b.example"], cached_only=True)
    assert links.sites == ("a.example",)


def test_an_estimate_asks_nobody_and_makes_no_file(serve, tmp_path):
    vendor = serve("ahrefs", page_rows=1000)
    estimate = lg.estimate_fetch("ahrefs", sites=["a.example", "b.example"], max_rows=1500, cache=tmp_path / "kept")
    assert repr(estimate) == (
        "Ahrefs referring domains of 2 sites: at most 3,000 rows, at most 24,000 API units; 0 rows already in the cache"
    )
    assert estimate.frame[["more_rows", "requests"]].to_numpy().tolist() == [[1500, 2], [1500, 2]]
    assert list(tmp_path.iterdir()) == vendor.asked == []


def test_a_list_of_any_length_is_reckoned_at_once(tmp_path, monkeypatch):
    asked = []
    rows_for = Budget.rows_for
    monkeypatch.setattr(Budget, "rows_for", lambda self, *given: asked.append(given) or rows_for(self, *given))
    options = {"sites": ["a.example"], "cache": tmp_path / "kept"}
    estimate = lg.estimate_fetch("semrush", max_rows=10**9 + 1, **options)
    assert estimate.frame.loc[0, ["more_rows", "requests"]].tolist() == [10**9 + 1, 10**6 + 1]
    assert estimate.units == 40 * (10**9 + 1)
    dear = lg.estimate_fetch("semrush", max_rows=10**9, max_units=40 * 2_500_001, **options)
    assert dear.frame.loc[0, ["more_rows", "requests", "units"]].tolist() == [2_500_001, 2_501, 40 * 2_500_001]
    assert len(asked) < 5


def test_an_estimate_knows_what_is_kept(serve, tmp_path):
    vendor = serve("dataforseo")
    vendor.hold(rival__example=50)
    fetch("dataforseo", "backlinks", tmp_path, max_rows=20)
    options = {"what": "backlinks", "cache": tmp_path / "kept.sqlite"}
    estimate = lg.estimate_fetch("dataforseo", sites=[RIVAL], max_rows=30, **options)
    assert estimate.frame.iloc[0].tolist() == [RIVAL, 20, 10, 1, Decimal("0.02436"), False]
    assert "at most 10 rows, at most 0.02436 dollars; 20 rows already in the cache" in repr(estimate)
    fetch("dataforseo", "backlinks", tmp_path, max_rows=None)
    assert lg.estimate_fetch("dataforseo", sites=[RIVAL], max_rows=None, **options).rows == 0


def test_without_a_limit_an_estimate_says_so():
    estimate = lg.estimate_fetch("moz", sites=[RIVAL], max_rows=None)
    assert (estimate.rows, estimate.units) == (None, None)
    assert "no limit on rows, no limit on cost" in repr(estimate)
    assert lg.estimate_fetch("moz", sites=[RIVAL], max_rows=None, max_units=120).rows == 120


# What is kept, and for how long.


@pytest.mark.parametrize(("name", "days"), [("semrush", 28), ("ahrefs", 30), ("bing", 7)])
def test_answers_leave_the_cache_when_their_time_is_over(serve, tmp_path, name, days):
    vendor = serve(name)
    vendor.hold(rival__example=5)
    fetch(name, "backlinks", tmp_path)
    asked = len(vendor.asked)
    with sqlite3.connect(tmp_path / "kept.sqlite") as connection:
        expires = [row[0] for row in connection.execute("SELECT expires FROM responses")]
        connection.execute("UPDATE responses SET expires = 1")
    connection.close()
    now = dt.datetime.now(dt.UTC).timestamp()
    assert all(abs(each - now - days * 86400) < 600 for each in expires)
    with pytest.raises(ServiceError, match=r"^The cache holds no backlinks of rival\.example from "):
        fetch(name, "backlinks", tmp_path, cached_only=True)
    with sqlite3.connect(tmp_path / "kept.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM responses").fetchone() == (0,)
    connection.close()
    fetch(name, "backlinks", tmp_path)
    assert len(vendor.asked) == 2 * asked


# What the columns mean.


def test_a_link_that_came_back_is_not_lost(serve, tmp_path):
    serve("moz").hold(rival__example=3)
    links = fetch("moz", "backlinks", tmp_path)
    assert links.frame["is_lost"].tolist() == [False, False, True]


def test_a_cut_list_proves_what_stands_above_its_floor(serve, tmp_path):
    vendor = serve("ahrefs")
    vendor.hold(rival__example=50, me__example=50)
    vendor.row_of = vendor.row
    vendor.row = lambda what, site, place: (
        vendor.row_of(what, site, place) | ({"domain": f"m{place:05}.test"} if site == "me.example" else {})
    )
    links = fetch("ahrefs", "referring_domains", tmp_path, sites=["me.example", RIVAL], max_rows=20)
    assert links.receipts["cut"].tolist() == ["authority", "authority"]
    gap = lg.find_gap(links, site="me.example")
    assert gap.evidence_counts == {"proven": 14, "likely": 0, "unverified": 6}


# What is asked for.


@pytest.mark.parametrize(
    ("name", "site", "expected"),
    [
        ("ahrefs", "example.com/shop", {"target": "example.com/shop/", "mode": "prefix"}),
        ("ahrefs", "blog.example.com", {"target": "blog.example.com", "mode": "subdomains"}),
        ("semrush", "blog.example.com", {"target": "blog.example.com", "target_type": "domain"}),
        ("semrush", "https://www.example.com/", {"target": "example.com", "target_type": "root_domain"}),
    ],
)
def test_domains_hosts_and_parts_of_sites(serve, tmp_path, name, site, expected):
    vendor = serve(name)
    fetch(name, "referring_domains", tmp_path, sites=[site])
    assert vendor.asked[0]["query"].items() >= expected.items()


def test_moz_knows_folders(serve, tmp_path):
    vendor = serve("moz")
    fetch("moz", "referring_domains", tmp_path, sites=["example.com/shop", "blog.example.com"])
    asked = [each["body"]["params"]["data"]["site_query"] for each in vendor.asked]
    assert asked == [
        {"query": "example.com/shop/", "scope": "subfolder"},
        {"query": "blog.example.com", "scope": "subdomain"},
    ]


def test_bing_shows_only_verified_sites(serve, tmp_path):
    vendor = serve("bing")
    vendor.hold(me__example=5)
    words = r"^Bing Webmaster shows links only to sites that you have verified: https://www\.me\.example/\. rival\.ex"
    with pytest.raises(ServiceError, match=words):
        fetch("bing", "backlinks", tmp_path)


def test_the_caches_of_two_addresses_are_two(serve, tmp_path):
    for number in (3, 5):
        serve("moz").hold(rival__example=number)
        assert len(fetch("moz", "referring_domains", tmp_path).frame) == number


def test_a_list_with_damaged_rows_is_read_when_told_and_not_paid_for_again(serve, tmp_path, monkeypatch):
    vendor = serve("ahrefs")
    vendor.hold(rival__example=10)
    row = vendor.row
    monkeypatch.setattr(vendor, "row", lambda what, site, place: row(what, site, place) | {"domain": domain_of(place)})
    with pytest.raises(TooMuchLossError, match=r"1 of 10 rows .* go on without these rows with max_loss=0\.11\.$"):
        lg.fetch_links("ahrefs", sites=[RIVAL], cache=tmp_path / "kept")
    paid = vendor.charged
    links = lg.fetch_links("ahrefs", sites=[RIVAL], cache=tmp_path / "kept", max_loss=0.11)
    assert (len(domains(links)), links.set_aside["reason"].tolist()) == (9, ["no domain"])
    assert vendor.charged == paid


# What is refused before anything is asked.


@pytest.mark.parametrize(
    ("service", "options", "words"),
    [
        (
            "google",
            {},
            r"service='google' is not known\. Allowed: ahrefs, bing, dataforseo, majestic, moz, se_ranking, ",
        ),
        (None, {}, r"service=None is not known\."),
        ("moz", {"what": "anchors"}, r"what='anchors' is not known\. Allowed: backlinks, referring_domains\."),
        ("bing", {}, r"what='referring_domains' is not a list that Bing Webmaster offers\. Allowed: backlinks\."),
        ("moz", {"sites": "example.com"}, r"sites='example\.com' is a single text\. Allowed: a list"),
        ("moz", {"sites": []}, r"sites is empty\. Allowed: at least one site"),
        ("moz", {"sites": ["two words"]}, r"'two words' is not a site\."),
        (
            "semrush",
            {"sites": ["example.com/shop"]},
            r"Semrush lists links to domains and hosts, not to parts of them ",
        ),
        ("moz", {"max_rows": 0}, r"max_rows=0 is not allowed\. Allowed: a whole number of 1 or more, or None\."),
        ("moz", {"max_rows": True}, r"max_rows=True is not allowed\."),
        ("moz", {"max_units": -1}, r"max_units=-1 is not allowed\. Allowed: a number from 0, or None for no limit\."),
        ("moz", {"max_units": float("nan")}, r"max_units=nan is not allowed\."),
        ("moz", {"max_units": "5"}, r"max_units='5' is not allowed\."),
        ("moz", {"cached_only": 1}, r"cached_only=1 is not allowed\. Allowed: True or False\."),
        ("moz", {"progress": "no"}, r"progress='no' is not allowed\."),
        ("moz", {"cache": 3}, r"cache=3 is not a path\."),
        ("moz", {"max_loss": 2}, r"max_loss=2 is not allowed\. Allowed: a share from 0 to 1"),
    ],
)
def test_what_is_refused(serve, tmp_path, service, options, words):
    vendor = serve("moz")
    given = {"sites": [RIVAL], "cache": tmp_path / "kept", **options}
    with pytest.raises(lg.LinkgapError, match=f"^{words}"):
        lg.fetch_links(service, **given)
    assert vendor.asked == []


def test_an_address_without_protection_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("LINKGAP_MOZ_KEY", "0123456789abcdef")
    monkeypatch.setenv("LINKGAP_MOZ_URL", "http://api.moz.example")
    with pytest.raises(
        lg.LinkgapError, match=r"^LINKGAP_MOZ_URL='http://api\.moz\.example' is not allowed\. Allowed: "
    ):
        fetch("moz", "referring_domains", tmp_path)


def test_a_bar_shows_the_rows(serve, tmp_path, capsys):
    serve("moz").hold(rival__example=5)
    fetch("moz", "referring_domains", tmp_path, progress=True)
    assert re.search(r"Fetching from Moz: .* 5/200", capsys.readouterr().err)
