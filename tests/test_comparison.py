"""What changed, in files and in the shell."""

import csv
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import linkgap as lg
from linkgap import workbook
from linkgap.cli import main
from linkgap.errors import FileExistsAlreadyError, InvalidArgumentError, MissingFileError
from linkgap.terminal import changes_lines

SITE, RIVAL = "me.example", "one.example"
OLD = [(SITE, "kept.test"), (SITE, "lost.test"), (RIVAL, "kept.test"), (RIVAL, "closed.test"), (RIVAL, "open.test")]
NEW = [(SITE, "kept.test"), (SITE, "closed.test"), (RIVAL, "kept.test"), (RIVAL, "closed.test"), (RIVAL, "open.test")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("states")
    for name, rows in (("old", OLD), ("new", NEW)):
        (place / name).mkdir()
        for site in (SITE, RIVAL):
            lines = ["Domain ascore,Domain,Backlinks", *(f"50,{domain},2" for whose, domain in rows if whose == site)]
            (place / name / f"{site}-list.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def changes(folder) -> lg.Changes:
    return lg.compare_links(lg.read_links(folder / "old"), lg.read_links(folder / "new"), site=SITE)


def rows_in(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize(
    ("part", "wanted"),
    [
        (
            None,
            [
                ["site", "domain", "change", "before", "after", "absence"],
                [SITE, "closed.test", "new", "false", "true", "complete list"],
                [SITE, "lost.test", "lost", "true", "false", "complete list"],
            ],
        ),
        (
            "gaps",
            [
                ["domain", "change", "before", "after", "reason", "rivals_before"],
                ["closed.test", "closed", "true", "false", "links to the site now", "1"],
            ],
        ),
        ("ranks", [["domain", "change", "before", "after", "reason", "rivals_before"]]),
        (
            "sites",
            [
                ["site", "before", "after", "kept", "new", "unverified_new"],
                [SITE, "2", "2", "1", "1", "0"],
                [RIVAL, "3", "3", "3", "0", "0"],
            ],
        ),
    ],
)
def test_a_part_as_csv(changes, tmp_path, part, wanted):
    path = lg.export_changes(changes, tmp_path / "changes.csv", part=part)
    assert [row[:6] for row in rows_in(path)] == wanted


def test_all_parts_as_a_workbook(changes, tmp_path):
    book = openpyxl.load_workbook(lg.export_changes(changes, tmp_path / "changes.xlsx"))
    assert book.sheetnames == ["Sites", "Links", "Gaps", "Ranks", "Notes"]
    assert [cell.value for cell in book["Links"]["B"]] == ["Domain", "closed.test", "lost.test"]
    assert [cell.value for cell in book["Sites"]["A"]] == ["Site", SITE, RIVAL]


def test_the_notes_and_the_outreach_are_sheets(folder, tmp_path):
    cut = lg.read_links(folder / "new", complete=False)
    book = lg.open_outreach(tmp_path / "outreach.sqlite", site=SITE)
    book.set("closed.test", status="won")
    changes = lg.compare_links(lg.read_links(folder / "old"), cut, site=SITE, outreach=book)
    sheets = openpyxl.load_workbook(lg.export_changes(changes, tmp_path / "changes.xlsx"))
    assert sheets.sheetnames[-2:] == ["Outreach", "Notes"]
    assert [cell.value for cell in sheets["Outreach"][2]][:4] == ["closed.test", "won", "confirmed", False]
    told = [cell.value for cell in sheets["Notes"]["A"]]
    assert told[:2] == ["Note", f"{changes!r}."]
    assert told[2:] == [f"Before: {changes.before.gap!r}.", f"After: {changes.after.gap!r}.", *changes.notes]
    assert rows_in(lg.export_changes(changes, tmp_path / "outreach.csv", part="outreach"))[1][0] == "closed.test"


def test_no_cell_is_run_by_a_spreadsheet(tmp_path):
    rows = {"site": [SITE, RIVAL], "source_domain": ["a.test", "b.test"]}
    hostile = pd.DataFrame({"site": [SITE, RIVAL], "source_domain": ["a.test", "-b.test"]})
    changes = lg.compare_links(lg.read_links(pd.DataFrame(rows)), lg.read_links(hostile, max_loss=1), site=SITE)
    written = rows_in(lg.export_changes(changes, tmp_path / "changes.csv"))
    assert not [cell for row in written for cell in row if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize(
    ("name", "options", "error", "words"),
    [
        (
            "changes.pdf",
            {},
            InvalidArgumentError,
            r"changes\.pdf ends in \.pdf\. Allowed: \.csv, \.xlsx\. Name the file ",
        ),
        ("changes", {}, InvalidArgumentError, r"changes has no suffix\. Allowed: \.csv, \.xlsx\."),
        ("c.csv", {"part": "all"}, InvalidArgumentError, r"part='all' is not known\. Allowed: gaps, links, outreach, "),
        ("c.xlsx", {"part": "gaps"}, InvalidArgumentError, r"part='gaps' is for a \.csv: an \.xlsx has all parts\."),
        (
            "c.csv",
            {"part": "outreach"},
            InvalidArgumentError,
            r"No outreach was compared\. Pass outreach=open_outreach",
        ),
        (
            "c.xlsx",
            {},
            InvalidArgumentError,
            r"\d+ rows of the part 'sites' do not fit into an XLSX sheet\. Allowed: 0\. Export each part as \.csv",
        ),
        ("nowhere/c.csv", {}, MissingFileError, r"There is no folder "),
        ("there.csv", {}, FileExistsAlreadyError, r".* already exists\. "),
    ],
)
def test_what_is_refused(changes, tmp_path, monkeypatch, name, options, error, words):
    monkeypatch.setattr(workbook, "_MOST_ROWS", 0)
    (tmp_path / "there.csv").touch()
    with pytest.raises(error, match=f"^{words}"):
        lg.export_changes(changes, tmp_path / name, **options)
    assert [path.name for path in tmp_path.iterdir()] == ["there.csv"]


# In the shell.


def test_the_command_says_what_came_and_went(folder, tmp_path, capsys):
    out = tmp_path / "changes.xlsx"
    words = ["changes", str(folder / "old"), str(folder / "new"), "--site", SITE, "--out", str(out)]
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "me.example: 1 new, 1 lost and 1 kept referring domains; 0 new gaps, 1 closed."
    assert "New links to me.example: 1" in lines
    assert "Lost links to me.example: 1" in lines
    assert "Closed gaps: 1" in lines
    assert any(line.split() == ["lost.test", "50", "AS", "complete", "list"] for line in lines)
    assert any(line.split() == ["domain", "authority", "proven", "by"] for line in lines)
    assert any(line.split()[:2] == ["closed.test", "1"] for line in lines)
    assert lines[-1] == f"Changes written to {out}"
    assert all(len(line) <= 100 for line in lines[:-1])
    assert main(words) == 1
    assert "already exists" in capsys.readouterr().err


def test_what_is_told_in_full_is_not_said_to_be_the_first(changes):
    assert "New links to me.example: 1" in changes_lines(changes, show=1)


def test_reasons_are_told_to_their_end(capsys):
    assert (
        main(["changes", str(lg.sample_exports()), str(lg.sample_exports(month="next")), "--site", "oakdesk.example"])
        == 0
    )
    lines = capsys.readouterr().out.splitlines()
    first = lines.index("New gaps: 41, the first 10") + 1
    assert lines[first].split() == ["domain", "rank", "rivals", "authority", "reason"]
    assert lines[first + 5].endswith("  4 -> 3      31 DR  no longer links to the site")
    assert not any("…" in line for line in lines)


def test_nothing_changed(folder, capsys):
    assert main(["changes", str(folder / "old"), str(folder / "old"), "--site", SITE, "--quiet"]) == 3
    assert capsys.readouterr().out == ""


def test_outreach_in_the_shell(folder, tmp_path, capsys):
    book = lg.open_outreach(tmp_path / "outreach.sqlite", site=SITE)
    book.set(["closed.test", "lost.test"], status="won")
    words = ["changes", str(folder / "old"), str(folder / "new"), "--site", SITE, "--outreach"]
    assert main([*words, str(tmp_path / "outreach.sqlite")]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["lost.test", "won", "lost", "again", "yes", "lost", "complete", "list"] in lines
    assert main([*words, str(tmp_path / "mistyped.sqlite")]) == 1
    assert "There is no outreach file" in capsys.readouterr().err
    assert not (tmp_path / "mistyped.sqlite").exists()


def test_options_are_said_as_they_are_typed(folder, tmp_path, capsys):
    words = ["changes", str(folder / "old"), str(folder / "new"), "--site", SITE, "--part", "gaps"]
    assert main([*words, "--out", str(tmp_path / "gaps.xlsx")]) == 1
    assert "linkgap: --part gaps is for a .csv: an .xlsx has all parts." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["old"], "name two folders or files, the older one first"),
        (["old", "new", "third"], "name two folders or files, the older one first"),
        (["old", "new", "--site-files", "a.example=a.csv"], "--site-files can't say which of the two states"),
        (["old", "new", "--part", "gaps"], "--part applies to a file: add --out FILE.csv"),
    ],
)
def test_words_that_are_not_understood(folder, capsys, words, said):
    given = [str(folder / word) if word in {"old", "new", "third"} else word for word in words]
    with pytest.raises(SystemExit, match="2"):
        main(["changes", *given, "--site", SITE])
    assert said in capsys.readouterr().err
