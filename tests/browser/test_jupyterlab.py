"""The explorer in real JupyterLab: opened from a cell, moved from both sides, remembered by the kernel."""

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
