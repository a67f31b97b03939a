"""From whatever the user holds to the links table: frames, saved links, sites that are prefixes, overlapping files."""

import datetime as dt
import warnings
import zipfile
from collections import Counter
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal

import linkgap as lg
from linkgap.engine import Engine
from linkgap.errors import TooMuchLossError, UnreadableFileError
from linkgap.loaders import counting
from linkgap.loaders.sites import site_named
from linkgap.schema import LINKS, PROVIDERS, RECEIPTS

OWN = "source_url,target_url,anchor\n"
AHREFS = "Referring page URL,Domain rating,Target URL,Redirect Chain URLs,Type,Links in group,Nofollow\n"
TYPES = {"integer": "i", "number": "f", "boolean": "b", "date": "M", "text": "O"}


def own_rows(numbers: range, site: str = "rival.example") -> str:
    return "".join(f"https://d{number}.example/page,https://{site}/,anchor {number}\n" for number in numbers)


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def pairs(links) -> list[tuple[str, str]]:
    return sorted(zip(links.frame["source_domain"], links.frame["site"], strict=True))


def written_csv(cells: dict[str, list], folder: Path) -> Path:
    pd.DataFrame(cells).to_csv(folder / "links.csv", index=False)
    return folder / "links.csv"


def written_parquet(cells: dict[str, list], folder: Path) -> Path:
    pq.write_table(pa.table(cells), folder / "links.parquet")
    return folder / "links.parquet"


TWO = {
    "source_url": ["https://a.example/x", "https://sub.b.example/y"],
    "target_url": ["https://rival.example/", "https://www.rival.example/page"],
}
TWO_PAIRS = [("a.example", "rival.example"), ("b.example", "rival.example")]


# --- frames ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        pd.DataFrame,
        pl.DataFrame,
        pa.table,
        pa.RecordBatch.from_pydict,
        lambda columns: pa.RecordBatchReader.from_batches(pa.table(columns).schema, pa.table(columns).to_batches()),
        lambda columns: pd.DataFrame(columns).convert_dtypes(dtype_backend="pyarrow"),
        lambda columns: pd.DataFrame(columns, index=[7, 7]),
        lambda columns: pd.DataFrame(columns, index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])),
        lambda columns: pd.DataFrame(columns).astype("category"),
        lambda columns: pd.DataFrame(columns, dtype=object),
        lambda columns: pd.DataFrame({name.upper(): cells for name, cells in columns.items()}),
    ],
    ids=[
        *("pandas", "polars", "arrow table", "arrow batch", "arrow stream", "pandas on arrow", "repeated index"),
        *("two-level index", "categories", "objects", "upper-case headings"),
    ],
)
def test_links_come_in_columns_of_any_library(make):
    links = lg.read_links(make(TWO))
    assert pairs(links) == TWO_PAIRS
    receipt = links.receipts.iloc[0]
    assert receipt[["rows", "kept", "set_aside"]].to_list() == [2, 2, 0]
    assert (receipt["provider"], receipt["report"]) == ("linkgap", "links")


def test_links_come_from_a_parquet_file(tmp_path):
    pq.write_table(pa.table(TWO), tmp_path / "mine.parquet")
    links = lg.read_links(tmp_path / "mine.parquet")
    assert pairs(links) == TWO_PAIRS
    assert links.receipts["file"].to_list() == ["mine.parquet"]


def test_values_of_all_types_mean_what_they_say():
    frame = pd.DataFrame({
        "source_url": ["https://a.example/", "https://b.example/", "https://c.example/"],
        "site": pd.Categorical(["rival.example"] * 3),
        "nofollow": pd.Series([True, None, False], dtype=object),
        "ugc": pd.array([None, True, False], dtype="boolean"),
        "links": [3.0, np.nan, 1.0],
        "authority": pd.array([57, None, 3], dtype="Int64"),
        "page_authority": np.array([1.5, np.nan, 0], dtype="float32"),
        "traffic": pd.Series([1200, "1,240", "n/a"], dtype=object),
        "first_seen": pd.to_datetime(["2026-01-02 23:59", None, "1999-12-31 00:00"]),
        "last_seen": pd.Series([dt.date(2026, 1, 3), None, dt.datetime(2026, 1, 4, 5, 6)], dtype=object),  # noqa: DTZ001
        "lost": [None, "2026-02-01", None],
        "anchor": pd.Series([7, ["a", "b"], None], dtype=object),
        "title": pd.Series([b"caf\xc3\xa9", "\ud800", "x\x00y"], dtype=object),
    })  # fmt: skip
    links = lg.read_links(frame).frame
    assert links["nofollow"].to_list() == [True, pd.NA, False]
    assert links["ugc"].to_list() == [pd.NA, True, False]
    assert links["links"].to_list() == [3, 1, 1]
    assert links["follow_links"].to_list() == [0, 0, 1]
    assert links["authority"].fillna(-1).to_list() == [57, -1, 3]
    assert links["page_authority"].fillna(-1).to_list() == [1.5, -1, 0]
    assert links["traffic"].fillna(-1).to_list() == [1200, 1240, -1]
    assert links["first_seen"].dt.strftime("%F").fillna("").to_list() == ["2026-01-02", "", "1999-12-31"]
    assert links["last_seen"].dt.strftime("%F").fillna("").to_list() == ["2026-01-03", "", "2026-01-04"]
    assert links["is_lost"].to_list() == [False, True, False]
    assert links["anchor"].fillna("").to_list() == ["7", "['a', 'b']", ""]
    assert links["title"].to_list()[0] == "café"
    assert lg.read_links(frame).receipts["unread_values"].to_list() == [0]


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, lambda columns: pa.table(pd.DataFrame(columns))])
def test_the_day_of_an_instant_is_that_of_utc_wherever_the_machine_stands(make):
    instants = [dt.datetime(2026, 1, 2, 0, 30, tzinfo=dt.UTC), dt.datetime(2026, 1, 2, 23, 30, tzinfo=dt.UTC)]
    links = lg.read_links(make({**TWO, "first_seen": instants}))
    assert links.frame["first_seen"].dt.strftime("%F").to_list() == ["2026-01-02", "2026-01-02"]


def test_of_columns_with_one_name_the_first_counts():
    cells = [["https://a.example/", "https://rival.example/", "https://wrong.example/"]]
    links = lg.read_links(pd.DataFrame(cells, columns=["source_url", "target_url", "source_url"]))
    assert pairs(links) == [("a.example", "rival.example")]


