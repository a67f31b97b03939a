"""`read_web_graph`: the links that plain Python finds, whatever the files' shape; and errors that say what to do."""

import gzip
import itertools
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import fsspec
import numpy as np
import pytest
from fsspec.registry import known_implementations

import linkgap as lg
from linkgap.errors import (
    InvalidArgumentError,
    MissingFileError,
    MissingLibraryError,
    NotBacklinksError,
    UnknownSiteError,
    UnreadableFileError,
    UnwritableFileError,
)
from linkgap.webgraph import passes, reading, unpacking
from linkgap.webgraph.journal import Journal
from linkgap.webgraph.lines import PADDING
from linkgap.webgraph.release import Release
from linkgap.webgraph.unpacking import Mark, Place

ROOT = Path(__file__).parents[2]


def found(links: lg.Links) -> set[tuple[str, str]]:
    frame = links.frame
    pairs = set(zip(frame["site"], frame["source_domain"], strict=True))
    assert len(pairs) == len(frame)
    return pairs


def popular(world, number: int = 4) -> list[str]:
    counts: dict[str, int] = {}
    for _, target in world.edges:
        counts[world.names[target]] = counts.get(world.names[target], 0) + 1
    return sorted(counts, key=lambda name: (-counts[name], name))[:number]


# What is found.


def test_several_sites_in_one_pass(world):
    sites = popular(world)
    links = lg.read_web_graph(world.folder, sites=sites)
    assert found(links) == world.linking_to(*sites)
    frame = links.frame
    assert dict(zip(frame["source_domain"], frame["authority"], strict=True)) == {
        name: world.ranks[name] for _, name in world.linking_to(*sites)
    }
    assert set(frame["authority_metric"]) == {"commoncrawl_hc"}
    assert set(frame["provider"]) == {"commoncrawl"}
    assert set(frame["links"]) == {1}
    assert links.receipts["file"].tolist() == [world.path("edges").name]
    assert {path.name for path in world.folder.iterdir()} == {
        world.path(k).name for k in ("vertices", "edges", "ranks")
    }


@pytest.mark.usefixtures("small_blocks")
def test_lines_cut_anywhere(world):
    sites = popular(world)
    assert found(lg.read_web_graph(world.folder, sites=sites)) == world.linking_to(*sites)


def test_page_rank_and_no_rank(world):
    site = popular(world)[0]
    by_place = {name: 1 / place for place, name in enumerate(sorted(world.ranks, key=lambda n: -world.ranks[n]), 1)}
    frame = lg.read_web_graph(world.folder, sites=[site], authority="commoncrawl_pr").frame
    assert set(frame["authority_metric"]) == {"commoncrawl_pr"}
    assert dict(zip(frame["source_domain"], frame["authority"], strict=True)) == pytest.approx(
        {name: by_place[name] for _, name in world.linking_to(site)}
    )
    world.path("ranks").unlink()
    frame = lg.read_web_graph(world.folder, sites=[site], authority=None).frame
    assert frame["authority"].isna().all()
    assert set(frame["source_domain"]) == {name for _, name in world.linking_to(site)}


@pytest.mark.parametrize("first", [2**31 - 100, 2**32 - 100, 10**12])
def test_numbers_beyond_those_of_four_bytes(make_world, first):
    world = make_world(first=first)
    sites = popular(world)
    assert found(lg.read_web_graph(world.folder, sites=sites)) == world.linking_to(*sites)


@pytest.mark.parametrize("shape", ["plain text", "several members", "no last line end", "two columns", "zlib"])
def test_shapes_of_files(world, shape, monkeypatch):
    if shape == "zlib":
        monkeypatch.setitem(sys.modules, "isal", None)
    for kind in ("vertices", "edges", "ranks"):
        text = world.text(kind).encode()
        if shape == "plain text":
            world.path(kind).unlink()
            world.path(kind).with_suffix("").write_bytes(text)
        if shape == "several members":
            cuts = [0, 5, 100, 1000, len(text)]
            pieces = [gzip.compress(text[a:b]) for a, b in itertools.pairwise(cuts)]
            world.path(kind).write_bytes(b"".join([*pieces, gzip.compress(b"")]))
        if shape == "no last line end":
            world.path(kind).write_bytes(gzip.compress(text[:-1]))
    if shape == "two columns":
        lines = (line.rsplit("\t", 1)[0] for line in world.text("vertices").splitlines())
        world.path("vertices").write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))
    sites = popular(world)
    assert found(lg.read_web_graph(world.folder, sites=sites)) == world.linking_to(*sites)


