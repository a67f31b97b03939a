"""The command `linkgap`: what it prints, what it writes, and with which code it ends."""

import argparse
import inspect
import logging
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from itertools import takewhile
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pandas as pd
import pytest

import linkgap as lg
from linkgap import cli, terminal
from linkgap.cli import DONE, EMPTY, FAILED, STOPPED, USAGE, demo, main
from linkgap.terminal import in_shell_words, printable, prospect_table

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "sample_data" / "exports"

# Who links to whom, by the number of the linking site:
#
#            one  two  three  four  five
#     mine    x                      x
#     anna         x     x
#     bert         x           x     x
LINKS = {
    "mine.example": ["one.example", "five.example"],
    "anna.example": ["two.example", "three.example"],
    "bert.example": ["two.example", "four.example", "five.example"],
}

Run = Callable[..., tuple[int, str, str]]


def write_links(path: Path, sources: list[str], target: str) -> None:
    rows = "".join(f"https://{source}/page,https://{target}/,an anchor\n" for source in sources)
    path.write_text(f"source_url,target_url,anchor\n{rows}", encoding="utf-8")


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    for site, sources in LINKS.items():
        write_links(folder / f"{site}-links.csv", sources, site)
    return folder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in an empty folder; gives exit code, what was printed, and what was complained about."""
    monkeypatch.chdir(tmp_path)

    def run_command(*words: object) -> tuple[int, str, str]:
        try:
            code = main([str(word) for word in words])
        except SystemExit as end:
            code = end.code
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run_command


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def table_of(out: str) -> dict[str, list[str]]:
    """The printed prospects: domain to the cells behind it."""
    lines = iter(out.splitlines())
    next(line for line in lines if line.startswith("rank  domain"))
    rows = (line.split() for line in takewhile(bool, lines))
    return {row[1]: row[2:] for row in rows}


def shell(*words: object, cwd: Path, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "linkgap", *map(str, words)],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        text=True,
        encoding="utf-8",
        check=False,
        **options,
    )


# gap


def test_gap_finds_who_links_to_rivals_alone(run: Run, exports: Path):
    code, out, err = run("gap", exports, "--site", "mine.example")
    assert (code, err) == (DONE, "")
    assert "Links: 3 sites, 3 files, 7 links from 5 domains; 0 rows set aside" in out
    assert "3 domains link to at least 1 of 2 rivals and not to mine.example (3 proven)." in out
    table = table_of(out)
    assert set(table) == {"two.example", "three.example", "four.example"}
    assert next(iter(table)) == "two.example"
    assert table["two.example"][1:] == ["2/2", "-", "proven"]
    assert table["four.example"][1:] == ["1/2", "-", "proven"]


@pytest.mark.parametrize(
    ("options", "domains"),
    [
        (["--min-rivals", "2"], {"two.example"}),
        (["--rivals", "anna.example"], {"two.example", "three.example"}),
        (["--own", "two.example"], {"three.example", "four.example"}),
        (["--own", "anna.example"], {"two.example", "four.example"}),
        (["--own", "anna.example", "two.example"], {"four.example"}),
        (["--own", "anna.example", "--rivals", "anna.example"], {"two.example", "three.example"}),
        (["--present", "bert.example"], {"two.example", "four.example"}),
        (["--present", "bert.example", "--absent", "anna.example"], {"four.example"}),
        (["--absent", "bert.example"], {"three.example"}),
    ],
)
def test_gap_answers_what_is_asked(run: Run, exports: Path, options: list[str], domains: set[str]):
    code, out, _ = run("gap", exports, "--site", "mine.example", *options)
    assert code == DONE
    assert set(table_of(out)) == domains


def test_gap_says_which_rivals_were_asked_for(run: Run, exports: Path):
    asked = ["--present", "bert.example", "--absent", "anna.example"]
    _, out, _ = run("gap", exports, "--site", "mine.example", *asked)
    assert (
        "1 domain links to at least 1 of 2 rivals, bert.example among them, and not to mine.example or\nanna.example"
    ) in out


def test_gap_counts_the_categories_and_says_what_they_are(run: Run, exports: Path):
    _, out, _ = run("gap", exports, "--site", "mine.example")
    lines = out.partition("Of all domains that link to any of these sites:\n")[2].splitlines()
    assert [line[:5] for line in lines[:5]] == ["  1 b", "  0 w", "  2 s", "  0 s", "  2 u"]
    assert lines[0] == "  1 best: links to every rival and not to you"
    assert lines[4] == "  2 unique: links to one rival only and not to you"


def test_gap_shows_as_many_as_wanted(run: Run, exports: Path):
    for number in (1, 2):
        assert len(table_of(run("gap", exports, "--site", "mine.example", "--show", number)[1])) == number
    assert "priority" not in run("gap", exports, "--site", "mine.example", "--show", 0)[1]
    assert "'0' is not a whole number of 1 or more" in run("gap", exports, "--site", "x.example", "--top", 0)[2]


def test_gap_marks_what_to_look_out_for(run: Run, exports: Path):
    _, out, _ = run("gap", exports, "--site", "mine.example", "--deny", "two.example")
    assert table_of(out)["two.example"][-4:] == ["on", "your", "deny", "list"]
    assert list(table_of(out))[-1] == "two.example"
    _, out, _ = run("gap", exports, "--site", "mine.example", "--deny", "two.example", "--risk-weight", 0)
    assert next(iter(table_of(out))) == "two.example"


def test_gap_writes_a_report(run: Run, exports: Path):
    code, out, _ = run("gap", exports, "--site", "mine.example", "--report", "gap.html")
    assert code == DONE
    assert "Report written to gap.html" in out
    assert "Link gap of mine.example" in Path("gap.html").read_text("utf-8")
    code, _, err = run("gap", exports, "--site", "mine.example", "--report", "gap.pdf")
    assert code != DONE
    assert "gap.pdf ends in .pdf. Allowed: .html, .json, .md." in err


def test_gap_that_is_empty_ends_with_3_and_writes_all_the_same(run: Run, exports: Path):
    code, out, _ = run(
        "gap", exports, "--site", "bert.example", "--rivals", "mine.example", "--own", "one.example", "--out", "p.csv"
    )
    assert code == EMPTY
    assert "0 domains link to at least 1 of 1 rival" in out
    assert "0 prospects written to p.csv" in out
    assert len(Path("p.csv").read_text(encoding="utf-8-sig").splitlines()) == 1


def test_gap_writes_a_file_and_never_over_another(run: Run, exports: Path):
    words = ["gap", exports, "--site", "mine.example", "--out", "prospects.csv"]
    code, out, _ = run(*words, "--top", 2)
    assert code == DONE
    assert "2 prospects written to prospects.csv" in out
    table = pd.read_csv("prospects.csv")
    assert list(table["rank"]) == [1, 2]
    code, _, err = run(*words)
    assert code == FAILED
    assert err == "linkgap: prospects.csv already exists. Name another file, or pass --overwrite to replace it.\n"
    assert len(pd.read_csv("prospects.csv")) == 2
    assert run(*words, "--overwrite")[0] == DONE
    assert len(pd.read_csv("prospects.csv")) == 3


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--out", "wrong.pdf"], "wrong.pdf ends in .pdf. Allowed: "),
        (["--out", "nowhere/p.csv"], "There is no folder nowhere"),
        (["--out", "exports"], "exports has no suffix"),
        (["--out", "."], ". has no suffix. Allowed: "),
        (["--out", "taken.csv"], "taken.csv already exists. Name another file, or pass --overwrite to replace it."),
        (["--out", "p.json", "--preset", "outreach"], "--preset outreach makes a sheet, which .json is not."),
        (["--report", "wrong.pdf"], "wrong.pdf ends in .pdf. Allowed: "),
    ],
)
def test_gap_refuses_a_file_it_could_not_write_before_it_reads(
    run: Run, monkeypatch: pytest.MonkeyPatch, options: list[str], complaint: str
):
    Path("taken.csv").touch()
    monkeypatch.setattr(lg, "read_links", raising(AssertionError("read")))
    code, out, err = run("gap", "exports", "--site", "mine.example", *options)
    assert (code, out) == (FAILED, "")
    assert err.startswith(f"linkgap: {complaint}")


def test_gap_writes_what_an_outreach_tool_wants(run: Run, exports: Path):
    assert run("gap", exports, "--site", "mine.example", "--out", "pitch.csv", "--preset", "pitchbox")[0] == DONE
    pitch = pd.read_csv("pitch.csv")
    assert "priority" not in pitch.columns
    assert len(pitch) == 3


def test_gap_keeps_quiet(run: Run, exports: Path):
    assert run("gap", exports, "--site", "mine.example", "--quiet", "--out", "p.json") == (DONE, "", "")
    assert Path("p.json").exists()


def test_gap_says_of_which_files_cells_were_not_read(run: Run, exports: Path):
    days = "source_url,site,first_seen\nhttps://a.example/1,carl.example,today\nhttps://b.example/1,carl.example,soon\n"
    (exports / "days.csv").write_text(days, encoding="utf-8")
    code, out, _ = run("gap", exports, "--site", "mine.example")
    assert (code, "days.csv: 2 cells without the date, number or yes/no value that belongs there" in out) == (
        DONE,
        True,
    )


def test_gap_says_which_files_are_not_complete(run: Run, exports: Path):
    write_links(
        exports / "anna.example-more-links.csv", [f"site{number}.example" for number in range(100)], "anna.example"
    )
    (exports / "ips.csv").write_text("Subnet,Ref. domains,Top DR\n192.0.2.0/24,7,50\n", encoding="utf-8")
    code, out, err = run("gap", exports, "--site", "mine.example")
    assert code == DONE
    assert "anna.example-more-links.csv: cut at 100 rows" in out
    assert "ips.csv: not read, `linkgap inspect` says why" in out
    assert "mine.example-links.csv" not in out
    assert err.startswith("note: 1 file not read. ips.csv has no column with linking pages or domains.")
    assert err.count("\n") == 1


def test_gap_reads_files_of_sites_that_only_the_user_knows(run: Run, exports: Path, tmp_path: Path):
    odd = tmp_path / "from-a-friend.csv"
    odd.write_text("Referring Domain\nsix.example\nseven.example\n", encoding="utf-8")
    words = ["gap", exports, "--site", "mine.example", "--site-files", f"carl.example={odd}"]
    code, out, _ = run(*words, "--sites", "mine.example", "anna.example", "bert.example", "carl.example")
    assert code == DONE
    assert "5 domains link to at least 1 of 3 rivals" in out


def test_gap_reads_several_files(run: Run, exports: Path):
    files = sorted(exports.iterdir())
    code, out, _ = run("gap", *files, "--site", "mine.example")
    assert code == DONE
    assert "Links: 3 sites, 3 files" in out


# What can be typed, and what comes of typing something else


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["gap", "x"], "the following arguments are required: --site"),
        (["gap", "--site", "a.example"], "there is nothing to read: name a folder or files first, then the options"),
        (["gap", "--site", "a.example", "--rivals", "b.example", "x"], "there is nothing to read"),
        (["gap", "x", "--site", "a.example", "--top", "3"], "add --out FILE"),
        (["gap", "x", "--site", "a.example", "--preset", "outreach"], "add --out FILE"),
        (["gap", "x", "--site", "a.example", "--out", "p.csv", "--top", "0"], "'0' is not a whole number of 1 or more"),
        (
            ["gap", "x", "--site", "a.example", "--out", "p.json", "--report", "./p.json", "--overwrite"],
            "--out and --report are both ./p.json: one would replace the other. Name two files.",
        ),
        (["gap", "x", "--site", "a.example", "--show", "-1"], "'-1' is not a whole number of 0 or more"),
        (["gap", "x", "--site", "a.example", "--show", "few"], "'few' is not a whole number of 0 or more"),
        (["gap", "x", "--site", "a.example", "--min-rivals", "two"], "--min-rivals: 'two' is not a whole number\n"),
        (["gap", "x", "--site", "a.example", "--risk-weight", "0,5"], "'0,5' is not a number, such as 0.5\n"),
        (["gap", "x", "--site", "a.example", "--level", "page"], "invalid choice: 'page'"),
        (
            ["gap", "x", "--site", "a.example", "--min-rival", "2"],
            "[options]\nlinkgap gap: error: unrecognized arguments: --min-rival 2. Did you mean --min-rivals?",
        ),
        (["gap", "x", "--site", "a.example", "--output=p.csv"], "arguments: --output=p.csv. Did you mean --out?"),
        (["gap", "x", "--site", "a.example", "--zzz"], "unrecognized arguments: --zzz. --help lists the options."),
        (
            ["demo", "exports"],
            "linkgap demo: error: unrecognized arguments: exports. Put a name with spaces",
        ),
        (["webgraph", "similar", "x", "--sites", "a.example"], "linkgap webgraph similar"),
        (["gap", "x", "--site", "a.example", "--day-first", "--month-first"], "not allowed with argument --day-first"),
        (["gap", "x", "--site", "a.example", "--site-files", "y.csv"], "'y.csv' is not SITE=FILE, such as"),
        (["inspect"], "there is nothing to read"),
        (["demonstrate"], "invalid choice: 'demonstrate'"),
    ],
)
def test_words_that_are_not_understood_end_with_2(run: Run, words: list[str], complaint: str):
    code, out, err = run(*words)
    assert (code, out) == (USAGE, "")
    assert complaint in err


def test_without_a_command_the_help_is_shown(run: Run):
    code, out, err = run()
    assert (code, out) == (USAGE, "")
    assert "linkgap demo" in err


def parsers(parser: argparse.ArgumentParser, *words: str) -> dict[tuple[str, ...], argparse.ArgumentParser]:
    """What can be typed: the words of each command, also below another, to what reads the words behind them."""
    below = [action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    deeper = [parsers(each, *words, name) for choices in below for name, each in choices.items()]
    return {words: parser} | {path: each for found in deeper for path, each in found.items()}


COMMANDS = parsers(cli.command_line())


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_fits_and_explains_every_option(run: Run, command: tuple[str, ...]):
    code, out, _ = run(*command, "--help")
    assert code == DONE
    assert max(map(len, out.splitlines())) <= 100
    assert "None" not in out
    assert all(action.help for action in COMMANDS[command]._actions if action.option_strings)


@pytest.mark.parametrize("name", sorted({words[0] for words in COMMANDS if words}))
def test_help_has_an_example_of_every_command(run: Run, name: str):
    assert f"\n  linkgap {name}" in run("--help")[1]


def test_help_documents_the_exit_codes(run: Run):
    assert "3  done, but there are no prospects" in run("--help")[1]
    assert "Exit code 3" in run("gap", "--help")[1]


def test_version(run: Run):
    assert run("--version") == (DONE, f"linkgap {lg.__version__}\n", "")


@pytest.mark.parametrize(
    ("function", "spelt_otherwise"),
    [
        (lg.read_links, {"where": "paths", "complete": None, "progress": None}),
        (lg.find_gap, {"links": None, "live_only": "include_lost"}),
        (lg.rank_prospects, {"gap": None, "rival_weights": None, "likelihood_weights": None, "model": None}),
        (lg.export_prospects, {"prospects": None, "path": "out"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_options_have_the_names_and_defaults_of_the_functions(
    function: Callable[..., object], spelt_otherwise: dict[str, str | None]
):
    args = vars(cli.command_line().parse_args(["gap", "x", "--site", "a.example"]))
    for name, parameter in inspect.signature(function).parameters.items():
        option = spelt_otherwise.get(name, name)
        if option is not None:
            assert option in args
        if option == name and parameter.default is not inspect.Parameter.empty:
            assert args[name] == (
                list(parameter.default) if isinstance(parameter.default, tuple) else parameter.default
            )


READING = "--sites mine.example b.example --columns tool --encoding cp1252 --month-first --memory-limit 1GB --engine x"
READ = {
    "sites": ["mine.example", "b.example"],
    "columns": "tool",
    "encoding": "cp1252",
    "day_first": False,
    "max_loss": 0.5,
    "memory_limit": "1GB",
    "engine": "x",
    "progress": False,
}
ASKING = "--rivals b.example --own c.example --min-rivals 2 --follow-only --level host"
ASKED = {"site": "mine.example", "rivals": ["b.example"], "own": ["c.example"], "min_rivals": 2, "follow_only": True}
ASKED["level"] = "host"
LOOKING = "--top 7 --domains d.example --cache p.sqlite --expire-after 9 --cached-only --contact a@b.example"
LOOKED = {"top": 7, "domains": ["d.example"], "cache": "p.sqlite", "expire_after": 9, "cached_only": True}
LOOKED |= {"contact": "a@b.example", "allow": ["x", "y"], "parallel": 3, "progress": False}


@pytest.mark.parametrize(
    ("command", "options", "last", "told"),
    [
        ("gap", "--absent b.example", "rank_prospects", {}),
        ("check", f"{LOOKING} --allow-hosts x y --parallel 3", "check_pages", LOOKED),
        ("changes", "", "compare_links", ASKED | {"outreach": None}),
    ],
)
def test_every_option_reaches_the_function_that_it_is_for(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str, options: str, last: str, told: dict[str, object]
):
    calls = {name: Mock() for name in ("read_links", "find_gap", "rank_prospects", last)}
    for name, call in calls.items():
        monkeypatch.setattr(lg, name, call)
    calls[last].side_effect = lg.LinkgapError("enough")
    ranking = "--include-lost --authority-weight 2 --risk-weight 0.5 --allow e.example --deny f.example"
    words = ["old", "new", *("--site mine.example --max-loss 0.5 --quiet " + READING).split(), *ASKING.split()]
    words += options.split() if command == "changes" else [*ranking.split(), *options.split()]
    assert run(command, *words) == (FAILED, "", "linkgap: enough\n")
    assert calls["read_links"].call_args.kwargs == READ
    if command != "changes":
        assert calls["find_gap"].call_args.kwargs == ASKED | {"live_only": False}
        ranked = {"authority_weight": 2, "risk_weight": 0.5, "allow": ["e.example"], "deny": ["f.example"]}
        assert calls["rank_prospects"].call_args.kwargs == ranked
    if command == "gap":
        calls["find_gap"].return_value.where.assert_called_once_with(present=[], absent=["b.example"])
    else:
        assert calls[last].call_args.kwargs == told


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--site", "nobody.example"], "--site nobody.example is not among the sites. Allowed: anna.example, "),
        (["--site", "mine.example", "--rivals", "nobody.example"], "--rivals nobody.example is not among"),
        (["--site", "mine.example", "--min-rivals", "3"], "--min-rivals 3 is not allowed. Allowed: 1 to 2"),
        (["--site", "mine.example", "--authority-weight", "9"], "--authority-weight 9.0 is not allowed. Allowed: "),
        (["--site", "mine.example", "--max-loss", "5"], "--max-loss 5.0 is not allowed. Allowed: a share from 0 to 1"),
        (["--site", "mine.example", "--encoding", "morse"], "--encoding morse is not known."),
        (
            ["--site", "mine.example", "--rivals", "a.example,b.example"],
            "Name several with spaces between, without",
        ),
        (["--site", "mine.example", "--columns", "mytool"], "There is no mapping 'mytool'."),
        (["--site", "mine.example", "--out", "p.doc"], "p.doc ends in .doc. Allowed: .csv, .json, .parquet, .xlsx"),
        (["--site", "mine.example", "--out", "nowhere/p.csv"], "There is no folder nowhere"),
    ],
)
def test_errors_are_words_on_stderr_and_end_with_1(run: Run, exports: Path, options: list[str], complaint: str):
    code, _, err = run("gap", exports, *options)
    assert code == FAILED
    assert err.startswith("linkgap: ")
    assert complaint in err
    assert err.count("\n") == 1


def test_a_missing_folder_is_an_error(run: Run):
    code, out, err = run("gap", "nowhere", "--site", "a.example")
    assert (code, out) == (FAILED, "")
    assert err.startswith("linkgap: There is no file or folder nowhere.")
    assert "a relative path starts from the current folder, a path with spaces goes in quotes." in err


def test_errors_speak_of_options_as_they_are_typed(run: Run, exports: Path):
    (exports / "odd.csv").write_text("Referring Domain\nsix.example\n", encoding="utf-8")
    _, _, err = run("gap", exports, "--site", "mine.example")
    assert "Name the site: --site-files mysite.example=odd.csv, or put its domain into the file's name." in err
    (exports / "odd.csv").write_text("one,two\n1,2\n", encoding="utf-8")
    _, _, err = run("gap", exports, "--site", "mine.example")
    assert 'write {"columns": {"source_url": "<heading of the linking page>", ' in err
    assert "mytool.columns.json" in err


def test_a_mapping_is_found_by_its_name(run: Run, tmp_path: Path):
    (tmp_path / "links.csv").write_text("Von,Nach\nhttps://a.example/,https://b.example/\n", encoding="utf-8")
    (tmp_path / "mytool.columns.json").write_text(
        '{"columns": {"source_url": "Von", "target_url": "Nach"}}', encoding="utf-8"
    )
    code, out, _ = run("inspect", "links.csv", "--columns", "mytool")
    assert code == DONE
    assert "Mytool mapped columns for b.example" in out


def test_what_an_unknown_tool_s_columns_seem_to_be_is_saved(run: Run, tmp_path: Path):
    rows = "https://a.example/1,https://me.example/\nhttps://b.example/2,https://me.example/x\n"
    (tmp_path / "links.csv").write_text(f"Backlink Page,Linked Page\n{rows}", encoding="utf-8")
    (tmp_path / "known.csv").write_text("Domain\nsix.example\n", encoding="utf-8")
    _, _, err = run("gap", "links.csv", "--site", "me.example")
    assert '{"source_url": "Backlink Page", "target_url": "Linked Page"}. `linkgap inspect FILE --save-columns' in err
    code, out, _ = run("inspect", ".", "--save-columns", "mytool")
    assert code == DONE
    assert out.startswith("  source_url: Backlink Page\n  target_url: Linked Page\nSaved as mytool.columns.json.")
    _, out, _ = run("inspect", "links.csv")
    assert "2 rows: 2 kept" in out
    code, _, err = run("inspect", "links.csv", "--save-columns", "mytool")
    assert (code, err) == (FAILED, "linkgap: none of these files has columns that look like an unknown tool's links.\n")


def test_a_mapping_that_is_there_is_not_replaced(run: Run, tmp_path: Path):
    (tmp_path / "links.csv").write_text("From,To\nhttps://a.example/1,me.example\n", encoding="utf-8")
    (tmp_path / "mytool.columns.json").write_text('{"columns": {"source_url": "Page"}}', encoding="utf-8")
    code, _, err = run("inspect", "links.csv", "--save-columns", "mytool.columns.json")
    assert code != DONE
    assert "mytool.columns.json already exists. Choose another name" in err
    assert "Page" in (tmp_path / "mytool.columns.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("max_loss=0.05 allows. Go on with max_loss=0.31.", "--max-loss 0.05 allows. Go on with --max-loss 0.31."),
        ("Say which: sites=['a.example', 'b.example', ...].", "Say which: --sites a.example b.example ...."),
        ("pass day_first=True or day_first=False", "pass --day-first or --month-first"),
        ("Give it more with memory_limit= (2GB or more).", "Give it more with --memory-limit (2GB or more)."),
        ("in read_links(..., sites=[...]).", "with --sites."),
        ("Pass outreach=open_outreach(...) to compare_links, or", "Pass --outreach FILE, or"),
        (
            "max_units=-5 is not allowed: a number, or None for no limit.",
            "--max-units -5 is not allowed: a number, or leave it out for no limit.",
        ),
        (
            "Save one with save_columns({...}, 'x.json').",
            'Write one: a file with {"columns": {"source_url": "<heading>"}}.',
        ),
        (
            "x.json is not a mapping. Write it with save_columns(...).",
            'x.json is not a mapping. Write {"columns": {"source_url": "<heading of the linking page>"}} into it.',
        ),
        ("where texts are wrong, pass encoding=...", "where texts are wrong, pass --encoding NAME"),
        ("or map them with columns={...}, or", "or map them with --columns NAME, or"),
        ("most=0 is not allowed.", "--most 0 is not allowed."),
        (
            "engine='foo' is not allowed. Allowed: a SparkSession, or the address of a Spark master.",
            "--engine foo is not allowed. Allowed: the address of a Spark master.",
        ),
        ("https://a.example/?site=3 and website=4 stay", "https://a.example/?site=3 and website=4 stay"),
    ],
)
def test_python_words_become_shell_words(message: str, words: str):
    assert in_shell_words(message) == words


@pytest.mark.parametrize("name", ["odd links.csv", "ann's links.csv"])
def test_a_file_with_blanks_in_its_name_can_be_given_as_is_said(run: Run, tmp_path: Path, name: str):
    (tmp_path / name).write_text("Referring Domain\nsix.example\n", encoding="utf-8")
    write_links(tmp_path / "anna.csv", ["one.example"], "anna.example")
    words = ["gap", "anna.csv", name, "--site", "anna.example"]
    _, _, err = run(*words)
    said = err.partition("Name the site: ")[2].partition(", or put")[0]
    option, value = shlex.split(said) if os.name != "nt" else said.replace('"', "").split(maxsplit=1)
    code, _, err = run("gap", "anna.csv", option, value, "--site", "anna.example")
    assert (code, err) == (DONE, "")


def test_of_many_files_that_are_none_some_are_named_and_the_rest_counted(run: Run, exports: Path):
    for number in range(7):
        (exports / f"{number}.csv").touch()
    _, out, err = run("gap", exports, "--site", "mine.example", "--level", "host")
    assert err.startswith("note: 7 files not read. 0.csv is empty")
    assert err.endswith("; and 2 more, see the receipts\n")
    assert "Of all hosts that link to any of these sites:\n" in out
    assert re.search(r"^rank +host +priority ", out, re.MULTILINE)


@pytest.mark.parametrize("words", [["inspect", "nowhere"], ["gap", "empty.csv"], ["gap", "one.csv", "--columns", "no"]])
def test_an_early_end_shows_nothing_but_its_reason(tmp_path: Path, words: list[str]):
    (tmp_path / "empty.csv").touch()
    write_links(tmp_path / "one.csv", ["a.example"], "b.example")
    site = ["--site", "a.example"] if words[0] == "gap" else []
    ran = shell(*words, *site, cwd=tmp_path, capture_output=True)
    assert (ran.returncode, ran.stdout, len(ran.stderr.splitlines())) == (FAILED, "", 1)
    assert ran.stderr.startswith("linkgap: ")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no file sizes")
@pytest.mark.parametrize(
    ("name", "out", "said"),
    [
        ("links.json", "gap.csv", "links.json can't be read: File too large. Rewritten files go to "),
        ("links.csv", "gap.parquet", "gap.parquet can't be written: File too large. Nothing was changed."),
    ],
)
def test_no_room(tmp_path: Path, name: str, out: str, said: str):
    rows = [{"source_url": f"https://d{number}.test/", "target_url": "https://b.example/"} for number in range(900)]
    rows.append({"source_url": "https://d1.test/", "target_url": "https://a.example/"})
    table = pd.DataFrame(rows)
    table.to_json(tmp_path / name, orient="records") if "json" in name else table.to_csv(tmp_path / name, index=False)
    words = ["gap", name, "--site", "a.example", "--sites", "a.example", "b.example", "--out", out]
    limited = f"ulimit -f 8; exec {shlex.join([sys.executable, '-m', 'linkgap', *words])}"
    more = {"cwd": tmp_path, "env": os.environ | {"PYTHONPATH": str(ROOT)}, "capture_output": True, "text": True}
    ran = subprocess.run(["/bin/sh", "-c", limited], check=False, **more)
    assert (ran.returncode, (tmp_path / out).exists()) == (FAILED, False)
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


# Ends of another kind


def raising(error: BaseException) -> Callable[..., object]:
    def raise_it(*_args: object, **_options: object) -> object:
        raise error

    return raise_it


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("Query interrupted")], ids=["python", "engine"])
def test_ctrl_c_ends_with_130_and_one_line(run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException):
    monkeypatch.setattr(lg, "read_links", raising(error))
    assert run("gap", "x", "--site", "a.example") == (STOPPED, "", "linkgap: stopped\n")
    monkeypatch.setattr("linkgap.cli.command_line", raising(error))
    assert run("gap", "x", "--site", "a.example") == (STOPPED, "", "linkgap: stopped\n")


def test_ctrl_c_is_not_logged_by_what_talks_to_spark(
    run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def log_and_raise(*_args: object, **_options: object) -> object:
        logging.error("KeyboardInterrupt while sending command.")  # noqa: LOG015 - as py4j.java_gateway does
        raise KeyboardInterrupt

    monkeypatch.setattr(logging.getLogger(), "filters", [])
    monkeypatch.setattr(lg, "read_links", log_and_raise)
    assert run("gap", "x", "--site", "a.example", "--engine", "local")[0] == STOPPED
    assert caplog.records == []


@pytest.mark.parametrize("error", [RuntimeError("a bug"), KeyError("a bug"), OSError("a bug")])
def test_a_bug_shows(run: Run, monkeypatch: pytest.MonkeyPatch, error: Exception):
    monkeypatch.setattr(lg, "read_links", raising(error))
    with pytest.raises(type(error), match="a bug"):
        run("gap", "x", "--site", "a.example")


def test_a_foreign_warning_is_left_to_python(run: Run, monkeypatch: pytest.MonkeyPatch, exports: Path):
    real = lg.read_links

    def warn_and_read(*args: object, **options: object) -> lg.Links:
        import warnings

        warnings.warn("from elsewhere", FutureWarning, stacklevel=2)
        return real(*args, **options)

    monkeypatch.setattr(lg, "read_links", warn_and_read)
    with pytest.raises(FutureWarning, match="from elsewhere"):
        run("gap", exports, "--site", "mine.example")


def test_as_a_module(tmp_path: Path):
    ran = shell("--version", cwd=tmp_path, capture_output=True)
    assert (ran.returncode, ran.stdout, ran.stderr) == (DONE, f"linkgap {lg.__version__}\n", "")


def test_exit_codes_reach_the_shell(tmp_path: Path, exports: Path):
    codes = [
        shell(*words, cwd=tmp_path, capture_output=True).returncode
        for words in (
            ["gap", exports],
            ["gap", exports, "--site", "mine.example", "--min-rivals", "2", "--own", "two.example"],
        )
    ]
    assert codes == [USAGE, EMPTY]


def test_the_file_is_written_when_nobody_reads_on(tmp_path: Path, exports: Path):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as nobody:
        ran = shell(
            *("gap", exports, "--site", "mine.example", "--out", "p.csv"),
            cwd=tmp_path,
            stdout=nobody,
            stderr=subprocess.PIPE,
        )
    assert (ran.returncode, ran.stderr) == (DONE, "")
    assert (tmp_path / "p.csv").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no file that is always full")
def test_what_cannot_be_printed_is_said(tmp_path: Path, exports: Path):
    with Path("/dev/full").open("w") as full:
        words = ("gap", exports, "--site", "mine.example")
        printed = shell(*words, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE)
        complained = shell("gap", "no-such", "--site", "mine.example", cwd=tmp_path, stdout=full, stderr=full)
    said = "linkgap: The output can't be written: No space left on device. Send it elsewhere, or make room.\n"
    assert (printed.returncode, printed.stderr) == (FAILED, said)
    assert complained.returncode == FAILED


@pytest.mark.skipif(os.name == "nt", reason="the shell of Windows closes nothing")
def test_the_file_is_written_when_what_is_printed_is_closed(tmp_path: Path, exports: Path):
    words = ["-m", "linkgap", "gap", str(exports), "--site", "mine.example", "--out", "p.csv"]
    closed = f"exec {shlex.join([sys.executable, *words])} >&-"
    more = {"cwd": tmp_path, "env": os.environ | {"PYTHONPATH": str(ROOT)}, "stderr": subprocess.PIPE, "text": True}
    ran = subprocess.run(["/bin/sh", "-c", closed], check=False, **more)
    assert (ran.returncode, ran.stderr) == (DONE, "")
    assert (tmp_path / "p.csv").exists()


def test_the_help_loads_nothing_heavy(tmp_path: Path):
    probe = (
        "import sys\nfrom linkgap.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "sys.exit(', '.join({'duckdb', 'numpy', 'pandas', 'jupyterlab'} & set(sys.modules)) or 0)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ran = subprocess.run([sys.executable, "-c", probe], cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")


# Text from strangers

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x9b0m\u202egnp.exe\u2066\u200b\x00\x08\u2028end"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (HOSTILE, "redgnp.exe end"),
        ("\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\", "click"),
        ("\x1b]52;c;never closed", "52;c;never closed"),
        ("\x1bPq#0\x1b\\image\x1b(0\x1b7", "image"),
        ("a\r\nb\tc", "a  b c"),
        ("Größe 日本 🪑 »quoted«", "Größe 日本 🪑 »quoted«"),
        ("half a pair \ud83d", "half a pair "),
    ],
)
def test_nothing_is_left_that_a_terminal_obeys(text: str, shown: str):
    assert printable(text) == shown


def assert_harmless(text: str) -> None:
    assert not set(text) & set("\x1b\x9b\x07\x08\x00\u202e\u2066\u200b\u2028\r")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file names")
def test_hostile_names_and_cells_are_printed_harmlessly(run: Run, exports: Path):
    name = "anna.example-\x1b[2J\u202e-more.csv"
    rows = f"https://anna.example/x,https://anna.example/,{HOSTILE.replace(chr(0), '')}\n" * 3
    (exports / name).write_text(
        f"source_url,target_url,anchor\nhttps://six.example/,https://anna.example/,x\n{rows}", encoding="utf-8"
    )
    (exports / "\x1b[31mno-links.csv").write_text("one\x1b[2J,two\u202e\n1,2\n", encoding="utf-8")
    for words in (["gap", exports, "--site", "mine.example"], ["inspect", exports, "--set-aside"]):
        code, out, err = run(*words)
        assert code == DONE
        assert "no-links.csv" in out
        assert_harmless(out + err)
    assert "redgnp.exe end" in out


def test_hostile_text_in_errors_is_printed_harmlessly(run: Run, tmp_path: Path):
    (tmp_path / "a.csv").write_text("one\x1b[2J,two\u202e\n1,2\n", encoding="utf-8")
    code, _, err = run("inspect", tmp_path / "a.csv")
    assert code == FAILED
    assert "Its columns are: one, two" in err
    assert_harmless(err)


def test_a_terminal_that_lacks_a_letter_gets_a_question_mark(tmp_path: Path):
    (tmp_path / "größe-日本.csv").write_text(
        "source_url,target_url\nhttps://a.example/,https://b.example/\n", encoding="utf-8"
    )
    ran = subprocess.run(
        [sys.executable, "-m", "linkgap", "inspect", str(tmp_path)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "1"},
        capture_output=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (DONE, b"")
    assert b"gr??e-??.csv" in ran.stdout


# The table of prospects


def prospect(**changes: object) -> dict[str, object]:
    row = {
        "rank": 1,
        "domain": "blog.example",
        "priority": 12.345,
        "rivals_linked": 2,
        "authority": 47.0,
        "authority_metric": "ahrefs_dr",
        "evidence": "proven",
        "relation": "never",
        "risk_reasons": "",
        "tactic": "unknown",
    }
    return row | changes


def test_the_table_is_written_by_hand():
    frame = pd.DataFrame(
        [
            prospect(),
            prospect(rank=2, domain="a.example", authority=None, authority_metric=None, relation="lost"),
            prospect(rank=10, authority=8.6, authority_metric="linkody_authority", evidence="unverified"),
        ]
    )
    assert list(prospect_table(frame, rivals=4)) == [
        "rank  domain        priority  rivals  authority  evidence    remark",
        "   1  blog.example      12.3     2/4      47 DR  proven",
        "   2  a.example         12.3     2/4          -  proven      lost link",
        "  10  blog.example      12.3     2/4          9  unverified",
    ]


def test_the_table_fits_whatever_it_holds():
    long = prospect(
        rank=1_234_567,
        domain="x" * 253,
        priority=100.0,
        rivals_linked=1234,
        authority=1000.0,
        authority_metric="dataforseo_rank",
        evidence="unverified",
        relation="lost",
        tactic="resource page",
        risk_reasons="marked as spam by a provider; spam score above 60; on your deny list",
    )
    lines = list(prospect_table(pd.DataFrame([long, prospect()]), rivals=1234))
    assert max(map(len, lines)) == 100
    assert "resource page" in lines[1]


@pytest.mark.parametrize(("rank", "shown"), [(1.5e-09, "1.5e-09 PR"), (0.0162, "0.016 PR"), (0.0, "0 PR")])
def test_small_authorities_are_not_nothing(rank, shown):
    frame = pd.DataFrame([prospect(authority=rank, authority_metric="commoncrawl_pr")])
    assert f"  {shown}  " in list(prospect_table(frame, rivals=1))[1]


def test_large_authorities_are_written_as_other_numbers_are():
    frame = pd.DataFrame([prospect(authority=25055703.0, authority_metric="commoncrawl_hc")])
    assert "  25,055,703 HC  " in list(prospect_table(frame, rivals=1))[1]


def test_a_tactic_stands_before_the_remark():
    frame = pd.DataFrame([prospect(tactic="resource page", risk_reasons="x"), prospect(rank=2)])
    assert list(prospect_table(frame, rivals=4)) == [
        "rank  domain        priority  rivals  authority  evidence  tactic         remark",
        "   1  blog.example      12.3     2/4      47 DR  proven    resource page  x",
        "   2  blog.example      12.3     2/4      47 DR  proven",
    ]


def test_reasons_have_a_plural_where_they_name_what_the_row_is():
    told = [terminal._how_many(2, reason) for reason in ("duplicate", "no domain")]
    assert told == ["2 duplicates", "2 no domain"]


def test_no_remarks_no_column():
    assert not next(prospect_table(pd.DataFrame([prospect()]), rivals=4)).endswith("remark")


# inspect


def test_inspect_says_what_each_file_is(run: Run, exports: Path):
    code, out, err = run("inspect", exports)
    assert (code, err) == (DONE, "")
    assert out.split("\n\n")[1].splitlines() == [
        "bert.example-links.csv",
        "  linkgap links for bert.example (utf-8, comma between cells)",
        "  3 rows: 3 kept, none set aside",
        "  3 domains, the largest has 33.3% of the rows",
    ]
    assert out.endswith("Links: 3 sites, 3 files, 7 links from 5 domains; 0 rows set aside\n")


def test_inspect_of_lists_of_one_and_of_none(run: Run, exports: Path):
    files = [exports / f"{name}.example-links.csv" for name in ("carl", "dora")]
    for file, sources in zip(files, ([], ["one.example"]), strict=True):
        write_links(file, sources, file.name.removesuffix("-links.csv"))
    code, out, _ = run("inspect", *files)
    assert code == DONE
    assert [block.splitlines()[2:4] for block in out.split("\n\n")[:2]] == [
        ["  0 rows: 0 kept, none set aside", "  0 domains"],
        ["  1 row: 1 kept, none set aside", "  1 domain"],
    ]


def test_inspect_of_the_sample_data(run: Run):
    _, out, _ = run("inspect", SAMPLES)
    blocks = {block.splitlines()[0]: block for block in out.split("\n\n")}
    ahrefs = next(block for name, block in blocks.items() if name.startswith("oakdesk.example-backlinks-subdomains"))
    assert "Ahrefs backlinks for oakdesk.example" in ahrefs
    assert "exported 2026-10-22" in ahrefs
    assert "cut by authority at 3,000 rows, nothing below Ahrefs DR 13 is listed" in ahrefs
    console = next(block for name, block in blocks.items() if name.startswith("https___oakdesk"))
    assert "Search Console shows a sample" in console
    assert max(map(len, out.splitlines())) <= 100


def test_inspect_knows_what_linkgap_wrote_beside_the_exports(run: Run, exports: Path):
    links = lg.read_links(exports)
    prospects = lg.rank_prospects(lg.find_gap(links, site="mine.example"))
    for name in ("p.csv", "p.xlsx", "p.json", "p.parquet"):
        lg.export_prospects(prospects, exports / name)
    lg.export_prospects(prospects, exports / "sheet.csv", preset="outreach")
    lg.export_prospects(prospects, exports / "box.csv", preset="pitchbox")
    lg.build_report(prospects, exports / "r.html")
    book = lg.open_outreach("o.sqlite", site="mine.example")
    book.export_csv(exports / "kept.csv")
    changes = lg.compare_links(links, links, site="mine.example", outreach=book)
    for part in ("links", "gaps", "ranks", "sites", "outreach"):
        lg.export_changes(changes, exports / f"c-{part}.csv", part=part)
    lg.export_changes(changes, exports / "c.xlsx")
    _, out, _ = run("inspect", exports)
    blocks = [" ".join(block.split()) for block in out.split("\n\n") if "not read:" in block]
    assert len(blocks) == 14
    assert [block for block in blocks if "that linkgap wrote, not " not in block] == []
    assert "Links: 3 sites, 3 files, 7 links from 5 domains; 0 rows set aside; 14 files not read" in out


def test_what_is_wrong_with_outreach_is_said_before_anything_is_read(run, tmp_path):
    (tmp_path / "notes.csv").write_text("hello,world\n")
    code, _, complaint = run(
        "changes", "nowhere", "there", "--site", "mine.example", "--out", "c.csv", "--part", "outreach"
    )
    assert (code, "add --outreach FILE" in complaint) == (USAGE, True)
    for more in ((), ("--notebook",)):
        report = ("report", "nowhere", "--site", "mine.example", *more, "--outreach")
        assert "There is no outreach file book.sqlite." in run(*report, "book.sqlite")[2]
        assert "notes.csv is not an outreach file" in run(*report, "notes.csv")[2]
    assert left_in(tmp_path) == ["notes.csv"]


def test_inspect_lists_the_rows_set_aside(run: Run, exports: Path):
    links = exports / "anna.example-links.csv"
    lines = links.read_text(encoding="utf-8") + "https://www.anna.example/own,https://anna.example/,own\n" * 60
    links.write_text(lines, encoding="utf-8")
    code, out, _ = run("inspect", exports, "--set-aside")
    assert code == DONE
    assert "62 rows: 2 kept, 60 set aside: 60 self links\n" in out
    assert out.count("  self link  ") == 50
    assert "  line 4      self link           https://www.anna.example/own" in out
    assert "10 more rows: add --all to see them" in out
    _, out, _ = run("inspect", exports, "--set-aside", "--all")
    assert out.count("  self link  ") == 60
    assert "more rows" not in out


def test_inspect_shows_damage_that_the_gap_would_not_bear(run: Run, exports: Path):
    with (exports / "anna.example-links.csv").open("a", encoding="utf-8") as file:
        file.write("too,many,cells,here\n" * 2)
    code, out, _ = run("inspect", exports)
    assert code == DONE
    assert "2 set aside: 2 wrong column count" in out
    assert "50.0% of the rows are damaged: `linkgap gap` stops at more than 5%, see --max-loss" in out
    code, _, err = run("gap", exports, "--site", "mine.example")
    assert code == FAILED
    assert "go on without these rows with --max-loss 0.51" in err
    assert run("gap", exports, "--site", "mine.example", "--max-loss", "0.51")[0] == DONE


def test_inspect_names_files_that_are_no_links(run: Run, exports: Path):
    (exports / "ips.csv").write_text("Subnet,Ref. domains,Top DR\n192.0.2.0/24,7,50\n", encoding="utf-8")
    code, out, err = run("inspect", exports)
    assert (code, err) == (DONE, "")
    assert "ips.csv\n  not read: ips.csv has no column with linking pages or domains." in out


def test_inspect_goes_on_when_a_site_is_unclear(run: Run, exports: Path):
    (exports / "odd.csv").write_text("Referring Domain\nsix.example\n", encoding="utf-8")
    code, out, err = run("inspect", exports)
    assert code == FAILED
    assert err.startswith("linkgap: odd.csv does not say which site its links point to")
    assert "linkgap links for bert.example" in out
    assert f"{exports / 'odd.csv'}\n  odd.csv does not say which site" in out
    (exports / "odd.xlsx").write_bytes(b"PK\3\4 and no more")
    code, out, err = run("inspect", exports / "bert.example-links.csv", exports / "odd.xlsx")
    assert (code, err.startswith("linkgap: odd.xlsx begins like a zip file")) == (FAILED, True)
    assert "linkgap links for bert.example" in out
    assert f"{exports / 'odd.xlsx'}\n  odd.xlsx begins like a zip file" in out


# demo


def test_demo_tells_the_story_in_thirty_lines(run: Run, tmp_path: Path):
    code, out, err = run("demo")
    assert (code, err) == (DONE, "")
    lines = out.splitlines()
    assert len(lines) <= 30
    assert max(map(len, lines)) <= 100
    truth = pd.read_csv(ROOT / "sample_data" / "truth.csv")
    assert f"{len(truth):,} domains link to at least 1 of 4 rivals and not to oakdesk.example" in out
    assert "linkgap gap your-folder --site yoursite.com" in out
    assert "linkgap lab" in out
    written = tmp_path / "linkgap-demo"
    assert left_in(written) == ["prospects.csv", "prospects.xlsx"]
    assert sorted(pd.read_csv(written / "prospects.csv")["domain"]) == sorted(truth["domain"])


def test_demo_writes_over_its_own_files_alone(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    small = tmp_path / "small"
    small.mkdir()
    for site, sources in (("oakdesk.example", ["one.test"]), ("deskly.example", ["two.test", "three.test"])):
        write_links(small / f"{site}-links.csv", sources, site)
    monkeypatch.setattr(lg, "sample_exports", lambda: small)
    (tmp_path / "linkgap-demo").mkdir()
    (tmp_path / "linkgap-demo" / "prospects.csv").write_text("old", encoding="utf-8")
    assert run("demo")[0] == DONE
    assert (tmp_path / "linkgap-demo" / "prospects.csv").read_text(encoding="utf-8") != "old"
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "prospects.xlsx").write_text("mine", encoding="utf-8")
    code, out, err = run("demo", "--out", "work")
    assert (code, out) == (FAILED, "")
    assert "already exists. Name another file, or pass --overwrite to replace it." in err
    assert (tmp_path / "work" / "prospects.xlsx").read_text(encoding="utf-8") == "mine"
    assert left_in(tmp_path / "work") == ["prospects.xlsx"]
    assert run("demo", "--out", "work", "--overwrite")[0] == DONE
    assert left_in(tmp_path / "work") == ["prospects.csv", "prospects.xlsx"]


def test_demo_needs_a_folder(run: Run, tmp_path: Path):
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    code, _, err = run("demo", "--out", "taken")
    assert code == FAILED
    assert err.startswith("linkgap: The folder taken can't be created: ")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("/somewhere/linkgap/__main__.py", "python -m linkgap"),
        ("linkgap", "linkgap"),
        (".venv/bin/linkgap", ".venv/bin/linkgap"),
        ("my work/linkgap", '"my work\\linkgap"' if os.name == "nt" else "'my work/linkgap'"),
    ],
)
def test_what_to_type_next_is_what_was_typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, typed: str, shown: str):
    command = tmp_path / "linkgap"
    command.touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [typed])
    monkeypatch.setattr(demo.shutil, "which", lambda _: str(command))
    assert demo._own_name() == (shown if " " in typed else str(Path(shown)))


# lab


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What JupyterLab would be started with."""
    started: list[list[str]] = []
    monkeypatch.setattr("linkgap.cli.lab.find_spec", lambda _: object())
    monkeypatch.setattr("linkgap.cli.lab.import_module", lambda _: SimpleNamespace(main=started.append))
    return started