@pytest.mark.parametrize("kind", ["period[M]", "interval", "complex128", "Sparse[int]", "timedelta64[ns]", "float16"])
def test_columns_of_rare_types_do_no_harm(kind):
    rare = pd.interval_range(0, 2) if kind == "interval" else pd.Series([1, 2])
    rare = pd.period_range("2026-01", periods=2, freq="M") if kind == "period[M]" else rare
    column = rare if kind in {"interval", "period[M]"} else rare.astype(kind)
    assert pairs(lg.read_links(pd.DataFrame({**TWO, "authority": column}))) == TWO_PAIRS


DAYS = [dt.date(2024, 2, 29), dt.date(1989, 12, 31), dt.date(1990, 1, 1), dt.date(2099, 12, 31), dt.date(2100, 1, 1)]
FLAGS = [True, False, None]
NUMBERS = [0.5, 2.5, -2.5, 1e300, -1e19, 9e18, float("inf"), float("-inf"), 1e-7]
VALUES = {
    "authority": pa.array(NUMBERS),
    "page_authority": pa.array(range(-4, 5), pa.int8()),
    "linked_domains": pa.array(NUMBERS),
    "referring_domains": pa.array(range(9), pa.uint32()),
    "links": pa.array([3, 0, -3, None, 1, 10**10, 2**63 - 1, 40, 5]),
    "follow_links": pa.array([2.0, 0.0, None, 7.0, 1.4, 1e9, 2.6, -1.0, 5.0]),
    "spam_score": pa.array([1.5, float("nan"), None] * 3, from_pandas=False),
    "nofollow": pa.array(FLAGS * 3),
    "is_lost": pa.array([None, True, False] * 3),
    "first_seen": pa.array([*DAYS, None, *DAYS[:3]]),
    "last_seen": pa.array([*DAYS, None, *DAYS[:3]]).cast(pa.timestamp("us")),
}


@pytest.mark.parametrize(
    ("lost", "unread"),
    [(pa.array([*DAYS, *[None] * 4]), 2), (pa.array(FLAGS * 3), 6), (pa.array([0, 1, None] * 3), 6)],
)
def test_values_say_what_their_texts_say(lost, unread):
    """A column that holds values is not read by its text; it means the same."""
    numbers = {"source_url": [f"https://d{number}.example/" for number in range(9)], "site": ["rival.example"] * 9}
    held = pa.table({**numbers, **VALUES, "lost": lost})
    texts = pa.table({name: [_as_text(cell) for cell in held.column(name).to_pylist()] for name in held.column_names})
    found, expected = (lg.read_links(table, sites=["me.example", "rival.example"]) for table in (held, texts))
    assert_frame_equal(found.frame, expected.frame)
    assert_frame_equal(found.receipts, expected.receipts)
    assert found.receipts["unread_values"].item() == 14 + unread
    assert_frame_equal(*(lg.find_gap(links, site="me.example").frame for links in (found, expected)))


@pytest.mark.parametrize("links", [9.1e18, "9100000000000000000", 2**62])
def test_numbers_that_no_count_has_are_unknown_and_add_up_to_no_error(links):
    cells = {"source_url": ["https://a.example/"] * 3, "site": ["rival.example"] * 3, "links": [links, links, 3]}
    table = pa.table(
        {**cells, "links": [str(cell) for cell in cells["links"]] if isinstance(links, str) else cells["links"]}
    )
    found = lg.read_links(table)
    assert found.frame["links"].to_list() == [1, 1, 3]
    assert found.receipts["unread_values"].to_list() == [2]


def test_days_that_pandas_can_not_tell_are_refused_in_words():
    days = pd.Series(pd.arrays.ArrowExtensionArray(pa.array([2**31 - 1, 0], pa.date32())))
    with pytest.raises(
        UnreadableFileError, match=r"The pandas DataFrame can't be read: .* Give it as a pandas DataFrame"
    ):
        lg.read_links(pd.DataFrame({**TWO, "first_seen": days}))


def test_numbers_that_are_none_are_unknown():
    cells = [3.0, float("nan"), float("inf"), float("-inf")]
    numbers = {name: pa.array(cells, from_pandas=False) for name in ("links", "linked_domains", "traffic", "authority")}
    pages = [f"https://d{number}.example/" for number in range(4)]
    links = lg.read_links(pa.table({"source_url": pages, "site": ["rival.example"] * 4, **numbers}))
    assert links.frame["links"].to_list() == [3, 1, 1, 1]
    for name in ("linked_domains", "traffic", "authority"):
        assert links.frame[name].isna().to_list() == [False, True, True, True]
    assert links.receipts["unread_values"].to_list() == [8]


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary_view()])
def test_bytes_are_read_as_the_text_that_they_are(kind, tmp_path):
    pages = ["https://a.example/caf\u00e9".encode(), b"https://b.example/\xff"]
    table = pa.table({"source_url": pages, "site": [b"rival.example"] * 2, "links": [b"1,240", b"7"]})
    table = table.set_column(0, "source_url", table.column("source_url").cast(kind))
    pq.write_table(table, tmp_path / "bytes.parquet")
    for given in (table, tmp_path / "bytes.parquet"):
        links = lg.read_links(given).frame
        assert links["source_url"].to_list() == ["https://a.example/caf\u00e9", "https://b.example/\\xFF"]
        assert (links["site"].to_list(), links["links"].to_list()) == (["rival.example"] * 2, [1240, 7])


@pytest.mark.parametrize("zone", [None, "UTC"])
@pytest.mark.parametrize(("unit", "far"), [("s", 10**13), ("s", -(10**13)), ("ms", 10**17)])
def test_instants_beyond_all_years_are_unknown(unit, far, zone):
    instants = pa.array([far, dt.datetime(2024, 2, 29, tzinfo=dt.UTC)], pa.timestamp(unit, zone))
    links = lg.read_links(pa.table({**TWO, "first_seen": instants, "anchor": instants}))
    assert links.frame["first_seen"].dt.strftime("%F").fillna("").to_list() == ["", "2024-02-29"]
    assert links.receipts["unread_values"].to_list() == [1]


def test_instants_of_numpy_beyond_all_years_are_unknown():
    links = lg.read_links(pd.DataFrame({**TWO, "first_seen": np.array([10**13, 1_700_000_000], dtype="datetime64[s]")}))
    assert links.frame["first_seen"].dt.strftime("%F").fillna("").to_list() == ["", "2023-11-14"]


