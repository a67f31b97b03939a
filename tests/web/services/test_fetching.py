"""Lists fetched from servers on loopback that speak the services' documented forms."""

import re

import pandas as pd
import pytest

import linkgap as lg
from linkgap.errors import KeyRefusedError, NoUnitsLeftError, ServiceAnswerError, ServiceError

LISTS = [
    (name, what)
    for name, lists in {
        "ahrefs": ("referring_domains", "backlinks"),
        "bing": ("backlinks",),
        "dataforseo": ("referring_domains", "backlinks"),
        "majestic": ("referring_domains", "backlinks"),
        "moz": ("referring_domains", "backlinks"),
        "se_ranking": ("referring_domains", "backlinks"),
        "semrush": ("referring_domains", "backlinks"),
    }.items()
    for what in lists
]
PAGED = [each for each in LISTS if each not in {("majestic", "referring_domains"), ("se_ranking", "referring_domains")}]
RIVAL = "rival.example"


def domains(links: lg.Links, site: str = RIVAL) -> list[str]:
    return sorted(links.frame.query("site == @site")["source_domain"])


def names(number: int) -> list[str]:
    return [f"d{place:05}.test" for place in range(number)]


@pytest.mark.parametrize(("name", "what"), LISTS)
def test_a_whole_list_is_read_page_by_page(serve, tmp_path, name, what):
    vendor = serve(name)
    vendor.hold(rival__example=50, me__example=7)
    estimate = lg.estimate_fetch(name, sites=[RIVAL, "me.example"], what=what, max_rows=200, cache=tmp_path / "kept")
    links = lg.fetch_links(name, sites=[RIVAL, "me.example"], what=what, max_rows=200, cache=tmp_path / "kept")
    assert domains(links) == names(50)
    assert domains(links, "me.example") == names(7)
    assert links.receipts["cut"].tolist() == ["none", "none"]
    assert links.receipts["rows"].tolist() == links.receipts["kept"].tolist() == [50, 7]
    assert vendor.charged <= estimate.units
    if (name, what) in PAGED:
        assert len(vendor.asked) >= 4
    asked = len(vendor.asked)
    again = lg.fetch_links(name, sites=[RIVAL, "me.example"], what=what, max_rows=200, cache=tmp_path / "kept")
    pd.testing.assert_frame_equal(again.frame, links.frame)
    assert len(vendor.asked) == asked
