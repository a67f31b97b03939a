"""What a page says, read from pages written by hand with the truth beside them."""

import bz2
import datetime as dt
import time

import pytest
from requests.structures import CaseInsensitiveDict

from linkgap.web.decoding import decode_page
from linkgap.web.elements import read_elements
from linkgap.web.extraction import Compared, is_page, read_page
from linkgap.web.fetching import Answer
from linkgap.web.marks import MARKS, all_words, has_mark

URL = "https://www.blog.test/2026/desks?page=1"
COMPARED = Compared(["me.example", "rival.example", "rival.example/shop", "other.example"])


def read(body, url=URL, **headers):
    headers = CaseInsensitiveDict({name.replace("_", "-"): text for name, text in headers.items()})
    headers.setdefault("Content-Type", "text/html")
    body = body.encode() if isinstance(body, str) else body
    asked_at = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
    return read_page(Answer("answered", "answers", url, url, 200, headers, body, asked_at=asked_at), COMPARED)


def links(body, **headers):
    return [(link.site, link.target, link.anchor) for link in read(body, **headers).links]


# Links.


@pytest.mark.parametrize(
    ("href", "site"),
    [
        ("https://rival.example/a", "rival.example"),
        ("http://WWW.Rival.Example:8080/a", "rival.example"),
        ("//blog.rival.example", "rival.example"),
        ("https://rival.example/shop/x", "rival.example/shop"),
        ("https://rival.example/shop", "rival.example/shop"),
        ("https://rival.example/shopping", "rival.example"),
        (" \n https://rival.example/ ", "rival.example"),
        ("https://rival.exa\nmple/a", "rival.example"),
        (r"https:\\rival.example\shop\a", "rival.example/shop"),
        (r"/a?b=\\rival.example", None),
        ("https://other.example?x#y", "other.example"),
        ("https://me.example/", "me.example"),
        ("https://notrival.example/", None),
        ("https://rival.example.evil.test/", None),
        ("https://evil.test/?u=https://rival.example/", None),
        ("mailto:me@rival.example", None),
        ("javascript:open('https://rival.example')", None),
        ("/rival.example", None),
        ("http://[::/", None),
        ("", None),
    ],
)
def test_whose_link_it_is(href, site):
    assert [found for found, *_ in links(f'<a href="{href}">x</a>')] == ([site] if site else [])


def test_a_link_in_a_picture_is_one_and_in_a_template_none():
    link = '<a {}="https://rival.example/a">x</a>'
    assert len(links(f"<svg>{link.format('xlink:href')}</svg>")) == 1
    assert links(f"<template><p>{link.format('href')}</template>") == []


def test_nothing_in_a_template_is_said_by_the_page():
    inside = (
        "<meta name=robots content=noindex><link rel=canonical href=/other><h1>Write for us</h1>"
        '<title>Later</title><time itemprop=datePublished datetime="2026-01-01"></time>'
    )
    assert read(f"<p>text<template><div>{inside}</div></template>") == read("<p>text")
    assert read(inside).noindex


def test_what_a_page_of_a_rival_says_is_no_prospects():
    facts = read('<a href="https://rival.example/a">x</a><a href="/contact">Contact</a>', url="https://rival.example/")
    assert (facts.compared_site, facts.links) == ("rival.example", ())
    assert read("").compared_site is None


def test_a_link_for_those_without_scripts_has_its_anchor():
    page = '<noscript><a href="https://rival.example/">A <b>desk</b></a></noscript>'
    assert links(page) == [("rival.example", "https://rival.example/", "A desk")]


def test_a_heading_is_what_is_shown_of_it():
    page = "<h1><style>.css-1a{color:red}</style>Write for us</h1>"
    assert read(page).write_for_us == URL


def test_relative_links_follow_the_base():
    page = '<base href="https://rival.example/shop/"><a href="a">one</a><a href="/b">two</a><a href="?c">three</a>'
    assert [target for _, target, _ in links(page)] == [
        "https://rival.example/shop/a",
        "https://rival.example/b",
        "https://rival.example/shop/?c",
    ]


