"""`convert_web_graph`: what is looked up afterwards is what a reading finds, also when it was stopped in between."""

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import linkgap as lg
from linkgap.engine import Engine
from linkgap.errors import (
    FileExistsAlreadyError,
    InvalidArgumentError,
    UnknownSiteError,
    UnreadableFileError,
)
from linkgap.webgraph import converting, passes

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch):
    monkeypatch.setattr(converting, "_LEAST_A_PART", 40)
    monkeypatch.setattr(converting, "_PENDING_EDGES", 300)


def sites_of(world, number=5):
    return sorted({world.names[target] for _, target in world.edges})[:number]


def rows(links):
    columns = ["site", "source_domain", "authority", "authority_metric"]
    frame = links.frame[columns].sort_values(["site", "source_domain"]).astype(object)
    return frame.where(frame.notna(), None).to_numpy().tolist()


def test_the_same_links_are_looked_up(world, tmp_path):
    sites = sites_of(world, 60)
    assert lg.convert_web_graph(world.folder, tmp_path / "graph") == tmp_path / "graph"
    for authority in ("commoncrawl_hc", "commoncrawl_pr", None):
        looked_up = lg.read_web_graph(tmp_path / "graph", sites=sites, authority=authority)
        read = lg.read_web_graph(world.folder, sites=sites, authority=authority)
        assert rows(looked_up) == rows(read)
        assert looked_up.receipts.equals(read.receipts)


def test_parts_are_sorted_by_target_and_hold_every_edge(world, tmp_path):
    folder = lg.convert_web_graph(world.folder, tmp_path / "graph")
    parts = sorted((folder / "edges").iterdir())
    assert len(parts) == 8  # 300 vertices, 40 a part
    engine, held = Engine(), []
    for part in parts:
        view, _ = engine.offer_parquet(part)
        pairs = engine.rows(f"SELECT to_id, from_id FROM {view}")
        assert pairs == sorted(pairs)
        held += [(source, target) for target, source in pairs]
    assert sorted(held) == world.edges
    assert {each.name for each in folder.iterdir()} == {"edges", "vertices.parquet", "web_graph.json"}


def test_without_ranks(world, tmp_path):
    world.path("ranks").unlink()
    folder = lg.convert_web_graph(world.folder, tmp_path / "graph", authority=False)
    assert lg.read_web_graph(folder, sites=sites_of(world), authority=None).row_count > 0
    with pytest.raises(InvalidArgumentError, match=r"was converted without ranks\. Allowed: authority=None"):
        lg.read_web_graph(folder, sites=sites_of(world))
    with pytest.raises(UnknownSiteError, match=r"does not have nobody\.example"):
        lg.read_web_graph(folder, sites=["nobody.example"], authority=None)


@pytest.mark.parametrize("first", [2**32 - 30, 10**12])
def test_numbers_of_more_than_four_bytes(make_world, tmp_path, first):
    world = make_world(first=first, domains=30, edges=200)
    folder = lg.convert_web_graph(world.folder, tmp_path / "graph")
    sites = sites_of(world)
    assert rows(lg.read_web_graph(folder, sites=sites)) == rows(lg.read_web_graph(world.folder, sites=sites))


def stopped_at(patch, name, world, folder):
    """Convert until a function of the module is called, and leave what a killed process would."""

    def stop(*_, **__):
        raise KeyboardInterrupt

    with patch.context() as within:
        within.setattr(converting, name, stop)
        with pytest.raises(KeyboardInterrupt):
            lg.convert_web_graph(world.folder, folder)


@pytest.mark.parametrize("name", ["edges/thesis.doc", "unfinished/novel.doc", "edges", "vertices.parquet"])
def test_files_of_the_user_are_left_alone(world, tmp_path, name):
    own = tmp_path / "graph" / name
    own.parent.mkdir(parents=True)
    own.write_text("precious")
    with pytest.raises(FileExistsAlreadyError, match=r"graph contains .*\. Name a new folder"):
        lg.convert_web_graph(world.folder, tmp_path / "graph")
    assert own.read_text() == "precious"


