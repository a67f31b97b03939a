"""Every door that takes a path: it works, or says in words what is wrong with the name."""

import json
import os
import sys
from pathlib import Path

import pytest

import linkgap as lg
from linkgap import cli
from linkgap.cli import FAILED, USAGE
from linkgap.errors import InvalidArgumentError, UnreadableFileError

LINES = "source_url,target_url\nhttps://x.example/1,https://a.test/\nhttps://y.example/1,https://b.test/\n"
SITES = ["a.test", "b.test"]
ODD = {"no user": "~nobody-at-all/", "long": "x" * 300, "deep": "y/" * 3000, "control": "a\0b"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "links.csv").write_text(LINES, encoding="utf-8")
    return tmp_path


@pytest.fixture
def links(home: Path) -> lg.Links:
    return lg.read_links(home / "links.csv", sites=SITES)


@pytest.fixture
def prospects(links: lg.Links) -> lg.Prospects:
    return lg.rank_prospects(lg.find_gap(links, site="a.test"))


@pytest.mark.parametrize("start", ODD.values(), ids=ODD)
def test_a_name_that_nothing_can_have_is_refused_in_words(start, home, links, prospects):
    graph = lg.sample_web_graph()
    doors = [
        lambda: lg.read_links(f"{start}.csv", sites=SITES),
        lambda: lg.read_links(Path(f"{start}.csv"), sites=SITES),
        lambda: lg.read_links(home / "links.csv", sites=SITES, columns=f"{start}.columns.json"),
        lambda: lg.save_columns({"source_url": "Page"}, f"{start}.columns.json"),
        lambda: links.save(f"{start}.parquet"),
        *(
            lambda suffix=suffix: lg.export_prospects(prospects, start + suffix)
            for suffix in (".csv", ".xlsx", ".json")
        ),
        lambda: lg.export_prospects(prospects, f"{start}.parquet"),
        *(lambda suffix=suffix: lg.build_report(prospects, start + suffix) for suffix in (".html", ".md", ".json")),
        lambda: lg.build_report(prospects, home / "report.html", logo=f"{start}.png"),
        lambda: lg.build_report(prospects, home / "report.html", outreach=f"{start}.sqlite"),
        lambda: lg.open_outreach(f"{start}.sqlite", site="a.test"),
        lambda: lg.open_outreach(home / "book.sqlite", site="a.test").export_csv(f"{start}.csv"),
        lambda: lg.open_outreach(home / "book.sqlite", site="a.test").import_csv(f"{start}.csv"),
        lambda: lg.disavow_draft(links, domains=["y.example"], path=f"{start}.txt", site="a.test"),
        lambda: lg.explore(prospects, outreach=f"{start}.sqlite"),
        lambda: lg.read_web_graph(start, sites=["oakdesk.example"]),
        lambda: lg.read_web_graph(graph, sites=["oakdesk.example"], work=start),
        lambda: lg.convert_web_graph(start, home / "graph"),
        lambda: lg.convert_web_graph(graph, start),
    ]
    for door in doors:
        with pytest.raises(lg.LinkgapError, match=r"\. [A-Z]"):
            door()


@pytest.mark.parametrize("start", [ODD["no user"], ODD["long"], ODD["control"]])
@pytest.mark.parametrize(
    "option", ["--out=@.csv", "--report=@.html", "--columns=@.columns.json", "--site-files=a.test=@"]
)
def test_the_command_says_so_too(option, start, home, capsys):
    words = ["gap", str(home / "links.csv"), "--site", "a.test", "--sites", *SITES, option.replace("@", start)]
    assert cli.main(words) == FAILED
    assert capsys.readouterr().err.startswith("linkgap: ")


def test_a_tilde_is_the_users_folder_at_every_door(home, links, prospects):
    columns = {"source_url": "source_url", "target_url": "target_url"}
    lg.save_columns(columns, "~/mine.columns.json")
    assert len(lg.read_links("~/links.csv", sites=SITES, columns="~/mine.columns.json").frame) == 2
    links.save("~/links.parquet")
    assert lg.read_links("~/links.parquet").sites == links.sites
    lg.export_prospects(prospects, "~/prospects.csv")
    lg.open_outreach("~/book.sqlite", site="a.test").set("y.example", status="won")
    explorer = lg.explore(prospects, outreach="~/book.sqlite")
    assert explorer.shown["status"].to_list() == ["won"]
    assert {path.name for path in home.iterdir()} >= {"links.parquet", "prospects.csv", "book.sqlite"}


def test_what_is_no_path_is_refused(prospects):
    with pytest.raises(InvalidArgumentError, match=r"7 is not a path\. Allowed: a text such as"):
        lg.export_prospects(prospects, 7)