def test_lab_copies_the_notebooks_and_starts(run: Run, lab: list[list[str]], tmp_path: Path):
    code, out, _ = run("lab", "--", "--no-browser", "--port=--")
    copied = tmp_path / "linkgap-notebooks" / "01_link_gap.ipynb"
    assert code == DONE
    assert lab == [[str(copied), "--no-browser", "--port=--"]]
    assert copied.read_bytes() == (ROOT / "notebooks" / "01_link_gap.ipynb").read_bytes()
    assert "01_link_gap.ipynb is new" in out


def test_lab_never_writes_over_a_notebook_that_was_changed(run: Run, lab: list[list[str]], tmp_path: Path):
    run("lab", "--folder", "work")
    assert "is already there" in run("lab", "--folder", "work")[1]
    changed = tmp_path / "work" / "01_link_gap.ipynb"
    changed.write_text("mine", encoding="utf-8")
    assert "was changed and stays as it is" in run("lab", "--folder", "work")[1]
    assert changed.read_text(encoding="utf-8") == "mine"
    assert len(lab) == 3


def test_lab_copies_a_notebook_whole_or_not_at_all(
    run: Run, lab: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Half a notebook would count as one that was changed, and stay."""

    def copy_half(_: Path, target: Path) -> None:
        target.write_text("{")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", copy_half)
    code, _, said = run("lab", "--folder", "work")
    assert code == FAILED
    assert "ipynb can't be written: No space left on device. Nothing was changed." in said
    assert not lab
    assert list((tmp_path / "work").iterdir()) == []


def test_lab_without_jupyterlab(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("linkgap.cli.lab.find_spec", lambda _: None)
    assert run("lab") == (
        FAILED,
        "",
        'linkgap: JupyterLab is not installed. Install it with: pip install "linkgap[lab]"\n',
    )
    assert left_in(tmp_path) == []


# check


def test_check_says_of_each_page_what_came_of_it(run: Run, exports: Path, tmp_path: Path):
    import_module("ipykernel")  # which makes no notebook of this process, where bars would be shown
    words = ["check", exports, "--site", "mine.example", "--top", "2", "--cached-only"]
    code, out, err = run(*words, "--out", "prospects.csv")
    assert (code, err) == (DONE, "")
    assert "The page is not among the pages that were fetched." in " ".join(out.split())
    assert "Pages of 2 prospects for mine.example: 2 not asked." in out.splitlines()
    assert out.splitlines()[-1] == "3 prospects written to prospects.csv"
    assert pd.read_csv("prospects.csv")["page_result"].value_counts().to_dict() == {"not asked": 2}
    assert left_in(tmp_path) == ["exports", "prospects.csv"]
    assert run(*words, "--quiet")[1] == ""
    nobody = ["--site", "bert.example", "--rivals", "mine.example", "--own", "one.example", "--quiet", "--cached-only"]
    assert run("check", exports, *nobody) == (EMPTY, "", "")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--contact", "not an address"], "--contact 'not an address' is not allowed."),
        (["--domains", "nobody.example"], "nobody.example is not among the 3 prospects for mine.example."),
        (["--parallel", "99"], "--parallel 99 is not allowed. Allowed: a whole number from 1 to 64."),
        (["--cache", "exports"], "is a folder. Name a file in it."),
        (["--allow-hosts", "http://x/"], "--allow-hosts holds 'http://x/'. Allowed: host names"),
    ],
)
def test_what_check_refuses(run: Run, exports: Path, words: list[str], complaint: str):
    (exports.parent / "exports.sqlite").mkdir()
    code, _, err = run("check", exports, "--site", "mine.example", "--cached-only", *words)
    assert code == FAILED
    assert complaint.replace("'", "") in err.replace("'", "")