def test_what_was_put_there_meanwhile_stays_when_a_conversion_fails(world, tmp_path, monkeypatch):
    folder, damaged = tmp_path / "graph", world.path("edges")
    folder.mkdir()
    partition_edges = converting._partition_edges

    def put_and_partition(*options):
        (folder / "unfinished" / "novel.doc").write_text("precious")
        partition_edges(*options)

    monkeypatch.setattr(converting, "_partition_edges", put_and_partition)
    damaged.write_bytes(damaged.read_bytes()[:-12])
    with pytest.raises(UnreadableFileError, match="ends in the middle"):
        lg.convert_web_graph(world.folder, folder)
    assert [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*"))] == [
        "unfinished",
        "unfinished/novel.doc",
    ]


def test_an_empty_folder_stays_when_a_conversion_fails(world, tmp_path):
    world.path("edges").write_bytes(world.path("edges").read_bytes()[:-12])
    (tmp_path / "mine").mkdir()
    with pytest.raises(UnreadableFileError, match="ends in the middle"):
        lg.convert_web_graph(world.folder, tmp_path / "mine")
    assert list((tmp_path / "mine").iterdir()) == []


def test_half_a_conversion_belongs_to_its_release(world, make_world, tmp_path, monkeypatch):
    folder, sites = tmp_path / "graph", sites_of(world)
    stopped_at(monkeypatch, "_sort_parts", world, folder)
    with pytest.raises(
        FileExistsAlreadyError, match=r"contains the beginning of another conversion\. Name a new folder"
    ):
        lg.convert_web_graph(make_world(seed=2).folder, folder)
    os.truncate(folder / "unfinished" / "dealt-0000.bin", 8)  # as when the system went down, too
    lg.convert_web_graph(world.folder, folder)
    assert rows(lg.read_web_graph(folder, sites=sites)) == rows(lg.read_web_graph(world.folder, sites=sites))


def test_stopped_while_clearing_up(world, tmp_path, monkeypatch):
    stopped_at(monkeypatch, "_remove", world, tmp_path / "graph")
    lg.convert_web_graph(world.folder, tmp_path / "graph")
    assert lg.read_web_graph(tmp_path / "graph", sites=sites_of(world)).row_count > 0


@pytest.mark.parametrize("when", ["reading", "sorting"])
@pytest.mark.usefixtures("small_blocks")
def test_stopped_and_going_on(world, tmp_path, monkeypatch, when):
    folder, sites = tmp_path / "graph", sites_of(world)
    monkeypatch.setattr(passes, "BYTES_BETWEEN_NOTES", 500)
    with monkeypatch.context() as patch:
        if when == "reading":
            read, half = passes.read_blocks, world.path("edges").stat().st_size // 2

            def stopping(place, advance, **options):
                for block in read(place, advance, **options):
                    yield block
                    if "edges" in place.name and block.read > half:
                        raise KeyboardInterrupt

            patch.setattr(passes, "read_blocks", stopping)
        else:
            write = converting._write_part

            def stopping_part(engine, pairs, path):
                if path.name == "part-0003.parquet":
                    raise KeyboardInterrupt
                write(engine, pairs, path)

            patch.setattr(converting, "_write_part", stopping_part)
        with pytest.raises(KeyboardInterrupt):
            lg.convert_web_graph(world.folder, folder)
    note = json.loads((folder / "unfinished" / "journal.json").read_text())
    assert (0 < note["lines"] < len(world.edges)) == (when == "reading")
    with pytest.raises(UnreadableFileError, match=r"is not finished\. Call convert_web_graph again"):
        lg.read_web_graph(folder, sites=sites)
    lg.convert_web_graph(world.folder, folder)
    test = lg.read_web_graph(folder, sites=sites_of(world, 60))
    assert rows(test) == rows(lg.read_web_graph(world.folder, sites=sites_of(world, 60)))
    assert not (folder / "unfinished").exists()


def test_done_once(world, make_world, tmp_path):
    folder = lg.convert_web_graph(world.folder, tmp_path / "graph")
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert lg.convert_web_graph(world.folder, folder) == folder
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    with pytest.raises(
        FileExistsAlreadyError, match=r"contains another release, or this one with other files or ranks\. Name"
    ):
        lg.convert_web_graph(world.folder, folder, authority=False)
    with pytest.raises(
        FileExistsAlreadyError, match=r"contains another release, or this one with .*\. Name a new folder"
    ):
        lg.convert_web_graph(make_world(seed=2).folder, folder)
    with pytest.raises(FileExistsAlreadyError, match=r"contains other files, such as cc-main"):
        lg.convert_web_graph(world.folder, world.folder)
    assert all(world.path(kind).exists() for kind in ("vertices", "edges", "ranks"))
    with pytest.raises(FileExistsAlreadyError, match=r"gz is a file\. Name a new folder"):
        lg.convert_web_graph(world.folder, world.path("edges"))
    (folder / "web_graph.json").write_text("")
    with pytest.raises(
        FileExistsAlreadyError, match=r"contains another release, or this one with .*\. Name a new folder"
    ):
        lg.convert_web_graph(world.folder, folder)


