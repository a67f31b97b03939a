"""Links in columns: frames of any library and Parquet files, types of values, and the tables that come out."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal

import linkgap as lg
from linkgap.errors import TooMuchLossError, UnreadableFileError
from linkgap.schema import LINKS, RECEIPTS

TYPES = {"integer": "i", "number": "f", "boolean": "b", "date": "M", "text": "O"}
TWO = {
    "source_url": ["https://a.example/x", "https://sub.b.example/y"],
    "target_url": ["https://rival.example/", "https://www.rival.example/page"],
}
TWO_PAIRS = [("a.example", "rival.example"), ("b.example", "rival.example")]


def pairs(links) -> list[tuple[str, str]]:
    return sorted(zip(links.frame["source_domain"], links.frame["site"], strict=True))


def written_csv(cells: dict[str, list], folder: Path) -> Path:
    pd.DataFrame(cells).to_csv(folder / "links.csv", index=False)
    return folder / "links.csv"


def written_parquet(cells: dict[str, list], folder: Path) -> Path:
    pq.write_table(pa.table(cells), folder / "links.parquet")
    return folder / "links.parquet"


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


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
        "linked_domains": [Decimal("5.000"), None, Decimal("1240.000")],
        "first_seen": pd.to_datetime(["2026-01-02 23:59", None, "1999-12-31 00:00"]),
        "last_seen": pd.Series([dt.date(2026, 1, 3), None, dt.datetime(2026, 1, 4, 5, 6)], dtype=object),  # noqa: DTZ001
        "lost": [None, Decimal(20260201), None],
        "is_lost": [Decimal(404), None, Decimal(200)],
        "anchor": pd.Series([Decimal(12345678901234567890), ["a", "b"], None], dtype=object),
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
    assert links["linked_domains"].fillna(-1).to_list() == [5, -1, 1240]
    assert links["first_seen"].dt.strftime("%F").fillna("").to_list() == ["2026-01-02", "", "1999-12-31"]
    assert links["last_seen"].dt.strftime("%F").fillna("").to_list() == ["2026-01-03", "", "2026-01-04"]
    assert links["is_lost"].to_list() == [True, True, False]
    assert links["lost"].dt.strftime("%F").fillna("").to_list() == ["", "2026-02-01", ""]
    assert links["anchor"].fillna("").to_list() == ["12345678901234567890", "['a', 'b']", ""]
    assert links["title"].to_list()[0] == "café"
    assert lg.read_links(frame).receipts["unread_values"].to_list() == [0]
    of_decimals = pa.table({"source_url": ["https://a.example/"], "links": [Decimal("5.000")]})
    assert lg.read_links({"rival.example": of_decimals}).frame["links"].to_list() == [5]


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


def test_saved_links_come_back_as_they_were(sample, tmp_path):
    again = lg.read_links(sample.save(tmp_path / "links.parquet"))
    assert again.sites == sample.sites
    assert_frame_equal(again.frame, sample.frame)
    assert_frame_equal(again.receipts, sample.receipts, check_dtype=False)
    assert repr(again) == repr(sample)
