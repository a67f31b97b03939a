"""What a report says, what it leaves out, and what it refuses; how it looks is in tests/browser."""

import asyncio
import base64
import errno
import gzip
import html
import itertools
import json
import os
import re
import signal
from pathlib import Path

import pandas as pd
import pytest

import linkgap as lg
from linkgap.cli import main
from linkgap.errors import InvalidArgumentError, MissingFileError, UnwritableFileError
from linkgap.report import finding, wording
from linkgap.report.notebook import build_notebook, with_parameters
from linkgap.report.summary import SECTIONS
from linkgap.schema import PAGE_CHECKS
from linkgap.workbook import (
    EVIDENCE_MEANINGS,
    FOLLOWED_EVIDENCE_MEANINGS,
    FOLLOWED_RELATION_MEANINGS,
    RELATION_MEANINGS,
)

ROOT = Path(__file__).parents[1]
SITE = "mine.example"

# Who links to whom:          mine  one  two  authority
WORLD = {
    "friend.example": ("x", "x", "", 10),
    "both.example": ("", "x", "x", 80),
    "once.example": ("lost", "x", "", 40),
    "first.example": ("", "x", "", 60),
    "second.example": ("", "", "x", 20),
}


def read_world(**more):
    sites = (SITE, "one.example", "two.example")
    rows = [
        {
            "site": site,
            "source_url": f"https://www.{source}/page?ask=ann@{source}",
            "target_url": f"https://{site}/",
            "anchor": f"anchor of {source}",
            "title": f"title of {source}, ask bob@{source}",
            "authority": float(authority),
            "lost": "2026-01-05" if mark == "lost" else None,
            **more,
        }
        for source, (*marks, authority) in WORLD.items()
        for site, mark in zip(sites, marks, strict=True)
        if mark
    ]
    return lg.read_links(pd.DataFrame(rows), sites=list(sites))


WHOLE, CUT, PART = (
    {"provider": "ahrefs", "rows": 100, "kept": kept, "cut": cut, "partial": partial}
    | {"floor": 53.0, "floor_metric": "ahrefs_dr"}
    for kept, cut, partial in ((90, "none", None), (100, "authority", None), (900, "none", "a sample"))
)


@pytest.mark.parametrize(
    ("lists", "said"),
    [([PART, CUT], "cut below Ahrefs DR 53"), ([PART, CUT, WHOLE], "complete"), ([PART], "a sample")],
)
def test_of_several_lists_of_a_provider_the_fullest_is_told_of(lists, said):
    for ordered in itertools.permutations(lists):
        assert finding._how_complete(list(ordered)) == f"Ahrefs: {said}"


@pytest.mark.parametrize(("authority", "shown"), [(1.25e-09, "1.25e-09"), (27183214.2, "27,183,214")])
def test_authorities_of_the_web_graph_are_written_as_numbers_that_say_something(tmp_path, authority, shown):
    """A PageRank is some billionths, of which six decimals made 0 for every prospect; a centrality some millions."""
    prospects = lg.rank_prospects(lg.find_gap(read_world(authority=authority), site=SITE))
    text = lg.build_report(prospects, tmp_path / "report.md", sections=["best", "list"]).read_text(encoding="utf-8")
    assert re.findall(r"\| 1 \| [a-z.]+ \|.*", text)[0].count(f"| {shown} |") == 1
    assert f" {shown};" in text
    assert summary_of(prospects, tmp_path)["sections"]["list"]["rows"][0]["authority"] == authority


@pytest.fixture(scope="module")
def prospects():
    return lg.rank_prospects(lg.find_gap(read_world(), site=SITE))


