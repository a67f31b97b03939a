"""`lg.check_pages`: from prospects to what their pages say today, and back into the ranking."""

import itertools
import resource
import subprocess
import sys
import threading
import urllib.request
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import linkgap as lg
from linkgap.errors import InvalidArgumentError, UnknownDomainError, UnreadableFileError
from linkgap.schema import PAGE_CHECKS, PROSPECTS
from linkgap.web import elements
from linkgap.web.dialing import Dialer
from linkgap.web.extraction import Compared
from linkgap.web.pages import introduction
from linkgap.web.results import row_of
from linkgap.web.turns import StoppedError, Turns

SITE, RIVALS = "me.example", ["rival.example", "other.example"]
HOSTS, PAGES, PAUSE = 200, 1_600, 0.02


@pytest.fixture(scope="module")
def many():
    """The port of a server for many hosts, whose pages hold 20 kB each."""
    script = Path(__file__).with_name("many_hosts.py")
    with subprocess.Popen([sys.executable, script, "20000"], stdout=subprocess.PIPE, text=True) as running:
        yield int(running.stdout.readline())
        running.terminate()


def test_many_pages_on_two_hundred_hosts(many, begin):
    urls = [f"http://host{number % HOSTS}.test:{many}/{number}" for number in range(PAGES)]
    dialer = Dialer(allow=frozenset(f"host{number}.test" for number in range(HOSTS)), resolve=lambda *_: ["127.0.0.1"])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with begin(turns=Turns(PAUSE), parallel=32, dialer=dialer) as look:
        looked = look.at_pages(urls, Compared([SITE, *RIVALS]))
        assert look.sent == PAGES + HOSTS
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert kilobytes < 40_000  # the libraries; 32 MB more, were the pages kept
    assert list(looked) != urls
    assert sorted(looked) == sorted(urls)
    assert {(each.answer.ending, len(each.facts.links)) for each in looked.values()} == {("answered", 1)}
    with begin(turns=Turns(PAUSE), parallel=32, dialer=dialer) as look:
        again = look.at_pages(urls[:1000], Compared([SITE, *RIVALS]))
        assert look.sent == 0
    assert {url: each.facts for url, each in again.items()} == {url: looked[url].facts for url in urls[:1000]}
    moments = defaultdict(list)
    with urllib.request.urlopen(f"http://127.0.0.1:{many}/log") as log:
        for line in log.read().decode().splitlines():
            moment, host, _ = line.split(" ")
            moments[host].append(float(moment))
    assert {len(each) for each in moments.values()} == {PAGES // HOSTS + 1}
    assert min(later - earlier for each in moments.values() for earlier, later in itertools.pairwise(each)) >= PAUSE


def test_the_work_can_be_stopped_and_goes_on(server, begin):
    """The first five pages are there; then somebody presses Ctrl-C while a server hangs."""
    hangs = threading.Event()
    server.routes |= {f"/{number}": lambda asked: asked.page("<p>there") for number in range(9)}

    def hang(asked):
        hangs.set()
        asked.line.recv(1)

    server.routes["/5"] = hang
    urls = [server.url(f"/{number}") for number in range(9)]
    turns = Turns(0)
    with begin(turns=turns) as look:

        def press():
            hangs.wait(30)
            turns.stop()
            look._adapter.connections.cut_all()

        threading.Thread(target=press).start()
        with pytest.raises(StoppedError):
            look.at_targets(urls)
    assert server.paths[1:] == [f"/{number}" for number in range(6)]
    server.routes["/5"] = server.routes["/4"]
    with begin() as look:
        assert {answer.ending for answer in look.at_targets(urls).values()} == {"answered"}
        assert look.sent == 4


def test_ctrl_c_reaches_whoever_waits(server, begin, monkeypatch):
    server.routes["/page"] = lambda asked: asked.line.recv(1)

    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("linkgap.web.looking._next_of", interrupted)
    with begin() as look, pytest.raises(KeyboardInterrupt):
        look.at_targets([server.url("/page")])


# With prospects.


def article(inside, title="A page", head=""):
    def answer(asked):
        port = str(asked.line.getsockname()[1])
        asked.page(f"<html lang=en><title>{title}</title>{head}<article>{inside.replace('PORT', port)}</article>")

    return answer


PAGES_OF = {
    "found.test": article('<a href="http://rival.example:PORT/there">Desks</a><p>me@found.test'),
    "broken.test": article('<a rel="nofollow" href="http://rival.example:PORT/gone">Desks</a>'),
    "lost.test": article("<p>no link any more"),
    "closed.test": article(
        '<a href="http://other.example:PORT/there">x</a>', head="<meta name=robots content=noindex>"
    ),
    "guests.test": article('<a href="/guests">Write for us</a><a href="http://rival.example:PORT/there">x</a>'),
    "list.test": article('<a href="http://rival.example:PORT/there">x</a>', title="Useful links"),
    "mine.test": article('<a href="http://rival.example:PORT/there">x</a><a href="http://me.example/">me</a>'),
    "fails.test": lambda asked: asked.page(status="500 No"),
}


@pytest.fixture
def prospects(server):
    server.routes["/page"] = lambda asked: PAGES_OF[asked.host](asked)
    server.routes["/there"] = lambda asked: asked.page("<p>there")
    rows = [{"site": "rival.example", "source_url": server.url("/page", host)} for host in PAGES_OF]
    rows[-3]["source_url"] = rows[-3]["source_url"].removeprefix("http://")  # of list.test; Moz's API writes it so
    rows += [{"site": "other.example", "source_url": server.url("/page", "gone.test").replace("/page", "/none")}]
    rows += [{"site": "rival.example", "source_url": None, "source_domain": "unseen.test"}]
    rows += [{"site": SITE, "source_url": "http://else.test/"}]
    links = lg.read_links(pd.DataFrame(rows), sites=[SITE, *RIVALS])
    return lg.rank_prospects(lg.find_gap(links, site=SITE))


@pytest.fixture
def check(prospects, tmp_path, monkeypatch):
    """Looks at the prospects' pages without pauses; all hosts are on loopback."""
    monkeypatch.setattr("linkgap.web.looking.PAUSE", 0)
    hosts = [*PAGES_OF, "gone.test", *RIVALS]

    def check(**options):
        usual = {"cache": tmp_path / "pages.sqlite", "allow": hosts, "resolve": dict.fromkeys(hosts, "127.0.0.1")}
        return lg.check_pages(prospects, **(usual | options))

    return check


def test_every_prospect_has_an_outcome(check, prospects):
    checks = check()
    results = checks.frame.set_index("domain")["page_result"].to_dict()
    assert results == {
        "found.test": "link found",
        "broken.test": "link found",
        "lost.test": "link not found",
        "closed.test": "link found",
        "guests.test": "link found",
        "list.test": "link found",
        "mine.test": "link found",
        "fails.test": "no answer",
        "gone.test": "page gone",
        "unseen.test": "no page known",
    }
    assert repr(checks) == (
        "Pages of 10 prospects for me.example: 6 link found, 1 link not found, 1 page gone, 1 no answer, "
        "1 no page known; 1 broken link to offer a replacement for"
    )
    assert checks._repr_html_().startswith(f"<p>{checks!r}</p>")
    assert checks.frame["domain"].tolist() == prospects.frame["domain"].tolist()


def test_a_page_with_more_links_than_are_looked_at_is_not_said_to_have_none(server, look_at, monkeypatch):
    monkeypatch.setattr(elements, "_MOST_LINKS", 3)
    many = '<a href="/inside">x</a>' * 3
    server.routes["/page"] = lambda asked: asked.page(f'{many}<a href="http://rival.example/">x</a>')
    row = row_of("many.test", server.url("/page"), look_at(server.url("/page")), SITE)
    assert (row["page_result"], row["page_outcome"]) == (
        "not readable",
        "The page has more links than were checked; none of those checked leads to a rival.",
    )
    server.routes["/other"] = lambda asked: asked.page(f"{many}<a>x</a>")
    row = row_of("three.test", server.url("/other"), look_at(server.url("/other")), SITE)
    assert row["page_result"] == "link not found"


def test_what_a_row_says(check, server):
    rows = check().frame.set_index("domain")
    found, broken, lost = (rows.loc[name] for name in ("found.test", "broken.test", "lost.test"))
    assert found["page_outcome"] == "The page links to rival.example in its main text (followed)."
    there = f"http://rival.example:{server.port}/there"
    columns = ["link_target", "link_anchor", "link_rel", "link_place", "link_follow", "link_target_status"]
    assert found[columns].tolist() == [there, "Desks", "", "main text", True, 200]
    assert (found["emails"], found["page_title"], found["page_language"]) == ("me@found.test", "A page", "en")
    assert (found["link_target_gone"], broken["link_target_gone"]) == (False, True)
    assert broken["page_outcome"] == (
        "The page links to rival.example in its main text (not followed). The link's target is gone (status 404)."
    )
    assert lost["page_outcome"] == "The page exists but contains no link to a rival."
    assert pd.isna(lost["link_follow"])
    assert rows.loc["mine.test", "page_outcome"].endswith("It already links to me.example.")
    assert rows.loc["unseen.test", "page_outcome"] == "No export shows a page of this prospect that links to a rival."
    assert pd.isna(rows.loc["unseen.test", "page_checked_at"])


def test_a_page_that_moved_to_a_rival_is_no_page_with_a_link(server, look_at):
    server.routes["/page"] = lambda asked: asked.moved(server.url("/home", "rival.example"))
    server.routes["/home"] = lambda asked: asked.page('<a href="/about">About us</a><a href="/contact">Contact</a>')
    row = row_of("moved.test", server.url("/page"), look_at(server.url("/page")), SITE)
    assert row["page_result"] == "link not found"
    assert row["page_outcome"] == "The page leads to rival.example itself and has no content of its own."
    assert (row["link_target"], row["contact_page"]) == (None, None)


def test_a_page_that_nobody_can_unpack_is_not_readable(server, look_at):
    server.routes["/page"] = lambda asked: asked.page(b"\x1b\x5f\x00\xc9" * 9, Content_Encoding="snappy")
    row = row_of("packed.test", server.url("/page"), look_at(server.url("/page")), SITE)
    assert row["page_result"] == "not readable"
    assert row["page_outcome"] == "The answer is compressed in a way that was not asked for and could not be read."


def test_the_table_is_as_the_schema_says(check):
    frame = check().frame
    assert frame.columns.tolist() == [column.name for column in PAGE_CHECKS]
    kinds = {"text": "object", "integer": "Int64", "boolean": "boolean", "date": "datetime64[us]"}
    for column in PAGE_CHECKS:
        assert str(frame[column.name].dtype) == kinds[column.type], column.name
        assert not (column.never_null and frame[column.name].isna().any())


def test_a_second_run_asks_nobody(check, server):
    first = check()
    asked = len(server.asked)
    for options in ({}, {"cached_only": True}, {"parallel": 1}):
        again = check(**options)
        pd.testing.assert_frame_equal(again.frame, first.frame)
    assert len(server.asked) == asked
    assert again.notes[0] == "0 requests were sent; what had been fetched before was not requested again."


def test_offline_nobody_is_asked(check, server):
    assert set(check(cached_only=True).frame["page_result"]) == {"not asked", "no page known"}
    assert server.asked == []


def test_chosen_prospects(check, prospects):
    assert check(top=2).frame["domain"].tolist() == prospects.frame["domain"].tolist()[:2]
    chosen = pd.Series(["list.test", "found.test", "list.test"])
    assert check(domains=chosen).frame["domain"].tolist() == ["list.test", "found.test"]
    assert len(check(domains=[])) == 0
    assert check(domains=[]).frame.columns.tolist() == [column.name for column in PAGE_CHECKS]


def test_servers_are_told_who_asks(check, server):
    check(contact="ann@me.example")
    told = {asked.headers["user-agent"] for asked in server.asked}
    assert told == {f"linkgap/{lg.__version__} (link check for me.example; +ann@me.example)"}
    assert introduction(SITE, None).endswith("; +https://me.example)")


def test_not_allowed_hosts_are_not_asked(check, server):
    results = check(allow=["found.test"]).frame.set_index("domain")
    assert results.loc["found.test", "page_result"] == "link found"
    assert results.loc["list.test", "page_result"] == "address not public"
    assert {asked.host for asked in server.asked} == {"found.test"}


def test_a_proxy_in_the_environment_is_told_of(check, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:3128")
    assert "A proxy is set in the environment (https_proxy) and was not used" in check(top=1).notes[1]


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"top": 0}, InvalidArgumentError, r"top=0 is not allowed\. Allowed: a whole number of 1 or more\."),
        ({"domains": "a.test"}, InvalidArgumentError, r"domains='a\.test' is a single text\. Allowed: a list"),
        ({"domains": ["no.test"]}, UnknownDomainError, r"no\.test is not among the 10 prospects for me\.example\."),
        ({"expire_after": -1}, InvalidArgumentError, r"expire_after=-1 is not allowed\. Allowed: .* 0 to 3,650\."),
        (
            {"parallel": 65},
            InvalidArgumentError,
            r"parallel=65 is not allowed\. Allowed: .* 1 to 64\.",
        ),
        ({"contact": "me\nX: y"}, InvalidArgumentError, r"contact='me\\nX: y' is not allowed\. Allowed: a web or e-"),
        ({"contact": ""}, InvalidArgumentError, r"contact='' is not allowed\."),
        ({"allow": "a.test"}, InvalidArgumentError, r"allow='a\.test' is a single text\."),
        (
            {"allow": ["http://a.test/"]},
            InvalidArgumentError,
            r"allow= holds 'http://a\.test/'\. Allowed: host names",
        ),
        ({"resolve": "127.0.0.1"}, InvalidArgumentError, r"resolve is of type str\. Allowed: a dict, such as {'blog\."),
        ({"resolve": {"a.test": "b.test"}}, InvalidArgumentError, r"resolve= holds 'b\.test'\. Allowed: IP addresses"),
        ({"cache": __file__}, UnreadableFileError, r".*test_pages\.py is not a cache: "),
    ],
)
def test_what_is_refused(options, error, words, check):
    with pytest.raises(error, match=f"^{words}"):
        check(**options)