def test_a_site_that_nobody_links_to(world):
    linked = {world.names[target] for _, target in world.edges}
    alone = next(name for name in world.names.values() if name not in linked)
    links = lg.read_web_graph(world.folder, sites=[alone, popular(world)[0]])
    assert found(links) == world.linking_to(popular(world)[0])
    assert lg.read_web_graph(world.folder, sites=[alone]).row_count == 0


def test_files_and_addresses(world):
    sites = popular(world)
    files = [world.path(kind) for kind in ("edges", "ranks", "vertices")]
    assert found(lg.read_web_graph(files, sites=sites)) == world.linking_to(*sites)
    memory = fsspec.filesystem("memory")
    for path in files:
        memory.pipe(f"/graphs/{path.name}", path.read_bytes())
    for where in ("memory://graphs/", [f"memory://graphs/{path.name}" for path in files]):
        assert found(lg.read_web_graph(where, sites=sites)) == world.linking_to(*sites)


def test_an_address_that_does_not_answer(world, monkeypatch):
    memory = fsspec.filesystem("memory")
    for kind in ("vertices", "edges", "ranks"):
        memory.pipe(f"/lost/{world.path(kind).name}", world.path(kind).read_bytes())
    edges = f"memory://lost/{world.path('edges').name}"
    memory.rm(edges)
    where = [edges, *(f"memory://lost/{world.path(kind).name}" for kind in ("vertices", "ranks"))]
    with pytest.raises(MissingFileError, match=rf"There is no file {edges}\. `linkgap webgraph fetch` says"):
        lg.read_web_graph(where, sites=["a.example"])

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Place, "_opened", refuse)
    with pytest.raises(UnreadableFileError, match=r"can't be read \(Permission denied\)\. Check that it exists"):
        lg.read_web_graph(where, sites=["a.example"])


class BusyError(Exception):
    """What a server's own library throws, which is no error of the system."""


def test_a_server_that_lists_nothing_and_one_that_breaks_off(world, monkeypatch):
    memory = fsspec.filesystem("memory")
    folder = "memory://graphs/cc-main-2026-aug-sep-oct/domain"
    for kind in ("vertices", "edges", "ranks"):
        memory.pipe(f"{folder}/{world.path(kind).name}", world.path(kind).read_bytes())

    def busy(*_, **__):
        raise BusyError("503, slow down")

    monkeypatch.setattr(type(memory), "ls", busy)
    sites = popular(world)
    assert found(lg.read_web_graph(folder, sites=sites)) == world.linking_to(*sites)
    with pytest.raises(UnreadableFileError, match=r"memory://graphs can't be read \(503, slow down\)\. Check that"):
        lg.read_web_graph("memory://graphs/", sites=sites)
    monkeypatch.setattr(type(memory), "_open", busy)
    with pytest.raises(UnreadableFileError, match=r"vertices\.txt\.gz can't be read \(503, slow down\)\. Check that"):
        lg.read_web_graph(folder, sites=sites)


@pytest.mark.parametrize("address", ["lacking://graphs/", "lacking://graphs/cc-main-2026-x-domain-edges.txt.gz"])
def test_an_address_that_needs_another_library(monkeypatch, address):
    """fsspec brings no library for the web, nor for S3."""
    known = {"class": "linkgap_lacks.FileSystem", "err": "Install lacking to reach it"}
    monkeypatch.setitem(known_implementations, "lacking", known)
    where = [address, address.replace("edges", "vertices")] if address.endswith("gz") else address
    said = r"lacking://graphs.* can't be read yet: Install lacking to reach it\. Install what is missing, or fetch the"
    with pytest.raises(MissingLibraryError, match=said):
        lg.read_web_graph(where, sites=["a.example"], authority=None)


def test_an_address_of_no_known_kind():
    with pytest.raises(UnreadableFileError, match=r"odd://x can't be read \(Protocol not known: odd\)\. Check that"):
        lg.read_web_graph("odd://x", sites=["a.example"])


