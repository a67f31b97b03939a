"""The explorer in real JupyterLab: opened from a cell, moved from both sides, remembered when the kernel dies."""

import csv
import io
import json
import os
import random
import signal
import urllib.request

import numpy as np
import pytest
from playwright.sync_api import expect

import linkgap as lg
from linkgap.explorer.filters import NO_FILTERS

OPEN = """
import linkgap as lg
gap = lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example")
prospects = lg.rank_prospects(gap)
explorer = lg.explore(prospects)
explorer
"""


@pytest.fixture(scope="module")
def notebook(lab, another_page):
    """A notebook whose cell opened the explorer: what it read and showed serves several tests."""
    page = another_page()
    lab.write("explore.ipynb", OPEN)
    lab.open(page, "explore.ipynb")
    lab.run(page)
    page.wait_for_selector(".linkgap[data-ready]", timeout=90_000)
    yield page
    page.close()


@pytest.fixture
def opened(notebook):
    """The explorer as it opened in the notebook; a test with it fails by errors and by requests elsewhere."""
    ask(notebook, "explorer.settings = {}; explorer.selected = []")
    expect(notebook.locator(".lg-shown")).to_have_text("1,693 prospects")
    yield notebook
    assert notebook.faults == []


def test_opens_from_a_cell_and_talks_with_python(opened, prospects):
    page = opened
    slider = page.get_by_label("Authority of the link")
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.get_by_label("Authority, minimum").fill("60")
    page.get_by_label(f"Select {prospects.frame['domain'][0]}", exact=True).click()
    wanted = (prospects.frame["authority"] >= 60).sum()
    check_said(
        page,
        "print(explorer.settings['ranking']['authority_weight'], len(explorer.shown), *explorer.selected['domain'])",
        f"0.3 {wanted} {prospects.frame['domain'][0]}",
    )
    ask(page, "explorer.settings = {}; print('done')")
    page.wait_for_function("() => document.querySelector('.lg-shown').innerText.startsWith('1,693 prospects')")
    page.locator(".lg-row:visible").nth(3).click()
    page.wait_for_selector(".lg-pages li")
    facts = page.locator(".lg-detail dt")
    # JupyterLab's own style of such lists would put one word on a line, in bold.
    weights = facts.evaluate_all("(all) => all.map((each) => getComputedStyle(each).fontWeight)")
    assert set(weights) == {"400"}
    assert facts.filter(has_text="Organic traffic").bounding_box()["height"] < 30


EXPORTED = """() => new Promise((resolve) => {
  const make = URL.createObjectURL;
  URL.createObjectURL = (blob) => { blob.text().then(resolve); return make(blob); };
  [...document.querySelectorAll(".linkgap button")].find(({ textContent }) => textContent === "Export CSV").click();
  URL.createObjectURL = make;
})"""
RIVALS = ("deskly.example", "sitwell.example", "uprightco.example", "workhaven.example")


def exported(page) -> list[dict[str, str]]:
    """What the screen shows, in its order, by its own export."""
    return list(csv.DictReader(io.StringIO(page.evaluate(EXPORTED).removeprefix("\ufeff"))))


def fifty_settings():
    source = random.Random(11)  # noqa: S311 - settings need a seed, not secrecy
    for place in range(50):
        one, other = source.sample(RIVALS, 2)
        asked = [{}, {"present": [one], "absent": [other]}, {"ranges": {"authority": [source.randint(5, 60), None]}}]
        asked += [{"choices": {"evidence": ["likely"]}}, {"text": "desk"}, {"ranges": {"rivals_linked": [2, None]}}]
        yield {
            "ranking": {
                "authority_weight": source.choice([0.0, 0.25, 1.37]),
                "risk_weight": source.choice([0.0, 0.4, 1.0]),
                "rival_weights": source.choice([None, {rival: source.uniform(0.01, 5) for rival in RIVALS}]),
                "likelihood_weights": {"linked_domains": source.choice([0.0, 0.7]), "authority": source.random()},
            },
            "filters": NO_FILTERS | asked[place % 6],
        }


def test_fifty_settings_from_python_give_the_order_of_rank_prospects(opened, prospects):
    for settings in fifty_settings():
        wanted = lg.explore(prospects, settings=settings).shown
        tick = opened.locator(".linkgap").get_attribute("data-tick")
        ask(opened, f"import json; explorer.settings = json.loads({json.dumps(settings)!r})")
        opened.wait_for_function("(tick) => document.querySelector('.linkgap').dataset.tick !== tick", arg=tick)
        rows = exported(opened)
        assert [row["domain"] for row in rows] == wanted["domain"].tolist(), settings
        for name in ("priority", "likelihood"):
            found = np.array([float(row[name]) for row in rows])
            assert np.abs(found - wanted[name].to_numpy()).max(initial=0) < 1e-9


