"""Pages are asked for as their owners want it, and every page has an outcome, whatever its server does."""

import errno
import gzip
import itertools
import json
import re
import socket
import sqlite3
import ssl
import time
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from typing import NamedTuple

import pytest
import trustme

from linkgap.web import fetching
from linkgap.web.dialing import Dialer
from linkgap.web.manners import Limits
from linkgap.web.turns import Turns

LINK = '<p>see <a href="https://rival.example/a">Größe</a>'
PAGE = f"<html><title>A page</title><body>{LINK}</body></html>"


def drip(asked, pieces, seconds=0.05):
    for piece in pieces:
        asked.answer(piece)
        time.sleep(seconds)


def head(**headers):
    told = {"Content-Type": "text/html"} | {name.replace("_", "-"): text for name, text in headers.items()}
    return "\r\n".join(["HTTP/1.1 200 OK", *(f"{name}: {text}" for name, text in told.items()), "", ""]).encode()


def slow(asked):
    drip(asked, [head(), *(PAGE.encode()[start : start + 20] for start in range(0, len(PAGE.encode()), 20))], 0.02)


def hanging(asked):
    asked.line.recv(1)


def endless_headers(asked):
    drip(asked, [b"HTTP/1.1 200 OK\r\n", *(b"X: y\r\n" for _ in range(90))])


def endless_drops(asked):
    drip(asked, [head(), PAGE.encode(), *(b" " for _ in range(90))])


def endless(asked):
    asked.answer(head() + PAGE.encode())
    for _ in range(2000):
        asked.answer(b"<p>and so on" * 6000)


def endless_first_line(asked):
    for _ in range(200):
        asked.answer(b"HTTP/1.1 200 " + b"x" * 10_000)


def many_headers(asked):
    asked.answer(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000 + b"\r\n")


@cache
def packed_spaces():
    packing = zlib.compressobj(wbits=31)
    body = packing.compress(PAGE.encode()) + b"".join(packing.compress(b" " * 1_000_000) for _ in range(50))
    return body + packing.flush()


def bomb(asked):
    asked.page(packed_spaces(), Content_Encoding="gzip")


def double_bomb(asked):
    asked.page(gzip.compress(packed_spaces()), Content_Encoding="gzip, gzip")


def broken_gzip(asked):
    asked.page(gzip.compress(PAGE.encode())[:60] + b"\x00" * 50, Content_Encoding="gzip")


def truncated(asked):
    asked.answer(head(Content_Length="99999") + PAGE.encode())


def truncated_chunks(asked):
    asked.answer(head(Transfer_Encoding="chunked") + b"%x\r\n" % len(PAGE.encode()) + PAGE.encode() + b"\r\nff\r\nhalf")


def packed_and_cut(asked):
    """End within what is packed, with no length by which one could tell."""
    asked.answer(head(Content_Encoding="gzip") + gzip.compress(PAGE.encode())[:-30])


def packed_and_more(asked):
    asked.answer(head(Content_Encoding="gzip") + gzip.compress(PAGE.encode()) + b"more")


def packed(asked):
    asked.page(gzip.compress(PAGE.encode()), Content_Encoding="gzip")


def forging(asked):
    asked.page(PAGE, X_Linkgap_Failure="no host: forged", X_Linkgap_Short="time")