def test_names_of_files_do_not_say_how_they_are_packed(world, tmp_path):
    sites = sites_of(world)
    expected = rows(lg.read_web_graph(world.folder, sites=sites))
    world.path("vertices").write_text(world.text("vertices"))
    world.path("ranks").rename(world.path("ranks").with_suffix(""))
    lg.convert_web_graph(world.folder, tmp_path / "graph")
    assert rows(lg.read_web_graph(tmp_path / "graph", sites=sites)) == expected


@pytest.mark.parametrize("name", ["vertices.parquet", "edges/part-0000.parquet"])
@pytest.mark.parametrize(
    ("how", "said"), [("missing", "is missing"), ("cut", "is damaged"), ("spoilt", "can't be read")]
)
def test_a_conversion_that_is_not_whole_is_to_be_made_again(world, tmp_path, name, how, said):
    """As a copy leaves it that was broken off: nobody can save such a file again, and the engine's words name none."""
    converted = lg.convert_web_graph(world.folder, tmp_path / "graph")
    path = converted / name
    whole = path.read_bytes()
    path.unlink()
    if how == "cut":
        path.write_bytes(whole[:100])
    if how == "spoilt":
        path.write_bytes(whole[:8] + bytes(255 - byte for byte in whole[8:60]) + whole[60:])
    match = rf"{re.escape(str(path))} {said}.* Convert the release again into a new folder\.$"
    with pytest.raises(UnreadableFileError, match=match):
        lg.read_web_graph(converted, sites=[world.names[0]])


def test_read_links_says_how_a_converted_web_graph_is_read(world, tmp_path):
    """It asked for the site that its note is for, and for a mapping of its numbers."""
    converted = lg.convert_web_graph(world.folder, tmp_path / "graph")
    with pytest.raises(InvalidArgumentError, match=r"graph is a converted web graph, .* read_web_graph\(folder"):
        lg.read_links(converted, sites=[world.names[0]])


def test_a_converted_web_graph_amid_exports_is_said_to_be_one(world, tmp_path):
    """The files that its note names were read as a list of domains, as Search Console's."""
    (tmp_path / "rival.example.txt").write_text("a.example\n")
    lg.convert_web_graph(world.folder, tmp_path / "graph")
    with pytest.raises(InvalidArgumentError, match=r"graph is a converted web graph, .* Keep it apart"):
        lg.read_links(tmp_path, sites=["rival.example"])


def test_a_vertex_without_a_name(world, tmp_path):
    world.path("vertices").write_bytes(
        gzip.compress(world.text("vertices").replace(turned_name(world, 7), "").encode())
    )
    sites = [site for site in sites_of(world, 60) if site != world.names[7]]
    lg.convert_web_graph(world.folder, tmp_path / "graph")
    assert rows(lg.read_web_graph(tmp_path / "graph", sites=sites)) == rows(
        lg.read_web_graph(world.folder, sites=sites)
    )


def turned_name(world, number):
    return ".".join(reversed(world.names[number].split(".")))


@pytest.mark.parametrize(
    ("kind", "change", "words"),
    [
        ("vertices", lambda lines: [*lines[:9], f"x{lines[9]}", *lines[10:]], "vertices.* should be: number, tab"),
        ("ranks", lambda lines: [*lines, lines[5]], r"ranks\.txt\.gz has two lines for one domain\. Fetch it again"),
        ("ranks", lambda lines: [*lines[:-1], lines[-1].replace(".", "x", 1)], "can't be read to the end .*gunzip"),
    ],
)
def test_lines_that_are_not_as_they_should_be(world, tmp_path, kind, change, words):
    world.path(kind).write_bytes(gzip.compress("".join(change(world.text(kind).splitlines(keepends=True))).encode()))
    with pytest.raises(UnreadableFileError, match=words):
        lg.convert_web_graph(world.folder, tmp_path / "graph")
    assert not (tmp_path / "graph").exists()


def test_zeros_behind_what_is_packed(world, tmp_path):
    world.path("vertices").write_bytes(world.path("vertices").read_bytes() + b"\0" * 512)
    with pytest.raises(
        UnreadableFileError, match=r"can't be read to the end .*unpack it with gunzip and convert the result"
    ):
        lg.convert_web_graph(world.folder, tmp_path / "graph")


