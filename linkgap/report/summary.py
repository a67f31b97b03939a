"""What a report says, as plain values: the same prospects give the same summary, whatever it is rendered as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linkgap.errors import counted

if TYPE_CHECKING:
    from linkgap.gap.results import Backtest
    from linkgap.gap.scoring import Prospects

FIRST = 10
"""How many prospects the summary names."""

_RECEIPT = ("site", "file", "report", "rows", "kept", "set_aside", "domains", "cut", "floor", "note")
_BEST = ("rank", "domain", "priority", "rivals_linked", "authority", "evidence", "tactic", "risk_reasons", "sample_url")


def summarise(prospects: Prospects, backtest: Backtest | None = None) -> dict[str, Any]:
    """Return the summary: texts, numbers and lists that can be dumped as JSON.

    Returns
    -------
    dict
        `title`, `finding`, `evidence` (number by word), `rivals`, `best` (the first prospects, each with `why`),
        `receipts`, `formula`, `notes`, `backtest` (sentences) and `settings`, which make the ranking again.
    """
    gap = prospects.gap
    return {
        "title": f"Link gap of {gap.site}",
        "finding": f"{gap!r}.",
        "evidence": gap.evidence_counts,
        "rivals": list(gap.rivals),
        "best": [_best(prospects, row) for row in prospects.top(FIRST).to_dict("records")],
        "receipts": [_plain(row, _RECEIPT) for row in gap.links.receipts.to_dict("records")],
        "formula": prospects.formula,
        "notes": list(prospects.notes),
        "backtest": [] if backtest is None else list(backtest.words),
        "settings": dict(prospects.settings),
    }


def _best(prospects: Prospects, row: dict[Any, Any]) -> dict[str, Any]:
    terms = prospects.explain(row["domain"]).sort_values("contribution", ascending=False)
    rivals = [term.removeprefix("links to ") for term in terms["term"] if term.startswith("links to ")]
    named = f"links to {counted(len(rivals), 'rival')}: {', '.join(rivals)}"
    linked = named if rivals else "scored by the learned model"
    risk = f"; caution: {row['risk_reasons']}" if row["risk_reasons"] else ""
    return _plain(row, _BEST) | {"why": f"{linked}{risk}"}


def _plain(row: dict[Any, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Keep some columns of a row, as plain values; None where nothing is known."""
    return {name: _value(row.get(name)) for name in names}


def _value(value: Any) -> Any:  # noqa: ANN401 - whatever a table holds
    if value is None or value != value:  # noqa: PLR0124 - NaN and NaT are not themselves
        return None
    return value if isinstance(value, str | bool | int) else round(float(value), 6)