@pytest.fixture(scope="module")
def sample():
    own = ["oakdesk-journal.example", "oakdesk-outlet.example"]
    return lg.rank_prospects(lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example", own=own))


def summary_of(prospects, folder, **told):
    return json.loads(lg.build_report(prospects, folder / "s.json", overwrite=True, **told).read_text("utf-8"))


# What it says, worked by hand from WORLD.


def test_the_first_minute(prospects, tmp_path):
    finding = summary_of(prospects, tmp_path)["sections"]["finding"]
    assert finding["lead"] == "4 domains link to at least one of 2 rivals and not to mine.example."
    narrow = lg.rank_prospects(prospects.gap.where(present=["one.example"], absent=["two.example"]))
    assert summary_of(narrow, tmp_path)["sections"]["finding"]["lead"] == (
        "2 domains link to at least one of 2 rivals, one.example among them, and not to mine.example or two.example."
    )
    several = lg.rank_prospects(lg.find_gap(prospects.gap.links, site=SITE, min_rivals=2))
    told = summary_of(several, tmp_path)["sections"]["finding"]
    assert told["lead"] == "1 domain links to at least 2 of 2 rivals and not to mine.example."
    assert "of them" not in " ".join(each["meaning"] for each in told["figures"])
    figures = {each["name"]: each["value"] for each in finding["figures"]}
    assert figures == {"prospects": 4, "proven": 4, "links to every rival": 1, "to win back": 1}
    assert finding["evidence"] == {"proven": 4, "likely": 0, "unverified": 0}
    sites = [(each["site"], each["role"], each["domains"], each["shared"]) for each in finding["sites"]]
    assert sites == [(SITE, "the site", 1, None), ("one.example", "rival", 4, 1), ("two.example", "rival", 2, 0)]
    assert "The ranking was not tested on these lists." in finding["sentences"]


def test_the_reasons(prospects, tmp_path):
    rows = summary_of(prospects, tmp_path)["sections"]["best"]["rows"]
    assert [row["rank"] for row in rows] == [1, 2, 3, 4]
    first = rows[0]
    assert (first["domain"], first["rivals"]) == ("both.example", ["one.example", "two.example"])
    assert first["why"][0] == "links to both rivals"
    assert "2 live links to rivals" in first["why"]
    once = next(row for row in rows if row["domain"] == "once.example")
    assert once["why"][:2] == ["links to one.example", "once linked to mine.example"]


@pytest.mark.parametrize(
    ("options", "told", "untold"),
    [
        (
            {"live_only": False},
            ["Lost links count too.", "2 links, live or lost, to rivals", "links, or linked, to both rivals"],
            ["live link", "no longer"],
        ),
        (
            {"follow_only": True},
            [
                "Links marked nofollow, ugc or sponsored don't count.",
                "if there were such a link",
                "already have a followed link",
                "once had a link to the site that is gone",
            ],
            ["do not already link", "if there were a link", "the domain is not in it", "and stopped"],
        ),
    ],
)
def test_the_words_tell_which_links_count(tmp_path, options, told, untold):
    told_of = lg.rank_prospects(lg.find_gap(read_world(), site=SITE, **options))
    for ending in ("html", "md"):
        path = lg.build_report(told_of, tmp_path / f"gap.{ending}", sections=["finding", "best", "method"])
        text = html.unescape(path.read_text("utf-8")).lower()
        assert [words for words in told if words.lower() not in text] == []
        assert [words for words in untold if words in text] == []


def test_the_pictures(prospects, tmp_path):
    pictures = summary_of(prospects, tmp_path)["sections"]["pictures"]
    assert pictures["rivals_linked"] == [{"rivals": 1, "prospects": 3}, {"rivals": 2, "prospects": 1}]
    overlaps = {tuple(row["present"]): (row["domains"], row["in_gap"]) for row in pictures["overlaps"]["combinations"]}
    assert overlaps == {
        (False, True, False): (2, True),
        (False, False, True): (1, True),
        (False, True, True): (1, True),
        (True, True, False): (1, False),
    }
    assert sum(count for *_, count in pictures["map"]["cells"]) == 4


@pytest.mark.parametrize(
    ("options", "narrowed"),
    [
        ({}, {"present": ["one.example"]}),
        ({}, {"absent": ["one.example"]}),
        ({}, {"present": ["two.example"], "absent": ["one.example"]}),
        ({"min_rivals": 2}, {}),
    ],
)
def test_the_picture_of_overlaps_marks_what_is_asked_for(tmp_path, options, narrowed):
    gap = lg.find_gap(read_world(), site=SITE, **options).where(**narrowed)
    sections = summary_of(lg.rank_prospects(gap), tmp_path)["sections"]
    assert ("gap.where(" in sections["settings"]["python"]) == bool(narrowed)
    overlaps = sections["pictures"]["overlaps"]
    assert overlaps["more_combinations"] == 0
    assert sum(row["domains"] for row in overlaps["combinations"] if row["in_gap"]) == len(gap) > 0
    page = lg.build_report(lg.rank_prospects(gap), tmp_path / "gap.html", sections=["pictures"]).read_text("utf-8")
    grey = [(row["domains"], row["present"][0]) for row in overlaps["combinations"] if not row["in_gap"]]
    most = 2 * sum(number for number, own in grey if own) > sum(number for number, _ in grey)
    assert ("as most of these already link to" in page) is most


def test_a_site_without_any_list_is_not_said_to_have_one_that_is_cut(tmp_path):
    rows = pd.DataFrame({"site": ["one.example"], "source_domain": ["a.example"]})
    links = lg.read_links(rows, sites=[SITE, "one.example"])
    gap = lg.find_gap(links, site=SITE)
    assert gap.evidence_counts["unverified"] == len(gap) == 1
    path = lg.build_report(lg.rank_prospects(gap), tmp_path / "gap.html")
    text = html.unescape(path.read_text("utf-8"))
    assert "The lists at hand can't tell: the prospect may link already, so look first." in text
    assert re.findall(r"own lists are [^.:]*", text) == []


def test_what_evidence_and_a_test_say_of_prospects_is_said_of_no_domain_as_they_may_be_hosts(sample):
    meanings = [*finding.MEANING.values(), *EVIDENCE_MEANINGS.values(), *RELATION_MEANINGS.values()]
    meanings += [*FOLLOWED_EVIDENCE_MEANINGS.values(), *FOLLOWED_RELATION_MEANINGS.values()]
    assert not re.search(r"\bdomain", " ".join([*meanings, *lg.backtest(sample.gap).words]))


@pytest.mark.parametrize("level", ["domain", "host"])
@pytest.mark.parametrize("ending", ["html", "md"])
def test_what_is_counted_is_named(tmp_path, ending, level):
    gap = lg.find_gap(read_world(), site=SITE, level=level).where(present=["one.example"], absent=["two.example"])
    sections = ["finding", "best", "pictures", "list", "method"]
    path = lg.build_report(lg.rank_prospects(gap), tmp_path / f"gap.{ending}", sections=sections)
    text = html.unescape(path.read_text("utf-8"))
    other = {"domain": "host", "host": "domain"}[level]
    words = ["Linking {}s", "Only {}s that link to one.example", "{}s that link to two.example are not listed"]
    words += {"html": ["Who links to whom: {}s", "filled where the {} links"], "md": []}[ending]
    words.append("the rivals that a {} links to")
    assert [each for each in words if each.format(level).lower() not in text.lower()] == []
    assert [each for each in words if each.format(other).lower() in text.lower()] == []
    assert (f"| {level.capitalize()}s |" in text) == (ending == "md")
    assert (f">{level.capitalize()}</th>" if ending == "html" else f"| {level.capitalize()} |") in text


def read_pairs(*pairs):
    return lg.read_links(pd.DataFrame(pairs, columns=["site", "source_domain"]))


@pytest.mark.parametrize("ending", ["html", "md"])
def test_without_prospects_nothing_empty_is_drawn(tmp_path, ending):
    links = read_pairs((SITE, "friend.example"), ("one.example", "friend.example"), ("two.example", "friend.example"))
    path = lg.build_report(lg.rank_prospects(lg.find_gap(links, site=SITE)), tmp_path / f"gap.{ending}")
    text = path.read_text("utf-8")
    assert "There are no prospects." in text
    empty = ["How many rivals they link to", "Rivals linked", "How sure", "0% of", "linkgap-explorer", "lgr-explorer"]
    assert [each for each in empty if each in text] == []


def test_of_many_rivals_only_those_that_are_linked_are_named_and_counted(tmp_path):
    rivals = [f"rival-{number:02}.example" for number in range(20)]
    pairs = [(SITE, "friend.example"), *((rival, "friend.example") for rival in rivals)]
    pairs += [(rival, "both.example") for rival in rivals[:2]]
    prospects = lg.rank_prospects(lg.find_gap(read_pairs(*pairs), site=SITE))
    sections = summary_of(prospects, tmp_path)["sections"]
    pictures, compared = sections["pictures"], sections["finding"]["sentences"][0]
    assert "rival-10.example, rival-11.example and 8 more rivals, from 1 file (" in compared
    assert pictures["rivals_linked"] == [{"rivals": 1, "prospects": 0}, {"rivals": 2, "prospects": 1}]
    text = lg.build_report(prospects, tmp_path / "gap.html", sections=["pictures"]).read_text("utf-8")
    assert ">rival-00.example and rival-01.example</text>" in text
    assert "rotate(-52)" not in text


def test_outreach_passes_over_whom_one_wrote_to(prospects, tmp_path):
    book = lg.open_outreach(tmp_path / "book.sqlite", site=SITE)
    book.set("both.example", status="contacted", note="wrote to Ann", contact="ann@both.example")
    book.set("gone.example", status="won")
    first = next(name for name in prospects.frame["domain"] if name not in {"both.example", "gone.example"})
    book.set(first, status="shortlisted")
    sections = summary_of(prospects, tmp_path, outreach=book)["sections"]
    assert sections["best"]["rows"][0]["domain"] == first
    assert sections["best"]["passed_over"] == 1
    assert sections["outreach"]["counts"] == {"shortlisted": 1, "contacted": 1, "won": 1}
    assert sections["outreach"]["outcomes"] == {"not seen": 1}
    assert [(row["domain"], row["note"]) for row in sections["outreach"]["rows"]] == [
        ("gone.example", None),
        ("both.example", "wrote to Ann"),
        (first, None),
    ]
    assert "outreach" not in summary_of(prospects, tmp_path)["sections"]
    assert sections["outreach"]["more"] == 0
    book.set([f"d{number}.example" for number in range(99)], status="replied")
    assert summary_of(prospects, tmp_path, outreach=book, sections=["outreach"])["sections"]["outreach"]["more"] == 2
    page = lg.build_report(prospects, tmp_path / "gap.html", sections=["explorer"], outreach=book).read_text("utf-8")
    assert "wrote to Ann" in page
    assert "gone.example" not in page


def test_what_became_of_each_file_is_told(tmp_path):
    heading = "Domain ascore,Domain,Backlinks\n"
    for name, text in (
        (f"{SITE}-list_2026-10-20.csv", f"{heading}5,friend.test,2\n"),
        ("one.example-list_2026-10-22.csv", f"{heading}5,a.test,2\n6,b.test,1\n5,a.test,2\n7,friend.test,1\n,,\n"),
        ("one.example-ips.csv", "Subnet,Ref. domains,Top DR\n1.2.3,4,5\n"),
    ):
        (tmp_path / name).write_text(text)
    with pytest.warns(lg.LinkgapWarning, match=r"one\.example-ips\.csv"):
        links = lg.read_links(tmp_path)
    sections = summary_of(lg.rank_prospects(lg.find_gap(links, site=SITE)), tmp_path)["sections"]
    first, *others = sections["finding"]["sentences"]
    assert first.startswith("Compared: mine.example with one.example, from 2 files (Semrush) with 4 rows. ")
    assert first.endswith(" 2 more rows were set aside, each with a reason.")
    assert others == [
        "All lists are complete, as far as their row counts show.",
        "1 file could not be read; the list of files says why.",
        "Exported from 2026-10-20 to 2026-10-22.",
        "The ranking was not tested on these lists.",
    ]
    files = {row["file"]: (row["complete"], row["remark"]) for row in sections["files"]["rows"]}
    assert files[f"{SITE}-list_2026-10-20.csv"] == ("complete", None)
    assert files["one.example-list_2026-10-22.csv"] == ("complete", "one domain accounts for 33% of it")
    assert files["one.example-ips.csv"][0] == "not read"
    reasons = {each["reason"]: each["rows"] for each in sections["files"]["reasons"]}
    assert reasons == {"empty row": 1, "duplicate": 1}


def test_the_python_in_it_makes_the_same_list_again(sample, tmp_path, monkeypatch):
    gap = sample.gap.where(present=["deskly.example"], absent=["sitwell.example"])
    weights = {"deskly.example": 1 / 3, "uprightco.example": 2.0}
    prospects = lg.rank_prospects(gap, authority_weight=0.7, rival_weights=weights, deny=["photopile.example"])
    sections = summary_of(prospects, tmp_path)["sections"]
    assert [each["rival"] for each in sections["method"]["weights"]][:2] == ["uprightco.example", "deskly.example"]
    assert "each weighted as the user set it" in " ".join(sections["method"]["steps"])
    python = sections["settings"]["python"]
    (tmp_path / "exports").symlink_to(lg.sample_exports())
    monkeypatch.chdir(tmp_path)
    made = {}
    exec(python, made)  # noqa: S102 - this is what it is for
    pd.testing.assert_frame_equal(made["prospects"].frame, prospects.frame)
    again = summary_of(made["prospects"], tmp_path)
    assert again == summary_of(prospects, tmp_path)
    assert (tmp_path / "gap.html").exists()


FILES = {
    "mine.txt": "a.com",
    "a.csv": "source_url\nhttps://d.com/",
    "b.txt": "a.com\nb.com",
    "two.com.txt": "b.com\nc.com",
    "links.csv": "site,source_url\none.example,https://b.com/\ntwo.example,https://c.com/",
    "only/crawl.csv": f"from,to\na.com,{SITE}\nb.com,one.example\nc.com,two.example",
}
WAYS = {
    "by site": (lambda: {SITE: "exports/mine.txt", "one.com": ["exports/a.csv", "exports/b.txt"]}, {}),
    "files": (lambda: ["exports/two.com.txt", {SITE: "exports/mine.txt"}], {"complete": False, "max_loss": 0.5}),
    "a saved file": (
        lambda: lg.read_links({SITE: "exports/mine.txt", "b.com": "exports/b.txt"}).save("exports/l.parquet"),
        {},
    ),
    "a folder": (
        lambda: "exports/only",
        {"sites": [SITE, "one.example"], "columns": {"source_url": "from", "target_url": "to"}},
    ),
    "a frame": (lambda: [{SITE: "exports/mine.txt"}, pd.read_csv("exports/links.csv")], {}),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_python_in_it_reads_what_was_read_as_it_was_read(tmp_path, monkeypatch, way):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exports" / "only").mkdir(parents=True)
    for name, text in FILES.items():
        (tmp_path / "exports" / name).write_text(f"{text}\n")
    where, options = WAYS[way]
    links = lg.read_links(where(), **options)
    prospects = lg.rank_prospects(lg.find_gap(links, site=SITE))
    section = summary_of(prospects, tmp_path, sections=["settings"])["sections"]["settings"]
    python = section["python"].replace('"exports/"', '"exports/only"')
    filled = python.replace("frame = ...", "import pandas; frame = pandas.read_csv('exports/links.csv')")
    assert ("in place of the dots" in section["lead"]) == (way == "a frame") == (filled != python)
    made = {}
    exec(filled, made)  # noqa: S102 - this is what it is for
    pd.testing.assert_frame_equal(made["prospects"].frame, prospects.frame)
    pd.testing.assert_frame_equal(made["links"].receipts, links.receipts)


def test_a_backtest_is_told_in_all_three(sample, tmp_path):
    test = lg.backtest(sample.gap)
    section = summary_of(sample, tmp_path, backtest=test)["sections"]["worth"]
    assert section["sentences"] == list(test.words)
    methods = {row["method"]: row["first_10"] for row in section["methods"]}
    assert methods["likelihood"] == pytest.approx(10 * test.table.loc["likelihood", "precision_10"])
    assert methods["by lot"] == pytest.approx(10 * test.table.loc["by lot", "precision_10"])
    text = lg.build_report(sample, tmp_path / "gap.md", backtest=test).read_text("utf-8")
    assert f"{10 * test.expected(10):.1f} in the test" in text


def test_what_a_test_on_rivals_found_is_told_apart_from_what_to_expect(sample, tmp_path):
    test = lg.backtest(sample.gap, kind="rivals")
    sections = summary_of(sample, tmp_path, backtest=test)["sections"]
    measured = {row["name"]: f"{row['first_10']:.1f}" for row in sections["worth"]["methods"]}
    figure = next(each for each in sections["finding"]["figures"] if each["name"] == "in the test")
    assert f"{figure['value']:.1f}" == measured["likelihood"]
    assert f"{measured['at random']} at random" in figure["meaning"]
    told = sections["finding"]["sentences"][-1]
    assert f"of the first ten by likelihood, {measured['likelihood']} were such links" in told
    assert all(f"{measured[name]} by {name}" in told for name in ("number of rivals", "authority"))
    assert f"expect {10 * test.expected(10):.1f} for oakdesk.example" in told
    assert f"{10 * test.expected(10):.1f}" != measured["likelihood"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, ["The test was of the order by likelihood alone; this list also counts what a link is worth and risk."]),
        ({"authority_weight": 0, "risk_weight": 0}, []),
        (
            {"rival_weights": {"deskly.example": 1}, "risk_weight": 0},
            [
                "The test was of the likelihood with the default weights; this list has weights of its own.",
                "The test was of the order by likelihood alone; this list also counts what a link is worth.",
            ],
        ),
        (
            {"model": {"intercept": -2, "means": {"coverage": 0.3}, "weights": {"coverage": 4}}, "authority_weight": 0},
            [
                "The test was of the formula's likelihood; the learned one, which this list uses, was not tested.",
                "The test was of the order by likelihood alone; this list also counts risk.",
            ],
        ),
    ],
)
def test_a_backtest_is_not_said_to_be_of_another_order(sample, tmp_path, options, said):
    test = lg.backtest(sample.gap)
    prospects = lg.rank_prospects(sample.gap, **options)
    section = summary_of(prospects, tmp_path, backtest=test)["sections"]["worth"]
    assert section["notes"] == [*said, *test.notes]
    assert "here" not in " ".join(row["name"] for row in section["methods"])