@pytest.mark.parametrize(
    ("inside", "anchor"),
    [
        ("Desks &amp; <b>chairs</b>", "Desks & chairs"),
        ("  two\n\n lines ", "two lines"),
        ('<img src=x alt="A desk">', "A desk"),
        ('<img src=x alt="A desk"> and more', "A desk and more"),
        ('<img data-src=x alt="A desk"><noscript><img src=x alt="A desk"></noscript>', "A desk"),
        ("<style>.css-1a{color:red}</style>A <b>desk<script>show()</script></b>", "A desk"),
        ("<svg><title>A desk</title><style>.a{}</style></svg>", "A desk"),
        ("", ""),
        ("x" * 900, "x" * 500),
    ],
)
def test_anchors(inside, anchor):
    assert links(f'<a href="https://rival.example/">{inside}</a>') == [
        ("rival.example", "https://rival.example/", anchor)
    ]


@pytest.mark.parametrize(
    ("rel", "page", "told", "follow"),
    [
        ("", "", "", True),
        ("noopener external", "", "external noopener", True),
        ("NoFollow", "", "nofollow", False),
        ("ugc nofollow ugc", "", "nofollow ugc", False),
        ("nofollow,noopener", "", "nofollow noopener", False),
        ("", "index nofollow", "", False),
        ("sponsored", "", "sponsored", False),
        ("ugc", "", "ugc", False),
        ("", "index, nofollow", "", False),
        ("", "none", "", False),
        ("", "noindex, follow", "", True),
    ],
)
def test_whether_a_link_is_followed(rel, page, told, follow):
    html = f'<meta name="robots" content="{page}"><a rel="{rel}" href="https://rival.example/">x</a>'
    (link,) = read(html).links
    assert (link.rel, link.follow) == (told, follow)


@pytest.mark.parametrize(
    ("before", "place"),
    [
        ("<p>", "main text"),
        ("<main><article><p>", "main text"),
        ("<nav><ul><li>", "navigation"),
        ('<div role="navigation">', "navigation"),
        ('<ul class="x menu">', "navigation"),
        ("<footer><p>", "footer"),
        ('<div id="footer">', "footer"),
        ('<div class="site-footer"><nav>', "footer"),
        ("<article><footer>", "main text"),
        ("<article></article><footer>", "footer"),
        ("<blockquote><footer>", "main text"),
        ("<aside>", "sidebar"),
        ('<div class="sidebar-right">', "sidebar"),
        ('<section id="comments"><article>', "comments"),
        ('<ol class="commentlist"><li class="comment">', "comments"),
        ('<div class="comment-body">', "comments"),
        ('<body class="comments-open footer"><p>', "main text"),
        ('<div class="nocomments menubar">', "main text"),
        ("<nav></nav><p>", "main text"),
        ("<nav><p>text</nav>", "main text"),
        ("<div><nav></div><p>", "main text"),
    ],
)
def test_the_place_of_a_link(before, place):
    (link,) = read(f'{before}<a href="https://rival.example/">x</a>').links
    assert link.place == place


def test_of_very_many_links_the_first_are_taken_and_it_is_said(monkeypatch):
    monkeypatch.setattr("linkgap.web.elements._MOST_LINKS", 3)
    for number in range(1, 6):
        facts = read('<a href="https://rival.example/">x</a>' * number)
        assert (len(facts.links), facts.is_cut) == (min(number, 3), number > 3)


def test_external_links_are_those_to_other_domains():
    page = '<a href="/a"></a><a href="https://blog.test/b"></a><a href="https://shop.blog.test/c"></a>'
    page += '<a href="https://a.test/"></a><a href="https://b.test/"></a><a href="https://b.test/2"></a><a>no</a>'
    page += '<a href="mailto:x@c.test"></a><a href="#top"></a>'
    assert read(page).external_links == 3


# What the page says of itself.

MARCH = dt.date(2025, 3, 4)