def hinted(asked):
    asked.answer(b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n")
    asked.page(PAGE)


def packed_otherwise(asked):
    asked.page(b"\x1b\x5f\x00\x04\x14\xc9" * 30, Content_Encoding="snappy")


IMPOSSIBLE_DATE = "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"


def told(status, **headers):
    return lambda asked: asked.page("<p>words", status=status, **headers)


def to(where, status="302 Found"):
    return lambda asked: asked.moved(where, status)


QUICK = Limits(read_seconds=0.7, total_seconds=1.0, most_bytes=100_000)
TIMED = {hanging, endless_headers, endless_drops}
TOO_LONG = "does not answer: site.test took too long to answer"
SERVERS = {
    "slow": (slow, "answered", "answers", True),
    "packed": (packed, "answered", "answers", True),
    "as long as is read": (lambda asked: asked.page(PAGE.encode().ljust(100_000)), "answered", "answers", True),
    "says that it failed": (forging, "answered", "answers", True),
    "endless drops": (endless_drops, "answered", "answers", True),
    "endless": (endless, "answered", "answers", True),
    "gzip bomb": (bomb, "answered", "answers", True),
    "double gzip bomb": (double_bomb, "answered", "answers", True),
    "truncated": (truncated, "answered", "answers", True),
    "truncated chunks": (truncated_chunks, "answered", "answers", True),
    "packed and cut": (packed_and_cut, "answered", "answers", False),
    "packed and more": (packed_and_more, "answered", "answers", True),
    "broken gzip": (broken_gzip, "answered", "answers", False),
    "a PDF": (lambda asked: asked.page("%PDF-1.7", Content_Type="application/pdf"), "answered", "answers", False),
    "hints before": (hinted, "answered", "answers", True),
    "packed otherwise": (packed_otherwise, "answered", "answers", False),
    "says that it is packed": (lambda asked: asked.page(PAGE, Content_Encoding="none"), "answered", "answers", True),
    "impossible dates": (
        lambda asked: asked.page(PAGE, Last_Modified=IMPOSSIBLE_DATE, Date=IMPOSSIBLE_DATE),
        "answered",
        "answers",
        True,
    ),
    "503 with an impossible date": (
        told("503 No", Retry_After=IMPOSSIBLE_DATE),
        "failed",
        "can't be shown, because its server failed (status 503)",
        False,
    ),
    "nothing": (lambda asked: asked.page(status="204 No Content"), "answered", "answers", False),
    "hanging": (hanging, "failed", TOO_LONG, False),
    "endless headers": (endless_headers, "failed", TOO_LONG, False),
    "endless first line": (endless_first_line, "failed", "does not answer: site.test does not answer in HTTP", False),
    "many headers": (many_headers, "failed", "does not answer: site.test does not answer in HTTP", False),
    "no HTTP": (
        lambda asked: asked.answer(b"220 mail ready\r\n\r\n"),
        "failed",
        "does not answer: site.test does not answer in HTTP",
        False,
    ),
    "hangs up": (lambda asked: asked.line.close(), "failed", "does not answer: site.test closed the connection", False),
    "401": (told("401 No"), "refused", "is not shown to programs (status 401)", False),
    "403": (told("403 No"), "refused", "is not shown to programs (status 403)", False),
    "404": (told("404 No"), "gone", "is gone (status 404)", False),
    "410": (told("410 No"), "gone", "is gone (status 410)", False),
    "500": (told("500 No"), "failed", "can't be shown, because its server failed (status 500)", False),
    "503": (told("503 No"), "failed", "can't be shown, because its server failed (status 503)", False),
    "999": (told("999 No"), "failed", "can't be shown, because its server failed (status 999)", False),
    "429": (
        told("429 No", Retry_After="3600"),
        "refused",
        "should not be requested again for 3,600 seconds (status 429)",
        False,
    ),
    "a circle": (to("/page"), "failed", "redirects in a circle", False),
    "a longer circle": (to("/circle"), "failed", "redirects in a circle", False),
    "a long chain": (to("/1"), "failed", "redirects more than 5 times", False),
    "gone elsewhere": (to("/none"), "gone", "leads to http://site.test:PORT/none, which is gone (status 404)", False),
    "moved": (to("/good", "301 Moved"), "answered", "leads to http://site.test:PORT/good, which answers", True),
    "moved for good": (
        to("//site.test:PORT/good", "308 Moved"),
        "answered",
        "leads to http://site.test:PORT/good, which answers",
        True,
    ),
    "to a file": (
        to("file:///etc/passwd"),
        "invalid URL",
        "redirects to something that is not the address of a web page",
        False,
    ),
    "to a script": (
        to("javascript:alert(1)"),
        "invalid URL",
        "redirects to something that is not the address of a web page",
        False,
    ),
    "to nonsense": (
        to("http://[:::/"),
        "invalid URL",
        "redirects to something that is not the address of a web page",
        False,
    ),
    "to a hidden page": (
        to("/hidden/page"),
        "robots",
        "leads to http://site.test:PORT/hidden/page, which is off limits to programs according to robots.txt",
        False,
    ),
}


@pytest.fixture
def hostile(server):
    """A server with what redirects lead to."""
    server.routes |= {f"/{number}": to(f"/{number + 1}") for number in range(1, 9)}
    server.routes |= {"/circle": to("/page"), "/good": lambda asked: asked.page(PAGE)}
    server.routes["/robots.txt"] = lambda asked: asked.page(
        "User-agent: *\nDisallow: /hidden/", Content_Type="text/plain"
    )
    return server


@pytest.mark.parametrize("name", SERVERS)
def test_every_page_has_an_outcome_and_is_asked_for_once(name, hostile, look_at):
    behave, ending, words, links = SERVERS[name]
    hostile.routes["/page"] = behave
    if name.startswith("moved for"):
        hostile.routes["/page"] = to(f"//site.test:{hostile.port}/good", "308 Moved")
    url = hostile.url("/page")
    limits = {"limits": QUICK} if behave in TIMED else {}
    packed_spaces()
    answer, facts = look_at(url, **limits)
    assert (answer.ending, answer.words) == (ending, words.replace("PORT", str(hostile.port)))
    assert bool(facts and facts.links) is links
    asked = len(hostile.asked)
    again, facts_again = look_at(url)
    assert (again.ending, again.words, facts_again) == (ending, answer.words, facts)
    assert len(hostile.asked) == asked
    offline, facts_offline = look_at(url, cached_only=True)
    assert (offline.ending, facts_offline) == (ending, facts)
    assert len(hostile.asked) == asked


@pytest.mark.parametrize(
    ("name", "short"),
    [("endless", "size"), ("gzip bomb", "size"), ("double gzip bomb", "size"), ("endless drops", "time"),
     ("truncated", "connection"), ("truncated chunks", "connection"), ("broken gzip", "connection"), ("slow", None),
     ("packed and cut", "connection"), ("packed and more", None), ("packed", None),
     ("as long as is read", None),
     ("says that it failed", None), ("packed otherwise", "packed"), ("says that it is packed", None)],
)  # fmt: skip
def test_it_is_known_when_only_the_beginning_was_read(name, short, server, look_at):
    server.routes["/page"] = SERVERS[name][0]
    packed_spaces()
    limits = {"limits": QUICK} if short == "time" else {}
    assert look_at(server.url("/page"), **limits).answer.short == short


@pytest.mark.parametrize("behave", [endless, bomb, double_bomb, endless_first_line, many_headers])
def test_memory_is_bounded(behave, server, look_at):
    server.routes["/page"] = behave
    look_at(server.url("/robots.txt"))
    packed_spaces()
    tracemalloc.start()
    look_at(server.url("/page"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # What is read of a page is 100 kB, and the bombs hold 50 MB. The server that sends shares the process.
    assert peak < 4_000_000


# robots.txt.


def rules(text, status="200 OK"):
    return lambda asked: asked.page(text, status=status, Content_Type="text/plain")


@pytest.mark.parametrize(
    ("behave", "ending", "asks"),
    [
        (rules("User-agent: *\nDisallow: /"), "robots", False),
        (rules("User-agent: linkgap\nDisallow: /page"), "robots", False),
        (rules("User-agent: *\nAllow: /\n\nuser-agent: LinkGap/1.0 (+x)\nDisallow: /page"), "robots", False),
        (rules(b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /"), "robots", False),
        (lambda asked: asked.answer(head(Content_Length="5000") + b"User-agent: *\nAllow: /x\n"), "robots", False),
        (packed_otherwise, "robots", False),
        (rules("User-agent: *\nDisallow: /\n\nUser-agent: linkgap\nAllow: /"), "answered", True),
        (rules("User-agent: Googlebot\nDisallow: /"), "answered", True),
        (rules("User-agent: *\nDisallow: /*ge$"), "robots", False),
        (rules("", "404 No"), "answered", True),
        (rules("", "403 No"), "answered", True),
        (rules("User-agent: *\nDisallow: /", "404 No"), "answered", True),
        (rules("", "500 No"), "robots", False),
        (rules("", "429 No"), "robots", False),
        (to("/elsewhere"), "robots", False),
        (to("/robots.txt"), "answered", True),
        (to("http://[::/"), "answered", True),
        (hanging, "failed", False),
        (lambda asked: asked.line.close(), "failed", False),
        (rules("User-agent: *\nDisallow: /\n" + "Disallow: /x\n" * 500_000), "robots", False),
        (rules(b"\xff\xfe\x00User-agent\x00"), "answered", True),
    ],
)  # fmt: skip
def test_robots_are_obeyed(behave, ending, asks, server, look_at):
    server.routes |= {"/robots.txt": behave, "/page": lambda asked: asked.page(PAGE)}
    server.routes["/elsewhere"] = rules("User-agent: *\nDisallow: /page")
    limits = {"limits": QUICK} if behave in TIMED else {}
    assert look_at(server.url("/page"), **limits).answer.ending == ending
    assert ("/page" in server.paths) is asks


def test_robots_are_read_as_far_as_the_rules_for_them_ask(server, look_at):
    remarks = "# about\n" * 63_500
    assert 500_000 < len(remarks) < 500 * 1024
    server.routes["/page"] = lambda asked: asked.page(PAGE)
    server.routes["/robots.txt"] = rules(f"{remarks}User-agent: *\nDisallow: /page")
    assert look_at(server.url("/page"), limits=Limits()).answer.ending == "robots"


def unless_known(text, kind="text/html"):
    """Answer as servers of files do: on condition, when the page did not change."""

    def answer(asked):
        changed = asked.headers.get("if-none-match") != '"one"'
        status = "200 OK" if changed else "304 Not Modified"
        asked.page(text if changed else "", status=status, Content_Type=kind, ETag='"one"')

    return answer


def test_what_did_not_change_counts_on(server, look_at):
    server.routes["/robots.txt"] = unless_known("User-agent: *\nDisallow: /hidden", "text/plain")
    server.routes |= {"/page": unless_known(PAGE), "/hidden": lambda asked: asked.page(PAGE)}
    for _ in range(3):
        answer, facts = look_at(server.url("/page"), expire_after=timedelta(0))
        assert (answer.ending, len(facts.links)) == ("answered", 1)
        assert look_at(server.url("/hidden"), expire_after=timedelta(0)).answer.ending == "robots"
    assert "/hidden" not in server.paths
    assert sum("if-none-match" in asked.headers for asked in server.asked) > 3


def test_how_long_an_answer_counts_is_for_the_next_run_to_say(server, look_at):
    server.routes["/page"] = lambda asked: asked.page(PAGE)
    assert look_at(server.url("/page"), expire_after=timedelta(0)).answer.ending == "answered"
    server.routes["/page"] = lambda asked: asked.page(status="410 Gone")
    assert look_at(server.url("/page"), expire_after=timedelta(days=30)).answer.ending == "answered"
    assert look_at(server.url("/page"), expire_after=timedelta(0)).answer.ending == "gone"
    server.routes["/page"] = lambda asked: asked.page(PAGE)
    assert look_at(server.url("/page"), expire_after=timedelta(days=30)).answer.ending == "gone"
    assert look_at(server.url("/page"), expire_after=timedelta(0)).answer.ending == "answered"
    assert server.paths.count("/page") == 3


def test_where_robots_txt_leads_counts_no_longer_than_itself(server, look_at, monkeypatch):
    server.routes |= {"/robots.txt": to("/rules"), "/rules": rules("User-agent: *\nAllow: /")}
    server.routes |= {path: lambda asked: asked.page(PAGE) for path in ("/page", "/other")}
    assert look_at(server.url("/page")).answer.ending == "answered"
    server.routes["/rules"] = rules("User-agent: *\nDisallow: /")
    monkeypatch.setattr(fetching, "KEPT_ROBOTS", timedelta(0))
    assert look_at(server.url("/other")).answer.ending == "robots"


def test_robots_are_asked_for_once_a_host(server, begin):
    server.routes |= {f"/{number}": lambda asked: asked.page(PAGE) for number in range(5)}
    with begin() as look:
        look.at_targets([server.url(f"/{number}", host) for number in range(5) for host in ("a.test", "b.test")])
        assert look.sent == 12
    assert server.paths.count("/robots.txt") == 2


def test_a_page_that_is_known_needs_no_robots(server, look_at):
    server.routes["/page"] = lambda asked: asked.page(PAGE)
    look_at(server.url("/page"))
    server.routes["/robots.txt"] = rules("User-agent: *\nDisallow: /")
    assert look_at(server.url("/page")).answer.ending == "answered"


def test_the_introduction_is_honest_and_nothing_else_is_sent(server, look_at):
    server.routes["/page"] = lambda asked: asked.page(PAGE, Set_Cookie="a=b; Path=/")
    server.routes["/next"] = lambda asked: asked.page(PAGE)
    with_password = server.url("/next").replace("http://", "http://user:word@")
    look_at(server.url("/page"))
    look_at(with_password)
    assert {asked.headers["user-agent"] for asked in server.asked} == {"linkgap/0 (tests)"}
    assert not {"cookie", "authorization", "referer"} & {name for asked in server.asked for name in asked.headers}


# Turns.


class Clock:
    """A clock that only goes on when somebody waits."""

    def __init__(self) -> None:
        self.now, self.waits = 0.0, []

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def with_clock(pause=1.0):
    clock = Clock()
    return clock, Turns(pause, clock=clock, wait=clock.wait)


def test_a_host_is_asked_once_a_second(server, begin):
    clock, turns = with_clock()
    times = []
    for path in ("/robots.txt", "/1", "/2", "/3"):
        server.routes[path] = lambda asked: (times.append((asked.path, clock.now)), asked.page(PAGE))
    with begin(turns=turns) as look:
        look.at_targets(
            [server.url(f"/{number}", host) for number, host in [(1, "a.test"), (2, "www.a.test"), (3, "a.test")]]
        )
    moments = [moment for _, moment in times]
    assert [round(later - earlier, 6) for earlier, later in itertools.pairwise(moments)] == [1.0] * 4
    assert len(times) == 5


@pytest.mark.parametrize(("delay", "pause"), [("3", 3.0), ("0.1", 1.0), ("9999", 30.0), ("soon", 1.0)])
def test_longer_pauses_are_made_where_robots_ask_for_them(delay, pause, server, begin):
    clock, turns = with_clock()
    server.routes |= {"/1": lambda asked: asked.page(PAGE), "/2": lambda asked: asked.page(PAGE)}
    server.routes["/robots.txt"] = rules(f"User-agent: *\nCrawl-delay: {delay}")
    with begin(turns=turns) as look:
        look.at_targets([server.url("/1"), server.url("/2")])
    assert clock.waits == [pause, pause]


def test_of_the_hosts_of_a_domain_none_shortens_the_pauses_of_another(server, begin):
    clock, turns = with_clock()
    server.routes["/robots.txt"] = lambda asked: asked.page(
        f"User-agent: *\nCrawl-delay: {2 if asked.host.startswith('blog.') else 10}", Content_Type="text/plain"
    )
    server.routes |= {f"/{number}": lambda asked: asked.page(PAGE) for number in range(1, 5)}
    with begin(turns=turns) as look:
        look.at_targets([server.url("/1"), server.url("/2", "blog.site.test"), server.url("/3"), server.url("/4")])
    assert clock.waits == [10.0] * 5


def in_seconds(seconds):
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "times", "ending", "asked"),
    [
        ({"Retry_After": "3"}, 1, "answered", 2),
        ({"Retry_After": "0"}, 1, "answered", 2),
        ({"Retry_After": "3"}, 2, "answered", 3),
        ({"Retry_After": "5"}, 9, "refused", 3),
        ({"Retry_After": "6"}, 9, "refused", 1),
        ({"Retry_After": in_seconds(4)}, 1, "answered", 2),
        ({"Retry_After": in_seconds(-4)}, 1, "answered", 2),
        ({"Retry_After": in_seconds(9999)}, 9, "refused", 1),
        ({"Retry_After": "tomorrow"}, 9, "refused", 1),
        ({}, 9, "refused", 1),
    ],
)
def test_who_wants_to_be_asked_later_is(headers, times, ending, asked, server, look_at):
    clock, turns = with_clock()
    busy = [told("429 No", **headers), *[told("503 No", **headers)] * (times - 1)]
    answers = iter([*busy, *[lambda asked: asked.page(PAGE)] * 9])

    def behave(asked):
        next(answers)(asked)

    server.routes["/page"] = behave
    assert look_at(server.url("/page"), turns=turns).answer.ending == ending
    assert server.paths.count("/page") == asked
    assert clock.now == pytest.approx(sum(clock.waits))
    assert len(clock.waits) == asked
    assert min(clock.waits) >= 1


def test_a_date_without_a_zone_is_in_that_of_greenwich_wherever_one_asks(server, look_at, monkeypatch):
    """RFC 9110, section 5.6.7: as in C's asctime, the last of the three forms that are to be understood."""
    server.routes["/page"] = told(
        "429 No", Retry_After=f"{datetime.now(UTC) + timedelta(hours=2):%a %b %d %H:%M:%S %Y}"
    )
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    words = look_at(server.url("/page")).answer.words
    monkeypatch.undo()
    time.tzset()
    assert re.match(r"should not be requested again for 7,[12]\d\d seconds", words)


def test_a_host_that_wants_to_be_left_alone_is(server, begin):
    clock, turns = with_clock()
    server.routes |= {f"/{number}": told("429 No", Retry_After="3600") for number in range(3)}
    with begin(turns=turns) as look:
        answers = look.at_targets([server.url(f"/{number}", "blog.site.test") for number in range(3)])
        assert {answer.ending for answer in answers.values()} == {"refused"}
        assert server.paths == ["/robots.txt", "/0"]
        assert look.sent == 2
        clock.now += 3600
        look.at_targets([server.url("/3", "blog.site.test")])
    assert server.paths[2:] == ["/3"]


def test_what_nobody_foresaw_of_one_server_does_not_end_the_others(server, begin, monkeypatch):
    server.routes |= {"/good": lambda asked: asked.page(PAGE), "/bad": lambda asked: asked.page(PAGE)}
    read = fetching._answer_from

    def read_some(response, url):
        if url.endswith("/bad"):
            raise ZeroDivisionError
        return read(response, url)

    monkeypatch.setattr(fetching, "_answer_from", read_some)
    with begin() as look:
        answers = look.at_targets([server.url("/bad"), server.url("/good")])
    assert [answers[server.url(path)].ending for path in ("/bad", "/good")] == ["failed", "answered"]
    assert answers[server.url("/bad")].words == "can't be requested (ZeroDivisionError)"


def date_entries(path, moment):
    """Give what is in a cache another moment at which it came, or None."""
    with sqlite3.connect(path) as file:
        for key, stored in file.execute("SELECT key, value FROM responses").fetchall():
            entry = json.loads(zlib.decompress(stored))
            entry["headers"] = {name: text for name, text in entry["headers"].items() if name.lower() != "x-linkgap-at"}
            entry["headers"] |= {} if moment is None else {"X-Linkgap-At": moment.isoformat()}
            packed_again = zlib.compress(json.dumps(entry).encode())
            file.execute("UPDATE responses SET value = ? WHERE key = ?", (packed_again, key))
    file.close()


def test_an_entry_without_its_moment_is_read(server, look_at, tmp_path):
    server.routes["/page"] = lambda asked: asked.page(PAGE)
    look_at(server.url("/page"))
    date_entries(tmp_path / "pages.sqlite", None)
    answer, facts = look_at(server.url("/page"), cached_only=True)
    assert (answer.ending, answer.asked_at, len(facts.links)) == ("answered", None, 1)


def test_what_came_when_the_clock_was_years_ahead_does_not_count_for_years(server, look_at, tmp_path):
    server.routes["/page"] = lambda asked: asked.page(PAGE)
    for days, asked in ((1, 2), (4000, 4)):
        look_at(server.url("/page"))
        date_entries(tmp_path / "pages.sqlite", datetime.now(UTC) + timedelta(days=days))
        look_at(server.url("/page"))
        assert len(server.asked) == asked


# Nobody there.


def failing(number):
    def resolve(*_):
        raise socket.gaierror(number, "words")

    return Dialer(resolve=resolve)


def test_a_host_that_is_not_there_is_gone(look_at):
    answer, _ = look_at("http://site.test/", dialer=failing(socket.EAI_NONAME))
    assert (answer.ending, answer.words) == ("gone", "does not answer: there is no host site.test")
    assert look_at("http://site.test/", cached_only=True).answer.ending == "gone"


def test_being_offline_is_no_fault_of_the_page(server, look_at):
    server.routes["/page"] = lambda asked: asked.page(PAGE)
    answer, _ = look_at(server.url("/page"), dialer=failing(socket.EAI_AGAIN))
    assert (answer.ending, answer.words) == ("failed", "does not answer: this computer seems to be offline")
    assert look_at(server.url("/page")).answer.ending == "answered"


@pytest.mark.parametrize(("there", "ending"), [("a.root-servers.net", "gone"), (None, "failed")])
def test_where_no_host_is_found_at_all_no_page_is_said_to_be_gone(there, ending, look_at, monkeypatch):
    """As macOS and Windows put it without a network, and a company's DNS behind a proxy."""

    def resolve(host, port, **_):
        if host != there:
            raise socket.gaierror(socket.EAI_NONAME, "words")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("198.41.0.4", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert look_at("http://site.test/", dialer=Dialer()).answer.ending == ending


SIXTH = "2606:4700::1111"


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"1.1.1.1": errno.ECONNREFUSED, SIXTH: errno.ENETUNREACH}, "site.test refuses connections"),
        ({SIXTH: errno.EADDRNOTAVAIL, "1.1.1.1": errno.ETIMEDOUT}, "site.test took too long to answer"),
        ({SIXTH: errno.ENETUNREACH}, "this computer has no way to site.test: it is offline, or lacks IPv6"),
        ({"1.1.1.1": errno.EHOSTUNREACH}, "site.test can't be reached"),
    ],
)
def test_where_an_address_is_out_of_reach_what_the_others_did_counts(numbers, words, look_at):
    """A host that refuses by IPv4 was said to be no fault of its own where there is no IPv6: the last error counted."""

    def connect(address, *_):
        raise OSError(numbers[address], "words")

    dialer = Dialer(resolve=lambda *_: [*numbers], connect=connect)
    assert look_at("http://site.test/", dialer=dialer).answer.words == f"does not answer: {words}"


