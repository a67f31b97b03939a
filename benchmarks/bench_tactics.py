"""Measure how often the tactic that linkgap names is the one that a person named, on real pages that link.

    python benchmarks/bench_tactics.py --half test

`tactics_labels.csv` names rows of real exports by file and number; the exports themselves are in shared/data beside the
checkout, or where --data says, and are not part of linkgap. Address, title, anchor and context of each row were read
(of a bare domain, its name), and the tactic was written down before there was any rule. `article` is a link in the text
of an article, for which there is no rule, and `unclear` one whose tactic the row does not show: the right answer to
both is `unknown`. The halves: rules were written on `tune` and measured on `test`; `confirm` are domains drawn
afterwards, up to 18 for each tactic that the rules name, so that precision is measured and not how often a tactic
occurs. One reader made labels and rules, so the figures flatter: labels of your own (--labels) are a better judge.
"""

import argparse
import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from linkgap.gap.tactics import find_tactics

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[1] / "shared" / "data"
NO_TACTIC = {"article", "unclear"}
HALVES = ("tune", "test", "confirm", "all")
HEADINGS = {
    "Referring page title": "title",
    "Anchor": "sample_anchor",
    "Platform": "platform",
    "Type": "kind",
    "External links": "page_external_links",
}
ADDRESSES = ("Referring page URL", "Linking page", "domain", "source", "domain_to", "domain_from")
"""Headings of the column that was labelled; `domain_to` only in the list of linked domains, see `NOT_LABELLED`."""
NOT_LABELLED = {"politifact_link_schemes.csv.gz": "domain_to", "edges.csv.gz": "target"}


class Judged(NamedTuple):
    """A row with the person's label and linkgap's answer."""

    file: str
    row: int
    url: str
    label: str
    tactic: str
    evidence: str


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the records of a CSV, gzipped or not."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_labels(path: Path, half: str) -> dict[str, dict[int, str]]:
    """Return the labels of a half, by file and record number."""
    found: dict[str, dict[int, str]] = {}
    for row in read_rows(path):
        if half in {"all", row["half"]}:
            found.setdefault(row["file"], {})[int(row["row"])] = row["label"]
    return found


def judged_rows(data: Path, labels: Path, half: str) -> Iterator[Judged]:
    """Yield each labelled row of a half with both answers."""
    for name, by_row in read_labels(labels, half).items():
        records = read_rows(next(data.rglob(name)))
        table = pd.DataFrame([records[row - 1] for row in by_row]).drop(columns=NOT_LABELLED.get(name, []))
        address = next(heading for heading in ADDRESSES if heading in table)
        table = table.rename(columns={**HEADINGS, address: "sample_url"})
        if "page_external_links" in table:
            table["page_external_links"] = pd.to_numeric(table["page_external_links"])
        answers = find_tactics(table)
        judged = zip(by_row, table["sample_url"], answers["tactic"], answers["tactic_evidence"], strict=True)
        for row, url, tactic, evidence in judged:
            yield Judged(name, row, url, by_row[row], tactic, evidence)


def right_answer(label: str) -> str:
    """Return the tactic that is the right answer for a label."""
    names = {"resource": "resource page", "guest": "guest post"}
    return "unknown" if label in NO_TACTIC else names.get(label, label)


def print_table(rows: list[Judged]) -> None:
    """Print precision and coverage of each tactic, with the numbers behind them."""
    named, labelled = Counter(row.tactic for row in rows), Counter(right_answer(row.label) for row in rows)
    right = Counter(row.tactic for row in rows if row.tactic == right_answer(row.label))
    print(f"{'tactic':<16}{'labelled':>9}{'named':>7}{'right':>7}{'precision':>11}{'coverage':>10}")
    for tactic in sorted(set(named) | set(labelled), key=lambda name: (name == "unknown", -labelled[name], name)):
        precision = f"{right[tactic] / named[tactic]:.2f}" if named[tactic] else "-"
        coverage = f"{right[tactic] / labelled[tactic]:.2f}" if labelled[tactic] else "-"
        numbers = f"{labelled[tactic]:>9}{named[tactic]:>7}{right[tactic]:>7}"
        print(f"{tactic:<16}{numbers}{precision:>11}{coverage:>10}")
    answered = [row for row in rows if row.tactic != "unknown"]
    correct = sum(row.tactic == right_answer(row.label) for row in answered)
    wanted = sum(right_answer(row.label) != "unknown" for row in rows)
    print(
        f"A tactic is named for {len(answered)} of {len(rows)} rows, "
        f"correctly for {correct} ({correct / max(len(answered), 1):.0%}); "
        f"{correct / max(wanted, 1):.0%} of the {wanted} rows that have one."
    )


def main() -> None:
    """Run from a shell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--labels", type=Path, default=HERE / "tactics_labels.csv")
    parser.add_argument("--half", choices=HALVES, default="test")
    parser.add_argument("--misses", action="store_true", help="show the rows where the answers differ")
    asked = parser.parse_args()
    if not asked.data.is_dir():
        print(f"Nothing measured: the real exports are not in {asked.data}. Name their folder with --data.")
        return
    rows = list(judged_rows(asked.data, asked.labels, asked.half))
    print_table(rows)
    others = [row for row in rows if "domain-list" not in row.url and row.label == row.tactic == "scraper"]
    alike = sum(row.label == "scraper" for row in rows if "domain-list" in row.url)
    print(
        f"Of the scrapers, {alike} are one program's pages on different domains; {len(others)} of the rest were named."
    )
    if asked.misses:
        print(*(row for row in rows if row.tactic != right_answer(row.label)), sep="\n")


if __name__ == "__main__":
    main()