def test_only_prospects_are_looked_at(prospects):
    with pytest.raises(
        InvalidArgumentError, match=r"^check_pages\(\) was given a value of type Gap\. Allowed: what rank_prospects"
    ):
        lg.check_pages(prospects.gap)


# Back into the ranking.


def test_the_ranking_goes_by_what_shows_today(check, prospects):
    before = prospects.frame.set_index("domain")
    today = prospects.with_checks(check())
    frame = today.frame.set_index("domain")
    assert frame.columns.tolist()[: len(before.columns)] == before.columns.tolist()
    assert frame.columns.tolist()[len(before.columns) :] == [column.name for column in PAGE_CHECKS][1:]
    assert set(before["tactic"]) == {"unknown"}
    assert frame["tactic"].to_dict() | {} == dict.fromkeys(PAGES_OF, "unknown") | {
        "gone.test": "unknown",
        "unseen.test": "unknown",
        "broken.test": "broken link",
        "guests.test": "guest post",
        "list.test": "resource page",
    }
    added = (frame["risk"] - before["risk"]).round(4)
    assert {name: points for name, points in added.items() if points} == {
        "gone.test": 0.2,
        "lost.test": 0.1,
        "closed.test": 0.2,
    }
    assert frame.loc["closed.test", "risk_reasons"] == "its page is kept out of search engines"
    assert today.explain("closed.test")["term"].iloc[-1] == "risk: its page is kept out of search engines"
    assert today.notes[-3:] == (
        "The pages of 8 prospects were checked: tactic and risk are based on what they show today.",
        "Of 2 prospects that were to be checked, no page was seen: tactic and risk are based on the exports.",
        "These pages already link to the site: mine.test.",
    )
    assert not any("page_" in note for note in today.notes)


