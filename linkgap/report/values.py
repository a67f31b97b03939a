"""Plain values for a summary: what JSON can hold, and how lists and shares are put into words."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from linkgap.schema import rounded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

_DECIMALS = 6


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a table holds
    """Return a value as JSON can hold it, with floats rounded; None for NaN and NaT."""
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if value is None or value != value:  # noqa: PLR0124 - NaN and NaT are not themselves
        return None
    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, dt.date):
        return value.isoformat()[:10]
    number = value.item() if hasattr(value, "item") else value
    return round(number, _DECIMALS) if isinstance(number, float) else number


def records_of(table: pd.DataFrame, names: Iterable[str]) -> list[dict[str, Any]]:
    """Return the rows of a table with some of its columns, skipping those that it lacks."""
    known = [name for name in names if name in table]
    return [row_of(row, known) for row in table[known].to_dict("records")]


def joined(names: Iterable[str]) -> str:
    """Join names as in a sentence.

    Examples
    --------
    >>> joined(["a", "b", "c"]), joined(["a"])
    ('a, b and c', 'a')
    """
    *most, last = [*names] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def marked_share(part: float, whole: float) -> str:
    """Write a share in percent; 0% means none and 100% means all, however close another share comes.

    Examples
    --------
    >>> marked_share(1, 3), marked_share(1, 1000), marked_share(999, 1000), marked_share(0, 0)
    ('33%', 'under 1%', 'over 99%', '0%')
    """
    percent = 100 * part / whole if whole else 0.0
    if 0 < percent < 1:
        return "under 1%"
    return "over 99%" if 99 < percent < 100 else f"{percent:.0f}%"  # noqa: PLR2004 - the last percent


def row_of(row: Mapping[Any, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return some cells of a row as plain values, skipping those that it lacks."""
    return {name: (_measured if name == "authority" else plain)(row[name]) for name in names if name in row}


def _measured(value: float) -> float | None:
    """Return an authority as JSON can hold it, with `rounded`, which keeps digits of tiny ones; None if unknown."""
    return None if plain(value) is None else rounded(float(value))
