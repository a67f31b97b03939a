"""`linkgap webgraph`: what it prints, and that it fetches nothing."""

import hashlib
import os
import re
import shlex
import socket

import pytest

import linkgap as lg
from linkgap.cli import DONE, FAILED, USAGE, main
from linkgap.webgraph.unpacking import Place


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    def no_network(*_):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.chdir(tmp_path)

    def run_command(*words):
        try:
            code = main(["webgraph", *map(str, words)])
        except SystemExit as stopped:
            code = stopped.code
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run_command


def test_from_where_to_fetch(run):
    code, out, _ = run("fetch", "cc-main-2026-may-jun-jul")
    start = "https://data.commoncrawl.org/projects/hyperlinkgraph/cc-main-2026-may-jun-jul/domain/"
    assert code == DONE
    for kind in ("vertices", "edges", "ranks"):
        assert f"{start}cc-main-2026-may-jun-jul-domain-{kind}.txt.gz\n" in out
    name = "cc-main-2026-may-jun-jul"
    commands = [line.split()[0] for line in out.splitlines() if line.startswith("  ")]
    assert commands == ["mkdir", "cd", "curl", "curl", "curl", "linkgap"]
    assert f"  mkdir {name}\n  cd {name}\n" in out
    assert out.endswith("\n  linkgap webgraph check .\n")
    assert "linkgap downloads nothing" in " ".join(out.split())
    assert run("fetch")[:2] == (
        DONE,
        "The releases are listed at https://commoncrawl.org/web-graphs. Then: linkgap webgraph fetch RELEASE\n",
    )
    for word in ("may", "cc-main-2026-may/.."):
        code, _, err = run("fetch", word)
        assert (code, f"'{word}' is not a release" in err) == (FAILED, True)


def test_whether_files_are_whole(run, world, tmp_path):
    edges = world.path("edges")
    code, out, _ = run("check", world.folder)
    assert code == DONE
    assert "each file is what its name says; no checksums were given" in out
    sums = tmp_path / "sums"
    digest = hashlib.sha256(edges.read_bytes()).hexdigest()
    others = ""
    for kind, algorithm in (("vertices", "sha512"), ("ranks", "sha1")):
        path = world.path(kind)
        others += f"{hashlib.new(algorithm, path.read_bytes()).hexdigest()} *{path.name} \n\n"
    sums.write_text(f"{digest.upper()}  domain/{edges.name}\n{others}{'0' * 64} *other.graph\n")
    code, out, _ = run("check", world.folder, "--sums", sums, "--size", f"{edges.name}={edges.stat().st_size}")
    assert code == DONE
    assert re.findall(r"bytes, (\w+) matches", out) == ["sha512", "sha256", "sha1"]
    assert f"{edges.name}: {edges.stat().st_size:,} bytes, sha256 matches" in out
    assert out.endswith("each file is what its name says\n")
    edges.write_bytes(edges.read_bytes()[:-3])
    code, _, err = run("check", world.folder, "--sums", sums)
    assert (code, f"{edges.name} is not what was published: its sha256 differs" in err) == (FAILED, True)
    for size, shown in ((99_999, "99,999"), (10, "10")):
        code, _, err = run("check", world.folder, "--size", f"{edges.name}={size}")
        assert (code, f"but should have {shown}. Fetch the rest of it" in err) == (FAILED, True)


@pytest.mark.parametrize("kind", ["vertices", "edges", "ranks"])
def test_a_file_that_is_cut_off_is_not_whole_without_checksums_either(run, world, kind):
    code, out, _ = run("check", world.folder)
    assert (code, out.count(" bytes, unpacked to the end\n")) == (DONE, 3)
    world.path(kind).write_bytes(world.path(kind).read_bytes()[:-3])
    code, _, err = run("check", world.folder)
    assert (code, f"{world.path(kind).name} ends in the middle" in err) == (FAILED, True)