# Options.


def test_sections_come_as_asked(prospects, tmp_path):
    asked = ["files", "finding"]
    assert list(summary_of(prospects, tmp_path, sections=asked)["sections"]) == asked
    page = lg.build_report(prospects, tmp_path / "gap.html", sections=asked).read_text("utf-8")
    assert re.findall(r'<section [^>]*id="(\w+)"', page) == asked
    assert "<script" not in page
    assert "script-src &#39;none&#39;" in page


def test_every_section_has_its_templates():
    folder = ROOT / "linkgap" / "report" / "templates" / "sections"
    assert {path.stem for path in folder.glob("*.html")} == set(SECTIONS)
    told = {name for name, section in SECTIONS.items() if section.where != "screen"}
    assert {path.stem for path in folder.glob("*.md")} == told


def test_title_intro_and_logo(prospects, tmp_path):
    logo = tmp_path / "logo.png"
    logo.write_bytes(b"\x89PNG\r\n\x1a\nrest")
    told = {"title": "For Ann", "intro": "One.\n\nTwo.", "logo": logo}
    summary = summary_of(prospects, tmp_path, **told)
    assert (summary["title"], summary["intro"]) == ("For Ann", ["One.", "Two."])
    assert base64.b64decode(summary["logo"].removeprefix("data:image/png;base64,")) == logo.read_bytes()
    text = lg.build_report(prospects, tmp_path / "gap.md", **told).read_text("utf-8")
    assert text.startswith("# For Ann\n\nOne.\n\nTwo.\n\n## In one minute\n")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"sections": ["finding", "prices"]}, r"sections=\['prices'\] is not allowed\. Allowed: finding, best, "),
        ({"sections": []}, r"sections=\[\] is not allowed\. Allowed: "),
        ({"sections": "finding"}, r"sections='finding' is a single text"),
        ({"redact": ["names"]}, r"redact=\['names'\] is not allowed\. Allowed: contacts, notes, pages\."),
        ({"redact": "notes"}, r"redact='notes' is a single text"),
        ({"title": 3}, r"title is of type int\. Allowed: a string, or None for linkgap's default title\."),
        ({"intro": None}, r"intro is of type NoneType\. Allowed: a string; leave it out for no introduction\."),
        ({"backtest": 3}, r"backtest= was given a value of type int"),
        ({"settings": {"filters": {"presnt": []}}}, r"filters names presnt\. Allowed: "),
        ({"settings": 3}, r"settings is of type int\. Allowed: a dict, as an explorer's \.settings"),
        ({"settings": {"ranking": 3}}, r"settings\['ranking'\]=3 is not allowed\. Allowed: a dict with auth"),
        ({"settings": {"ranking": {"authority": 1}}}, r"settings\['ranking'\] names authority\. Allowed: "),
        ({"outreach": "nowhere.sqlite"}, r"There is no outreach file nowhere\.sqlite\."),
        ({"logo": "nowhere.png"}, r"The logo nowhere\.png can't be read"),
    ],
)
def test_options_that_are_not_allowed(prospects, tmp_path, options, complaint):
    with pytest.raises(lg.LinkgapError, match=complaint):
        lg.build_report(prospects, tmp_path / "gap.html", **options)
    assert list(tmp_path.iterdir()) == []