@pytest.mark.parametrize(
    ("html", "headers", "field", "truth"),
    [
        ("<title> Ten\n desks </title><svg><title>Icon</title></svg>", {}, "title", "Ten desks"),
        ("<svg><title>Icon</title></svg>", {}, "title", ""),
        ("<title>&lt;script&gt;</title>", {}, "title", "<script>"),
        ('<html lang="de-AT">', {}, "language", "de-at"),
        ("<p>", {"Content_Language": "fr"}, "language", "fr"),
        ('<meta name="robots" content="NOINDEX">', {}, "noindex", True),
        ('<meta name="robots" content="follow, none">', {}, "noindex", True),
        ('<meta name="googlebot" content="noindex">', {}, "noindex", True),
        ('<meta name="otherbot" content="noindex">', {}, "noindex", False),
        ('<meta name="robots" content="noindexing">', {}, "noindex", False),
        ("<p>", {"X_Robots_Tag": "noarchive, noindex"}, "noindex", True),
        ("<p>", {"X_Robots_Tag": "googlebot: noindex"}, "noindex", True),
        ("<p>", {"X_Robots_Tag": "otherbot: noindex"}, "noindex", False),
        ("<p>", {"X_Robots_Tag": "otherbot: nofollow, noindex"}, "noindex", False),
        ("<p>", {"X_Robots_Tag": "otherbot: nofollow, googlebot: noarchive, noindex"}, "noindex", True),
        ("<p>", {"X_Robots_Tag": "max-snippet: 5, noindex"}, "noindex", True),
        ('<meta name="robots" content="nofollow noindex">', {}, "noindex", True),
        ('<meta name="robots" content="max-snippet:5"><meta name="robots" content="noindex">', {}, "noindex", True),
        ('<link rel="canonical" href="/a">', {}, "canonical", "https://www.blog.test/a"),
        ("<link rel=canonical href=/a><link rel=canonical href=/b>", {}, "canonical", "https://www.blog.test/a"),
        (
            "<p>",
            {"Link": '<https://a.test/x>; rel="next", </b>; rel="canonical"'},
            "canonical",
            "https://www.blog.test/b",
        ),
        (
            '<meta property="article:published_time" content="2025-03-04T05:06:07Z">',
            {},
            "published",
            MARCH,
        ),
        ('<time itemprop="datePublished" datetime="2025-03-04">4th</time>', {}, "published", MARCH),
        (
            '<script type="application/ld+json">{"datePublished" : "2025-03-04"}</script>',
            {},
            "published",
            MARCH,
        ),
        ('<script>{"datePublished" : "2025-03-04"}</script>', {}, "published", None),
        ('<meta name="date" content="2025-02-30">', {}, "published", None),
        ("<meta name=date content=2025-03-04><meta name=date content=2025-05-06>", {}, "published", MARCH),
        ('<meta name="date" content="2026-06-02">', {}, "published", dt.date(2026, 6, 2)),
        ('<meta name="date" content="2026-06-03">', {}, "published", None),
        ('<meta name="date" content="2031-02-03">', {}, "published", None),
        ('<meta name="date" content="1970-01-01">', {}, "published", None),
        ('<meta property="og:updated_time" content="2025-03-04">', {}, "changed", MARCH),
        (
            "<p>",
            {"Last_Modified": "Tue, 04 Mar 2025 05:06:07 GMT", "Date": "Mon, 01 Jun 2026 12:00:00 GMT"},
            "changed",
            MARCH,
        ),
        (
            "<p>",
            {"Last_Modified": "Mon, 01 Jun 2026 11:59:59 GMT", "Date": "Mon, 01 Jun 2026 12:00:00 GMT"},
            "changed",
            None,
        ),
        ("<p>", {"Last_Modified": "yesterday", "Date": "today"}, "changed", None),
        ('<a href="/contact-us/">Contact</a>', {}, "contact_page", "https://www.blog.test/contact-us/"),
        ('<a href="/kontakt.html"><i></i></a>', {}, "contact_page", "https://www.blog.test/kontakt.html"),
        ('<a href="https://rival.example/contact">Contact</a>', {}, "contact_page", ""),
        ('<a href="/lenses">Contact lenses</a>', {}, "contact_page", ""),
        ('<a href="/guests">Write for us!</a>', {}, "write_for_us", "https://www.blog.test/guests"),
        ("<title>Write for us</title>", {}, "write_for_us", URL),
        ("<p>write for us", {}, "write_for_us", ""),
        ("<title>Useful links | Club</title>", {}, "resource_page", True),
        ("<h1>Liens utiles</h1>", {}, "resource_page", True),
        ("<h1><style>.a{}</style>Useful links</h1>", {}, "resource_page", True),
        ("<title>Links abbiegen</title>", {}, "resource_page", False),
        ("mail me@blog.test, or shop@other.test", {}, "emails", ("me@blog.test", "shop@other.test")),
        ('<a href="mailto:Ann%40blog.test?subject=x">mail</a>', {}, "emails", ("ann@blog.test",)),
        ("a@one.test b@blog.test", {}, "emails", ("b@blog.test", "a@one.test")),
        ("desk@2x.png me@localhost a@b.invalidtld @handle a@b", {}, "emails", ()),
        ("<script>var x = 'me@blog.test'</script><!-- you@blog.test -->", {}, "emails", ()),
        ("<noscript><p>me@blog.test</p></noscript>", {}, "emails", ()),
        ("<p>me@blog.test</p><p>you@blog.test", {}, "emails", ("me@blog.test", "you@blog.test")),
        ("<html><title>a@b.test</title><article>me@blog.test</article>", {}, "emails", ("me@blog.test",)),
    ],
)
def test_what_a_page_says_of_itself(html, headers, field, truth):
    assert getattr(read(html, **headers), field) == truth