def test_an_address_without_fsspec(monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(MissingLibraryError, match=r'pip install "linkgap\[webgraph\]"'):
        lg.read_web_graph("memory://graphs/", sites=["a.example"])


# What it means.


def test_a_crawl_is_a_sample_so_nothing_is_proven():
    links = lg.read_web_graph(lg.sample_web_graph(), sites=["oakdesk.example", "deskly.example"])
    assert links.receipts["partial"].tolist() == ["a sample: Common Crawl fetches only some pages of a domain"]
    gap = lg.find_gap(links, site="oakdesk.example")
    assert gap.evidence_counts == {"proven": 0, "likely": 0, "unverified": len(gap)}
    assert len(gap) > 500
    linking = set(gap.frame["domain"])
    assert not linking & {name for site, name in found(links) if site == "oakdesk.example"}


@pytest.mark.parametrize("beside", [False, True])
def test_a_sample_stays_a_sample_in_a_csv(tmp_path, beside):
    """As in a frame: written by pandas and read again, every gap was proven."""
    sites = ["oakdesk.example", "deskly.example"]
    frame = lg.read_web_graph(lg.sample_web_graph(), sites=sites).frame
    if beside:
        frame.loc[frame.index[:50], ["provider", "report", "authority_metric"]] = ["ahrefs", "backlinks", "ahrefs_dr"]
    frame.to_csv(tmp_path / "links.csv", index=False)
    links = lg.read_links(tmp_path / "links.csv", sites=sites)
    receipt = links.receipts.iloc[0]
    assert receipt["provider"] == ("linkgap" if beside else "commoncrawl")
    assert receipt["partial"] == "a sample: Common Crawl fetches only some pages of a domain"
    assert set(lg.find_gap(links, site=sites[0]).frame["evidence"]) == {"unverified"}


def test_beside_a_complete_export_of_the_site(tmp_path):
    links = lg.read_web_graph(lg.sample_web_graph(), sites=["oakdesk.example", "deskly.example"])
    saved = links.save(tmp_path / "graph.parquet")
    semrush = lg.sample_exports() / "oakdesk.example-backlinks_refdomains.csv"
    both = lg.read_links([saved, semrush], sites=["oakdesk.example", "deskly.example"])
    gap = lg.find_gap(both, site="oakdesk.example")
    assert gap.evidence_counts["likely"] == len(gap) > 0


# Errors.


def damage(world, kind: str, how: str) -> None:
    path = world.path(kind)
    packed = path.read_bytes()
    if how == "cut":
        path.write_bytes(packed[: len(packed) // 2])
    if how == "cut by a byte":
        path.write_bytes(packed[:-1])
    if how == "flipped":
        path.write_bytes(packed[:500] + bytes([packed[500] ^ 255]) + packed[501:])
    if how == "wrong sum":
        path.write_bytes(packed[:-8] + b"\0\0\0\0" + packed[-4:])


@pytest.mark.parametrize("kind", ["vertices", "edges"])
@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("cut", "ends in the middle"),
        ("cut by a byte", "ends in the middle"),
        ("flipped", "damaged|Every line"),
        ("wrong sum", "damaged"),
    ],
)
def test_a_damaged_file(world, kind, how, said):
    damage(world, kind, how)
    before = sorted(world.folder.iterdir())
    with pytest.raises(UnreadableFileError, match=rf"{world.path(kind).name} .*({said}).*Fetch it again"):
        lg.read_web_graph(world.folder, sites=popular(world))
    assert sorted(world.folder.iterdir()) == before


@pytest.mark.parametrize("text", [b"", gzip.compress(b""), b"\n"], ids=["nothing", "packed", "a blank line"])
def test_an_empty_file(world, text):
    """As a full disk leaves it: it is not of another name, as one that was mixed up."""
    world.path("edges").write_bytes(text)
    with pytest.raises(
        UnreadableFileError, match=r"domain-edges\.txt\.gz is empty, or its first line is\. Fetch it again"
    ):
        lg.read_web_graph(world.folder, sites=popular(world))


def test_files_that_were_mixed_up(world):
    vertices, edges = world.path("vertices"), world.path("edges")
    for source, target in ((vertices, "x"), (edges, vertices), (world.folder / "x", edges)):
        source.rename(world.folder / target)
    with pytest.raises(
        UnreadableFileError, match=r"vertices\S* should contain the vertices .* looks like a file of edges"
    ):
        lg.read_web_graph(world.folder, sites=["a.example"])


def test_a_file_of_something_else(world):
    world.path("ranks").write_bytes(gzip.compress(b"<html>404</html>\n"))
    with pytest.raises(
        UnreadableFileError, match=r"ranks\S* should contain the ranks .* begins with '<html>404</html>'"
    ):
        lg.read_web_graph(world.folder, sites=["a.example"])
    world.path("ranks").write_bytes(b"\0\1\2")
    with pytest.raises(UnreadableFileError, match=r"ranks\S* is neither gzip nor text"):
        lg.read_web_graph(world.folder, sites=["a.example"])


@pytest.mark.parametrize("kind", ["vertices", "edges", "ranks"])
def test_odd_lines_far_down(world, kind):
    text = world.text(kind)
    world.path(kind).write_bytes(gzip.compress((text + "7\tseven\tx\t1\n").encode()))
    with pytest.raises(UnreadableFileError, match=rf"is not a file of {kind}: .*Every line should be"):
        lg.read_web_graph(world.folder, sites=popular(world))


def swap_vertices(world) -> None:
    lines = world.text("vertices").splitlines(keepends=True)
    lines[100], lines[200] = lines[200], lines[100]
    world.path("vertices").write_bytes(gzip.compress("".join(lines).encode()))


def test_vertices_out_of_order(world):
    swap_vertices(world)
    said = r"is out of order: vertex 101 comes after 200\. In a release, vertices ascend"
    with pytest.raises(UnreadableFileError, match=said):
        lg.read_web_graph(world.folder, sites=popular(world))


def test_a_number_that_stands_twice_or_is_missing_has_no_place():
    text = PADDING + b"5\torg.a\n6\torg.b\n"
    named = {before: passes._names_by_place(text, np.array([6]), before) for before in (4, 5)}
    assert named == {4: ([b"org.b"], 6), 5: None}
    assert passes._names_by_place(text, np.array([1]), -1) is None


@pytest.mark.usefixtures("small_blocks")
def test_vertices_out_of_order_in_another_block(world):
    """Where a block ends with the number that is too large, those before it seem to be missing."""
    swap_vertices(world)
    said = r"is out of order: vertex|does not contain\. They are .* or the vertices are out of order\."
    with pytest.raises(UnreadableFileError, match=said):
        lg.read_web_graph(world.folder, sites=popular(world))


@pytest.mark.parametrize("place", [0, 150, -1])
def test_vertices_of_another_release(world, place):
    sites = popular(world, 300)
    gone = sorted(source for source, target in world.edges if world.names[target] in sites)[place]
    lines = (line for line in world.text("vertices").splitlines(keepends=True) if not line.startswith(f"{gone}\t"))
    world.path("vertices").write_bytes(gzip.compress("".join(lines).encode()))
    there = [site for site in sites if site != world.names[gone]]
    with pytest.raises(
        UnreadableFileError, match=rf"refer to domain number {gone}, which .*vertices\S* does not contain"
    ):
        lg.read_web_graph(world.folder, sites=there)


@pytest.mark.parametrize("kind", ["vertices", "edges", "ranks"])
def test_a_missing_file(world, kind):
    world.path(kind).unlink()
    with pytest.raises(MissingFileError, match=rf"There is no {world.path(kind).name} among") as raised:
        lg.read_web_graph(world.folder, sites=popular(world))
    assert ("authority=None" in str(raised.value)) == (kind == "ranks")


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        (
            {"sites": ["nobody.example"]},
            UnknownSiteError,
            r"does not have nobody\.example: .*Leave it out, or check the",
        ),
        ({"sites": []}, InvalidArgumentError, r"sites=\[\] is empty"),
        (
            {"sites": ["blog.a.example"]},
            InvalidArgumentError,
            r"contains only domains, .*blog\.a\.example\. .*here a\.example",
        ),
        ({"sites": ["a.example/shop/"]}, InvalidArgumentError, r"can't single out the links to a\.example/shop/"),
        (
            {"sites": ["a.example"], "authority": "dr"},
            InvalidArgumentError,
            r"authority='dr' is not allowed\. Allowed: comm",
        ),
    ],
)
def test_questions_that_cannot_be_answered(world, options, error, said):
    with pytest.raises(error, match=said):
        lg.read_web_graph(world.folder, **options)