def test_a_report_counts_rivals_that_all_weigh_nothing_alike_as_the_explorer_does(prospects, tmp_path):
    weights = dict.fromkeys(prospects.gap.rivals, 0)
    said = summary_of(prospects, tmp_path, settings={"ranking": {"rival_weights": weights}})["sections"]["method"]
    assert [each["weight"] for each in said["weights"]] == [0.5, 0.5]


WRONG_PLURALS = re.compile(
    r"(?<![\d.,])1 (?:live |more )?(?:prospects|links|rivals|domains|rows|organic visits)(?! linked| to every)"
    r"|the first 1\b"
)


@pytest.mark.parametrize("rivals", [["one.example"], ["one.example", "two.example"]])
def test_one_prospect_is_spoken_of_as_one(tmp_path, rivals):
    told = {"authority": 50.0, "nofollow": False, "traffic": 1, "source_url": "https://both.example/p"}
    rows = [{"site": rival, "target_url": f"https://{rival}/", **told} for rival in rivals]
    rows.append({"site": SITE, "source_url": "https://friend.example/", "target_url": f"https://{SITE}/"})
    gone = {"site": rivals[0], "source_url": "https://gone.example/", "target_url": "https://one.example/"}
    rows.append(gone | {"lost": "2026-01-05"})
    prospects = lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site=SITE))
    meta = lg.explore(prospects, outreach=tmp_path / "o.sqlite")._meta
    texts = [json.dumps(meta["facts"]), *meta["notes"], *prospects.notes, repr(prospects), repr(prospects.gap)]
    for kind in (".html", ".md", ".json"):
        whole = lg.build_report(prospects, tmp_path / f"gap{kind}").read_text("utf-8")
        plain = re.sub(r"<(style|script)\b.*?</\1>|<(?!svg|span|i\b)[^>]+>", " ", whole, flags=re.DOTALL)
        texts.append(" ".join(plain.split()))
    assert [found for text in texts for found in WRONG_PLURALS.findall(text)] == []
    assert "re-rank 1 prospect" in texts[-3]
    assert "followed; 1 organic visit a month" in texts[-2]
    assert "Whom to write to first" in texts[-1]


