"""`linkgap fetch`: what it prints, what it writes, what it costs, and with which code it ends."""

import inspect
from collections.abc import Callable
from pathlib import Path

import pytest

import linkgap as lg
from linkgap import cli
from linkgap.cli import fetch as cli_fetch
from linkgap.web.services import catalogue, fetching

SITES = ("--site", "me.example", "--rivals", "rival.example")
PLANTED = "pl4nted"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def run_command(*words: str) -> tuple[int, str, str]:
        try:
            code = cli.main(["fetch", *words])
        except SystemExit as stop:
            code = stop.code
        out, err = capsys.readouterr()
        assert PLANTED not in out + err
        return code, out, err

    return run_command


def test_what_will_be_paid_comes_first_then_the_receipts_and_a_file_to_go_on_with(run, serve, tmp_path):
    vendor = serve("moz")
    vendor.hold(me__example=3, rival__example=50)
    code, out, err = run("moz", *SITES, "--max-rows", "30")
    assert (code, err) == (0, "")
    words = [
        "Moz referring domains of 2 sites: at most 60 rows, at most 60 rows of the quota; 0 rows already",
        "me.example     0 kept, at most 30 more",
        "rival.example moz referring domains 20",
        "33 links written to moz-referring-domains.parquet",
    ]
    places = [out.index(text) for text in words]
    assert places == sorted(places)
    assert vendor.charged == 33
    links = lg.read_links(tmp_path / "moz-referring-domains.parquet")
    assert len(lg.find_gap(links, site="me.example")) == 27
    assert cli.main(["gap", "moz-referring-domains.parquet", "--site", "me.example"]) == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "linkgap-services.sqlite",
        "moz-referring-domains.parquet",
    ]


def test_an_estimate_asks_nobody(run, serve, tmp_path):
    vendor = serve("semrush")
    code, out, _ = run("semrush", *SITES, "--estimate", "--max-units", "4000", "--quiet")
    assert code == 0
    assert "at most 100 rows, at most 4,000 API units" in out
    assert "no limit on rows" in run("semrush", *SITES, "--estimate", "--max-rows", "all")[1]
    assert list(tmp_path.iterdir()) == vendor.asked == []


def test_a_file_that_is_there_stays_and_nothing_is_paid_for(run, serve, tmp_path):
    vendor = serve("moz")
    vendor.hold(me__example=1, rival__example=1)
    (tmp_path / "links.parquet").write_bytes(b"mine")
    code, _, err = run("moz", *SITES, "--out", "links.parquet")
    assert (code, vendor.asked) == (1, [])
    assert "links.parquet already exists" in err
    assert "--overwrite" in err
    assert run("moz", *SITES, "--out", "links.parquet", "--estimate")[0] == 0
    assert run("moz", *SITES, "--out", "links.parquet", "--overwrite", "--quiet") == (0, "", "")
    code, _, err = run("moz", *SITES, "--out", "links.csv")
    assert (code, err) == (
        1,
        "linkgap: links.csv is not a name for saved links. Allowed: names that end in .parquet.\n",
    )


def test_a_file_that_appears_meanwhile_stays_and_what_was_paid_for_is_in_the_cache(run, serve, tmp_path, monkeypatch):
    def fetch_slowly(*asked, **options):
        links = fetching.fetch_links(*asked, **options)
        (tmp_path / "links.parquet").write_bytes(b"theirs")
        return links

    vendor = serve("moz")
    vendor.hold(me__example=1, rival__example=1)
    monkeypatch.setattr(lg, "fetch_links", fetch_slowly)
    code, _, err = run("moz", *SITES, "--out", "links.parquet")
    assert (code, (tmp_path / "links.parquet").read_bytes()) == (1, b"theirs")
    assert "links.parquet already exists. Name another file" in err
    assert run("moz", *SITES, "--cached-only", "--out", "mine.parquet", "--quiet") == (0, "", "")
    assert vendor.charged == 2


def test_a_cut_connection_ends_with_1_and_the_next_call_goes_on(run, serve):
    vendor = serve("ahrefs")
    vendor.hold(me__example=3, rival__example=50)
    vendor.fail("cut", after=2)
    code, _, err = run("ahrefs", *SITES)
    assert code == 1
    assert "What was fetched before (23 rows of 2 sites) is kept in linkgap-services.sqlite" in err
    assert "with --cached-only it gives what is there" in err
    out = run("ahrefs", *SITES, "--cached-only", "--out", "part.parquet")[1]
    assert [words for words in ("1,000 links", "at most") if words in out] == []
    code, out, _ = run("ahrefs", *SITES)
    assert "rival.example  20 kept, at most 980 more" in out
    assert "53 links written to ahrefs-referring-domains.parquet" in out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["google", *SITES], "invalid choice: 'google'"),
        (["moz"], "the following arguments are required: --site"),
        (["moz", *SITES, "--max-rows", "0"], "'0' is not a whole number of 1 or more, or the word all"),
        (["moz", *SITES, "--max-units", "few"], "'few' is not a number"),
        (["moz", *SITES, "--what", "anchors"], "invalid choice: 'anchors'"),
    ],
)
def test_words_that_are_not_understood_end_with_2(run, words, complaint):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert complaint in err


def test_errors_speak_of_options_as_they_are_typed(run, monkeypatch):
    monkeypatch.setenv("LINKGAP_MOZ_KEY", PLANTED + "-key-of-mine")
    assert "--max-units -3.0 is not allowed" in run("moz", *SITES, "--max-units", "-3")[2]
    assert "Fetch them once without --cached-only." in run("moz", *SITES, "--cached-only")[2]


def test_options_have_the_names_and_defaults_of_the_function():
    args = vars(cli.command_line().parse_args(["fetch", "moz", "--site", "a.example"]))
    for name, parameter in inspect.signature(lg.fetch_links).parameters.items():
        if name not in {"sites", "progress"}:
            assert args[name] == ("moz" if name == "service" else parameter.default)
    assert tuple(catalogue.SERVICES) == cli_fetch.SERVICES
    assert (catalogue.LISTS, fetching.MAX_ROWS, fetching.CACHE) == (
        cli_fetch.LISTS,
        cli_fetch.MAX_ROWS,
        cli_fetch.CACHE,
    )


def test_help_fits(run):
    code, out, _ = run("--help")
    assert code == 0
    assert max(map(len, out.splitlines())) <= 100