def test_a_closed_door(look_at):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    answer, _ = look_at(f"http://site.test:{port}/")
    assert (answer.ending, answer.words) == ("failed", "does not answer: site.test refuses connections")


NO_ADDRESSES = [
    *("", "site.test", "mailto:me@site.test", "http://", "http://*.test/", "http://a b/", "http://.../"),
    *(f"http://{'a' * 70}.test/", "http://a.test:99999/"),
]


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_what_is_no_address(url, look_at):
    assert look_at(url).answer.ending in {"invalid URL", "failed", "gone"}


# TLS.


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


def certified(authority, name, **options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, **options).configure_cert(context)
    return context


@pytest.mark.parametrize(
    ("name", "options", "is_known", "ending", "words"),
    [
        ("site.test", {}, True, "answered", "answers"),
        ("site.test", {}, False, "failed", r"the certificate of site\.test is not valid: unable to get local issuer"),
        ("other.test", {}, True, "failed", r"the certificate of site\.test is not valid: Hostname mismatch"),
        ("site.test", {"not_after": datetime(2020, 1, 1)}, True, "failed", r".*is not valid: certificate has expired"),  # noqa: DTZ001
    ],
    ids=["good", "unknown authority", "other name", "expired"],
)
def test_certificates(name, options, is_known, ending, words, server, look_at, authority, tmp_path):  # noqa: PLR0913, PLR0917
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    server.tls = certified(authority, name, **options)
    server.routes["/page"] = lambda asked: asked.page(PAGE)
    verify = str(tmp_path / "authority.pem") if is_known else True
    answer, _ = look_at(server.url("/page", scheme="https"), verify=verify)
    assert answer.ending == ending
    assert re.search(words, answer.words)


class Asking(NamedTuple):
    answer: Callable[[bytes], object]


class Instead:
    """What a server does where it should agree on encryption."""

    def __init__(self, act):
        self.act = act

    def wrap_socket(self, line, **_):
        self.act(line)
        return line


def test_who_speaks_no_tls(server, look_at):
    server.tls = Instead(lambda line: line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    answer, _ = look_at(server.url("/page", scheme="https"))
    assert (answer.ending, answer.words) == ("failed", "does not answer: the secure connection to site.test failed")


def test_a_handshake_without_end(server, look_at):
    def drop_by_drop(line):
        line.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
        drip(Asking(line.sendall), [b"\x00"] * 90)

    server.tls = Instead(drop_by_drop)
    start = time.monotonic()
    answer, _ = look_at(server.url("/page", scheme="https"), limits=QUICK)
    assert (answer.ending, answer.words) == ("failed", TOO_LONG)
    assert time.monotonic() - start < 4
