"""Prospects as the browser needs them: a description, and all columns in one compressed block of bytes."""

from __future__ import annotations

import gzip
import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from linkgap.cells import heading_of, show_of
from linkgap.errors import counted
from linkgap.explorer.filters import CHOICES, COMPUTED, NO_FILTERS, SEPARATORS
from linkgap.gap.formula import cosines, rival_similarity
from linkgap.gap.scoring import rank_prospects
from linkgap.gap.tactics import HOW_TO_WIN
from linkgap.schema import EVIDENCE, PAGE_CHECKS, PROSPECTS, PROVIDERS, floor_of, metric_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    from linkgap.gap.membership import Gap
    from linkgap.gap.results import Backtest
    from linkgap.gap.scoring import Prospects
    from linkgap.schema import Level

    Array = npt.NDArray[Any]

BITS = 31
"""How many rivals fit into one column of bits: JavaScript's shifts work on 32 bits, of which one is the sign."""

RANKING = ("authority_weight", "risk_weight", "rival_weights", "likelihood_weights")
"""Options of `rank_prospects` that the explorer can change."""

_ALIGNED = 8
_LARGEST_TABLE = 65_535
_TEXTS = ("domain", "sample_url", "sample_anchor", "sample_target", "title", "tactic_evidence")
_CHECKED = ("page_outcome", "link_place", "link_target_outcome", "contact_page", "emails", "write_for_us")
"""The columns of page checks that the screen shows, see `linkgap.schema.PAGE_CHECKS`; all of them are text."""

_COLUMNS = (*PROSPECTS, *(column for column in PAGE_CHECKS if column.name in _CHECKED))
_DATES = ("first_seen", "last_seen")
_SHOWN_AT_FIRST = (
    *("rank", "domain", "priority", "likelihood", "rivals_linked", "authority", "evidence"),
    *("risk", "tactic", "status", "note", "sample_anchor", "first_seen"),
)
_WIDTHS = {
    "rank": 66,
    "domain": 236,
    "priority": 86,
    "risk": 74,
    "evidence": 96,
    "sample_url": 300,
    "sample_anchor": 200,
    "sample_target": 240,
}
_WIDTHS |= {
    "title": 240,
    "note": 200,
    "status": 128,
    "risk_reasons": 220,
    "providers": 160,
    "tactic": 150,
    "tactic_evidence": 240,
}
_USUAL_WIDTH = 104
_LETTER, _BESIDE_LETTERS, _WIDEST_RIVAL = 8, 26, 168
"""Pixels: a bold letter of a heading, the room beside the letters with the sort mark, a rival's column at most."""

_MEANING = {
    "proven": "the site's own list is complete this far, and no such link is in it",
    "likely": "the site's own list is complete, but not known to be from the same provider",
    "unverified": "the lists at hand can't tell: there may be a link that they don't show",
}


_ASKED_FOR = {False: "links to rivals and not to it", True: "has followed links to rivals and none to it"}