FRAMES = """async () => {
  for (let frame = 0; frame < 3; frame++) await new Promise((drawn) => requestAnimationFrame(drawn));
}"""
CONTROLS = [
    *(("Authority of the link", "1.5"), ("Caution about risk", "0"), ("Likelihood: links out often", "1")),
    *(("deskly.example", "0"), ("workhaven.example", "0"), ("Rivals linked", "2"), ("Authority, minimum", "30")),
    *(("Organic traffic a month, minimum", "100"), ("Followed links, minimum", "2"), ("Risk in %, maximum", "30")),
    *(("First seen since", "2024-06-01"), ("Search domain, anchor and title", "o")),
]
SECTIONS = ("evidence", "relation", "tactic", "language", "platform", "risk_reasons")


def test_every_control_moves_screen_and_python(opened):
    opened.evaluate("() => document.querySelectorAll('.lg-section').forEach((each) => { each.open = true; })")
    controls = opened.locator(".lg-controls")
    points = opened.evaluate("document.querySelector('.lg-canvas').toDataURL()")
    for label, value in CONTROLS:
        controls.get_by_label(label, exact=True).fill(value)
        points = check_moved(opened, points, label)
    for name in SECTIONS:
        opened.get_by_role("button", name="Clear filters").click()
        opened.evaluate("() => document.querySelectorAll('.lg-section').forEach((each) => { each.open = true; })")
        opened.locator(".linkgap").evaluate(FRAMES)
        points = opened.evaluate("document.querySelector('.lg-canvas').toDataURL()")
        controls.locator(f"[data-name={name}] input").first.uncheck()
        check_moved(opened, points, name)


def check_moved(page, points: str, what: str) -> str:
    """The pictures changed, and Python has what the screen shows; return the picture."""
    page.locator(".linkgap[data-telling]").wait_for(state="detached")
    page.locator(".linkgap").evaluate(FRAMES)
    now = page.evaluate("document.querySelector('.lg-canvas').toDataURL()")
    assert now != points, what
    shown = [row["domain"] for row in exported(page)]
    check_said(page, "print(*explorer.shown['domain'])", " ".join(shown))
    return now


def check_said(page, code: str, wanted: str) -> None:
    """Python says what is wanted, as soon as what was done on the screen has reached it."""
    for _ in range(100):
        if (said := ask(page, code)) == wanted:
            break
        page.wait_for_timeout(100)
    assert said == wanted


def ask(page, code: str) -> str:
    """Run code in the notebook's kernel and return what it prints."""
    return page.evaluate(
        """async (code) => {
          const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
          const future = kernel.requestExecute({ code });
          let said = "";
          future.onIOPub = ({ header, content }) => {
            if (header.msg_type === "stream") said += content.text;
            if (header.msg_type === "error") said += content.traceback.join("\\n");
          };
          await future.done;
          return said.trim();
        }""",
        code,
    )


REMEMBER = """
import linkgap as lg
import pandas as pd
rows = [
    {"site": "a.example", "source_url": "https://friend.example/", "target_url": "https://a.example/"},
    {"site": "b.example", "source_url": "https://blog.example/", "target_url": "https://b.example/"},
]
prospects = lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="a.example"))
explorer = lg.explore(prospects, outreach="memory.sqlite")
explorer
"""


def test_a_status_outlives_the_kernel(lab, another_page):
    page = another_page()
    lab.write("remember.ipynb", REMEMBER)
    lab.open(page, "remember.ipynb")
    lab.run(page)
    page.wait_for_selector(".linkgap[data-ready]", timeout=90_000)
    page.get_by_label("Status of blog.example", exact=True).select_option("contacted")
    check_said(page, "print(explorer.shown['status'][0])", "contacted")
    ask(page, "lg.open_outreach('memory.sqlite', site='a.example').set('blog.example', note='from Python')")
    page.wait_for_function("() => document.querySelector('input.lg-note').value === 'from Python'")
    kill_kernel(page, lab, "remember.ipynb")
    assert ask(page, "print('explorer' in globals())") == "False"
    lab.run(page)
    page.wait_for_selector(".linkgap[data-ready]", timeout=90_000)
    assert page.get_by_label("Status of blog.example", exact=True).input_value() == "contacted"
    grid = page.get_by_role("grid")
    grid.press("ArrowDown")
    grid.press("h")
    page.wait_for_function("() => document.querySelector('.lg-shown').innerText.startsWith('0 of 1')")
    grid.press("u")
    page.wait_for_function("() => document.querySelector('.lg-shown').innerText.startsWith('1 prospect')")
    assert (lab.folder / "memory.sqlite").exists()
    page.close()
    # JupyterLab itself complains, in many words, of questions that a killed kernel left open.
    assert [fault for fault in page.faults if fault.startswith("request:")] == []


def kill_kernel(page, lab, name: str) -> None:
    """Kill the notebook's kernel as a crash would, have the server start another, and open the notebook anew."""
    kernel = page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.id")
    os.kill(int(ask(page, "import os; print(os.getpid())")), signal.SIGKILL)
    asked = urllib.request.Request(f"{lab.address}/api/kernels/{kernel}/restart", method="POST")  # noqa: S310 - our own server
    with urllib.request.urlopen(asked, timeout=60):  # noqa: S310
        lab.open(page, name)