def steps_of(frame, tmp_path, **options):
    prospects = lg.rank_prospects(lg.find_gap(lg.read_links(frame), site=SITE), **options)
    said = summary_of(prospects, tmp_path)["sections"]
    return " ".join([*said["method"]["steps"], *said["method"]["notes"]]), said["best"]["rows"][0]["why"]


def test_nobody_is_told_to_write_to_whom_to_leave_alone(tmp_path):
    rows = [
        {"site": rival, "source_url": f"https://{domain}/page"}
        for rival in ("one.example", "two.example")
        for domain in ("sitelike.org", "blog.example")
    ]
    frame = pd.DataFrame([*rows, {"site": SITE, "source_url": "https://friend.example/"}])
    prospects = lg.rank_prospects(lg.find_gap(lg.read_links(frame), site=SITE))
    best = summary_of(prospects, tmp_path)["sections"]["best"]
    assert dict(zip(prospects.frame["domain"], prospects.frame["tactic"], strict=True))["sitelike.org"] == "scraper"
    assert ([row["domain"] for row in best["rows"]], best["left_alone"]) == (["blog.example"], ["sitelike.org"])
    for ending in ("html", "md"):
        text = lg.build_report(prospects, tmp_path / f"gap.{ending}", sections=["best"]).read_text("utf-8")
        assert "Ranked higher but generated by a program, with nobody to write to: sitelike.org." in text


@pytest.mark.parametrize(
    ("follow", "said"),
    [
        ((True, True), "2 live links to rivals, both followed"),
        ((True, True, True), "3 live links to rivals, all followed"),
        ((True, False, True), "3 live links to rivals, 2 of them known to be followed"),
        ((True, None, None), "3 live links to rivals, 1 of them known to be followed"),
        ((False, False), "2 live links to rivals, none of them known to be followed"),
        ((False,), "1 live link to a rival, not known to be followed"),
    ],
)
def test_followed_links_are_told_in_words(tmp_path, follow, said):
    rows = [
        {
            "site": "rival.example",
            "source_url": f"https://a.example/{place}",
            "nofollow": None if each is None else not each,
        }
        for place, each in enumerate(follow)
    ]
    rows.append({"site": SITE, "source_url": "https://friend.example/", "nofollow": False})
    assert steps_of(pd.DataFrame(rows), tmp_path)[1][-1] == said


def linking(*authorities, metric="ahrefs_dr", names="abcdefgh"):
    """Rows of domains that link to a rival, with the authority of each; the site's own list has none."""
    rows = [
        {"site": "rival.example", "source_domain": f"{name}.example", "authority": figure, "authority_metric": metric}
        for name, figure in zip(names, authorities, strict=False)
    ]
    return [*rows, {"site": SITE, "source_domain": "friend.example", "authority": None, "authority_metric": metric}]


def test_the_words_on_authority_are_true(tmp_path):
    of_one, why = steps_of(pd.DataFrame(linking(50.0)), tmp_path)
    assert "authority (Ahrefs DR) as a percentile among the prospects. It is raised to the power of 0.25." in of_one
    assert why[:2] == ["links to rival.example", "Ahrefs DR 50"]
    assert steps_of(pd.DataFrame(linking(50.0, 50.0)), tmp_path)[1][1] == "Ahrefs DR 50"
    assert (
        steps_of(pd.DataFrame(linking(50.0, 40.0, 40.0)), tmp_path)[1][1] == "Ahrefs DR 50, above 66% of the prospects"
    )
    some, why = steps_of(pd.DataFrame(linking(50.0, 40.0, None, None)), tmp_path)
    assert why[1] == "Ahrefs DR 50, above 50% of the prospects whose authority is known"
    assert "No export gives an authority for 2 prospects: it is estimated." in some
    none, why = steps_of(pd.DataFrame(linking(None, None)).drop(columns=["authority", "authority_metric"]), tmp_path)
    assert "No export gives an authority, so the ranking leaves it out." in none
    assert "What a link is worth" not in none
    assert why[1:] == ["1 live link to a rival"]
    two = [*linking(50.0, 40.0), *linking(30.0, metric="moz_da", names="z")]
    both = steps_of(pd.DataFrame(two), tmp_path)[0]
    assert "authority (Ahrefs DR and Moz DA) as a percentile among the prospects; raw figures of different" in both
    assert "Authority is Ahrefs DR; Moz DA is ranked on its own (0 prospects have both)" in both


def test_the_list_says_whose_measure_each_authority_is_where_they_are_several(tmp_path):
    def listed(rows):
        prospects = lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site=SITE))
        path = lg.build_report(prospects, tmp_path / "list.md", sections=["list"], overwrite=True)
        return path.read_text(encoding="utf-8")

    several = listed([*linking(50.0, 40.0, None), *linking(460.0, metric="dataforseo_rank", names="z")])
    assert "| 40 | Ahrefs DR |" in several
    assert "| 460 | DataForSEO rank |" in several
    assert "| – | – |" in several
    assert "Metric" not in listed(linking(50.0, 40.0, None))


def test_an_authority_that_no_prospect_has_is_not_said_to_be_in_no_export(tmp_path):
    rows = linking(None)
    rows[-1]["authority"] = 60.0
    assert "No export gives an authority for any prospect, so" in steps_of(pd.DataFrame(rows), tmp_path)[0]
    nobody = lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(linking(10.0, names=["friend"]))), site=SITE))
    assert [note for note in nobody.notes if "authority" in note] == []


def test_weights_are_told_as_they_are(tmp_path):
    weights = {"authority_weight": 0, "likelihood_weights": {"authority": 0.7}}
    said, _ = steps_of(pd.DataFrame(linking(50.0, 40.0)), tmp_path, **weights)
    assert "; plus 0.7 times its authority." in said
    assert "What a link is worth does not count here, as the weight of authority is 0." in said


def test_a_model_is_not_said_to_have_won_a_test_of_which_the_report_knows_nothing(tmp_path):
    rejected = {"intercept": -2, "means": {"coverage": 0.3}, "weights": {"coverage": 4}}
    said, _ = steps_of(pd.DataFrame(linking(50.0, 40.0)), tmp_path, model=rejected)
    assert "was learned from the rivals' own lists, in place of the plain formula." in said
    assert "beat" not in said