@pytest.mark.parametrize(
    ("kind", "body", "truth"),
    [
        ("text/html; charset=utf-8", b"", True),
        ("application/xhtml+xml", b"", True),
        ("application/pdf", b"<html>", False),
        ("text/plain", b"<html>", False),
        ("", b"\n<!-- x --><!DOCTYPE html>", True),
        ("", b"%PDF", False),
    ],
)
def test_what_is_a_page(kind, body, truth):
    headers = CaseInsensitiveDict({"Content-Type": kind})
    assert is_page(Answer("answered", "answers", URL, URL, 200, headers, body)) is truth


# Encodings.

WORDS = "Größe – naïve 日本"
WESTERN = "Größe naïve"


@pytest.mark.parametrize(
    ("text", "encoding", "header", "declared"),
    [
        (WORDS, "utf-8", "", ""),
        (WORDS, "utf-8", "iso-8859-1", ""),
        (WORDS, "utf-8", "", "windows-1252"),
        (WORDS, "utf-8-sig", "shift_jis", ""),
        (WORDS, "utf-16", "utf-8", ""),
        (WESTERN, "windows-1252", "utf-8", ""),
        (WESTERN, "windows-1252", "", "utf-8"),
        (WESTERN, "iso-8859-1", "iso-8859-1", ""),
        (WESTERN, "windows-1252", "", ""),
        (WESTERN, "windows-1252", "no-such-charset", ""),
        (WESTERN, "windows-1252", "base64", "hex"),
        ("Café naïve!", "windows-1252", "", "utf-16le"),
        ("Café naïve", "windows-1252", "", "utf-16le"),
        ("日本語のページ", "shift_jis", "shift_jis", ""),
        ("日本語のページ", "euc_jp", "", "euc-jp"),
        ("日本語のページ", "iso2022_jp", "iso-2022-jp", ""),
        ("Страница", "windows-1251", "windows-1251", "utf-8"),
        ("髙島屋①", "cp932", "shift_jis", ""),
        ("髙島屋①", "cp932", "", "x-sjis"),
        ("朱镕基", "gbk", "gb2312", ""),
        ("똠방각하", "cp949", "euc-kr", ""),
        ("Türkçe €", "windows-1254", "iso-8859-9", ""),
    ],
)
def test_encodings(text, encoding, header, declared):
    page = f'<meta charset="{declared}"><a href="https://rival.example/">{text}</a>'
    kind = f"text/html; charset={header}" if header else "text/html"
    assert [anchor for *_, anchor in links(page.encode(encoding), Content_Type=kind)] == [text]


