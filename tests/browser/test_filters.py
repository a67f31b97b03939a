"""What the explorer's filters select on the screen is what the same settings select in Python."""

import json
import random
from itertools import product

import pandas as pd
import pytest

import linkgap as lg
from linkgap.schema import STATUSES

RIVALS = ("rival.example", "other.example", "third.example")
TEXTS = [
    None,
    "Best desks",
    "BEST DESKS",
    "\ufeffbest desks\ufeff",
    "\x1cbest\x85",
    "İstanbul STRASSE straße ẞ",
    "ΟΔΟΣ ΑΣ",
    "\u202eksed",
    "e\u0301cole ÉCOLE",
    "😀 desks",
    "\uffee desks",
    "a.b*c(d[e\\f|^$+?",
    "<b>'\"&</b>",
    "100 % of a\u00a0b\u2028c",
    "ǅ \uab70 \u13a0 ß",
]
DOMAINS = ["bücher.example", "ПРИМЕР.рф", "xn--bcher-kva.com", "me.blogspot.com", "10.1.2.3", "localhost", "SHOUT.DE"]
SELECTED = """async (every) => {
  const { inflate, decode, State } = window.parts;
  const buffer = await inflate(new Uint8Array(window.model.get("_data").buffer));
  const state = new State(decode(window.model.get("_meta"), buffer), every[0], window.model.get("_memory"));
  return JSON.stringify(every.map((settings) => {
    state.apply(settings);
    return Array.from(state.rows, (row) => state.domain(row));
  }));
}"""


def odd_rows(source: random.Random, metric: str | None) -> list[dict]:
    """Links from domains of all kinds, with what exports leave empty or fill oddly."""
    hosts = [*DOMAINS, *(f"site{place}.{source.choice(['com', 'de', 'co.uk', 'example'])}" for place in range(60))]
    rows = [{"site": "mine.example", "source_url": "https://friend.example/", "target_url": "https://mine.example/"}]
    for host in hosts:
        told = {
            "source_url": f"https://{host}/{source.choice(['links', 'resources', 'forum', 'p'])}",
            "anchor": source.choice(TEXTS),
            "title": source.choice(TEXTS),
            "authority": source.choice([None, 0, 0.1, 17, 33.3, 100]) if metric else None,
            "authority_metric": metric,
            "traffic": source.choice([None, 0, 12, 2**53 + 2]),
            "linked_domains": source.choice([None, 3, 70_000]),
            "nofollow": source.choice([None, True, False]),
            "spam": source.choice([None, True, False]),
            "spam_score": source.choice([None, 0, 7.5]),
            "platform": source.choice([None, "cms", "CMS", "blogs, cms", "wiki"]),
            "language": source.choice([None, "en", "de, en", "EN"]),
            "first_seen": source.choice([None, "2019-05-01", "1969-12-31", "2025-02-28"]),
        }
        linked = source.sample(RIVALS, source.randint(1, 3))
        rows += [{**told, "site": site, "target_url": f"https://{site}/"} for site in linked]
    return rows


def random_filters(source: random.Random, frame: pd.DataFrame, known: list[str]) -> dict:
    """Some filters, whose ends and words are mostly such as stand in the table."""

    def end(name: str) -> float | None:
        values = frame[name].dropna()
        if values.empty or source.random() < 0.3:
            return source.choice([None, None, 0, 1, -3.5])
        value = source.choice(values.tolist())
        return value.timestamp() / 86_400 if isinstance(value, pd.Timestamp) else float(value)

    def words(name: str) -> list[str]:
        texts = frame["domain"].str.rpartition(".")[2] if name == "tld" else frame[name].fillna("")
        parts = {part for text in texts for part in [text, *text.split("; "), *text.split(", ")]}
        return source.sample(sorted(parts | {"nothing"}), source.randint(0, min(3, len(parts))))

    ranged = [name for name in known if pd.api.types.is_numeric_dtype(frame[name]) and name not in RIVALS]
    ranged += [name for name in ("first_seen", "last_seen", "authority_percentile") if name in frame]
    texts = [
        *filter(None, TEXTS),
        *DOMAINS,
        "",
        "best desk",
        "BÜCHER",
        "\u03c3",
        "ς",
        "i\u0307",
        "none",
        ".",
        " a.b*c ",
    ]
    filters = {
        "ranges": {name: [end(name), end(name)] for name in source.sample(ranged, source.choice([0, 0, 1, 2]))},
        "choices": {
            name: words(name)
            for name in source.sample(
                ["evidence", "relation", "tactic", "tld", "platform", "language", "risk_reasons", "status"],
                source.choice([0, 0, 1, 2]),
            )
            if name in frame or name == "tld"
        },
        "text": source.choice([*[""] * 20, *texts, *map(str.upper, texts)]),
        "hidden": source.random() < 0.5,
        "exactly": source.choice([None, None, None, [], source.sample(RIVALS, 2)]),
    }
    if source.random() < 0.4:
        filters |= {name: source.sample(RIVALS, source.randint(0, 2)) for name in ("present", "absent")}
    return filters


