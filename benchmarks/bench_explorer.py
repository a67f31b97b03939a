"""How fast the explorer is in a real browser, for 100,000 prospects and for a million, with ten rivals.

Run as `python benchmarks/bench_explorer.py [--rows 100000 1000000]`. The explorer is opened in headless Chromium
(without a graphics card) from a file that needs no kernel; the widget in JupyterLab runs the same modules on the same
bytes.
"""

import argparse
import shutil
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

import numpy as np
import pandas as pd
from playwright.sync_api import Page, sync_playwright

import linkgap as lg
from linkgap.explorer.page import build_page, page_parts

SITE = "mysite.example"
RIVALS = [f"rival-{number}.example" for number in range(1, 11)]
STEPS = 40
MOVE = """(steps) => new Promise((resolve) => {
  const slider = document.querySelector(".lg-controls input[type=range]");
  const root = document.querySelector(".linkgap");
  const times = [];
  const step = (number) => {
    if (number === steps) return resolve(times);
    const start = performance.now();
    const tick = root.dataset.tick;
    slider.value = String((number % 20) / 10);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    requestAnimationFrame(() => {
      if (root.dataset.tick === tick) throw new Error("nothing was drawn");
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        times.push(performance.now() - start);
        setTimeout(() => step(number + 1), 30);
      };
      channel.port2.postMessage(0);
    });
  };
  step(0);
})"""
SCROLL = """(frames) => new Promise((resolve) => {
  const table = document.querySelector(".lg-scroll");
  const start = performance.now();
  let blank = 0;
  const step = (frame) => {
    if (frame === frames) return resolve({ fps: 1000 * frames / (performance.now() - start), blank });
    table.scrollTop += 90;
    requestAnimationFrame(() => {
      const box = table.getBoundingClientRect();
      const element = document.elementFromPoint(box.left + 120, box.top + box.height / 2);
      if (!element?.closest(".lg-row")) blank += 1;
      step(frame + 1);
    });
  };
  step(0);
})"""


def make_prospects(rows: int) -> lg.Prospects:
    """Return `rows` made-up prospects, most of which link to one rival."""
    draw = np.random.default_rng(20)
    words = np.array(
        ["harbor", "lively", "saddle", "tractor", "orchard", "planet", "copper", "meadow", "signal", "violet"]
    )
    pick = words[draw.integers(0, len(words), (rows, 3))]
    names = [f"{one}{two}-{place}.com" for place, (one, two, _) in enumerate(pick)]
    links = np.minimum(draw.geometric(0.6, rows), len(RIVALS))
    who = np.repeat(np.arange(rows), links)
    turn = np.arange(len(who)) - np.repeat(np.cumsum(links) - links, links)
    rival = (np.repeat(draw.integers(0, len(RIVALS), rows), links) + turn) % len(RIVALS)
    frame = pd.DataFrame(
        {
            "site": np.array(RIVALS)[rival],
            "source_url": [f"https://{names[at]}/{pick[at][0]}/{pick[at][2]}-{at}" for at in who],
            "target_url": [f"https://{RIVALS[at]}/" for at in rival],
            "anchor": [" ".join(pick[at]) for at in who],
            "authority": draw.integers(0, 92, rows)[who].astype(float),
            "first_seen": (np.datetime64("2020-01-01") + draw.integers(0, 2400, rows).astype("timedelta64[D]"))[who],
        }
    )
    own = pd.DataFrame({"site": [SITE], "source_url": ["https://friend.example/"], "target_url": [f"https://{SITE}/"]})
    gap = lg.find_gap(lg.read_links(pd.concat([frame, own]), progress=False), site=SITE)
    return lg.rank_prospects(gap)


def measure(page: Page, path: Path) -> list[str]:
    """Open the page and return the figures."""
    start = time.perf_counter()
    page.goto(path.as_uri(), wait_until="commit")
    page.wait_for_selector(".linkgap[data-ready]", timeout=120_000)
    painted = time.perf_counter() - start
    page.wait_for_timeout(500)
    times = page.evaluate(MOVE, STEPS)
    scroll = page.evaluate(SCROLL, 120)
    return [
        f"first paint {painted:.2f} s",
        f"slider to painted frame: median {median(times):.0f} ms, 95th percentile {quantiles(times, n=20)[-1]:.0f} ms",
        f"scrolling {scroll['fps']:.0f} frames a second, {scroll['blank']} of 120 frames blank",
    ]


def main() -> None:
    """Run from a shell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000], help="numbers of prospects")
    program = next((found for name in ("chromium", "google-chrome") if (found := shutil.which(name))), None)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for rows in parser.parse_args().rows:
            prospects = make_prospects(rows)
            start = time.perf_counter()
            parts = page_parts(prospects)
            sent, packed = len(parts.columns) * 3 // 4, time.perf_counter() - start
            path = Path(folder) / f"{rows}.html"
            path.write_text(build_page(parts, title="benchmark"), encoding="utf-8")
            page = browser.new_page(viewport={"width": 1600, "height": 1000})
            figures = [f"{sent / 1e6:.1f} MB to the browser, packed in {packed:.1f} s", *measure(page, path)]
            print(f"{len(prospects):,} prospects, {len(RIVALS)} rivals:", *figures, sep="\n  - ")
            page.close()


if __name__ == "__main__":
    main()