def test_pages_that_nobody_asked_for_are_not_said_to_be_looked_at(check, prospects):
    unasked = lg.check_pages(prospects, top=3, cached_only=True, cache=":memory:", progress=False)
    said = "Of 3 prospects that were to be checked, no page was seen: tactic and risk are based on the exports."
    assert prospects.with_checks(unasked).notes == (*prospects.notes, said)
    of_others = prospects.gap.with_checks(check(domains=["found.test"]))
    elsewhere = replace(of_others, pages=of_others.pages.rename({"found.test": "elsewhere.test"}))
    assert lg.rank_prospects(elsewhere).notes == prospects.notes


def test_a_gap_keeps_its_checks(check, prospects):
    checks = check(domains=["found.test"])
    gap = prospects.gap.with_checks(checks)
    some = lg.rank_prospects(gap.where(present=["rival.example"]), authority_weight=0).frame
    assert some.set_index("domain")["page_result"].dropna().to_dict() == {"found.test": "link found"}
    assert len(prospects.frame.columns) == len(PROSPECTS) + len(RIVALS)


def test_checks_of_another_site_are_refused(check, prospects):
    links = prospects.gap.links
    other = lg.rank_prospects(lg.find_gap(links, site="rival.example"))
    with pytest.raises(InvalidArgumentError, match=r"^These are checks for me\.example, but the prospects are for "):
        other.with_checks(check(top=1))
    with pytest.raises(InvalidArgumentError, match=r"^checks=DataFrame is not allowed\. Allowed: what check_pages\("):
        prospects.with_checks(pd.DataFrame())


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet", "json"])
def test_checked_prospects_are_exported(suffix, check, prospects, tmp_path):
    path = lg.export_prospects(prospects.with_checks(check()), tmp_path / f"prospects.{suffix}")
    assert path.stat().st_size > 0
    if suffix == "parquet":
        assert pd.read_parquet(path)["page_result"].notna().all()


def test_a_workbook_says_what_its_columns_on_pages_mean(check, prospects, tmp_path):
    book = openpyxl.load_workbook(lg.export_prospects(prospects.with_checks(check()), tmp_path / "prospects.xlsx"))
    headings = [cell.value for cell in book["Prospects"][1]]
    assert len(set(headings)) == len(headings)
    assert [cell.value for cell in book["Prospects"][1] if cell.comment is None] == []
    meanings = {label.value: text.value for label, text in book["Method"].iter_rows()}
    assert meanings["Page title"].startswith("title of that page")
    assert meanings["Page title today"].startswith("title of the page")
    assert meanings["Domain"].startswith("registrable domain")
    assert [heading for heading in headings if not meanings[heading]] == []
