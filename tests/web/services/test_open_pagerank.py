"""Authorities from a server on loopback that answers as public code expects of Open PageRank."""

import logging
import sqlite3
import zlib

import pandas as pd
import pytest

import linkgap as lg
from linkgap.errors import KeyRefusedError, ServiceAnswerError, ServiceError


@pytest.fixture
def vendor(serve):
    return serve("open_pagerank")


def names(number: int) -> list[str]:
    return [f"d{place:03}.test" for place in range(number)]


def test_authorities_come_in_the_order_asked(vendor, tmp_path):
    vendor.hold(a__example=6, b__co__uk=1234567)
    frame = lg.fetch_authority(
        ["www.B.co.uk", "nobody.example", "a.example", "blog.a.example"], cache=tmp_path / "kept"
    )
    assert frame["domain"].tolist() == ["b.co.uk", "nobody.example", "a.example"]
    assert frame["authority"].fillna(-1).tolist() == [4.71, -1, 4.71]
    assert frame["rank"].fillna(-1).tolist() == [1234567, -1, 6]
    assert frame["authority_metric"].unique().tolist() == ["open_pagerank"]


def test_a_hundred_domains_are_asked_for_at_once_and_only_once(vendor, tmp_path, waits):
    assert len(lg.fetch_authority(names(250), cache=tmp_path / "kept")) == 250
    assert [len(each["query"]) for each in vendor.asked] == [100, 100, 50]
    assert sum(seconds > 0 for seconds in waits) == 2
    assert len(lg.fetch_authority(names(250), cache=tmp_path / "kept", cached_only=True)) == 250
    assert len(vendor.asked) == 3


def test_no_domains_ask_nobody(vendor, tmp_path):
    assert lg.fetch_authority([], cache=tmp_path / "kept").empty
    assert vendor.asked == []


def test_without_a_cache_nothing_is_known(tmp_path):
    frame = lg.fetch_authority(["a.example"], cache=tmp_path / "kept", cached_only=True)
    assert frame[["authority", "rank"]].isna().all(axis=None)
    assert list(tmp_path.iterdir()) == []


def test_after_a_cut_connection_it_goes_on(vendor, tmp_path):
    vendor.fail("cut", after=2)
    with pytest.raises(ServiceError, match=r"broke off .* before \(200 domains\) is kept in .*kept"):
        lg.fetch_authority(names(250), cache=tmp_path / "kept")
    assert len(lg.fetch_authority(names(250), cache=tmp_path / "kept")) == 250
    assert [len(each["query"]) for each in vendor.asked] == [100, 100, 50, 50]


@pytest.mark.parametrize("fault", ["malformed", "html"])
def test_an_answer_of_another_form_is_shown_and_not_kept(vendor, tmp_path, fault):
    vendor.fail(fault)
    with pytest.raises(ServiceAnswerError, match=r"^The answer from Open PageRank is not a response with a list"):
        lg.fetch_authority(["a.example"], cache=tmp_path / "kept")
    assert len(lg.fetch_authority(["a.example"], cache=tmp_path / "kept")) == 1


def test_a_busy_service_is_asked_again(vendor, tmp_path, waits):
    vendor.fail("status 429 9", times=2)
    assert len(lg.fetch_authority(["a.example"], cache=tmp_path / "kept")) == 1
    assert max(waits) == 9


def test_an_expired_key_is_told_and_hidden(serve, tmp_path, monkeypatch, caplog, capfd):
    serve("open_pagerank")
    caplog.set_level(logging.DEBUG)
    lg.fetch_authority(["a.example"], cache=tmp_path / "kept.sqlite")
    monkeypatch.setenv("LINKGAP_OPEN_PAGERANK_KEY", "pl4nted-k3y-that-is-old")
    with pytest.raises(KeyRefusedError, match=r"^Open PageRank does not accept the key: Invalid API key\. ") as caught:
        lg.fetch_authority(["b.example"], cache=tmp_path / "kept.sqlite")
    connection = sqlite3.connect(tmp_path / "kept.sqlite")
    kept = [zlib.decompress(value) for (value,) in connection.execute("SELECT value FROM responses")]
    connection.close()
    assert len(kept) == 1
    shown = [str(caught.value), caplog.text, *capfd.readouterr(), repr(kept)]
    shown += [repr(file.read_bytes()) for file in tmp_path.iterdir()]
    assert not [text for text in shown if "pl4nted" in text]


def test_what_is_no_rank_is_null(vendor, tmp_path):
    vendor.figures = lambda name: {"status_code": 200, "domain": name, "page_rank_decimal": 4.7, "rank": 12.5}
    row = lg.fetch_authority(["a.example"], cache=tmp_path / "kept").iloc[0]
    assert (row["authority"], row["rank"] is pd.NA) == (4.7, True)


@pytest.mark.parametrize(
    ("domains", "words"),
    [
        (["two words"], r"^domains holds 'two words'\. Allowed: domains, such as 'example\.com'\.$"),
        ("a.example", r"^domains='a\.example' is a single text\. Allowed: a list"),
        ([3], r"^domains"),
    ],
)
def test_what_is_refused(vendor, tmp_path, domains, words):
    with pytest.raises(lg.LinkgapError, match=words):
        lg.fetch_authority(domains, cache=tmp_path / "kept")
    assert vendor.asked == []