@pytest.mark.parametrize(
    ("sites", "said"),
    [
        (["me.github.io"], "not have me.github.io: it counts everything below github.io as one domain. Leave it out"),
        (
            ["me.github.io", "nobody.example", "you.github.io"],
            "the crawl found no link from or to them, or it counts everything below github.io as one domain. Leave",
        ),
        (["nobody.co.uk"], "not have nobody.co.uk: the crawl found no link from or to it. Leave it out"),
    ],
)
def test_sites_that_the_graph_counts_as_one(world, sites, said):
    with pytest.raises(UnknownSiteError, match=re.escape(said)):
        lg.read_web_graph(world.folder, sites=sites)


def test_read_links_says_how_a_web_graph_is_read(world):
    with pytest.raises(NotBacklinksError, match=r"edges\S* is part of Common Crawl's web graph, .*read_web_graph\("):
        lg.read_links(world.path("edges"))
    (world.folder / "mine.csv").write_text("source_url,target_url\nhttps://a.test/,https://mine.example/\n")
    with pytest.warns(lg.LinkgapWarning, match=r"3 files not read\. cc-main\S* is part of Common Crawl's web graph"):
        assert lg.read_links(world.folder).row_count == 1


@pytest.mark.parametrize("name", ["cc-main-2025-x-domain-edges.txt.gz", "cc-main-2026-aug-sep-oct-domain-edges.txt"])
def test_files_of_two_releases_or_one_twice(world, name):
    shutil.copy(world.path("edges"), world.folder / name)
    with pytest.raises(InvalidArgumentError, match=rf"There are files of several releases: {name}"):
        lg.read_web_graph(world.folder, sites=["a.example"])