@pytest.mark.parametrize(
    ("names", "weight", "found", "effect"),
    [
        (["plain", "other"], 1, "No prospect has any.", "It weighs a prospect down and deletes none."),
        (
            ["plain", "best-of-all-blogs"],
            1,
            "1 prospect has one or more.",
            "It weighs a prospect down and deletes none.",
        ),
        (
            ["buy-seo-links", "a-b-c"],
            0.4,
            "2 prospects have one or more.",
            "It weighs a prospect down, with the weight 0.4, and",
        ),
        (
            ["plain", "best-of-all-blogs"],
            0,
            "1 prospect has one or more.",
            "It is shown but does not count in this ranking",
        ),
    ],
)
def test_the_words_on_risk_are_true(tmp_path, names, weight, found, effect):
    said, _ = steps_of(pd.DataFrame(linking(50.0, 40.0, names=names)), tmp_path, risk_weight=weight)
    assert f"{found} {effect}" in said
    assert "spam mark" in said.split("Risk is judged without")[1]
    assert "such as: over 500 links to one site, as from every page." in said


def test_reasons_that_a_trusted_ending_outweighs_are_counted_as_the_table_shows_them(tmp_path):
    rows = linking(50.0, 40.0, 30.0, names=["plain", "x-y-z", "a-b-c"])
    frame = pd.DataFrame(rows).replace({"x-y-z.example": "x-y-z.edu"})
    said, _ = steps_of(frame, tmp_path)
    assert "2 prospects have one or more, which a trusted ending outweighs for 1. It weighs" in said


@pytest.mark.parametrize("number", [3, 9])
def test_the_picture_of_overlaps_tells_long_names_apart(tmp_path, number):
    sites = [SITE, *(f"a-rival-whose-name-begins-like-those-of-the-others-{place}.example" for place in range(number))]
    rows = [{"site": site, "source_domain": f"s{place}.example"} for place, site in enumerate(sites)]
    rows += [{"site": site, "source_domain": "all.example"} for site in sites[1:3]]
    prospects = lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows), sites=sites), site=SITE))
    page = lg.build_report(prospects, tmp_path / "gap.html", sections=["pictures"]).read_text("utf-8")
    picture = page.partition("Who links to whom")[2].partition("Blue: in the gap")[0]
    told = re.findall(r"<text[^>]*>([^<]*)</text>", picture)
    key = dict(re.findall(r"<li><b>(\w+)</b> ([^<]*)</li>", picture))
    assert not any("…" in text for text in told)
    if number == 3:
        assert told[:4] == ["A", "B", "C", "D"]
        assert list(key.values()) == list(prospects.gap.question.sites)
    else:
        assert key == {"B": sites[1], "C": sites[2]}
        assert "B and C" in told
        assert set(sites) < set(told)


def test_lines_of_a_picture_are_drawn_and_told_from_the_left():
    assert wording.points([0, 1, 0.5], 10, 100, 20, 50) == "10,100 20,50 30,75"
    lines = [{"name": "ours", "precision": [1.0, *[0.5] * 10]}, {"name": "lot", "precision": [0.0, *[0.25] * 20]}]
    assert wording.curve_in_words(lines) == "Share of hidden links among the first 10: ours 50%, lot 25%"
    assert (wording.short(9_999), wording.short(10_000)) == ("9,999", "10k")
    assert (wording.largest([], "x"), wording.largest([{"x": 0}], "x"), wording.largest([{"x": 3}], "x")) == (1, 1, 3)


def test_logos_that_are_none(prospects, tmp_path):
    for name, content, complaint in (
        ("a.png", b"MZ", r"The logo a\.png is not an image that browsers can show\. Allowed: PNG"),
        ("b.png", b"\x89PNG\r\n\x1a\n" + bytes(500_000), r"The logo b\.png has 500,008 bytes\. Allowed: PNG"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InvalidArgumentError, match=complaint):
            lg.build_report(prospects, tmp_path / "gap.html", logo=tmp_path / name)


def test_other_endings_and_other_things_are_refused(prospects, tmp_path):
    with pytest.raises(InvalidArgumentError, match=r"gap\.pdf ends in \.pdf\. Allowed: \.html, \.json, \.md\."):
        lg.build_report(prospects, tmp_path / "gap.pdf")
    for door in (lambda gap: lg.build_report(gap, tmp_path / "gap.html"), lg.show_report):
        with pytest.raises(InvalidArgumentError, match=r"was given a value of type Gap\. Allowed: what rank_prospects"):
            door(prospects.gap)
    path = lg.build_report(prospects, tmp_path / "gap.html")
    with pytest.raises(lg.LinkgapError, match="overwrite=True"):
        lg.build_report(prospects, path)
    with pytest.raises(TypeError):
        lg.build_report(prospects, tmp_path / "b.html", titel="x")
    with pytest.raises(InvalidArgumentError, match=r"height=9 is not allowed\. Allowed: a whole number from 300"):
        lg.show_report(prospects, height=9)


def test_a_backtest_of_another_site_is_refused(sample, tmp_path):
    other = lg.backtest(lg.find_gap(sample.gap.links, site="deskly.example"))
    with pytest.raises(InvalidArgumentError, match=r"backtest= is for deskly\.example"):
        lg.build_report(sample, tmp_path / "gap.html", backtest=other)


# What is left out, is left out everywhere.


def everything_in(path):
    """All text of a report, that of the explorer's packed columns too."""
    text = path.read_text("utf-8")
    packed = re.search(r'id="linkgap-columns">([^<]*)<', text)
    return text + (gzip.decompress(base64.b64decode(packed[1])).decode("utf-8", "replace") if packed else "")


SECRETS = {
    "notes": ["knows our founder"],
    "contacts": ["Kim the owner", "eve@both.example", "ann@both.example", "ann@first.example"],
    "pages": ["www.both.example", "www.first.example", "anchor of", "title of"],
}


@pytest.mark.parametrize("ending", ["html", "md", "json"])
@pytest.mark.parametrize("redact", [[], ["notes"], ["contacts"], ["pages"], ["notes", "contacts", "pages"]])
def test_redacted_means_gone(prospects, tmp_path, ending, redact):
    book = lg.open_outreach(tmp_path / "book.sqlite", site=SITE)
    said = {"note": "knows our founder, ask dan@first.example", "owner": "Kim the owner", "contact": "eve@both.example"}
    book.set("both.example", status="contacted", **said)
    text = everything_in(lg.build_report(prospects, tmp_path / f"gap.{ending}", outreach=book, redact=redact))
    text = text.replace("\\", "") if ending == "md" else text
    for what, secrets in SECRETS.items():
        if what in redact:
            assert [secret for secret in secrets if secret in text] == []
        elif what == "notes" or not redact:
            assert secrets[0] in text
    if "contacts" in redact or "notes" in redact:
        assert "dan@first.example" not in text
    if ending == "json":
        assert [each["what"] for each in json.loads(text)["left_out"]] == sorted(redact)


def test_left_out_columns_are_not_exported(prospects, tmp_path):
    page = lg.build_report(prospects, tmp_path / "gap.html", redact=["pages"]).read_text("utf-8")
    meta = json.loads(re.search(r'id="linkgap-values">([^<]*)<', page)[1])["_meta"]
    names = {column["name"] for column in [*meta["columns"], *meta["shown"]]} | set(meta["exported"])
    assert names & {"sample_url", "sample_anchor", "sample_target", "title", "tactic_evidence"} == set()
    assert "domain" in names
    assert meta["pages"] == {}


# Markdown, notebooks, shell.


def test_markdown_escapes_what_strangers_wrote(tmp_path):
    hostile = lg.rank_prospects(lg.find_gap(read_world(title="x"), site=SITE))
    text = lg.build_report(hostile, tmp_path / "gap.md", intro="<b>*bold*</b> | [a](b)").read_text("utf-8")
    assert "\\<b\\>\\*bold\\*\\</b\\> \\| \\[a\\](b)" in text
    assert "| 1 | both.example |" in text


@pytest.mark.parametrize("ending", ["html", "md"])
def test_marks_that_turn_text_around_are_not_shown(tmp_path, ending):
    marks = "\x07\u061c\u200f\u2028\u202e\u202c\u2066\u2069"
    frame = pd.DataFrame(
        {
            "site": [SITE, "one.example"],
            "source_url": ["https://friend.example/", f"https://both.example/{marks}gnp.exe"],
            "title": [None, f"title {marks}"],
        }
    )
    prospects = lg.rank_prospects(lg.find_gap(lg.read_links({SITE: frame[:1], "one.example": frame[1:]}), site=SITE))
    book = lg.open_outreach(tmp_path / "book.sqlite", site=SITE)
    book.set("both.example", status="shortlisted", note=f"note {marks}", contact=f"to {marks}")
    sections = [name for name in SECTIONS if name != "explorer"]
    told = {"title": f"for {marks}", "intro": f"intro {marks}", "outreach": book, "sections": sections}
    text = lg.build_report(prospects, tmp_path / f"gap.{ending}", **told).read_text("utf-8")
    assert set(text) & set(marks) == set()
    assert "gnp.exe" in text
    assert f"intro {' ' * len(marks)}".strip() in text


@pytest.mark.parametrize(
    ("letters", "safe"),
    [
        ("m\u00fcnchen", True),
        ("\u65e5\u672c\u8a9e", True),
        ("\u0628\u064a\u062a", True),
        ("\u0430\u0440\u0440\u04cf\u0435", False),  # Cyrillic, and reads apple
        ("m\u0131ne", False),
        ("m\u00fcn\u0441hen", False),  # with a Cyrillic c
        ("\u65e5\u0430", False),
        ("plain", False),
    ],
)
def test_a_domain_stands_in_its_own_letters_where_they_pass_for_no_others(tmp_path, letters, safe):
    links = read_pairs((SITE, "friend.example"), ("one.example", f"{letters}.example"))
    prospects = lg.rank_prospects(lg.find_gap(links, site=SITE))
    for ending in ("html", "md"):
        text = lg.build_report(prospects, tmp_path / f"gap.{ending}", sections=["best"]).read_text("utf-8")
        assert prospects.frame["domain"][0] in text
        assert (f"{letters}.example" in text) == (safe or letters == "plain")


@pytest.mark.parametrize(("letters", "links"), [(900, 2), (5000, 0)])
def test_an_endless_address_is_shown_short_and_linked_whole(tmp_path, letters, links):
    endless = f"https://both.example/{letters * 'x'}"
    rows = [{"site": SITE, "source_url": "https://friend.example/"}, {"site": "one.example", "source_url": endless}]
    prospects = lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site=SITE))
    text = lg.build_report(prospects, tmp_path / "gap.html", sections=["best", "list"]).read_text("utf-8")
    assert text.count(f'href="{endless}"') == links
    assert max(map(len, re.findall("x+", text.replace(f'href="{endless}"', "")))) < 120