@dataclass
class _Block:
    """The parts of the binary block, each starting at a multiple of eight bytes, as typed arrays require."""

    parts: list[bytes] = field(default_factory=list)
    columns: list[dict[str, Any]] = field(default_factory=list)
    size: int = 0

    def _put(self, values: Array, kind: str) -> dict[str, Any]:
        part = np.ascontiguousarray(values).astype(_DTYPES[kind]).tobytes()
        place = {"type": kind, "start": self.size, "length": len(values)}
        padded = part + bytes(-len(part) % _ALIGNED)
        self.parts.append(padded)
        self.size += len(padded)
        return place

    def _put_rows(self, values: Array, kind: str) -> dict[str, Any]:
        """Add one value per row, or a single value if all are the same, as in a column that no export has."""
        same = len(values) > 1 and values.tobytes() == values[:1].tobytes() * len(values)
        return self._put(values[:1] if same else values, kind)

    def number(self, name: str, values: Array) -> None:
        """Add numbers in the smallest type that holds them exactly; unknown ones are NaN.

        If there are at most 65,535 distinct values, and at most half as many as rows, the column is dictionary-encoded:
        the code of each row, and a table of the distinct values.
        """
        known = not bool(np.isnan(values).all())
        codes, table = pd.factorize(values, use_na_sentinel=False)
        if len(table) <= min(_LARGEST_TABLE, len(values) // 2):
            parts = [self._put_rows(codes, _smallest_count(len(table))), self._put(table, _smallest(table))]
        else:
            parts = [self._put_rows(values, _smallest(values))]
        self.columns.append({"name": name, "kind": "number", "known": known, "parts": parts})

    def bits(self, name: str, values: Array) -> None:
        """Add a bit mask for each row, of `BITS` bits."""
        self.columns.append({"name": name, "kind": "number", "known": True, "parts": [self._put_rows(values, "u4")]})

    def choice(self, name: str, texts: Sequence[str]) -> None:
        """Add texts with few distinct values: the code of each row, the values, and how often each occurs."""
        codes, words = pd.factorize(np.array(texts, dtype=object))
        words_and_counts = {
            "words": list(words),
            "counts": np.bincount(codes).tolist(),
            "separator": SEPARATORS.get(name),
        }
        part = self._put_rows(codes, _smallest_count(len(words)))
        self.columns.append({"name": name, "kind": "choice", **words_and_counts, "parts": [part]})

    def text(self, name: str, texts: Sequence[str]) -> None:
        """Add texts: the length of each in bytes, and all of them joined, in UTF-8."""
        joined = "".join(texts)
        encoded = texts if joined.isascii() else [text.encode("utf-8", "replace") for text in texts]
        lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
        data = np.frombuffer(joined.encode("utf-8", "replace"), np.uint8)
        parts = [self._put_rows(lengths, _smallest_count(max(lengths, default=0))), self._put(data, "u1")]
        self.columns.append({"name": name, "kind": "text", "parts": parts})


_DTYPES = {"f8": "<f8", "f4": "<f4", "u4": "<u4", "u2": "<u2", "u1": "u1"}


def _smallest(values: Array) -> str:
    with np.errstate(over="ignore"):
        narrow = values.astype(np.float32).astype(np.float64)
    return "f4" if np.array_equal(narrow, values, equal_nan=True) else "f8"


def _smallest_count(most: int) -> str:
    return "u1" if most <= np.iinfo(np.uint8).max else "u2" if most <= np.iinfo(np.uint16).max else "u4"


def in_order_of_domains(prospects: Prospects) -> pd.DataFrame:
    """Return the prospects table in the order of domains, which is the order of the browser's rows."""
    return prospects.frame.iloc[np.argsort(prospects.order)].reset_index(drop=True)


def pack(
    prospects: Prospects,
    backtest: Backtest | None = None,
    *,
    edit: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
    level: int = 1,
) -> tuple[dict[str, Any], bytes]:
    """Pack prospects for the browser.

    Parameters
    ----------
    backtest
        How well the ranking did in a test; None leaves it out.
    edit
        Applied to the table before it is packed, for example to drop columns of text.
    level
        gzip's compression level, 1 to 9: low in JupyterLab, where the user waits for it, high for a file to share.

    Returns
    -------
    tuple
        The description, which can be dumped as JSON, and the columns, compressed with gzip.
    """
    frame = in_order_of_domains(prospects)
    frame = frame if edit is None else edit(frame)
    block = _Block()
    _pack_scores(block, prospects)
    _pack_columns(block, frame)
    meta: dict[str, Any] = {"rows": len(frame), "rivals": _rivals(prospects.gap), "columns": block.columns}
    meta |= _described(prospects, {column["name"] for column in block.columns})
    if backtest is not None:
        meta["facts"].append(_worth(backtest))
        meta["notes"] += [f"Backtest: {sentence}" for sentence in backtest.words]
    return meta, gzip.compress(b"".join(block.parts), compresslevel=level, mtime=0)


def _pack_scores(block: _Block, prospects: Prospects) -> None:
    """Add the columns from which the browser computes the ranking."""
    bits = prospects.gap.candidates.bits >> 1
    block.bits("rival_bits", bits & (2**BITS - 1))
    if len(prospects.gap.rivals) > BITS:
        block.bits("more_rival_bits", bits >> BITS)
    if prospects.model is not None:
        block.number("learned", prospects.scores["likelihood"])
    if prospects.authority.known:
        block.number("authority_percentile", prospects.scores["authority"])
    if "linked_domains" in prospects.scores:
        block.number("linked_domains_percentile", prospects.scores["linked_domains"])


def _pack_columns(block: _Block, frame: pd.DataFrame) -> None:
    """Add the columns of the prospects table that the browser does not compute."""
    texts = frame.assign(tld=[domain.rpartition(".")[2] for domain in frame["domain"]])
    packed = {column["name"] for column in block.columns} | set(COMPUTED) | {"value", "authority_percentile"}
    kinds = {column.name for column in _COLUMNS}
    for name in texts.columns:
        if name in packed or (name not in kinds and name != "tld"):
            continue
        if name in CHOICES:
            block.choice(name, _filled(texts[name]))
        elif name in _TEXTS or name in _CHECKED:
            block.text(name, _filled(texts[name]))
        elif name in _DATES:
            block.number(name, _days(texts[name]))
        else:
            block.number(name, texts[name].astype("Float64").to_numpy(dtype=float, na_value=np.nan))


def _filled(texts: pd.Series[Any]) -> list[str]:
    return texts.astype(object).where(texts.notna(), "").tolist()


def _days(dates: pd.Series[Any]) -> Array:
    days = dates.to_numpy(dtype="datetime64[D]")
    return np.where(np.isnat(days), np.nan, days.astype(np.int64).astype(float))


def _rivals(gap: Gap) -> list[dict[str, Any]]:
    """Describe the rivals: name, the weight that linkgap gives by default, and similarity to the site."""
    shared = gap.combinations.shared()
    similarity, weights = cosines(shared)[0, 1:], rival_similarity(shared)
    return [
        {"name": name, "weight": float(weight), "similarity": float(alike)}
        for name, weight, alike in zip(gap.rivals, weights, similarity, strict=True)
    ]


def _described(prospects: Prospects, packed: set[str]) -> dict[str, Any]:
    """Return the texts of the screen, such as title, facts and notes, and the columns that its table can show."""
    gap = prospects.gap
    known = [column for column in _COLUMNS if column.name in packed or column.name in COMPUTED]
    unit = gap.question.level
    shown = [_column(column.name, column.meaning, show_of(column), unit=unit) for column in known]
    place = next(place for place, column in enumerate(shown) if column["name"] == "rivals_linked") + 1
    rivals = [_column(rival, f"whether it links to {rival}", "link") for rival in gap.rivals]
    status, note = _column("status", "how far outreach to it has come", "word"), _column("note", "your note", "text")
    columns = [*shown[:place], *rivals, *shown[place:]]
    beside = next(place for place, column in enumerate(columns) if column["name"] == "priority") + 1
    return {
        "unit": unit,
        "title": f"{gap.site}: who {_ASKED_FOR[gap.question.follow_only]}",
        "facts": _facts(prospects),
        "notes": [*_compared(gap), f"Formula: {prospects.formula}.", *prospects.notes],
        "shown": [*columns[:beside], status, *columns[beside:], note],
        "exported": [column["name"] for column in columns],
        "file_name": f"{gap.site.replace('/', '_')}-prospects.csv",
        "recommended": recommended(),
        "names": PROVIDERS | {metric: metric_name(metric) for metric in prospects.authority.metrics},
        "how_to_win": dict(HOW_TO_WIN),
    }


def first_columns(meta: Mapping[str, Any]) -> list[str]:
    """Return the columns that a table shows at first."""
    return [column["name"] for column in meta["shown"] if column["name"] in _SHOWN_AT_FIRST]


def recommended() -> dict[str, Any]:
    """Return the ranking as linkgap recommends it."""
    options = inspect.signature(rank_prospects).parameters
    usual = {name: options[name].default for name in RANKING}
    return usual | {"likelihood_weights": dict(usual["likelihood_weights"])}


def usual_settings(prospects: Prospects, meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings with which an explorer opens: the prospects' own ranking, and no filters."""
    return {
        "ranking": {name: prospects.settings[name] for name in RANKING},
        "filters": NO_FILTERS,
        "view": {"sort": {"column": "rank", "descending": False}, "columns": first_columns(meta), "widths": {}},
    }


def _column(name: str, meaning: str, show: str, *, unit: Level = "domain") -> dict[str, Any]:
    heading = heading_of(unit if name == "domain" else name)
    return {"name": name, "heading": heading, "meaning": meaning, "show": show, "width": _width(name, heading, show)}


def _width(name: str, heading: str, show: str) -> int:
    """Return a column's initial width: its heading fits in full, except for rivals with a long name."""
    width = max(_WIDTHS.get(name, _USUAL_WIDTH), _LETTER * len(heading) + _BESIDE_LETTERS)
    return min(width, _WIDEST_RIVAL) if show == "link" else width


def _facts(prospects: Prospects) -> list[dict[str, str]]:
    gap, counts = prospects.gap, prospects.gap.evidence_counts
    facts = [{"text": counted(len(prospects), "prospect"), "meaning": repr(gap), "word": ""}]
    facts.append({"text": counted(len(gap.rivals), "rival"), "meaning": ", ".join(gap.rivals), "word": ""})
    facts += [
        {"text": f"{counts[word]:,} {word}", "meaning": _MEANING[word], "word": word}
        for word in EVIDENCE
        if counts[word]
    ]
    return facts


def _worth(backtest: Backtest) -> dict[str, str]:
    """Return the header's fact on what the ranking is worth."""
    first = f"backtest: expect {10 * backtest.expected(10):.1f} links in the first 10"
    return {"text": first, "meaning": " ".join(backtest.words), "word": "backtest"}


def _compared(gap: Gap) -> list[str]:
    """Return a sentence for each file: how many rows it has, and how complete it is, or why it was not read."""
    sentences = []
    for row in gap.links.receipts.to_dict("records"):
        if row["provider"] is None:
            sentences.append(f"{row['file']}: {row['note']}.")
            continue
        cut = {"rows": ", cut by the provider", "authority": f", cut below {floor_of(row)}"}.get(row["cut"], "")
        partial = f", partial: {row['partial']}" if row["partial"] else ""
        sentences.append(
            f"{row['site'] or 'no site'}: {counted(row['kept'], 'row')} from {counted(row['domains'], 'domain')} "
            f"({PROVIDERS.get(row['provider'], row['provider'])}, {row['report']}, {row['file']}{cut}{partial})."
        )
    return sentences