@pytest.mark.usefixtures("small_blocks")
def test_broken_off_by_the_disk_and_going_on(world, tmp_path, monkeypatch, break_edges):
    """What was dealt out is not thrown away, as it is of a damaged file."""
    with monkeypatch.context() as patched:
        patched.setattr(passes, "BYTES_BETWEEN_NOTES", 500)
        break_edges(patched)
        with pytest.raises(UnreadableFileError, match=r"can't be read \(Input/output error\)\. .*, and try again"):
            lg.convert_web_graph(world.folder, tmp_path / "graph")
    assert (tmp_path / "graph" / "unfinished" / "journal.json").exists()
    converted, sites = lg.convert_web_graph(world.folder, tmp_path / "graph"), sites_of(world)
    assert rows(lg.read_web_graph(converted, sites=sites)) == rows(lg.read_web_graph(world.folder, sites=sites))


def test_two_conversions_at_once(world, tmp_path):
    with (
        converting._locked(tmp_path / "graph"),
        pytest.raises(FileExistsAlreadyError, match=r"Another process is converting"),
    ):
        lg.convert_web_graph(world.folder, tmp_path / "graph")
    lg.convert_web_graph(world.folder, tmp_path / "graph")
    assert {each.name for each in tmp_path.iterdir()} == {"graph", world.folder.name}


def test_a_lock_that_stays_costs_no_conversion(world, tmp_path, monkeypatch):
    """On Windows an open file can't be removed: every conversion was said to have failed once it was done."""
    unlink = Path.unlink

    def unlink_unless_open(path, **options):
        if path.suffix == ".lock":
            raise PermissionError(13, "The process cannot access the file because it is being used")
        unlink(path, **options)

    monkeypatch.setattr(Path, "unlink", unlink_unless_open)
    for _ in range(2):
        assert lg.convert_web_graph(world.folder, tmp_path / "graph") == tmp_path / "graph"


def test_into_the_current_folder(world, tmp_path, monkeypatch):
    """Its name as typed, a dot, has no name to put a lock beside."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    converted, sites = lg.convert_web_graph(world.folder, "."), sites_of(world)
    assert rows(lg.read_web_graph(converted, sites=sites)) == rows(lg.read_web_graph(world.folder, sites=sites))
    assert not [*tmp_path.glob(".*.lock")]


@pytest.mark.parametrize("where", ["https://crawl.example/domain/", ("s3://crawl/edges.txt.gz", "vertices.txt.gz")])
def test_an_address_is_refused_before_anything_is_installed_or_asked_for_it(tmp_path, monkeypatch, where):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(InvalidArgumentError, match=r"An address can't be converted\. Fetch the files first"):
        lg.convert_web_graph(where, tmp_path / "graph")


@pytest.mark.parametrize("kind", ["vertices", "edges", "ranks"])
def test_nothing_is_left_of_a_damaged_release(world, tmp_path, kind):
    packed = world.path(kind).read_bytes()
    world.path(kind).write_bytes(packed[: len(packed) // 2])
    with pytest.raises(UnreadableFileError, match=rf"{world.path(kind).name} ends in the middle"):
        lg.convert_web_graph(world.folder, tmp_path / "graph")
    assert not (tmp_path / "graph").exists()


def test_edges_of_another_release(world, tmp_path):
    world.path("edges").write_bytes(gzip.compress((world.text("edges") + "999\t1\n").encode()))
    with pytest.raises(UnreadableFileError, match=r"refer to domain number 999, which"):
        lg.convert_web_graph(world.folder, tmp_path / "graph")
    assert not (tmp_path / "graph").exists()


FULL = """
import resource, signal, sys
import linkgap as lg
from linkgap.errors import UnwritableFileError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    lg.convert_web_graph(sys.argv[1], sys.argv[2])
except UnwritableFileError as error:
    print(error)
"""


@pytest.mark.parametrize("most", [3000, 12_000])
def test_a_full_disk_leaves_nothing(world, tmp_path, most):
    command = [sys.executable, "-c", FULL, str(world.folder), str(tmp_path / "graph"), str(most)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert "can't be written" in run.stdout, run.stderr
    assert "Make room, or name another folder; nothing was left in it." in run.stdout
    assert not (tmp_path / "graph").exists()