def test_show_report_states_what_it_is(prospects):
    view = lg.show_report(prospects, sections=["finding", "explorer"])
    assert repr(view) == "Report: Link gap of mine.example (2 sections)"
    shown = view._repr_html_()
    assert shown.count("<iframe") == 1
    assert "allow-same-origin" not in shown
    assert "<script" not in shown


def shipped():
    import nbformat

    return nbformat.read(ROOT / "notebooks" / "report.ipynb", as_version=4)


def test_parameters_are_written_into_the_first_cell():
    found = with_parameters(shipped(), {"site": 'it\'s "mine".example', "rivals": ["a.example"], "measured": False})
    made = {}
    exec(found.cells[0].source, made)  # noqa: S102 - the cell of parameters
    assert (made["site"], made["rivals"], made["measured"]) == ('it\'s "mine".example', ["a.example"], False)
    assert made["ranking"] == {}
    with pytest.raises(InvalidArgumentError, match=r"report\.ipynb has no parameter rival\. Allowed: exports, intro, "):
        with_parameters(shipped(), {"rival": []})


def test_a_notebook_is_refused_before_it_runs(tmp_path):
    with pytest.raises(InvalidArgumentError, match=r"gap\.md ends in \.md\. Allowed: \.html, \.ipynb\."):
        build_notebook({}, tmp_path / "gap.md")
    (tmp_path / "gap.ipynb").touch()
    with pytest.raises(lg.LinkgapError, match=r"gap\.ipynb already exists"):
        build_notebook({}, tmp_path / "gap.html")
    with pytest.raises(MissingFileError, match="There is no folder"):
        build_notebook({}, tmp_path / "nowhere" / "gap.html")


def test_what_a_cell_raises_comes_back_in_words(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    with pytest.raises(lg.LinkgapError, match=r"site='nobody\.example' is not among the sites"):
        build_notebook({"site": "nobody.example"}, tmp_path / "gap.html")
    assert not (tmp_path / "gap.html").exists()


@pytest.mark.parametrize("full", ["notebook", "page"])
def test_a_notebook_is_written_with_its_html_or_not_at_all(tmp_path, monkeypatch, full):
    def write(path, text, **_):
        if text == full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        path.write_bytes(text.encode())

    monkeypatch.setattr("linkgap.report.notebook._run", lambda *_: None)
    monkeypatch.setattr("linkgap.report.notebook._as_text", lambda _: "notebook")
    monkeypatch.setattr("linkgap.report.notebook.hidden_code", lambda *_, **__: "page")
    monkeypatch.setattr(Path, "write_text", write)
    name = {"notebook": "gap.ipynb", "page": "gap.html"}[full]
    words = rf"^\S*{name} can't be written: No space left on device\. Nothing was changed\. [^.]*\.$"
    with pytest.raises(UnwritableFileError, match=words):
        build_notebook({}, tmp_path / "gap.html")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="there, nbclient leaves Ctrl-C to Python")
def test_ctrl_c_stops_a_notebook(tmp_path, monkeypatch):
    from nbclient import NotebookClient

    async def start_and_press(*_, **__):
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0.1)
        raise AssertionError("there is no kernel")

    monkeypatch.setattr(NotebookClient, "async_start_new_kernel", start_and_press)
    # What a shell starts in the background ignores Ctrl-C, and Python then leaves it ignored.
    inherited = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            build_notebook({}, tmp_path / "gap.html")
    finally:
        signal.signal(signal.SIGINT, inherited)
    assert not (tmp_path / "gap.html").exists()


