"""The report in a real browser: opened from disk, with nothing behind it."""

import json

import pandas as pd
import pytest

import linkgap as lg
from linkgap.errors import InvalidArgumentError

HOSTILE = "<img src=x onerror=window.pwned=1></script><script>window.pwned=1</script>"


def opened(page, path):
    page.goto(path.as_uri())
    page.wait_for_selector(".linkgap[data-ready]")
    return page


def test_the_explorer_works_in_the_file(page, prospects, tmp_path):
    opened(page, lg.build_report(prospects, tmp_path / "gap.html", title="For the client"))
    assert page.title() == "For the client"
    assert page.locator(".best li b").all_inner_texts() == prospects.frame["domain"].head(10).tolist()
    page.get_by_label("Authority, least").fill("60")
    wanted = int((prospects.frame["authority"] >= 60).sum())
    page.wait_for_function(
        "(wanted) => document.querySelector('.lg-shown').innerText.startsWith(`${wanted} of`)", arg=wanted
    )
    first = prospects.frame["domain"][0]
    page.get_by_label(f"Status of {first}", exact=True).select_option("rejected")
    page.get_by_role("button", name="Undo").click()
    page.wait_for_selector(f"select[aria-label='Status of {first}'][data-word=new]")


def test_the_same_prospects_give_the_same_bytes_and_the_same_summary(page, prospects, tmp_path):
    backtest = lg.backtest(prospects.gap, kind="rivals")
    first, again = (lg.build_report(prospects, tmp_path / name, backtest=backtest) for name in ("a.html", "b.html"))
    assert first.read_bytes() == again.read_bytes()
    assert first.stat().st_size < 500_000
    summary = json.loads(lg.build_report(prospects, tmp_path / "a.json", backtest=backtest).read_text("utf-8"))
    opened(page, first)
    shown = page.locator("main").inner_text()
    said = [summary["title"], summary["finding"], summary["formula"], *summary["notes"], *summary["backtest"]]
    assert [text for text in said if text not in shown] == []
    assert [row["file"] for row in summary["receipts"] if row["file"] not in shown] == []


def hostile_prospects():
    rows = [
        {
            "site": "a.example",
            "source_url": "https://friend.example/",
            "target_url": "https://a.example/",
            "anchor": "x",
        },
        {
            "site": "b.example",
            "source_url": "https://b1.example/",
            "target_url": "https://b.example/",
            "anchor": HOSTILE,
        },
    ]
    return lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="a.example"))


def test_hostile_text_is_inert_and_the_policy_stops_what_is_not_ours(page, tmp_path):
    path = lg.build_report(hostile_prospects(), tmp_path / "gap.html", title=HOSTILE, intro=HOSTILE)
    opened(page, path)
    page.locator(".lg-row").first.click()
    page.wait_for_timeout(200)
    assert page.evaluate("window.pwned") is None
    assert page.locator("main img").count() == 0


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_nothing_sticks_out_of_a_narrow_page(chromium, prospects, tmp_path, width, scheme):
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = opened(context.new_page(), lg.build_report(prospects, tmp_path / "gap.html"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_no_prospects_still_make_a_report(page, tmp_path):
    rows = [
        {"site": site, "source_url": "https://friend.example/", "target_url": f"https://{site}/"}
        for site in ("a.example", "b.example")
    ]
    prospects = lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="a.example"))
    opened(page, lg.build_report(prospects, tmp_path / "gap.html"))
    assert "There are no prospects." in page.locator("main").inner_text()


def test_markdown_escapes_what_strangers_wrote(tmp_path):
    text = lg.build_report(hostile_prospects(), tmp_path / "gap.md", intro="<b>*bold*</b>").read_text("utf-8")
    assert "\\<b\\>\\*bold\\*\\</b\\>" in text
    assert "| 1 | b1.example |" in text


def test_other_endings_and_other_things_are_refused(prospects, tmp_path):
    with pytest.raises(InvalidArgumentError, match=r"gap\.pdf ends in \.pdf\. Allowed: \.html, \.json, \.md\."):
        lg.build_report(prospects, tmp_path / "gap.pdf")
    with pytest.raises(InvalidArgumentError, match="was given a Gap"):
        lg.build_report(prospects.gap, tmp_path / "gap.html")
    path = lg.build_report(prospects, tmp_path / "gap.html")
    with pytest.raises(lg.LinkgapError, match="overwrite=True"):
        lg.build_report(prospects, path)