def test_a_server_that_does_not_say_a_size_is_not_said_to_have_none(run, world, monkeypatch):
    monkeypatch.setattr(Place, "identity", lambda place: {"name": place.name, "size": None, "time": None})
    assert run("check", world.folder)[1].count(".txt.gz: its server does not say how many bytes, unpacked to the") == 3
    code, _, err = run("check", world.folder, "--size", f"{world.path('edges').name}=10")
    assert (code, "its server does not say. Leave its size out, or fetch it first" in err) == (FAILED, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--size", "edges"], "'edges' is not FILE=BYTES"),
        (["--size", "other=5"], "given for other. The files here are cc-main"),
        (["--sums", "nowhere"], "nowhere can't be read"),
        (["--sums", "prose"], "prose, line 1 is not a checksum"),
        (["--sums", "binary"], "binary is not a file of checksums: it is not text."),
        (["--sums", "others"], "others lists none of these files"),
        (["--sums", "odd"], "is not a checksum of a known kind. Allowed: md5, sha1"),
    ],
)
def test_what_cannot_be_checked(run, world, tmp_path, words, said):
    (tmp_path / "prose").write_text("good morning\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "others").write_text(f"{'0' * 64}  other\n")
    (tmp_path / "odd").write_text(f"{'0' * 33}  {world.path('edges').name}\n")
    code, _, err = run("check", world.folder, *words)
    assert code == FAILED
    assert said in err


def test_from_the_graph_to_the_gap(run, tmp_path, capsys):
    graph, sites = lg.sample_web_graph(), ["oakdesk.example", "deskly.example"]
    code, out, _ = run("similar", graph, "--site", "oakdesk.example", "--most", "2", "--out", "two.parquet")
    assert code == DONE
    assert out.startswith("2 sites linked from the same domains as oakdesk.example, first deskly.example")
    assert "Written to two.parquet: Links: 3 sites" in out
    code, out, _ = run("links", graph, "--sites", *sites, "--out", "l.parquet")
    assert (code, "Next: linkgap gap l.parquet --site oakdesk.example" in out) == (DONE, True)
    assert main(["gap", "l.parquet", "--site", "oakdesk.example"]) == DONE
    assert capsys.readouterr().err == ""
    code, out, _ = run("convert", graph, "--to", "converted", "--no-ranks")
    assert (code, "Converted into converted." in out) == (DONE, True)
    words = ["--sites", *sites, "--authority", "none", "--out", "again.parquet"]
    assert run("links", "converted", *words)[0] == DONE
    first, again = (lg.read_links(tmp_path / f"{name}.parquet").frame for name in ("l", "again"))
    assert set(first["source_domain"]) == set(again["source_domain"])


@pytest.mark.skipif(os.name == "nt", reason="words are taken apart as other shells do")
def test_what_comes_next_can_be_typed_as_it_is_said(run):
    sites = ["oakdesk.example", "deskly.example"]
    _, out, _ = run("convert", lg.sample_web_graph(), "--to", "all of it", "--no-ranks")
    following = shlex.split(out.partition("Next: linkgap webgraph ")[2].replace("SITE...", " ".join(sites)))
    code, out, _ = run(*(word.replace("links.parquet", "the links.parquet") for word in following))
    assert code == DONE
    assert main(shlex.split(out.partition("Next: linkgap ")[2])) == DONE


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["links", "--sites", "a.example", "--out", "mine.parquet"], "mine.parquet already exists."),
        (["similar", "--site", "a.example", "--out", "mine.parquet"], "mine.parquet already exists."),
        (["similar", "--site", "a.example", "--out", "links.csv"], "links.csv is not a name for saved links."),
        (["links", "--sites", "a.example", "--out", "none/links.parquet"], "There is no folder none"),
    ],
)
def test_the_file_is_looked_at_before_the_graph(run, tmp_path, words, said):
    (tmp_path / "mine.parquet").write_text("precious")
    code, _, err = run(words[0], "no-graph", *words[1:])
    assert (code, said in err) == (FAILED, True)
    assert (tmp_path / "mine.parquet").read_text() == "precious"


def test_a_file_is_replaced_when_somebody_says_so(run, tmp_path):
    (tmp_path / "l.parquet").write_text("old")
    words = ["links", lg.sample_web_graph(), "--sites", "oakdesk.example", "--out", "l.parquet", "--overwrite"]
    assert run(*words)[0] == DONE
    assert lg.read_links(tmp_path / "l.parquet").row_count > 0


@pytest.mark.parametrize(
    ("words", "without"),
    [
        (["check"], ["--no-ranks"]),
        (["convert", "--to", "converted"], ["--no-ranks"]),
        (["links", "--sites", "SITE", "--out", "links.parquet"], ["--authority", "none"]),
    ],
)
def test_without_ranks_it_goes_on_as_is_said(run, world, words, without):
    world.path("ranks").unlink()
    command, *options = [world.names[0] if word == "SITE" else word for word in words]
    code, _, err = run(command, world.folder, *options)
    assert (code, f"Or go on without authority: {' '.join(without)}." in err) == (FAILED, True)
    assert run(command, world.folder, *options, *without)[0] == DONE


def test_errors_end_with_their_code(run, world):
    assert run()[0] == USAGE
    world.path("ranks").unlink()
    code, _, err = run("links", world.folder, "--sites", "a.example", "--out", "x.parquet")
    assert code == FAILED
    assert "--authority none" in err
