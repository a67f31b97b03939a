"""How large a report is, how long it takes to write, and how soon it is on the screen: 1,000 and 100,000 prospects.

Run as `python benchmarks/bench_report.py [--rows 1000 100000]`. It is opened from disk in headless Chromium, without a
graphics card or a network. A filter is set and the result exported as a reader would, and compared with Python's.
"""

import argparse
import csv
import io
import shutil
import tempfile
import time
from pathlib import Path
from statistics import median

from bench_explorer import make_prospects
from playwright.sync_api import Browser, sync_playwright

import linkgap as lg

OPENINGS = 5
LIMITS = {1_000: (0.5, 0.5), 100_000: (4.0, 1.0)}
"""By number of prospects, the megabytes and the seconds to the first paint that a report may take."""


def open_page(browser: Browser, path: Path) -> tuple[float, float]:
    """Return the seconds to the first paint, and until the explorer can be used."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, offline=True)
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith("file:") else faults.append(asked.url))
    start = time.perf_counter()
    page.goto(path.as_uri(), wait_until="commit")
    page.wait_for_selector(".linkgap[data-ready]", timeout=60_000)
    ready = time.perf_counter() - start
    page.wait_for_timeout(300)
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000
    context.close()
    assert faults == []
    return painted, ready


def check(browser: Browser, path: Path, prospects: lg.Prospects) -> None:
    """Filter and export in the page, and compare with what Python filters."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, offline=True, accept_downloads=True)
    page = context.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector(".linkgap[data-ready]", timeout=60_000)
    page.get_by_label("Authority, minimum").fill("80")
    page.wait_for_timeout(500)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    rows = csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig")))
    frame = prospects.frame
    assert [row["domain"] for row in rows] == frame.loc[frame["authority"] >= 80, "domain"].tolist()
    context.close()


def main() -> None:
    """Run from a shell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 100_000], help="numbers of prospects")
    program = next((found for name in ("chromium", "google-chrome") if (found := shutil.which(name))), None)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for rows in parser.parse_args().rows:
            prospects = make_prospects(rows)
            path, again = Path(folder) / f"{rows}.html", Path(folder) / "again.html"
            start = time.process_time()
            lg.build_report(prospects, path)
            built = time.process_time() - start
            lg.build_report(prospects, again, overwrite=True)
            assert path.read_bytes() == again.read_bytes()
            check(browser, path, prospects)
            openings = [open_page(browser, path) for _ in range(OPENINGS)]
            painted, ready = (median(times) for times in zip(*openings, strict=True))
            size = path.stat().st_size / 1e6
            print(
                f"{len(prospects):,} prospects: {size:.2f} MB, written in {built:.1f} s of computing; "
                f"first paint {painted:.2f} s, explorer ready {ready:.2f} s (median of {OPENINGS})"
            )
            for limit, found in zip(LIMITS.get(rows, ()), (size, painted), strict=False):
                print(f"  {'met' if found <= limit else 'MISSED'}: {found:.2f} of at most {limit}")


if __name__ == "__main__":
    main()