@pytest.mark.parametrize("kinds", [("vertices", "edges", "ranks"), ("edges",)])
def test_the_graph_of_hosts_is_not_taken_for_that_of_domains(world, kinds):
    """There, links to www.example.com are none to example.com, and numbers stand for other names."""
    for kind in kinds:
        world.path(kind).rename(world.folder / world.path(kind).name.replace("-domain-", "-host-"))
    release = "cc-main-2026-aug-sep-oct"
    said = rf"There is no {release}-domain-{kinds[0]}.* The graph of hosts can't .* `linkgap webgraph fetch {release}`"
    with pytest.raises(MissingFileError, match=said):
        lg.read_web_graph(world.folder, sites=popular(world))


def test_the_graph_of_hosts_may_stand_beside_that_of_domains(world):
    for kind in ("vertices", "edges", "ranks"):
        shutil.copy(world.path(kind), world.folder / world.path(kind).name.replace("-domain-", "-host-"))
    sites = popular(world)
    assert found(lg.read_web_graph(world.folder, sites=sites)) == world.linking_to(*sites)


@pytest.mark.parametrize(
    ("where", "error"), [(7, InvalidArgumentError), ([], InvalidArgumentError), ("nowhere", MissingFileError)]
)
def test_what_is_no_release(where, error):
    with pytest.raises(error):
        lg.read_web_graph(where, sites=["a.example"])


# Stopped, and going on.


def stop_after(monkeypatch, share: float, total: int) -> None:
    """Stop the pass over edges when a share of it is read, as Ctrl-C does."""
    read = passes.read_blocks

    def stopping(place, advance, **options):
        for block in read(place, advance, **options):
            yield block
            if "edges" in place.name and block.read >= share * total:
                raise KeyboardInterrupt

    monkeypatch.setattr(passes, "read_blocks", stopping)


