"""Take the README's pictures of the explorer, from the sample data: `python docs/pictures/make_pictures.py`."""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

import linkgap as lg
from linkgap.explorer.page import build_page, page_parts

HERE = Path(__file__).parent
SIZE = {"width": 1500, "height": 820}
SHOWN = "photopile.example"


def take_picture(browser: Browser, page_file: Path, scheme: str) -> Path:
    """Open the explorer in a light or dark page, select one prospect and save a screenshot."""
    context = browser.new_context(viewport=SIZE, color_scheme=scheme)
    page = context.new_page()
    page.goto(page_file.as_uri())
    page.wait_for_selector(".linkgap[data-ready]")
    page.locator(".lg-row", has_text=SHOWN).first.click()
    page.wait_for_selector(".lg-terms")
    picture = HERE / f"explorer-{scheme}.png"
    page.locator(".linkgap").screenshot(path=picture)
    context.close()
    return picture


def main() -> None:
    """Run from a shell."""
    gap = lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example")
    program = next((found for name in ("chromium", "google-chrome") if (found := shutil.which(name))), None)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = Path(folder) / "explorer.html"
        page_file.write_text(build_page(page_parts(lg.rank_prospects(gap)), title="linkgap"), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for scheme in ("light", "dark"):
            print(take_picture(browser, page_file, scheme))


if __name__ == "__main__":
    main()
