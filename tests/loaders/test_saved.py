"""Saved links: read again, alone, of several files, and beside the files that they come from."""

import warnings
import zipfile
from collections import Counter
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal

import linkgap as lg
from linkgap.errors import UnreadableFileError

pytestmark = pytest.mark.once

OWN = "source_url,target_url,anchor\n"
INTERSECT = (
    "Domain,Domain rating,Domain traffic,Intersect,a.example/,b.example/\nm.example,50,9,2,1,4\nn.example,40,9,1,,2\n"
)
TWO = {
    "source_url": ["https://a.example/x", "https://sub.b.example/y"],
    "target_url": ["https://rival.example/", "https://www.rival.example/page"],
}
TWO_PAIRS = [("a.example", "rival.example"), ("b.example", "rival.example")]


def own_rows(numbers: range, site: str = "rival.example") -> str:
    return "".join(f"https://d{number}.example/page,https://{site}/,anchor {number}\n" for number in numbers)


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def pairs(links) -> list[tuple[str, str]]:
    return sorted(zip(links.frame["source_domain"], links.frame["site"], strict=True))


@pytest.fixture(scope="module")
def sample() -> lg.Links:
    return lg.read_links(lg.sample_exports())


def two_lists_in_a_zip_by_one_name(folder: Path) -> list[Path]:
    with zipfile.ZipFile(folder / "lists.zip", "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # Python's own, of the name that is there
        for rows in (range(3), range(3, 7)):
            archive.writestr("a.csv", OWN + own_rows(rows))
    return [folder / "lists.zip"]


def one_named_as_another_in_its_folder(folder: Path) -> list[Path]:
    rows = {"all/a/x.csv": range(3), "a/x.csv": range(3, 7), "b/x.csv": range(7, 8)}
    files = [written(folder / name, OWN + own_rows(numbers)) for name, numbers in rows.items()]
    return [folder / "all", *files[1:]]


def reread(links, folder: Path):
    return lg.read_links(links.save(folder / "links.parquet"))


def test_saved_links_of_many_files_are_read_as_one(sample, tmp_path):
    """A scan for each of the files that they come from took longer the more there were, by far."""
    again = reread(sample, tmp_path)
    assert len(sample.sources) == len(again.sources) > 10
    assert sample.query().count("UNION ALL") == len(sample.sources) - 1
    assert again.query().count("UNION ALL") == 0


def test_saved_links_give_the_same_ranking_of_hosts(sample, tmp_path):
    """Of domains the sample data's own tests say so."""
    again = reread(sample, tmp_path)
    before, after = (lg.find_gap(links, site="oakdesk.example", level="host") for links in (sample, again))
    assert_frame_equal(lg.rank_prospects(after).frame, lg.rank_prospects(before).frame)


def test_saved_links_can_be_read_beside_new_ones(tmp_path):
    old = written(tmp_path / "rival.example-backlinks.csv", OWN + own_rows(range(3)))
    new = written(tmp_path / "me.example-backlinks.csv", OWN + own_rows(range(2, 5), "me.example"))
    saved = lg.read_links(old).save(tmp_path / "old.parquet")
    links = lg.read_links([saved, new])
    assert links.sites == ("me.example", "rival.example")
    assert Counter(links.frame["site"]) == {"rival.example": 3, "me.example": 3}


def test_links_that_an_earlier_version_saved_can_be_read_beside_new_ones(tmp_path):
    """Their receipts hold the day of the export as an instant."""
    old = written(tmp_path / "rival.example-backlinks-2026-10-22.csv", OWN + own_rows(range(3)))
    new = written(tmp_path / "me.example-backlinks-2026-11-03.csv", OWN + own_rows(range(2, 5), "me.example"))
    table = pq.read_table(lg.read_links(old).save(tmp_path / "old.parquet"))
    about = table.schema.metadata[b"linkgap"].replace(b'"2026-10-22"', b'"2026-10-22T00:00:00.000"')
    assert about != table.schema.metadata[b"linkgap"]
    pq.write_table(table.replace_schema_metadata({b"linkgap": about}), tmp_path / "older.parquet")
    days = lg.read_links([tmp_path / "older.parquet", new]).receipts["exported_at"]
    assert days.tolist() == [pd.Timestamp(2026, 10, 22), pd.Timestamp(2026, 11, 3)]


@pytest.mark.parametrize(
    "receipts", ['["rival.csv"]', "[[1]]", '"rival.csv"', "7", "null", '[{"exported_at": "some day"}]', "[{}]"]
)
def test_saved_links_whose_receipts_are_damaged_are_refused_in_words(tmp_path, receipts):
    table = pq.read_table(lg.read_links(pd.DataFrame(TWO)).save(tmp_path / "links.parquet"))
    about = f'{{"sites": ["rival.example"], "receipts": {receipts}}}'
    pq.write_table(table.replace_schema_metadata({"linkgap": about}), tmp_path / "links.parquet")
    with pytest.raises(UnreadableFileError, match=r"saved by linkgap, but lacks .* Read the exports and save again"):
        lg.read_links(tmp_path / "links.parquet")


@pytest.mark.parametrize(
    ("lists", "names"),
    [
        (two_lists_in_a_zip_by_one_name, ["lists.zip/a.csv", "lists.zip/a (2).csv"]),
        (one_named_as_another_in_its_folder, ["a/x.csv", "a/x (2).csv", "b/x.csv"]),
    ],
)
def test_lists_whose_names_would_be_one_are_numbered_and_saved_apart(tmp_path, lists, names):
    links = lg.read_links(lists(tmp_path), sites=["rival.example"])
    again = reread(links, tmp_path)
    assert links.receipts["file"].to_list() == again.receipts["file"].to_list() == names
    assert len(links.frame) == len(again.frame) == links.row_count


def test_an_existing_file_is_replaced_whole(tmp_path):
    links = lg.read_links(pd.DataFrame(TWO))
    (tmp_path / "links.parquet").write_text("something else", encoding="utf-8")
    assert pairs(reread(links, tmp_path)) == TWO_PAIRS
    assert [path.name for path in tmp_path.iterdir()] == ["links.parquet"]


def test_links_that_are_saved_over_the_file_they_come_from_are_still_there(tmp_path):
    saved = lg.read_links(written(tmp_path / "rival.example.csv", OWN + own_rows(range(10)))).save(
        tmp_path / "a.parquet"
    )
    links = lg.read_links(saved)
    links.save(saved)
    assert len(links.frame) == 10


def test_files_of_one_name_are_saved_once(tmp_path):
    a = written(tmp_path / "a" / "backlinks.csv", OWN + own_rows(range(3), "a.example"))
    b = written(tmp_path / "b" / "backlinks.csv", OWN + own_rows(range(4), "b.example"))
    links = lg.read_links([a, b])
    assert links.receipts["file"].is_unique
    assert len(reread(links, tmp_path).frame) == 7


def test_a_saved_site_without_links_is_still_a_site(tmp_path):
    mine = written(tmp_path / "me.example-backlinks.csv", OWN)
    theirs = written(tmp_path / "rival.example-backlinks.csv", OWN + own_rows(range(3)))
    links = lg.read_links([theirs, mine])
    assert links.sites == ("me.example", "rival.example")
    assert reread(links, tmp_path).sites == links.sites


def test_links_saved_with_a_higher_max_loss_can_be_read(tmp_path):
    path = written(tmp_path / "rival.example-backlinks.csv", OWN + own_rows(range(9)) + "-,https://rival.example/,x\n")
    assert len(reread(lg.read_links(path, max_loss=0.5), tmp_path).frame) == 9


@pytest.mark.parametrize("options", [{"sites": ["other.example"]}, {"complete": True}])
def test_options_hold_for_saved_links_too(tmp_path, options):
    cells = "".join(f"d{n}.example,{90 - n // 2},1,2026-01-01\n" for n in range(100))
    path = written(
        tmp_path / "rival.example-refdomains.csv", "domain,domain_rating,dofollow_links,first_seen\n" + cells
    )
    links = lg.read_links(lg.read_links(path).save(tmp_path / "links.parquet"), **options)
    assert links.receipts["kept"].to_list() == [len(links.frame)]
    assert links.receipts["cut"].to_list() == ["none"] or "sites" in options


def test_saved_links_beside_the_file_they_come_from_count_once(tmp_path):
    path = written(tmp_path / "rival.example-backlinks.csv", OWN + own_rows(range(9)))
    saved = lg.read_links(path).save(tmp_path / "links.parquet")
    assert len(lg.read_links([path, saved]).frame) == 9
    links = lg.read_links([saved, path])
    assert links.receipts["file"].to_list() == [f"links.parquet/{path.name}", path.name]
    assert links.receipts[["kept", "duplicate"]].to_numpy().tolist() == [[9, 0], [0, 9]]
    assert set(links.set_aside["file"]) == {path.name}
    assert len(reread(links, tmp_path).frame) == 9


def test_saved_links_of_several_sites_beside_their_file_count_once(tmp_path):
    path = written(tmp_path / "export.csv", OWN + own_rows(range(5)) + own_rows(range(3), "me.example"))
    sites = ["rival.example", "me.example", "nobody.example"]
    saved = lg.read_links(path, sites=sites).save(tmp_path / "links.parquet")
    for both in ([saved, path], [path, saved]):
        assert Counter(lg.read_links(both, sites=sites).frame["site"]) == {"rival.example": 5, "me.example": 3}
    assert lg.read_links(saved).sites == tuple(sites)
    assert len(lg.read_links([saved, path], sites=["rival.example"]).frame) == 5


@pytest.mark.parametrize("sites", [(), ["b.example"]])
def test_saved_records_for_several_sites_beside_their_file_count_once(tmp_path, sites):
    path = written(tmp_path / "intersect.csv", INTERSECT)
    alone = lg.read_links(path, sites=sites)
    saved = alone.save(tmp_path / "links.parquet")
    again = lg.read_links(saved).save(tmp_path / "again.parquet")
    for inputs in ([saved, path], [path, saved], [saved, again, path]):
        links = lg.read_links(inputs, sites=sites)
        assert pairs(links) == pairs(alone)
        assert links.receipts[["kept", "duplicate"]].to_numpy().tolist() == [[2, 0], *[[0, 2]] * (len(inputs) - 1)]
        assert len(links.set_aside) == 2 * (len(inputs) - 1)


def test_a_record_of_which_one_sites_links_were_saved_stays_for_the_other(tmp_path):
    path = written(tmp_path / "intersect.csv", INTERSECT)
    saved = lg.read_links(path, sites=["b.example"]).save(tmp_path / "links.parquet")
    links = lg.read_links([saved, path], sites=["a.example", "b.example"])
    assert ("m.example", "a.example") in pairs(links)
    assert links.receipts[["kept", "duplicate"]].to_numpy().tolist() == [[2, 0], [1, 1]]


def test_saved_lists_of_domains_beside_their_file_count_once(tmp_path):
    text = "domain,domain_rating,dofollow_links,first_seen\nA.example,50,2,2026-01-01\nb.example,40,1,2026-01-01\n"
    path = written(tmp_path / "rival.example-refdomains.csv", text)
    saved = lg.read_links(path).save(tmp_path / "links.parquet")
    newer = written(tmp_path / "new" / path.name, text + "c.example,9,1,2026-02-01\n")
    links = lg.read_links([saved, path, newer])
    assert links.receipts["file"].is_unique
    assert links.receipts[["kept", "duplicate"]].to_numpy().tolist() == [[2, 0], [0, 2], [1, 2]]


@pytest.mark.parametrize(
    ("heading", "line"),
    [("domain,domain_rating,dofollow_links,first_seen", "{},50,2,"), ("source_domain,site", "{},rival.example")],
)
def test_saved_hosts_beside_their_file_count_once_however_they_are_written(tmp_path, heading, line):
    hosts = ["bücher.example", "Käse.example", "XN--ML-FKA.Example", "bucher.example."]
    lines = "".join(f"{row}\n" for row in [heading, *map(line.format, hosts)])
    path = written(tmp_path / "rival.example-refdomains.csv", lines)
    saved = lg.read_links(path).save(tmp_path / "links.parquet")
    for both in ([saved, path], [path, saved]):
        assert lg.read_links(both).receipts[["kept", "duplicate"]].to_numpy().tolist() == [[4, 0], [0, 4]]


def test_a_host_in_two_ways_of_writing_is_one_domain_in_a_list(tmp_path):
    text = "domain,domain_rating,dofollow_links,first_seen\nbücher.example,50,2,\nxn--bcher-kva.example,50,2,\n"
    links = lg.read_links(written(tmp_path / "rival.example-refdomains.csv", text))
    assert links.receipts[["kept", "duplicate"]].to_numpy().tolist() == [[1, 1]]
    assert_frame_equal(reread(links, tmp_path).frame, links.frame)


def test_a_saved_frame_beside_itself_counts_once(tmp_path):
    frame = pd.DataFrame({"source_url": ["https://a.example/", "https://b.example/"], "site": ["x.example"] * 2})
    saved = lg.read_links(frame).save(tmp_path / "links.parquet")
    assert pairs(lg.read_links([frame, saved])) == [("a.example", "x.example"), ("b.example", "x.example")]


def test_saved_files_of_one_name_stay_apart(tmp_path):
    saved = []
    for month, rows in (("jan", 3), ("feb", 5)):
        path = written(tmp_path / month / "rival.example-backlinks.csv", OWN + own_rows(range(rows)))
        saved.append(lg.read_links(path).save(tmp_path / month / "links.parquet"))
    links = lg.read_links(saved)
    name = "links.parquet/rival.example-backlinks.csv"
    assert links.receipts["file"].to_list() == [f"jan/{name}", f"feb/{name}"]
    assert links.frame["file"].to_list() == [f"feb/{name}"] * 2 + [f"jan/{name}"] * 3
    assert links.receipts[["kept", "duplicate"]].to_numpy().tolist() == [[3, 0], [2, 3]]
    assert len(reread(links, tmp_path).frame) == 5


def test_saved_files_of_one_name_stay_apart_however_often_they_are_saved(tmp_path):
    """A list that was named after its file when it was saved has the longer name of one that is read beside it."""
    months = {"jan": range(3), "feb": range(2, 5)}
    jan, feb = (
        written(tmp_path / month / "rival.example-links.csv", OWN + own_rows(days)) for month, days in months.items()
    )
    first = lg.read_links(jan).save(tmp_path / "first.parquet")
    second = lg.read_links([first, feb]).save(tmp_path / "second.parquet")
    links = lg.read_links([first, second])
    name = "rival.example-links.csv"
    names = [f"first.parquet/{name}", f"second.parquet/first.parquet/{name}", f"second.parquet/{name}"]
    assert links.receipts["file"].to_list() == names
    assert reread(links, tmp_path).receipts["kept"].to_list() == links.receipts["kept"].to_list() == [3, 0, 2]
    assert len(reread(links, tmp_path).frame) == len(links.frame) == 5


@pytest.mark.parametrize("options", [{}, *({"sites": [site]} for site in ("a.example", "b.example", "c.example"))])
def test_a_saved_record_for_several_sites_counts_as_it_did(tmp_path, options):
    path = written(tmp_path / "intersect.csv", INTERSECT)
    saved = lg.read_links(path).save(tmp_path / "links.parquet")
    links, again = lg.read_links(path, **options, max_loss=1), lg.read_links(saved, **options)
    assert pairs(again) == pairs(links)
    for column in ("site", "rows", "kept", "set_aside", "other_site", "domains"):
        assert again.receipts[column].to_list() == links.receipts[column].to_list(), column
    assert (
        again.set_aside[["row", "reason"]].to_numpy().tolist() == links.set_aside[["row", "reason"]].to_numpy().tolist()
    )


@pytest.mark.parametrize(
    ("rows", "complete", "cut", "floor"),
    [
        (100, None, "authority", 41),
        (100, True, "none", None),
        (100, {"rival.example": True}, "none", None),
        (100, {"rival.example-refdomains.csv": False}, "authority", 41),
        (99, None, "none", None),
        (99, False, "authority", 41),
    ],
)
def test_a_saved_list_is_cut_as_it_was_unless_the_user_knows_better(tmp_path, rows, complete, cut, floor):
    cells = "".join(f"d{n}.example,{90 - n // 2},1,2026-01-01\n" for n in range(rows))
    heading = "domain,domain_rating,dofollow_links,first_seen\n"
    path = written(tmp_path / "rival.example-refdomains.csv", heading + cells)
    links = lg.read_links(lg.read_links(path).save(tmp_path / "links.parquet"), complete=complete)
    assert links.receipts["cut"].to_list() == [cut]
    assert links.receipts["floor"].fillna(0).to_list() == [floor or 0]
    assert links.receipts["floor_metric"].to_list() == [floor and "ahrefs_dr"]


def test_links_saved_before_floors_had_a_metric_are_read_and_get_it(tmp_path):
    cells = "".join(f"d{n}.example,{90 - n // 2},1,2026-01-01\n" for n in range(100))
    path = written(
        tmp_path / "rival.example-refdomains.csv", f"domain,domain_rating,dofollow_links,first_seen\n{cells}"
    )
    table = pq.read_table(lg.read_links(path).save(tmp_path / "links.parquet"))
    about = table.schema.metadata[b"linkgap"].replace(b'"floor_metric": "ahrefs_dr", ', b"")
    pq.write_table(table.replace_schema_metadata({b"linkgap": about}), tmp_path / "older.parquet")
    assert b"floor_metric" not in about
    assert lg.read_links(tmp_path / "older.parquet").receipts["floor_metric"].to_list() == ["ahrefs_dr"]
