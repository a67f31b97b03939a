"""What changed since last time, as a section of a report."""

import json
import re

import pandas as pd
import pytest

import linkgap as lg
from linkgap.errors import InvalidArgumentError

SITE, RIVAL = "me.example", "one.example"


def links_of(*pairs: tuple[str, str]) -> lg.Links:
    return lg.read_links(pd.DataFrame(pairs, columns=["site", "source_domain"]), sites=[SITE, RIVAL])


@pytest.fixture(scope="module")
def changes() -> lg.Changes:
    old = links_of((SITE, "kept.test"), (SITE, "lost.test"), (RIVAL, "open.test"))
    return lg.compare_links(old, links_of((SITE, "kept.test"), (RIVAL, "open.test")), site=SITE)


def test_every_kind_of_report_tells_the_changes(changes, tmp_path):
    told = {}
    for kind in ("html", "md", "json"):
        path = lg.build_report(changes.after, tmp_path / f"gap.{kind}", changes=changes, sections=["changes"])
        told[kind] = path.read_text(encoding="utf-8")
    assert "What changed since last time" in told["html"]
    assert "me.example: 0 new, 1 lost and 1 kept referring domains" in told["html"]
    assert "| lost.test | complete list |" in told["md"]
    section = json.loads(told["json"])["sections"]["changes"]
    assert section["lost_links"][0]["domain"] == "lost.test"
    assert {name: section[name] for name in ("sites", "gaps")} == {
        name: changes.summary[name] for name in ("sites", "gaps")
    }


def test_links_that_came_and_went_say_whose_measure_their_authority_is(tmp_path):
    rows = [(SITE, "kept.test", 9, "ahrefs_dr"), (RIVAL, "open.test", 9, "ahrefs_dr")]
    gone = [(SITE, "dr.test", 44, "ahrefs_dr"), (SITE, "as.test", 33, "semrush_as"), (SITE, "none.test", None, None)]
    names = ["site", "source_domain", "authority", "authority_metric"]
    old, new = (lg.read_links(pd.DataFrame(each, columns=names)) for each in (rows + gone, rows))
    changes = lg.compare_links(old, new, site=SITE)
    path = lg.build_report(changes.after, tmp_path / "gap.md", changes=changes, sections=["changes"])
    told = path.read_text(encoding="utf-8")
    assert "| 44 | Ahrefs DR |" in told
    assert "| 33 | Semrush AS |" in told
    assert "| – | – |" in told


@pytest.mark.parametrize("ending", ["html", "md"])
def test_hosts_that_came_and_went_are_called_hosts(tmp_path, ending):
    names = ["site", "source_url"]
    kept = [(SITE, "https://www.kept.test/"), (RIVAL, "https://www.open.test/")]
    lists = ([*kept, (SITE, "https://blog.lost.test/")], kept)
    old, new = (lg.read_links(pd.DataFrame(each, columns=names), sites=[SITE, RIVAL]) for each in lists)
    changes = lg.compare_links(old, new, site=SITE, level="host")
    path = lg.build_report(changes.after, tmp_path / f"gap.{ending}", changes=changes, sections=["changes"])
    told = path.read_text(encoding="utf-8")
    assert re.search({"html": ">Host</th>", "md": r"\| Host \| What proves it \|"}[ending], told)
    assert not re.search(r">Domain</th>|\| Domain \|", told)


def test_without_a_comparison_there_is_no_such_section(changes):
    assert "changes" not in lg.show_report(changes.after).summary["sections"]
    assert "changes" in lg.show_report(changes.after, changes=changes).summary["sections"]


def test_a_comparison_of_another_site_is_refused(changes):
    pairs = [(SITE, "a.test"), (RIVAL, "b.test")]
    other = lg.compare_links(links_of(*pairs), links_of(*pairs), site=RIVAL)
    with pytest.raises(InvalidArgumentError, match=r"^changes= is for one\.example\. Allowed: one for me\.example"):
        lg.show_report(changes.after, changes=other)
    with pytest.raises(InvalidArgumentError, match=r"^changes= is of type dict\. Allowed: what compare_links returns"):
        lg.show_report(changes.after, changes={})