@pytest.mark.parametrize(
    "kind",
    [pa.string_view(), pa.large_string(), pa.binary_view(), pa.run_end_encoded(pa.int32(), pa.string()), pa.string()],
)
def test_columns_of_arrow_in_a_pandas_frame_are_read_whatever_their_type(kind):
    pages = pa.array(TWO["source_url"])
    pages = pc.run_end_encode(pages) if pa.types.is_run_end_encoded(kind) else pages.cast(kind)
    column = pd.Series(pd.arrays.ArrowExtensionArray(pages))
    assert pairs(lg.read_links(pd.DataFrame({"site": ["rival.example"] * 2, "source_url": column}))) == TWO_PAIRS


def _as_text(cell):
    return cell if cell is None else str(cell).lower()


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_instants_of_every_unit_have_their_day_in_utc(unit, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    instant = pa.array([dt.datetime(2024, 2, 29, 23, 30, tzinfo=dt.UTC)] * 2, pa.timestamp(unit, "UTC"))
    links = lg.read_links(pa.table({**TWO, "first_seen": instant, "provider": instant}))
    assert links.frame["first_seen"].dt.strftime("%F").to_list() == ["2024-02-29"] * 2
    assert set(links.frame["provider"]) == {"2024-02-29 23:30:00"}


@pytest.mark.parametrize("make", [pd.DataFrame, written_csv, written_parquet])
@pytest.mark.parametrize("odd", ["Page | {URL}", "{", "{x}", "a{b}c", "|", "a|b", "$x", "%s {0}"])
def test_a_heading_that_the_user_names_is_taken_as_it_stands(odd, make, tmp_path):
    cells = {odd: ["https://a.example/x", "https://b.example/"], "s": ["rival.example"] * 2, f"{odd} 2": [5, 6]}
    columns = {"source_url": odd, "site": "s", "authority": f"{odd} 2"}
    table = make(cells) if make is pd.DataFrame else make(cells, tmp_path)
    assert lg.read_links(table, columns=columns).frame["authority"].to_list() == [5, 6]


def test_a_table_of_nothing_but_values_is_no_crash():
    with pytest.raises(TooMuchLossError, match=r"2 of 2 rows .* can't be used \(2 no domain\)"):
        lg.read_links(pa.table({"source_domain": [1, 2], "site": [3, 4]}), sites=["rival.example"])


def test_a_frame_of_an_ahrefs_export_is_one():
    frame = pd.DataFrame({
        "Referring page URL": ["https://a.example/x", "https://b.example/"],
        "Target URL": ["https://rival.example/", "https://rival.example/"],
        "Domain rating": [57.0, 12.0],
        "Nofollow": [False, True],
        "Links in group": [4, 1],
        "First seen": ["2026-01-02 10:00:00", ""],
    })  # fmt: skip
    links = lg.read_links(frame)
    receipt = links.receipts.iloc[0]
    assert (receipt["provider"], receipt["report"]) == ("ahrefs", "backlinks")
    assert links.frame["authority"].to_list() == [57, 12]
    assert set(links.frame["authority_metric"]) == {"ahrefs_dr"}
    assert links.frame["follow_links"].to_list() == [4, 0]


def test_a_frame_with_headings_that_sql_uses_itself_is_read():
    inlinks = {
        "Type": "Hyperlink",
        "Source": "https://a.example/p",
        "Destination": "https://rival.example/",
        "Target": "_blank",
        "Status Code": "200",
        "Follow": "true",
    }
    odd = dict.fromkeys(["row", "place", "landing", "pair", "own_row", "linkgap row"], "odd")
    frame = pd.DataFrame([inlinks | odd])
    links = lg.read_links(frame)
    assert pairs(links) == [("a.example", "rival.example")]
    assert links.receipts["provider"].to_list() == ["screaming_frog"]


def test_a_frame_may_name_several_providers():
    frame = pd.DataFrame({**TWO, "provider": ["ahrefs", "moz"], "authority": [50, 60]})
    links = lg.read_links(frame)
    assert links.frame.set_index("source_domain")["provider"].to_dict() == {"a.example": "ahrefs", "b.example": "moz"}
    assert links.receipts["kept"].to_list() == [1, 1]


# --- the tables -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample() -> lg.Links:
    return lg.read_links(lg.sample_exports())


def test_the_links_table_has_the_columns_that_the_schema_names(sample):
    assert sample.frame.columns.to_list() == [column.name for column in LINKS]
    for column in LINKS:
        kind = sample.frame[column.name].dtype
        assert getattr(kind, "kind", "O") in {TYPES[column.type], "O"} or column.type == "integer", column.name
        if column.never_null:
            assert sample.frame[column.name].notna().all(), column.name


def test_receipts_have_the_columns_that_the_schema_names(sample):
    assert sample.receipts.columns.to_list() == [column.name for column in RECEIPTS]
    assert (sample.receipts["rows"] == sample.receipts["kept"] + sample.receipts["set_aside"]).all()
    for column in RECEIPTS:
        if column.never_null:
            assert sample.receipts[column.name].notna().all(), column.name


# --- saved links ----------------------------------------------------------------------------------------------------


def reread(links, folder: Path):
    return lg.read_links(links.save(folder / "links.parquet"))


def test_saved_links_come_back_as_they_were(sample, tmp_path):
    again = reread(sample, tmp_path)
    assert again.sites == sample.sites
    assert_frame_equal(again.frame, sample.frame)
    assert_frame_equal(again.receipts, sample.receipts, check_dtype=False)
    assert repr(again) == repr(sample)


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


def test_an_existing_file_is_replaced_whole(tmp_path):
    links = lg.read_links(pd.DataFrame(TWO))
    (tmp_path / "links.parquet").write_text("something else", encoding="utf-8")
    assert pairs(reread(links, tmp_path)) == TWO_PAIRS
    assert [path.name for path in tmp_path.iterdir()] == ["links.parquet"]


# --- sites ----------------------------------------------------------------------------------------------------------


def test_a_row_goes_to_the_longest_site_that_matches(tmp_path):
    sites = {
        "https://rival.example/shop/chairs": "rival.example/shop/",
        "https://rival.example/shop": "rival.example/shop/",
        "rival.example/shop/tables?sort=price": "rival.example/shop/",
        "https://www.rival.example/Shop/chairs": "rival.example/shop/",
        "https://rival.example/shop/desks/oak": "rival.example/shop/desks/",
        "https://rival.example/shopping": "rival.example",
        "https://www.rival.example/": "rival.example",
        "https://help.rival.example/a": "rival.example",
        "https://blog.rival.example/a": "blog.rival.example",
        "https://deep.blog.rival.example/": "blog.rival.example",
    }
    cells = "".join(f"https://s{number}.example/,{target},x\n" for number, target in enumerate(sites))
    path = written(tmp_path / "mixed.csv", OWN + cells + "https://other.example/,https://elsewhere.example/,x\n")
    compared = ["rival.example", "rival.example/shop/", "rival.example/shop/desks/", "blog.rival.example"]
    links = lg.read_links(path, sites=compared)
    assert dict(zip(links.frame["target_url"], links.frame["site"], strict=True)) == sites
    assert links.set_aside[["row", "reason"]].to_numpy().tolist() == [[11, "other site"]]


def test_a_prefix_matches_in_any_letter_case(tmp_path):
    text = (
        OWN + "https://a.example/,HTTPS://me@WWW.Rival.example.:443/shop/x,x\n" + "b.example,rival.example/shopping,x\n"
    )
    links = lg.read_links(written(tmp_path / "mixed.csv", text), sites=["rival.example", "rival.example/Shop/"])
    assert pairs(links) == [("a.example", "rival.example/Shop/"), ("b.example", "rival.example")]


def test_a_site_that_is_a_prefix_alone_leaves_the_rest_of_its_domain_aside(tmp_path):
    text = OWN + "https://a.example/,https://rival.example/shop/x,\nhttps://b.example/,https://rival.example/blog,\n"
    links = lg.read_links(written(tmp_path / "mixed.csv", text), sites=["rival.example/shop/"])
    assert pairs(links) == [("a.example", "rival.example/shop/")]
    assert links.set_aside["reason"].to_list() == ["other site"]


def test_targets_that_the_first_rows_do_not_show_are_counted_all_the_same(tmp_path, monkeypatch):
    sent_on = ["", "https://rival.example/", "https://elsewhere.example/"]
    text = AHREFS + "".join(
        f"https://d{number}.example/,50,https://{host}.example/,{sent_on[number % 3]},,1,false\n"
        for number, host in enumerate(["rival", "old", "old", "www.rival", "blog.rival", "rival", "old", "newer"])
    )
    whole = lg.read_links(written(tmp_path / "whole.csv", text), sites=["rival.example"])
    monkeypatch.setattr(counting, "_PEEKED_ROWS", 1)
    with patch.object(Engine, "rows_reading", autospec=True, side_effect=Engine.rows_reading) as readings:
        links = lg.read_links(written(tmp_path / "peeked.csv", text), sites=["rival.example"])
    assert readings.call_count == 2  # the first rows, and all
    assert pairs(links) == pairs(whole) == [(f"d{number}.example", "rival.example") for number in (0, 1, 3, 4, 5, 7)]
    assert_frame_equal(links.receipts.drop(columns="file"), whole.receipts.drop(columns="file"))


def test_a_link_goes_where_its_redirects_end(tmp_path):
    text = AHREFS + (
        'https://a.example/,5,https://old.example/,"https://mid.example/,https://www.rival.example/x",redirect,3,false\n'
        "https://b.example/,5,https://rival.example/,,text,2,true\n"
        "https://c.example/,5,https://old.example/,https://elsewhere.example/,redirect,1,false\n"
    )
    links = lg.read_links(written(tmp_path / "rival.example-backlinks.csv", text))
    assert links.frame["source_domain"].to_list() == ["a.example", "b.example"]
    assert links.frame["links"].to_list() == [3, 2]
    assert links.frame["follow_links"].to_list() == [3, 0]
    assert links.set_aside[["row", "line", "reason"]].to_numpy().tolist() == [[3, 4, "other site"]]


@pytest.mark.parametrize("compared", ["a-site.example", "z-site.example", "a-site.example/shop/"])
def test_a_link_that_is_sent_on_to_another_compared_site_is_that_ones(tmp_path, compared):
    cells = f"https://a.example/,9,https://rival.example/x,https://{compared.rstrip('/')}/,Text,1,FALSE\n"
    links = lg.read_links(written(tmp_path / "links.csv", AHREFS + cells), sites=["rival.example", compared])
    assert pairs(links) == [("a.example", compared)]


@pytest.mark.parametrize(
    ("prefix", "target"),
    [
        ("bücher.example/shop/", "https://bücher.example/shop/x"),
        ("bücher.example/shop/", "https://www.xn--bcher-kva.example/shop/x"),
        ("rival.example/café/", "https://rival.example/caf%C3%A9/x"),
        ("rival.example/caf%c3%a9/", "https://rival.example/café"),
    ],
)
def test_a_prefix_matches_in_any_script(tmp_path, prefix, target):
    text = f"source_url,target_url\nhttps://a.example/,{target}\nhttps://b.example/,https://rival.example/other\n"
    links = lg.read_links(written(tmp_path / "links.csv", text), sites=[prefix])
    assert [domain for domain, _ in pairs(links)] == ["a.example"]


def test_links_of_a_site_to_itself_are_no_links(tmp_path):
    text = OWN + "https://blog.rival.example/,https://rival.example/,x\nhttps://a.example/,https://rival.example/,x\n"
    links = lg.read_links(written(tmp_path / "rival.example-backlinks.csv", text))
    assert pairs(links) == [("a.example", "rival.example")]
    assert links.set_aside["reason"].to_list() == ["self link"]
    assert links.receipts[["self_link", "other_site"]].to_numpy().tolist() == [[1, 0]]


def test_files_are_for_the_sites_that_the_user_says(tmp_path):
    list_of = "domain,domain_rating,dofollow_links,first_seen\n{},50,2,2026-01-01\n"
    mine = written(tmp_path / "export (1).csv", list_of.format("a.example"))
    theirs = [written(tmp_path / f"export ({n}).csv", list_of.format(f"d{n}.example")) for n in (2, 3)]
    links = lg.read_links({"me.example": mine, "https://www.Rival.example/": theirs})
    assert links.sites == ("me.example", "rival.example")
    assert pairs(links) == [
        ("a.example", "me.example"),
        ("d2.example", "rival.example"),
        ("d3.example", "rival.example"),
    ]


def test_files_of_one_name_in_different_folders_stay_apart(tmp_path):
    a = written(tmp_path / "a" / "backlinks.csv", OWN + own_rows(range(3), "a.example"))
    b = written(tmp_path / "b" / "backlinks.csv", OWN + own_rows(range(4), "b.example"))
    links = lg.read_links([a, b])
    assert Counter(links.frame["site"]) == {"a.example": 3, "b.example": 4}
    assert lg.read_links(tmp_path).receipts["file"].to_list() == ["a/backlinks.csv", "b/backlinks.csv"]


def test_links_of_many_files_are_judged_at_once(sample):
    """Joins of each file's own took the engine minutes to plan for a thousand files."""
    assert len(sample.sources) > 10
    assert sample.query().count("JOIN named") == 1


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


@pytest.mark.parametrize(
    ("name", "site"),
    [
        ("müller.de-refdomains.csv", "xn--mller-kva.de"),
        ("mu\u0308ller.de-refdomains.csv", "xn--mller-kva.de"),
        ("xn--mller-kva.de-refdomains.csv", "xn--mller-kva.de"),
        ("ahrefs-bücher.example_2026-10-22.csv", "xn--bcher-kva.example"),
        ("backlinks.new rival.example.csv", "rival.example"),
        ("rival.example.xlsx - Sheet1.csv", "rival.example"),
        ("rival.example-backlinks.md", "rival.example"),
        ("rival.md-backlinks.csv", "rival.md"),
        ("rival.md.csv", "rival.md"),
        ("rival.md/backlinks.csv", "rival.md"),
        ("rival.md/backlinks.md", "rival.md"),
    ],
)
def test_a_files_name_says_the_site_in_any_script(tmp_path, name, site):
    text = "domain,domain_rating,dofollow_links,first_seen\na.example,50,2,2026-01-01\n"
    folder = tmp_path / "exports"
    (folder / name).parent.mkdir(parents=True)
    written(folder / name, text)
    assert lg.read_links(folder).sites == (site,)


@pytest.mark.parametrize(
    ("name", "site"),
    [
        ("new-look.example-backlinks_refdomains.csv", "new-look.example"),
        ("all-clad.example-refdomains-subdomains_2026-10-22_19-38-16.csv", "all-clad.example"),
        ("https___data-hub.example_-Latest links-2026-10-22.csv", "data-hub.example"),
        ("sc-domain_links-r-us.example-Latest links-2026-10-22.csv", "links-r-us.example"),
        ("moz-inbound-links-for-link-shop.example-2026_10_22.csv", "link-shop.example"),
        ("1-800-chairs.example.csv", "1-800-chairs.example"),
        ("export_top-desks.example.csv", "top-desks.example"),
        ("all-new-backlinks-rival.example.csv", "rival.example"),
        ("rival-deskly.example.csv", "deskly.example"),
        ("competitor2-deskly.example.csv", "deskly.example"),
        ("03-deskly.example.csv", "deskly.example"),
        ("2026-10-22-deskly.example.csv", "deskly.example"),
        ("22.10.2026-deskly.example.csv", "deskly.example"),
        ("2026.10.22-deskly.example.csv", "deskly.example"),
        ("2026-10-22.deskly.example.csv", "deskly.example"),
        ("deskly.example-22.10.26.csv", "deskly.example"),
        ("1-2-3-deskly.example.csv", "1-2-3-deskly.example"),
        ("deskly.example-backlinks.new.csv", "deskly.example"),
        ("deskly.example.refdomains.part2.csv", "deskly.example"),
        ("the.best-backlinks.example.csv", "the.best-backlinks.example"),
        ("rival.com-vs-other.com.csv", "rival.com"),
        ("rival.co.uk-vs-my-shop.de-backlinks.csv", "rival.co.uk"),
        ("cats-vs-dogs.com.csv", "cats-vs-dogs.com"),
        ("www.cats-vs-dogs.com-backlinks.csv", "cats-vs-dogs.com"),
    ],
)
def test_a_site_that_begins_like_a_word_of_exporters_keeps_its_name(name, site):
    assert str(site_named(name, ())) == site


@pytest.mark.parametrize("spoken", PROVIDERS.values())
def test_the_name_of_any_provider_before_a_site_is_no_part_of_it(spoken):
    assert str(site_named(f"{spoken.lower().replace(' ', '-')}-rival.example.csv", ())) == "rival.example"


def test_a_site_may_be_plain():
    assert str(site_named("plain-living.example.csv", ())) == "plain-living.example"


@pytest.mark.parametrize("site", ["look.example", "new-look.example", "ahrefs-new-look.example"])
def test_which_part_of_a_files_name_is_the_site_is_told_by_the_compared_sites(tmp_path, site):
    text = "domain,domain_rating,dofollow_links,first_seen\na.example,50,2,2026-01-01\n"
    path = written(tmp_path / "ahrefs-new-look.example.csv", text)
    assert pairs(lg.read_links(path, sites=[site, "other.example"])) == [("a.example", site)]


@pytest.mark.parametrize("name", ["backlinks.new.csv", "links.live.csv", "all.domains.csv", "backlinks.md"])
def test_a_file_name_made_of_an_exporters_words_is_no_site(tmp_path, name):
    text = "domain,domain_rating,dofollow_links,first_seen\na.example,50,2,2026-01-01\n"
    with pytest.raises(lg.LinkgapError, match="does not say which site"):
        lg.read_links(written(tmp_path / name, text))


# --- duplicates and counts ------------------------------------------------------------------------------------------


def test_a_link_in_overlapping_files_counts_once(tmp_path):
    written(tmp_path / "rival.example-backlinks-1.csv", OWN + own_rows(range(10)))
    written(tmp_path / "rival.example-backlinks-2.csv", OWN + own_rows(range(5, 15)))
    links = lg.read_links(tmp_path)
    assert links.receipts["kept"].to_list() == [10, 5]
    assert links.receipts["duplicate"].to_list() == [0, 5]
    assert sorted(links.frame["anchor"]) == sorted(f"anchor {number}" for number in range(15))
    assert links.set_aside[["row", "line"]].to_numpy().tolist() == [[row, row + 1] for row in range(1, 6)]


def test_a_link_from_a_host_without_a_dot_counts_once_in_two_files(tmp_path):
    rows = "http://localhost:3000/,https://rival.example/,x\nhttp://[2001:db8::1]/,https://rival.example/,x\n"
    for number in "12":
        written(tmp_path / f"rival.example-backlinks-{number}.csv", "source_url,target_url,anchor\n" + rows)
    assert lg.read_links(tmp_path).receipts[["kept", "duplicate"]].to_numpy().tolist() == [[2, 0], [0, 2]]


@pytest.mark.parametrize("became", ["has changed", "is gone"])
def test_a_file_that_is_no_longer_what_was_counted_is_not_read_again(tmp_path, became):
    """Half of its links would be in the frame, and all in the receipts."""
    written(tmp_path / "rival.example.csv", OWN + own_rows(range(10)))
    path = written(tmp_path / "mine.example.csv", OWN + own_rows(range(5), "mine.example"))
    links = lg.read_links({"rival.example": tmp_path / "rival.example.csv", "mine.example": path})
    gap = lg.find_gap(links, site="mine.example")
    (tmp_path / "rival.example.csv").unlink()
    if became == "has changed":
        written(tmp_path / "rival.example.csv", OWN + own_rows(range(3)))
    for ask in (lambda: links.frame, lambda: links.save(tmp_path / "a.parquet"), lambda: lg.rank_prospects(gap).frame):
        with pytest.raises(UnreadableFileError, match=rf"^rival\.example\.csv {became} since it was read"):
            ask()
    assert not (tmp_path / "a.parquet").exists()


def test_links_that_are_saved_over_the_file_they_come_from_are_still_there(tmp_path):
    saved = lg.read_links(written(tmp_path / "rival.example.csv", OWN + own_rows(range(10)))).save(
        tmp_path / "a.parquet"
    )
    links = lg.read_links(saved)
    links.save(saved)
    assert len(links.frame) == 10


def test_what_is_no_host_is_no_duplicate(tmp_path):
    """Though it stands there several times: the receipt counts it as what it is."""
    path = written(tmp_path / "rival.example.csv", "from,number\na.example,5\nNA,1\nNA,1\na.example,5\n")
    links = lg.read_links(path, columns={"source_domain": "from", "links": "number"}, max_loss=1)
    assert links.receipts[["kept", "duplicate", "no_domain"]].to_numpy().tolist() == [[1, 1, 2]]


@pytest.mark.parametrize(
    ("counts", "other"),
    [
        ("subdomains_2026-09-22_19-38-16", "subdomains_2026-01-22_19-38-16"),
        ("lost_2026-09-22_19-38-16", "subdomains_2026-01-22_19-38-16"),
        ("subdomains_2026-09-22_19-38-16", "lost_2026-09-22_19-38-16"),
        ("all", "lost_2026-09-22_19-38-16"),
    ],
)
def test_of_two_states_of_one_link_the_later_export_counts(tmp_path, counts, other):
    heading = "source_url,target_url,anchor,lost\n"
    for name, lost in ((other, ""), (counts, "2026-05-05")):
        cells = f"https://a.example/,https://rival.example/,x,{lost}\nhttps://b.example/,https://rival.example/,y,\n"
        written(tmp_path / f"rival.example-backlinks-{name}.csv", heading + cells)
    links = lg.read_links(tmp_path)
    assert dict(zip(links.receipts["file"], links.receipts["duplicate"], strict=True)) == {
        f"rival.example-backlinks-{other}.csv": 2,
        f"rival.example-backlinks-{counts}.csv": 0,
    }
    assert links.frame.sort_values("source_domain")["is_lost"].to_list() == [True, False]


def test_rows_that_name_their_site_count_once_in_two_like_files(tmp_path):
    for name in ("links.csv", "links (1).csv"):
        written(tmp_path / name, "source_url,site\nhttps://a.example/,rival.example\nhttps://a.example/,me.example\n")
    links = lg.read_links(tmp_path)
    assert links.receipts[["kept", "duplicate"]].to_numpy().tolist() in ([[2, 0], [0, 2]], [[0, 2], [2, 0]])


def test_records_for_several_sites_count_once_in_two_like_files(tmp_path):
    heading = "Domain,Domain rating,Intersect,me.example,rival.example\n"
    written(tmp_path / "intersect.csv", heading + "a.example,50,1,,2\nb.example,40,2,1,3\n")
    written(tmp_path / "intersect (1).csv", heading + "b.example,40,2,1,3\nc.example,30,1,,1\n")
    links = lg.read_links(tmp_path)
    assert sorted(links.receipts[["kept", "duplicate"]].to_numpy().tolist()) == [[1, 1], [2, 0]]
    assert links.set_aside["reason"].to_list() == ["duplicate"]
    assert lg.rank_prospects(lg.find_gap(links, site="me.example")).frame["links"].sum() == 3


def test_the_list_of_one_host_proves_nothing_of_the_others(tmp_path):
    written(tmp_path / "blog.me.example-refdomains.csv", "source_domain\na.example\n")
    written(tmp_path / "www.rival.example-refdomains.csv", "source_domain\nb.example\n")
    links = lg.read_links(tmp_path, sites=["me.example", "rival.example"])
    assert links.receipts["partial"].to_list() == ["only links to blog.me.example", None]
    assert lg.find_gap(links, site="me.example").frame["evidence"].to_list() == ["unverified"]


@pytest.mark.parametrize(
    ("name", "partial"),
    [
        ("my-domain.example-backlinks-subdomains_2026-09-22.csv", None),
        ("my-domain rival.example-backlinks-subdomains_2026-09-22.csv", None),
        ("rival.example_links-by-domain.csv", None),
        ("links-per-domain.zip/rival.example.csv", None),
        ("rival.example-referring-domain.csv", None),
        ("rival.example-backlinks-domain_2026-09-22.csv", "no links to subdomains (mode domain)"),
    ],
)
def test_a_mode_stands_where_vendors_write_it(name, partial, tmp_path):
    archive, _, inside = name.rpartition("/")
    path = written(tmp_path / inside, "source_domain\na.example\n")
    if archive:
        with zipfile.ZipFile(tmp_path / archive, "w") as packed:
            packed.write(path, inside)
    links = lg.read_links({"rival.example": tmp_path / archive if archive else path})
    assert links.receipts["partial"].to_list() == [partial]


def test_different_domains_of_two_own_lists_are_no_duplicates(tmp_path):
    for number, names in enumerate((["a", "b"], ["b", "c"])):
        cells = "".join(f"{name}.example,https://rival.example/\n" for name in names)
        written(tmp_path / f"rival.example-{number}.csv", "source_domain,target_url\n" + cells)
    links = lg.read_links(tmp_path)
    assert links.receipts[["kept", "duplicate"]].to_numpy().tolist() == [[2, 0], [1, 1]]
    assert {domain for domain, _ in pairs(links)} == {"a.example", "b.example", "c.example"}


@pytest.mark.parametrize("date", ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d %b %Y"])
def test_a_link_that_moz_saw_again_after_its_loss_is_not_lost_however_days_are_written(tmp_path, date):
    days = [(dt.date(2026, 2, 1), dt.date(2026, 9, 20)), (dt.date(2026, 10, 1), dt.date(2026, 9, 20))]
    rows = [f"a.example/{lost.day},rival.example/,5,{lost:{date}},{seen:{date}}\n" for lost, seen in days]
    heading = "source.page,target.page,source.domain_authority,date_disappeared,date_last_seen\n"
    links = lg.read_links(written(tmp_path / "links.csv", heading + "".join(rows)))
    assert links.frame["is_lost"].to_list() == [False, True]
    assert links.frame["lost"].dt.date.to_list()[1] == dt.date(2026, 10, 1)
    assert links.frame["lost"].isna().to_list() == [True, False]


@pytest.mark.parametrize(("state", "partial"), [("2026-09-01", "only lost links"), ("", None)])
def test_a_copy_of_a_list_of_lost_links_is_no_complete_list(tmp_path, state, partial):
    text = "domain,dr,dofollow links,lost\na.example,50,2,2026-09-01\n" + f"a.example,50,2,{state}\n" * 2
    written(tmp_path / "rival.example.csv", "domain,dr,dofollow links,lost\na.example,50,2,2026-09-01\n")
    written(tmp_path / "rival.example (1).csv", text)
    receipts = lg.read_links(tmp_path).receipts.set_index("file")["partial"]
    assert receipts["rival.example (1).csv"] == partial


def test_two_like_links_in_one_file_are_two_links(tmp_path):
    links = lg.read_links(written(tmp_path / "rival.example-backlinks.csv", OWN + own_rows(range(2)) * 2))
    assert links.receipts[["kept", "duplicate", "domains"]].to_numpy().tolist() == [[4, 0, 2]]


def test_a_domain_twice_in_a_list_of_domains_counts_once(tmp_path):
    text = "domain,domain_rating,dofollow_links,first_seen\n" + "a.example,50,2,2026-01-01\n" * 2 + "b.example,9,1,\n"
    links = lg.read_links(written(tmp_path / "rival.example-refdomains.csv", text))
    assert links.receipts[["rows", "kept", "duplicate"]].to_numpy().tolist() == [[3, 2, 1]]
    assert links.set_aside[["row", "reason"]].to_numpy().tolist() == [[2, "duplicate"]]
    pages = written(tmp_path / "other.example.txt", "https://a.example/x/\nhttps://a.example/X\nhttps://a.example/y\n")
    assert lg.read_links(pages).receipts[["kept", "duplicate"]].to_numpy().tolist() == [[2, 1]]


def test_an_older_export_beside_a_newer_one_is_noted(tmp_path):
    for month, domain in (("09", "b.example"), ("10", "c.example")):
        text = f"domain,domain_rating,dofollow_links,first_seen\na.example,50,2,2026-01-01\n{domain},9,1,\n"
        written(tmp_path / f"rival.example-refdomains-subdomains_2026-{month}-22_19-41-02.csv", text)
    note = "a newer export, of 2026-10-22, was read, too: a domain that only this one lists still counts"
    links = lg.read_links(tmp_path)
    assert links.domain_count == 3
    for each in (links, lg.read_links(links.save(tmp_path / "saved.parquet"))):
        assert each.receipts.sort_values("exported_at")["note"].fillna("").to_list() == [note, ""]


def test_files_of_several_vendors_are_united(tmp_path):
    ahrefs = "domain,domain_rating,dofollow_links,first_seen\na.example,50,2,2026-01-01\nb.example,40,1,2026-01-01\n"
    semrush = "Domain ascore,Domain,Backlinks,IP Address,Country,First seen,Last seen\n30,b.example,7,192.0.2.1,de,,\n"
    written(tmp_path / "rival.example-refdomains.csv", ahrefs)
    written(tmp_path / "rival.example-backlinks_refdomains.csv", semrush)
    links = lg.read_links(tmp_path)
    assert links.receipts["duplicate"].sum() == 0
    assert links.domain_count == 2
    assert links.frame["authority_metric"].value_counts().to_dict() == {"ahrefs_dr": 2, "semrush_as": 1}


@pytest.mark.parametrize(("other", "metric"), [(",", "our_score"), ("7,", "authority"), ("7,their_score", "authority")])
def test_a_file_of_links_names_the_metric_of_its_authority_if_all_is_of_one(tmp_path, other, metric):
    rows = f"rival.example,https://a.example/,5,our_score\nrival.example,https://b.example/,{other}\n"
    links = lg.read_links(written(tmp_path / "links.csv", "site,source_url,authority,authority_metric\n" + rows))
    assert links.frame["authority_metric"].to_list() == [metric] * 2


@pytest.mark.parametrize("column", ["provider", "authority_metric"])
def test_a_damaged_row_of_a_file_that_names_its_lists_is_set_aside(tmp_path, column):
    row = "rival.example,https://a.example/,5,moz\n"
    text = f"site,source_url,authority,{column}\n" + row * 300 + "rival.example,https://b.example/,5,moz,more,more\n"
    links = lg.read_links(written(tmp_path / "links.csv", text))
    assert links.receipts[["kept", "wrong_column_count"]].to_numpy().tolist() == [[300, 1]]
    assert set(links.frame[column]) == {"moz"}


def test_a_frame_of_links_keeps_the_reports_of_a_provider_apart(tmp_path):
    backlinks = "Page ascore,Source url,Target url,Anchor,Nofollow,First seen,Last seen\n" + "".join(
        f"9,https://a.example/{page},https://rival.example/,,false,2026-01-01,2026-02-01\n" for page in range(3)
    )
    domains = "Domain ascore,Domain,Backlinks,IP Address,Country,First seen,Last seen\n30,a.example,4,192.0.2.1,de,,\n"
    written(tmp_path / "rival.example-backlinks.csv", backlinks)
    written(tmp_path / "rival.example-backlinks_refdomains.csv", domains)
    links = lg.read_links(tmp_path, sites=["me.example", "rival.example"])
    again = lg.read_links(links.frame, sites=links.sites)
    for each in (links, again):
        found = lg.find_gap(each, site="me.example")
        assert lg.rank_prospects(found).frame[["domain", "links"]].to_numpy().tolist() == [["a.example", 4]]
    assert sorted(again.receipts["report"]) == ["backlinks", "referring domains"]
    of_no_tool = lg.read_links(links.frame.assign(report=["January", "February", "March", "April"]))
    assert of_no_tool.receipts[["report", "rows"]].to_numpy().tolist() == [["links", 1], ["links", 3]]


@pytest.mark.parametrize(
    ("written_as", "links"),
    [
        ("7", 7),
        ("1,240", 1240),
        ("1.240", 1240),
        ("1.24", 1),
        ("12.345.678", 12_345_678),
        ("", 1),
        ("0", 1),
        ("-3", 1),
        ("n/a", 1),
        ("3.0", 3),
    ],
)
def test_a_row_stands_for_as_many_links_as_it_says_and_at_least_one(tmp_path, written_as, links):
    text = f'source_url,target_url,links\nhttps://a.example/,https://rival.example/,"{written_as}"\n'
    read = lg.read_links(written(tmp_path / "rival.example-backlinks.csv", text))
    assert read.frame["links"].to_list() == [links]


# --- names that the engine reads as patterns ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["rival.example*.csv", "rival.example?.csv", "rival.example[1].csv"])
def test_marks_in_a_files_name_are_no_pattern(tmp_path, name):
    path = written(tmp_path / name, OWN + own_rows(range(3)))
    written(tmp_path / "rival.example1.csv", OWN + own_rows(range(50, 55)))
    assert len(lg.read_links(path).frame) == 3


def test_a_folders_name_is_no_column(tmp_path):
    text = "source_url,site\nhttps://a.example/,rival.example\n"
    path = written(tmp_path / "site=other.example" / "links.csv", text)
    assert pairs(lg.read_links(path)) == [("a.example", "rival.example")]


@pytest.mark.parametrize("name", ["site=other.example/links.parquet", "l*.parquet"])
def test_the_name_of_a_parquet_file_is_only_a_name(tmp_path, name):
    for path in (tmp_path / name, tmp_path / "links-2.parquet"):
        path.parent.mkdir(exist_ok=True)
        pq.write_table(pa.table({"source_url": ["https://a.example/"], "site": ["rival.example"]}), path)
    assert pairs(lg.read_links(tmp_path / name)) == [("a.example", "rival.example")]


def test_a_parquet_file_may_have_any_metadata(tmp_path):
    table = pa.table(TWO).replace_schema_metadata({b"\xff": b"\xff"})
    pq.write_table(table, tmp_path / "links.parquet")
    assert pairs(lg.read_links(tmp_path / "links.parquet")) == TWO_PAIRS


# --- a record for several sites -------------------------------------------------------------------------------------

INTERSECT = (
    "Domain,Domain rating,Domain traffic,Intersect,a.example/,b.example/\nm.example,50,9,2,1,4\nn.example,40,9,1,,2\n"
)
SERPSTAT = "Domain,SDR,Links count for domain #1 a.example,Links count for domain #2 b.example\n"
SEMRUSH = "domain;domain_ascore;matches_num;a.example;b.example\n"


@pytest.mark.parametrize(
    "text",
    [
        INTERSECT,
        SERPSTAT + "m.example,50,1,4\nn.example,40,0,2\n",
        SERPSTAT.replace(" count for ", "\u00a0count  for ") + "m.example,50,1,4\nn.example,40,0,2\n",
        SEMRUSH + "m.example;5;2;1;4\nn.example;4;1;0;2\n",
    ],
    ids=["ahrefs", "serpstat", "serpstat with other blanks", "semrush"],
)
def test_a_record_for_several_sites_is_one_record(tmp_path, text):
    links = lg.read_links(written(tmp_path / "intersect.csv", text))
    assert links.receipts[["rows", "kept", "set_aside"]].to_numpy().tolist() == [[2, 2, 0]]
    assert pairs(links) == [("m.example", "a.example"), ("m.example", "b.example"), ("n.example", "b.example")]
    assert links.frame.set_index(["row", "site"])["links"].to_dict() == {
        (1, "a.example"): 1,
        (1, "b.example"): 4,
        (2, "b.example"): 2,
    }


def test_of_the_sites_in_a_cell_those_that_are_compared_count(tmp_path):
    text = "Domain,Domain_rating,Links_to\nm.example,50,a.example; b.example\nn.example,40,b.example\no.example,3,\n"
    links = lg.read_links(written(tmp_path / "intersect.csv", text), sites=["a.example"])
    assert pairs(links) == [("m.example", "a.example")]
    assert links.set_aside[["row", "reason"]].to_numpy().tolist() == [[2, "other site"], [3, "not a link"]]


@pytest.mark.parametrize(("site", "aside"), [("a.example", [2]), ("b.example", [])])
def test_a_record_that_is_kept_for_one_site_is_not_set_aside_for_another(tmp_path, site, aside):
    links = lg.read_links(written(tmp_path / "intersect.csv", INTERSECT), sites=[site], max_loss=1)
    assert links.receipts[["rows", "kept", "set_aside"]].to_numpy().tolist() == [[2, 2 - len(aside), len(aside)]]
    assert links.set_aside["row"].to_list() == aside
    assert set(links.set_aside["reason"]) <= {"other site"}


# --- more of saved links --------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    "target",
    [
        "https://rival.example/shop?x=1",
        "https://rival.example/shop#a",
        "https://rival.example:443/shop/x",
        "https://rival.example./shop/x",
    ],
)
def test_a_prefix_matches_however_the_address_is_written(tmp_path, target):
    path = written(tmp_path / "mixed.csv", OWN + f"https://a.example/,{target},x\n")
    links = lg.read_links(path, sites=["rival.example", "rival.example/shop/"])
    assert pairs(links) == [("a.example", "rival.example/shop/")]


@pytest.mark.parametrize(
    ("name", "noted"),
    [
        ("example.com-refdomains.csv", True),
        ("example.com-refdomains-subdomains.csv", True),
        ("example.com-refdomains-prefix.csv", False),
    ],
)
def test_a_list_of_a_host_that_is_taken_for_a_part_of_it_says_so(tmp_path, name, noted):
    (tmp_path / name).write_text("Domain,DR,Links to target\na.test,40,2\n")
    (tmp_path / "rival.test-refdomains.csv").write_text("Domain,DR,Links to target\nb.test,40,2\n")
    (tmp_path / "example.com-backlinks.csv").write_text(
        "Referring page URL,Domain Rating,Target URL\nhttps://a.test/,40,https://example.com/shop/x\n"
    )
    receipts = lg.read_links(tmp_path, sites=["example.com/shop/", "rival.test"]).receipts.set_index("file")
    note = receipts["note"].to_dict()
    expected = "it does not say that it lists only links to example.com/shop/; if it covers all of example.com, compare"
    assert str(note.pop(name)).startswith(expected) == noted
    assert not any(note.values())
    said = lg.read_links({"example.com/shop/": tmp_path / name, "rival.test": tmp_path / "rival.test-refdomains.csv"})
    assert not any(said.receipts["note"])