def test_a_mapping_that_begins_with_a_byte_order_mark_is_one(home):
    text = json.dumps({"columns": {"source_url": "source_url", "target_url": "target_url"}})
    (home / "mine.columns.json").write_text(text, encoding="utf-8-sig")
    assert len(lg.read_links(home / "links.csv", sites=SITES, columns="mine").frame) == 2


@pytest.mark.parametrize("columns", [None, "mine"])
def test_a_broken_mapping_is_said_once_and_not_of_every_file(columns, home):
    (home / "mine.columns.json").write_text("{", encoding="utf-8")
    for number in range(3):
        (home / f"more-{number}.csv").write_text(LINES, encoding="utf-8")
    with pytest.raises(lg.LinkgapError) as caught:
        lg.read_links(home, sites=SITES, columns=columns)
    assert str(caught.value).count("mine.columns.json") == 1
    assert str(caught.value).startswith("mine.columns.json is not a mapping of columns")


def close(monkeypatch: pytest.MonkeyPatch, closed: Path) -> None:
    """Let nobody look at a path, nor at what is in it: not even root, who may do all else."""

    def shut(real):
        def refuse(path, *arguments, **options):
            if not isinstance(path, int) and Path(path).is_relative_to(closed):
                raise PermissionError(13, "Permission denied", str(path))
            return real(path, *arguments, **options)

        return refuse

    monkeypatch.setattr(Path, "stat", shut(Path.stat))
    monkeypatch.setattr(Path, "open", shut(Path.open))
    monkeypatch.setattr(os, "scandir", shut(os.scandir))


def test_what_is_closed_in_a_folder_is_left_out_with_a_warning_and_a_receipt(home, monkeypatch):
    (home / "rest").mkdir()
    (home / "gone.csv").symlink_to(home / "rest" / "gone.csv")
    close(monkeypatch, home / "gone.csv")
    with pytest.warns(lg.LinkgapWarning, match=r"1 file not read\. gone\.csv can't be opened: Permission denied\."):
        links = lg.read_links(home, sites=SITES)
    assert sorted(links.receipts["file"]) == ["gone.csv", "links.csv"]
    assert len(links.frame) == 2


def test_what_links_lead_to_from_a_folder_is_read_once_or_said_to_be_gone(home):
    exports = home / "exports"
    exports.mkdir()
    (home / "links.csv").rename(exports / "links.csv")
    for name in ("other/more", "gone"):
        (home / name).mkdir(parents=True)
    (home / "other" / "more" / "others.csv").write_text(LINES.replace("/1", "/2"), encoding="utf-8")
    leads = {"rivals": "other", "again": "other", "gone": "gone", "loop": "exports", "around": "."}
    for name, target in leads.items():
        (exports / name).symlink_to(home / target, target_is_directory=True)
    (home / "other" / "back").symlink_to(exports, target_is_directory=True)
    (exports / "itself").symlink_to("itself")
    (home / "gone").rmdir()
    with pytest.warns(lg.LinkgapWarning, match=r"1 file not read\. gone can't be opened: No such file or directory\."):
        links = lg.read_links(exports, sites=SITES)
    assert links.receipts["file"].to_list() == ["again/more/others.csv", "links.csv", "gone"]
    assert len(links.frame) == 4


def test_a_folder_that_lets_nobody_in_is_said_to_be_closed(home, monkeypatch):
    closed = home / "closed"
    closed.mkdir()
    close(monkeypatch, closed)
    for door in (
        lambda: lg.read_links(closed, sites=SITES),
        lambda: lg.read_links(closed / "links.csv", sites=SITES),
        lambda: lg.read_links(home / "links.csv", sites=SITES, columns=closed / "mine.columns.json"),
        lambda: lg.read_web_graph(closed, sites=["oakdesk.example"]),
        lambda: lg.convert_web_graph(closed, home / "graph"),
        lambda: lg.convert_web_graph(lg.sample_web_graph(), closed / "graph"),
    ):
        with pytest.raises(lg.LinkgapError, match=r"can't be opened: Permission denied\. Check that you may open"):
            door()


@pytest.mark.parametrize("option", ["--out=--", "--report=--", "--site=--", "--memory-limit=--"])
def test_two_dashes_are_no_value(option, home, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["gap", str(home / "links.csv"), "--site", "a.test", option])
    assert caught.value.code == USAGE
    assert f"{option} has no value. For a file of this name type" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes with a file's name")
def test_a_pipe_is_refused_before_it_is_opened(home):
    """To look at its first bytes takes them away: the rest would be read as an empty list, or waited for."""
    os.mkfifo(home / "pipe")
    with pytest.raises(UnreadableFileError, match=r"pipe is a pipe or a device, .* Save its output as a file"):
        lg.read_links(home / "pipe", sites=SITES)
    assert lg.read_links(home, sites=SITES).receipts["file"].to_list() == ["links.csv"]