def run(capsys, *words):
    try:
        code = main([str(word) for word in words])
    except SystemExit as end:
        code = end.code
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.fixture
def exports(tmp_path, monkeypatch):
    folder = tmp_path / "exports"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    for column, site in enumerate((SITE, "one.example", "two.example")):
        rows = [f"https://{source}/,https://{site}/" for source, marks in WORLD.items() if marks[column] == "x"]
        (folder / f"{site}-links.csv").write_text("\n".join(["source_url,target_url", *rows, ""]))
    return folder


def test_why_nothing_was_measured_is_said_in_the_words_of_the_shell(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for site, places in ((SITE, range(5)), ("one.example", range(3, 8)), ("two.example", range(5, 10))):
        rows = [f"d{place}.test,{place},1,{'2023' if place == 9 else '2024'}-01-01" for place in places]
        heading = "domain,domain_rating,dofollow_links,first_seen"
        Path(f"{site}-refdomains.csv").write_text("\n".join([heading, *rows, ""]))
    code, out, _ = run(capsys, "report", ".", "--site", SITE, "--min-rivals", "2")
    assert (code, "Find a gap with a smaller --min-rivals" in " ".join(out.split())) == (0, True)


def test_linkgap_report(capsys, exports):
    code, out, err = run(capsys, "report", exports, "--site", SITE, "--title", "For Ann", "--redact", "pages")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "Reading the exports"
    assert "It can't be tested here: " in out
    assert re.search(r"4 prospects\. Report written to gap\.html \(\d+ kB\)$", out)
    assert "<title>For Ann</title>" in Path("gap.html").read_text("utf-8")
    code, out, err = run(capsys, "report", exports, "--site", SITE)
    assert (code, out) == (1, "")
    assert "gap.html already exists. Name another file, or pass --overwrite to replace it." in err
    words = ("--overwrite", "--quiet", "--no-backtest", "--sections", "finding")
    assert run(capsys, "report", exports, "--site", SITE, *words) == (0, "", "")


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (["--out", "gap.pdf"], 1, "gap.pdf ends in .pdf. Allowed: .html, .json, .md."),
        (["--sections", "prices"], 1, "--sections prices is not allowed. Allowed: finding, best"),
        (["--redact", "names"], 1, "--redact names is not allowed. Allowed: contacts, notes, pages."),
        (["--logo", "nowhere.png"], 1, "The logo nowhere.png can't be read"),
        (
            ["--outreach", "nowhere.sqlite"],
            1,
            "There is no outreach file nowhere.sqlite. Name the one that your notebook or explorer writes, or",
        ),
        (["--notebook", "--logo", "x.png"], 2, "--logo and --sections can't be used with --notebook"),
        (["--notebook", "--site-files", "a.example=a.csv"], 2, "--site-files can't be passed to the notebook"),
    ],
)
def test_linkgap_report_says_what_is_wrong(capsys, exports, words, code, complaint):
    found = run(capsys, "report", exports, "--site", SITE, "--no-backtest", *words)
    assert found[:2] == (code, "")
    assert complaint in " ".join(found[2].split())
    assert not Path("gap.html").exists()


@pytest.mark.parametrize(
    ("words", "day_first"), [([], None), (["--day-first"], True), (["--month-first"], False)], ids=str
)
def test_the_notebook_reads_days_in_the_order_that_was_typed(capsys, exports, monkeypatch, words, day_first):
    told = []

    def build(parameters, out, **_):
        told.append(parameters["reading"].get("day_first"))
        return out, Path(__file__)

    monkeypatch.setattr("linkgap.report.notebook.build_notebook", build)
    assert run(capsys, "report", exports, "--site", SITE, "--notebook", *words)[0] == 0
    assert told == [day_first]


def test_the_notebook_is_given_no_other_folder_for_an_unset_variable(capsys, monkeypatch):
    told = []
    monkeypatch.setattr(
        "linkgap.report.notebook.build_notebook",
        lambda parameters, out, **_: told.extend(parameters["exports"]) or (out, Path(__file__)),
    )
    assert run(capsys, "report", "", "exports", "--site", SITE, "--notebook")[0] == 0
    assert told == ["", "exports"]
    code, out, err = run(capsys, "report", "~nobody-here/exports", "--site", SITE, "--notebook")
    assert (code, out) == (1, "")
    assert "~nobody-here/exports names a user who does not exist on this machine. Write the folder in full." in err


def test_linkgap_report_without_prospects_ends_with_3(capsys, exports):
    code, out, _ = run(capsys, "report", exports, "--site", SITE, "--present", "one.example", "--absent", "one.example")
    assert code == 3
    assert "0 prospects. Report written to gap.html" in out


def test_what_is_not_sure_is_told_first_when_nothing_is(tmp_path):
    rivals = [f"rival-{number}.example" for number in range(5)]
    rows = [{"site": rival, "source_domain": "wide.example"} for rival in rivals[:4]]
    rows += [{"site": rivals[4], "source_domain": "narrow.example"}, {"site": SITE, "source_domain": "friend.example"}]
    prospects = lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows), complete=False), site=SITE))
    sections = summary_of(prospects, tmp_path)["sections"]
    figures = {each["name"]: each["value"] for each in sections["finding"]["figures"]}
    assert figures == {"prospects": 2, "unverified": 2, "links to several rivals": 1}
    wide = next(row for row in sections["best"]["rows"] if row["domain"] == "wide.example")
    assert wide["why"][0] == "links to 4 of 5 rivals, among them rival-0.example and rival-1.example"


@pytest.mark.parametrize(
    ("redact", "told"),
    [
        ((), (True, True, True, True)),
        (("contacts",), (False, False, False, True)),
        (("pages",), (True, False, False, False)),
    ],
)
def test_what_the_pages_said_is_left_out_of_the_explorer_too(tmp_path, redact, told):
    rows = [{"site": "one.example", "source_domain": "blog.example"}, {"site": SITE, "source_domain": "friend.example"}]
    prospects = lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site=SITE))
    seen = {
        "domain": prospects.frame["domain"][0],
        "page_result": "link found",
        "page_outcome": "It links; ask ann@blog.example.",
        "link_target_outcome": "It leads to the-old-page.",
        "contact_page": "https://blog.example/whom-to-ask",
        "emails": "ed@blog.example",
    }
    checks = lg.PageChecks(SITE, ({column.name: seen.get(column.name) for column in PAGE_CHECKS},), ())
    page = lg.build_report(prospects.with_checks(checks), tmp_path / "gap.html", redact=redact).read_text("utf-8")
    packed = re.search(r'id="linkgap-columns">([^<]*)<', page)[1]
    columns = gzip.decompress(base64.b64decode(packed)).decode("latin-1")
    words = ("ed@blog.example", "ann@blog.example", "whom-to-ask", "the-old-page")
    found = [text in page or text in columns for text in words]
    assert tuple(found) == told
