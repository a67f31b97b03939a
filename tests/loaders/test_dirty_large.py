"""A large file with stray quotes and quoted newlines: every record is accounted for, as Python's csv module finds them.

An engine that skips what it can't read returned 8 % of such a file without a word; small files don't show it. A quote
that is opened and not closed swallows rows up to the next quote. Where that is another such quote, the record ends up
with the right number of cells, one of which holds the other rows: it is no row to keep either.
"""

import csv
import io
import random
from dataclasses import dataclass

import pytest

import linkgap as lg
from linkgap.loaders.links import Links

RECORDS = 300_000
STRAY_QUOTES = 60
PAIRS = 10
HEADINGS = ["source_url", "anchor", "target_url", "nofollow", "first_seen"]


@dataclass(frozen=True)
class Found:
    """What Python's csv module finds in the file, in a loop of its own."""

    good: dict[int, tuple[str, ...]]
    bad: dict[int, int]
    """From the number of a record with swallowed rows, or too many or too few cells, to the line that it begins on."""


def dirty_text() -> str:
    """Write the file by hand: its quotes are what no writer would produce."""
    chance = random.Random(20261121)  # noqa: S311 - a seed, not a secret
    places = chance.sample(range(RECORDS - 3), STRAY_QUOTES - PAIRS)
    opened = {place + later for place in places[:PAIRS] for later in (0, 3)}
    strange = set(places[PAIRS:]) - opened
    lines = [",".join(HEADINGS)]
    for number in range(RECORDS):
        anchor = f"anchor {number}"
        if number in opened:
            anchor = f'"{anchor}'
        elif number in strange:
            anchor = chance.choice([f'"{anchor}', f'{anchor} 27" wide', f'"{anchor}" or not', f'{anchor}"'])
        elif chance.random() < 0.01:
            anchor = f'"{anchor}, with a comma\nsecond ""line"""'
        nofollow = chance.choice(["true", "false"])
        lines.append(
            f"https://d{number % 30_000}.example/p{number},{anchor},https://rival.example/,{nofollow},2026-10-22"
        )
    return "\n".join(lines) + "\n"


def found_by_csv(text: str) -> Found:
    good, bad = {}, {}
    reader = csv.reader(io.StringIO(text, newline=""))
    next(reader)
    line = reader.line_num + 1
    for number, cells in enumerate(reader, start=1):
        if len(cells) == len(HEADINGS) and "\nhttps://d" not in cells[1]:
            good[number] = tuple(cells)
        else:
            bad[number] = line
        line = reader.line_num + 1
    return Found(good, bad)


@pytest.fixture(scope="module")
def text() -> str:
    return dirty_text()


@pytest.fixture(scope="module")
def found(text: str) -> Found:
    return found_by_csv(text)


@pytest.fixture(scope="module")
def links(text: str, tmp_path_factory: pytest.TempPathFactory) -> Links:
    path = tmp_path_factory.mktemp("dirty") / "rival.example-backlinks.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return lg.read_links(path)


@pytest.mark.once
def test_the_file_is_as_dirty_as_it_should_be(found: Found):
    assert len(found.bad) >= 2 * PAIRS
    assert sum("\n" in cells[1] for cells in found.good.values()) > 2_500


@pytest.mark.once
def test_every_record_is_counted(links: Links, found: Found):
    receipt = links.receipts.iloc[0]
    assert receipt["rows"] == len(found.good) + len(found.bad)
    assert receipt["kept"] == len(found.good)
    assert receipt["set_aside"] == receipt["malformed_row"] + receipt["wrong_column_count"] == len(found.bad)
    assert receipt["wrong_column_count"] > 0
    assert receipt["malformed_row"] >= PAIRS


def test_rows_set_aside_are_listed_with_their_true_lines(links: Links, found: Found, text: str):
    aside = links.set_aside
    assert dict(zip(aside["row"], aside["line"], strict=True)) == found.bad
    lines = text.split("\n")
    for line, shown in zip(aside["line"], aside["text"], strict=True):
        assert lines[line - 1].startswith(shown.split(" | ")[0])


@pytest.mark.once
def test_every_row_kept_says_what_the_file_says(links: Links, found: Found):
    frame = links.frame
    assert frame["row"].tolist() == list(found.good)
    assert frame["source_url"].tolist() == [cells[0] for cells in found.good.values()]
    assert frame["anchor"].tolist() == [cells[1] for cells in found.good.values()]
    assert frame["nofollow"].tolist() == [cells[3] == "true" for cells in found.good.values()]