def test_the_declaration_of_xml_counts_after_all_others():
    page = '<?xml version="1.0" encoding="windows-1251"?><a href="https://rival.example/">Страница</a>'
    for declared, encoding in (("", "windows-1251"), ("<meta charset=koi8-r>", "koi8-r")):
        found = links((page + declared).encode(encoding), Content_Type="application/xhtml+xml")
        assert [anchor for *_, anchor in found] == ["Страница"]


@pytest.mark.parametrize(
    ("text", "flaw", "encoding", "header"),
    [
        (f"{WORDS} écrivez", "–".encode()[:2], "utf-8", "utf-8"),
        (f"{WORDS} écrivez", b"\xff", "utf-8", ""),
        ("Страница столов", b"\x98", "windows-1251", "windows-1251"),
        ("日本語のページ", b"\xff", "euc_jp", "euc-jp"),
    ],
)
def test_a_byte_that_does_not_fit_spoils_no_other_letter(text, flaw, encoding, header):
    page = text.encode(encoding) + flaw + text.encode(encoding)
    assert decode_page(page, f"text/html; charset={header}") == f"{text}\ufffd{text}"


def test_western_text_that_is_called_utf_8_is_read_in_spite_of_signs_that_look_so():
    text = "Größe – naïve Stühle Ã¼"
    assert decode_page(text.encode("windows-1252"), "text/html; charset=utf-8") == text


def test_no_encoding_unpacks():
    body = bz2.compress(b"\0" * 10_000_000)
    for name in ("bz2", "zlib", "hex", "punycode", "idna"):
        assert len(decode_page(body, f"text/html; charset={name}")) <= len(body)


def test_a_last_character_that_is_cut_through_spoils_nothing():
    assert decode_page("Größe".encode()[:4], "text/html") == "Grö"
    assert decode_page("Größe".encode()[:3], "text/html") == "Gr"


# Hostile pages.

HOSTILE = {
    "deep": "<div>" * 150_000,
    "deep and crossed": "<b><i><a href=x>" * 40_000,
    "tables": "<table>" * 100_000,
    "attributes": "<a " + " ".join(f"a{number}=b" for number in range(200_000)) + ">",
    "brackets": "<" * 2_000_000,
    "ampersands": "&amp" * 500_000,
    "zeros": "\x00" * 2_000_000,
    "links": "<a href=//a.test/>" * 60_000,
    "one long word": "a" * 2_000_000,
    "addresses": "a@" * 1_000_000,
    "dots": "a." * 1_000_000,
    "comment": "<!--" + "-" * 2_000_000,
    "classes": f'<p class="{"comment-" * 200_000}">',
    "robots": f'<meta name="robots" content="{"no, " * 400_000}">',
    "scripts": '<script type="application/ld+json">' + '"datePublished":"' * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_are_read_in_passing(name):
    start = time.process_time()
    page = f'<a href="https://rival.example/">x</a>{HOSTILE[name]}'
    assert len(read(page).links) == 1
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    "text", ['<?xml version="1.0" encoding="latin-1"?><p>', "", "\ud800", "<", "</p></p>", "<plaintext>"]
)
def test_odd_pages_are_read(text):
    assert read_elements(f"{text}<title>t</title>") is not None


# Marks.


@pytest.mark.parametrize("words", all_words(), ids=lambda words: f"{words.mark} {words.language}")
def test_marks_are_found_and_near_misses_are_not(words):
    assert has_mark(words.mark, words.example)
    assert not has_mark(words.mark, words.near_miss)
    assert all(has_mark(words.mark, phrase.removeprefix("=")) for phrase in words.phrases)


def test_long_texts_have_no_mark():
    assert not any(has_mark(mark, "write for us, contact, links, " * 9) for mark in MARKS)
