"""How fast the explorer opens and moves in real JupyterLab: `python benchmarks/bench_lab.py [--rows 100000]`.

First paint is the time from the end of the cell's Python to the first frame with the table in it, by the same clock.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles

from bench_explorer import MOVE, SCROLL, STEPS
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "browser"))  # the tests' conftest.py starts JupyterLab
from conftest import Lab, jupyter_lab  # type: ignore[attr-defined] # noqa: E402 - mypy finds the one above

MAKE = f"""
import sys, time
sys.path.insert(0, {str(HERE)!r})
import linkgap as lg
from bench_explorer import make_prospects
prospects = make_prospects(ROWS)
prospects.frame
"""
OPEN = """
explorer = lg.explore(prospects)
ended = time.time()
explorer
"""
PAINTED = """() => new Promise((resolve) => {
  const look = () => document.querySelector(".linkgap[data-ready]")
    ? requestAnimationFrame(() => resolve(Date.now())) : requestAnimationFrame(look);
  look();
})"""
ASK = """async (code) => {
  const future = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({ code });
  let said = "";
  future.onIOPub = ({ header, content }) => { if (header.msg_type === "stream") said += content.text; };
  await future.done;
  return said;
}"""


def measure(page: Page, lab: Lab, rows: int) -> list[str]:
    """Run the notebook and return the figures."""
    received = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: received.append(len(data))))
    lab.write(f"{rows}.ipynb", MAKE.replace("ROWS", str(rows)), OPEN)
    lab.open(page, f"{rows}.ipynb")
    lab.run(page)
    painted = page.evaluate(PAINTED) / 1000
    ended = float(page.evaluate(ASK, "print(ended)"))
    page.locator(".linkgap").scroll_into_view_if_needed()
    page.wait_for_timeout(1000)
    before = sum(received)
    times = page.evaluate(MOVE, STEPS)
    scroll = page.evaluate(SCROLL, 120)
    return [
        f"first paint {painted - ended:.2f} s after the end of the cell's Python",
        f"{before / 1e6:.1f} MB to the browser",
        f"slider to painted frame: median {median(times):.0f} ms, 95th percentile {quantiles(times, n=20)[-1]:.0f} ms",
        f"scrolling {scroll['fps']:.0f} frames a second, {scroll['blank']} of 120 frames blank",
    ]


def main() -> None:
    """Run from a shell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000], help="numbers of prospects")
    chosen = parser.parse_args().rows
    program = next((found for name in ("chromium", "google-chrome") if (found := shutil.which(name))), None)
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as home,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        with jupyter_lab(Path(folder), Path(home)) as port:
            for rows in chosen:
                page = browser.new_page(viewport={"width": 1600, "height": 1000})
                page.set_default_timeout(600_000)
                figures = measure(page, Lab(Path(folder), port), rows)
                print(f"{rows:,} prospects, 10 rivals, in JupyterLab:", *figures, sep="\n  - ")
                page.close()


if __name__ == "__main__":
    main()