@pytest.mark.parametrize("members", [1, 7])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.usefixtures("small_blocks")
def test_stopped_and_going_on(world, monkeypatch, share, members):
    text = world.text("edges").encode()
    step = -(-len(text) // members)
    pieces = [gzip.compress(text[place : place + step]) for place in range(0, len(text), step)]
    world.path("edges").write_bytes(b"".join(pieces))
    sites = popular(world)
    monkeypatch.setattr(passes, "BYTES_BETWEEN_NOTES", 500)
    with monkeypatch.context() as patch:
        stop_after(patch, share, world.path("edges").stat().st_size)
        with pytest.raises(KeyboardInterrupt):
            lg.read_web_graph(world.folder, sites=sites)
    left = world.folder / f".{world.path('edges').name}.linkgap"
    note = json.loads((left / "journal.json").read_text())
    assert 0 < note["lines"] < len(world.edges)
    (left / note["file"]).write_bytes((left / note["file"]).read_bytes() + b"half-written")  # as a kill leaves it
    starts = []
    blocks = unpacking.blocks
    monkeypatch.setattr(
        passes, "blocks", lambda place, start: starts.append((place.name, start)) or blocks(place, start=start)
    )
    assert found(lg.read_web_graph(world.folder, sites=sites)) == world.linking_to(*sites)
    assert starts[1] == (world.path("edges").name, Mark(*note["mark"]))
    assert not left.exists()


@pytest.mark.usefixtures("small_blocks")
def test_broken_off_by_the_disk_and_going_on(world, monkeypatch, break_edges):
    """As from a server that hangs up: what was found is not thrown away, as it is of a damaged file."""
    sites, left = popular(world), world.folder / f".{world.path('edges').name}.linkgap"
    with monkeypatch.context() as patched:
        patched.setattr(passes, "BYTES_BETWEEN_NOTES", 500)
        break_edges(patched)
        with pytest.raises(UnreadableFileError, match=r"can't be read \(Input/output error\)\. .*, and try again"):
            lg.read_web_graph(world.folder, sites=sites)
    assert (left / "journal.json").exists()
    assert found(lg.read_web_graph(world.folder, sites=sites)) == world.linking_to(*sites)
    assert not left.exists()


def test_another_question_or_file_or_a_journal_cut_off_begins_anew(world, tmp_path):
    work = tmp_path / "new" / "work"
    question = {"file": Place(str(world.path("edges"))).identity(), "targets": [1]}
    journal = Journal(work, question)
    journal.write(Mark(0, 50))
    assert Journal(work, question).mark == Mark(0, 50)
    assert Journal(work, question | {"targets": [2]}).mark == Mark()
    journal.write(Mark(0, 50))
    os.utime(world.path("edges"), (1, 1))
    assert Journal(work, question | {"file": Place(str(world.path("edges"))).identity()}).mark == Mark()
    journal.add(np.array([[7, 1], [8, 1]]), lines=2)
    journal.write(Mark(0, 50))
    os.truncate(work / json.loads((work / "journal.json").read_text())["file"], 16)
    assert Journal(work, question).mark == Mark()


def test_what_passes_left_that_were_stopped_is_removed_by_the_next_that_ends(tmp_path):
    """Each question that was given up for another left a file for good."""
    journals = [Journal(tmp_path, {"targets": [target]}) for target in range(3)]
    for target, journal in enumerate(journals):
        journal.add(np.array([[7, target]]), lines=1)
    for journal in journals[:2]:
        journal.write(Mark(0, 50))
    (tmp_path / "found-money.bin").write_text("precious")
    journals[2].close()
    assert len(list(tmp_path.iterdir())) == 3
    assert Journal(tmp_path, {"targets": [1]}).mark == Mark(0, 50)
    journals[0].add(np.array([[8, 0]]), lines=1)  # it still runs
    journals[0].write(Mark(0, 60))
    again = Journal(tmp_path, {"targets": [0]})
    assert (again.lines, again.pairs()[0].tolist()) == (2, [7, 8])
    again.close()
    assert [path.name for path in tmp_path.iterdir()] == ["found-money.bin"]


@pytest.mark.parametrize("kind", ["empty", "link", "here"])
def test_a_work_folder_that_was_there_stays(world, tmp_path, monkeypatch, kind):
    """A volume, a link or the current folder can't even be removed, which cost the whole answer."""
    work = tmp_path / "work"
    work.mkdir()
    if kind == "link":
        (tmp_path / "link").symlink_to(work, target_is_directory=True)
        work = tmp_path / "link"
    if kind == "here":
        monkeypatch.chdir(work)
        work = Path()
    monkeypatch.setattr(passes, "BYTES_BETWEEN_NOTES", 500)
    sites = popular(world)
    assert found(lg.read_web_graph(world.folder, sites=sites, work=work)) == world.linking_to(*sites)
    assert list(work.iterdir()) == []


@pytest.mark.usefixtures("small_blocks")
def test_a_stopped_reading_whose_work_folder_cannot_be_removed_goes_on(world, tmp_path, monkeypatch):
    work, sites = tmp_path / "work", popular(world)
    with monkeypatch.context() as patched:
        patched.setattr(passes, "BYTES_BETWEEN_NOTES", 500)
        stop_after(patched, 0.5, world.path("edges").stat().st_size)
        with pytest.raises(KeyboardInterrupt):
            lg.read_web_graph(world.folder, sites=sites, work=work)
    assert (work / "journal.json").exists()
    (tmp_path / "link").symlink_to(work, target_is_directory=True)
    links = lg.read_web_graph(world.folder, sites=sites, work=tmp_path / "link")
    assert found(links) == world.linking_to(*sites)
    assert list(work.iterdir()) == []


def test_two_readings_of_one_file_at_once(world, small_blocks, monkeypatch):  # noqa: ARG001 - used by being there
    sites, edges = popular(world), Place(str(world.path("edges")))
    monkeypatch.setattr(passes, "BYTES_BETWEEN_NOTES", 500)
    numbers = [number for number, name in world.names.items() if name in sites]
    question = {"reads": "edges to", "file": edges.identity(), "targets": sorted(numbers)}
    first = Journal(reading.work_folder(Release("x", edges, edges, None), None), question)
    meanwhile = []

    def read_all_again(read):
        if not meanwhile and read > edges.size() // 2:
            meanwhile.append("begun")
            meanwhile.append(found(lg.read_web_graph(world.folder, sites=sites)))

    so_far = []
    answer = passes.edges_to(edges, numbers, first, lambda more: read_all_again(so_far.append(more) or sum(so_far)))
    assert meanwhile[1] == world.linking_to(*sites)
    pairs = zip(answer.sources.tolist(), answer.targets.tolist(), strict=True)
    assert {(world.names[target], world.names[source]) for source, target in pairs} == world.linking_to(*sites)
    first.write(Mark(0, 10))
    again = Journal(first.folder, question)
    assert [column.tolist() for column in again.pairs()] == [column.tolist() for column in first.pairs()]
    again.close()
    first.close()
    assert not first.folder.exists()


KILLED = """
import sys, time
import linkgap as lg
from linkgap.webgraph import passes
passes.BYTES_BETWEEN_NOTES = 2000
import linkgap.webgraph.unpacking as unpacking
unpacking.PACKED_BYTES, unpacking.BLOCK_BYTES = 97, 151
read = passes.read_blocks
def slow(place, advance, **options):
    for block in read(place, advance, **options):
        yield block
        if "edges" in place.name and block.read > int(sys.argv[2]):
            print("half", flush=True)
            time.sleep(60)
passes.read_blocks = slow
lg.read_web_graph(sys.argv[1], sites=sys.argv[3:])
"""


def test_killed_at_half_the_same_answer_comes_out(world):
    sites = popular(world)
    half = world.path("edges").stat().st_size // 2
    command = [sys.executable, "-c", KILLED, str(world.folder), str(half), *sites]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)}) as process:
        assert process.stdout.readline() == b"half\n"
        process.send_signal(signal.SIGKILL)
    left = world.folder / f".{world.path('edges').name}.linkgap"
    assert (left / "journal.json").exists()
    assert found(lg.read_web_graph(world.folder, sites=sites)) == world.linking_to(*sites)
    assert not left.exists()


