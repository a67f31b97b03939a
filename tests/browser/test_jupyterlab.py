"""The explorer in real JupyterLab: opened from a cell, moved from both sides, remembered when the kernel dies."""

OPEN = """
import linkgap as lg
gap = lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example")
prospects = lg.rank_prospects(gap)
explorer = lg.explore(prospects)
explorer
"""


def test_opens_from_a_cell_and_talks_with_python(lab, page, prospects):
    lab.write("explore.ipynb", OPEN)
    lab.open(page, "explore.ipynb")
    lab.run(page)
    page.wait_for_selector(".linkgap[data-ready]", timeout=90_000)
    slider = page.get_by_label("Authority of the link")
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.get_by_label("Authority, least").fill("60")
    page.get_by_label(f"Select {prospects.frame['domain'][0]}", exact=True).click()
    page.wait_for_timeout(600)
    said = ask(
        page,
        "print(explorer.settings['ranking']['authority_weight'], len(explorer.shown), *explorer.selected['domain'])",
    )
    wanted = (prospects.frame["authority"] >= 60).sum()
    assert said == f"0.3 {wanted} {prospects.frame['domain'][0]}"
    ask(page, "explorer.settings = {}; print('done')")
    page.wait_for_function("() => document.querySelector('.lg-shown').innerText.startsWith('1,693 prospects')")
    page.locator(".lg-row:visible").nth(3).click()
    page.wait_for_selector(".lg-pages li")


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


def test_a_status_outlives_the_kernel(lab, page):
    lab.write("remember.ipynb", REMEMBER)
    lab.open(page, "remember.ipynb")
    lab.run(page)
    page.wait_for_selector(".linkgap[data-ready]", timeout=90_000)
    page.get_by_label("Status of blog.example", exact=True).select_option("contacted")
    page.wait_for_timeout(400)
    assert ask(page, "print(explorer.shown['status'][0])") == "contacted"
    ask_to_die(page, lab)
    lab.run(page)
    page.wait_for_timeout(500)
    page.wait_for_selector(".linkgap[data-ready]", timeout=90_000)
    assert page.get_by_label("Status of blog.example", exact=True).input_value() == "contacted"
    page.get_by_role("grid").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("h")
    page.wait_for_function("() => document.querySelector('.lg-shown').innerText.startsWith('0 of 1')")
    page.keyboard.press("u")
    page.wait_for_function("() => document.querySelector('.lg-shown').innerText.startsWith('1 prospect')")
    assert (lab.folder / "memory.sqlite").exists()


def ask_to_die(page, lab) -> None:
    """Kill the kernel as a crash would, and wait for the new one that JupyterLab starts."""
    page.kernel_was_killed = True
    page.evaluate(
        """async () => {
          const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
          kernel.requestExecute({ code: "import os, signal; os.kill(os.getpid(), signal.SIGKILL)" });
          await window.jupyterapp.commands.execute("notebook:clear-all-cell-outputs");
        }"""
    )
    page.wait_for_function(
        """() => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === "autorestarting"
          || document.querySelector(".jp-Dialog")""",
        timeout=30_000,
    )
    page.wait_for_timeout(300)
    if page.locator(".jp-Dialog button").count():
        page.locator(".jp-Dialog button").last.click()
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    lab.wait_for_kernel(page)