def random_settings(source: random.Random, explorer) -> dict:
    frame = explorer._ranked
    columns = [name for name in explorer._known if name in frame]
    sort = {"column": source.choice(["rank", *columns]), "descending": source.random() < 0.5}
    ranking = {"authority_weight": source.choice([0.0, 0.25, 1.37])}
    return {"filters": random_filters(source, frame, columns), "view": {"sort": sort}, "ranking": ranking}


ODD = [
    {"text": "\x1cbest"},
    {"text": "\ufeffbest desks\ufeff"},
    {"text": "\u1680\u2000\u200a\u2028\u202f\u205f best desks\t\v\f\xa0\u2029\u3000\n"},
    {"present": [RIVALS[0]], "absent": [RIVALS[0]]},
    {"ranges": {"authority_percentile": [0, 1]}},
    {"ranges": {"authority_percentile": [None, None]}},
]


@pytest.mark.parametrize("show", ["widget"], indirect=True)
@pytest.mark.parametrize(("seed", "metric"), [(1, "ahrefs_dr"), (2, None)])
def test_filters_select_on_the_screen_what_they_select_in_python(show, tmp_path, seed, metric):
    source = random.Random(seed)  # noqa: S311 - settings need a seed, not secrecy
    rows = odd_rows(source, metric)
    prospects = lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="mine.example", rivals=RIVALS))
    book = lg.open_outreach(tmp_path / "outreach.sqlite", site="mine.example")
    for domain in prospects.gap.domains[::3]:
        book.set(domain, status=source.choice(STATUSES), note=source.choice(TEXTS))
    explorer = lg.explore(prospects, outreach=book)
    sorts = [{"view": {"sort": {"column": name}}} for name in ("title", "sample_anchor", "note")]
    given = [*({"filters": each} for each in ODD), *sorts, *(random_settings(source, explorer) for _ in range(80))]
    settings, wanted = [], []
    for each in given:
        explorer.settings = each
        settings.append(explorer.settings)
        wanted.append(explorer.shown["domain"].tolist())
    found = json.loads(show(explorer).evaluate(SELECTED, settings))
    assert [each for each in zip(settings, found, wanted, strict=True) if each[1] != each[2]] == []
    assert 15 < sum(map(bool, wanted)) < len(given)


@pytest.mark.parametrize("show", ["widget"], indirect=True)
def test_sorted_by_priority_what_ranks_alike_stays_in_the_order_of_domains(show):
    source = random.Random(5)  # noqa: S311 - rows need a seed, not secrecy
    rivals = [f"rival{place}.example" for place in range(5)]
    rows = [{"site": site, "source_domain": "friend.example"} for site in ("mine.example", *rivals)]
    for place in range(120):
        told = {"source_domain": f"site{place}.example", "authority": source.choice([None, 10, 20, 33, 50])}
        rows += [{**told, "site": rival} for rival in source.sample(rivals, source.randint(1, 5))]
    explorer = lg.explore(lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="mine.example")))
    settings, wanted = [], []
    for weights in product([1, 2, 4], repeat=3):
        ranking = {"rival_weights": dict(zip(rivals, (3, 1, *weights), strict=True)), "authority_weight": 0.3}
        explorer.settings = {"ranking": ranking, "view": {"sort": {"column": "rank"}}}
        in_order = explorer.shown["domain"].tolist()
        explorer.settings = {"ranking": ranking, "view": {"sort": {"column": "priority", "descending": True}}}
        assert explorer.shown["domain"].tolist() == in_order
        settings.append(explorer.settings)
        wanted.append(in_order)
    assert json.loads(show(explorer).evaluate(SELECTED, settings)) == wanted


@pytest.mark.parametrize("show", ["widget"], indirect=True)
def test_what_links_to_all_rivals_is_as_likely_as_can_be(show):
    rivals = [f"rival{place}.example" for place in range(10)]
    told = [(rival, "all.example") for rival in rivals] + [(rival, "most.example") for rival in rivals[:8]]
    rows = [{"site": site, "source_domain": domain} for site, domain in [("mine.example", "friend.example"), *told]]
    explorer = lg.explore(lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="mine.example")))
    settings, shown = [], []
    every = ([1, None], [0.8, None], [None, 0.8], [0.8 + 1e-11, 0.8 - 1e-11], [0.8000001, None], [1.7e308, None])
    for name, ends in product(("likelihood", "coverage"), every):
        ranking, filters = {"rival_weights": dict.fromkeys(rivals, 1)}, {"ranges": {name: ends}}
        explorer.settings = {"ranking": ranking, "filters": filters}
        settings.append(explorer.settings)
        shown.append(explorer.shown["domain"].tolist())
    both, most = ["all.example", "most.example"], ["most.example"]
    assert shown == [["all.example"], both, most, most, ["all.example"], []] * 2
    assert json.loads(show(explorer).evaluate(SELECTED, settings)) == shown
