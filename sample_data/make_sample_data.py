"""Write the sample exports and the right answers beside this file.

Run `python sample_data/make_sample_data.py`. Everything is invented. The same code writes the same bytes every time.
"""

import csv
import gzip
import io
from pathlib import Path

from generator import changes, truth, web_graph, writers
from generator.exports import Export, all_exports, all_links
from generator.links import Link
from generator.next_month import exports_of_next_month, links_of_next_month
from generator.world import OAKDESK

HERE = Path(__file__).resolve().parent

FLOOR_BETWEEN = (8, 15)


def main() -> None:
    """Write all files, after checking that they show what the sample is meant to show."""
    links = all_links()
    exports = all_exports(links)
    check(exports, links)
    for export in exports:
        content = writers.write(export)
        save(HERE / "exports" / export.file, packed(content) if export.file.endswith(".gz") else content)
    save(HERE / "not_backlinks" / "oakdesk.example-referring-ips.csv", writers.referring_ips(exports))
    for name, text in web_graph.release(links).items():
        save(HERE / "web_graph" / name, packed(text))
    save(HERE / "truth.csv", table(truth.PROSPECTS, truth.prospects(exports)))
    save(HERE / "truth_receipts.csv", table(truth.RECEIPTS, truth.receipts(exports)))
    save(HERE / "truth_set_aside.csv", table(truth.SET_ASIDE, truth.set_aside(exports)))
    later = exports_of_next_month(links_of_next_month(links))
    for export in later:
        save(HERE / "next_month" / export.file, writers.write(export))
    became = changes.changes(exports, later)
    check_changes(became)
    save(HERE / "truth_changes.csv", table(changes.CHANGES, became))


def check(exports: list[Export], links: list[Link]) -> None:
    """Fail if a change to the invented world has broken what the sample is meant to show.

    Raises
    ------
    ValueError
        When a floor is out of range, an uncut list has a round length, the truth contradicts the world, or two links
        have the same page, target and anchor.
    """
    pages = [(link.source_url(), link.target_url, link.anchor) for link in links]
    linking = {link.domain.key for link in links if link.domain and link.site is OAKDESK and not link.lost}
    low, high = FLOOR_BETWEEN
    faults = {
        "floor": [export.floor for export in exports if export.floor is not None and not low <= export.floor <= high],
        "round length": [one.file for one in exports if one.cut == "none" and len(one.records) % 10 == 0],
        "proven but linking": truth.contradictions(exports, linking),
        "same link twice": len(pages) - len(set(pages)),
    }
    if any(faults.values()):
        message = f"The sample is wrong: { {name: found for name, found in faults.items() if found} }"
        raise ValueError(message)


def check_changes(rows: list[truth.Row]) -> None:
    """Fail if the month does not show every kind of change, and every reason why a change can't be verified.

    Raises
    ------
    ValueError
        When one is missing.
    """
    found = {f"{row['change']} {row['absence']}".strip() for row in rows}
    wanted = {
        "kept",
        *(f"{change} {proof}" for change in ("new", "lost") for proof in ("complete list", "above the cut")),
        *(f"unverified {doubt}" for doubt in ("below the cut", "cut list", "no such list")),
    }
    if wanted - found:
        message = f"Next month's exports show no change of these kinds: {sorted(wanted - found)}"
        raise ValueError(message)


def table(columns: tuple[str, ...], rows: list[truth.Row]) -> bytes:
    """Return rows as CSV, in UTF-8 with LF as line end."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


def packed(content: bytes) -> bytes:
    """Compress with gzip, without name and time, so that the bytes do not change from run to run."""
    return gzip.compress(content, compresslevel=9, mtime=0)


def save(path: Path, content: bytes) -> None:
    """Write one file, and create its folder if needed."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


if __name__ == "__main__":
    main()