def test_an_edge_that_stands_there_twice_is_one_link(world):
    sites = popular(world)
    once = lg.read_web_graph(world.folder, sites=sites)
    text = "".join(f"{source}\t{target}\n" for source, target in sorted(world.edges * 2))
    world.path("edges").write_bytes(gzip.compress(text.encode()))
    twice = lg.read_web_graph(world.folder, sites=sites)
    assert twice.row_count == once.row_count
    assert found(twice) == found(once)


def test_lines_that_end_as_on_windows_are_refused(world):
    world.path("vertices").write_bytes(gzip.compress(world.text("vertices").replace("\n", "\r\n").encode()))
    with pytest.raises(
        UnreadableFileError, match=r"should contain the vertices of a web graph, but begins with '0\\t.*\\r'"
    ):
        lg.read_web_graph(world.folder, sites=popular(world))


@pytest.fixture
def full_disk():
    """Let no file grow beyond a kilobyte."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.usefixtures("small_blocks")
def test_a_full_disk(world, monkeypatch, request):
    monkeypatch.setattr(passes, "BYTES_BETWEEN_NOTES", 500)
    before, sites = sorted(world.folder.iterdir()), popular(world)
    request.getfixturevalue("full_disk")
    with pytest.raises(
        UnwritableFileError, match=r"can't be saved in .*\. Make room there, or name another folder: work="
    ):
        lg.read_web_graph(world.folder, sites=sites)
    assert sorted(world.folder.iterdir()) == before


def test_a_folder_that_cannot_be_written_is_read_without_leaving_anything(world, monkeypatch):
    monkeypatch.setattr(reading.os, "access", lambda *_: False)
    sites = popular(world)
    monkeypatch.setattr(passes, "BYTES_BETWEEN_NOTES", 500)
    assert found(lg.read_web_graph(world.folder, sites=sites)) == world.linking_to(*sites)


def test_pandas_is_not_loaded_to_read_and_save(world):
    """It takes longer to load than a small release to read."""
    script = (
        "import sys; import linkgap as lg; lg.read_web_graph(sys.argv[1], sites=sys.argv[3:]).save(sys.argv[2]); "
        "print('pandas' in sys.modules)"
    )
    saved = str(world.folder / "links.parquet")
    command = [sys.executable, "-c", script, str(world.folder), saved, *popular(world)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
    assert ended.stdout.split() == ["False"], ended.stderr
    assert lg.read_links(saved).row_count > 0


def test_the_thread_that_unpacks_ends_with_the_reader(world):
    import threading

    blocks = unpacking.blocks(Place(str(world.path("edges"))))
    next(blocks)
    blocks.close()
    deadline = time.monotonic() + 10
    while any(thread.name == "linkgap unpacking" for thread in threading.enumerate()):
        assert time.monotonic() < deadline


def test_the_bar_knows_the_packed_bytes(world, capsys):
    lg.read_web_graph(world.folder, sites=popular(world), progress=True)
    shown = capsys.readouterr().err
    for what in ("Finding the sites", "Reading links to 4 sites", "Reading names", "Reading ranks"):
        assert what in shown
    assert "100%" in shown


@pytest.mark.parametrize("number", ["-3", "x", "", "3.0", "+3", " 3", "9" * 20, "9" * 5000, "1_0", "7777777"])
def test_a_site_with_an_odd_number_is_never_taken_for_another(world, number):
    name = world.names[5]
    lines = world.text("vertices").splitlines(keepends=True)
    lines[5] = lines[5].replace("5", number, 1)
    world.path("vertices").write_bytes(gzip.compress("".join(lines).encode()))
    with pytest.raises(
        UnreadableFileError, match=r"is not a file of vertices|out of order|should contain the vertices"
    ):
        lg.read_web_graph(world.folder, sites=[name])


@pytest.mark.parametrize("number", ["05", "", "-5", " 5", "+5", "5 "])
def test_edges_with_odd_numbers_are_refused(world, number):
    lines = world.text("edges").splitlines(keepends=True)
    at = next(place for place, line in enumerate(lines) if place > 2 and line.endswith("\t5\n"))
    lines[at] = lines[at].replace("\t5\n", f"\t{number}\n")
    world.path("edges").write_bytes(gzip.compress("".join(lines).encode()))
    with pytest.raises(
        UnreadableFileError, match=r"is not a file of edges: .* Every line should be: number, tab, number"
    ):
        lg.read_web_graph(world.folder, sites=[world.names[5]])


def test_a_converted_vertex_without_a_name_is_said_to_be_of_another_release(world, tmp_path):
    site, number = world.names[0], next(a for a, b in world.edges if b == 0)
    lines = [line for line in world.text("vertices").splitlines(keepends=True) if not line.startswith(f"{number}\t")]
    world.path("vertices").write_bytes(gzip.compress("".join(lines).encode()))
    converted = lg.convert_web_graph(world.folder, tmp_path / "converted", authority=False)
    with pytest.raises(
        UnreadableFileError, match=rf"refer to domain number {number}, which its vertices don't contain\. Fetch"
    ):
        lg.read_web_graph(converted, sites=[site], authority=None)
