"""Which prospects pass the explorer's filters, in Python as in the browser."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from linkgap.errors import InvalidArgumentError, in_words, is_number
from linkgap.gap.formula import DECIMALS
from linkgap.schema import PROSPECTS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import numpy.typing as npt

NO_FILTERS: dict[str, Any] = {
    "ranges": {},
    "choices": {},
    "present": [],
    "absent": [],
    "exactly": None,
    "text": "",
    "hidden": False,
}
"""All filters, set so that none applies: ranges of numbers (dates as days since 1970), allowed words of the columns in
`CHOICES`, rivals that must be linked, that must not be, or that are exactly the linked ones (None for any), a text to
search for, and whether hidden prospects are shown."""

CHOICES = (
    "evidence",
    "relation",
    "authority_metric",
    "providers",
    "tactic",
    "tld",
    "platform",
    "language",
    "risk_reasons",
)
"""Text columns with few distinct values, which are filtered by choosing some; `status` is, too."""

COMPUTED = ("rank", "priority", "likelihood", "coverage")
"""Columns that the browser computes from the others and the ranking."""

_RANGED = tuple(column.name for column in PROSPECTS if column.type != "text" and column.name != "value")
_SEARCHED = ("domain", "sample_anchor", "title")
_BLANKS = "\t\n\v\f\r \xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000\ufeff"
"""The characters that JavaScript's `trim` removes from the searched text; Python's `strip` removes others."""

SEPARATORS = {"risk_reasons": "; ", "platform": ", ", "language": ", ", "providers": ", "}
"""Columns whose cells can hold several words, each a choice of its own, and the separator between them."""


def check_filters(filters: Mapping[str, Any], rivals: Sequence[str], columns: Collection[str]) -> dict[str, Any]:
    """Check the filters, and return them completed by `NO_FILTERS`.

    Raises
    ------
    InvalidArgumentError
        When they name a filter, a column or a rival that does not exist, or a value has the wrong type.
    """
    _refuse("filters", set(filters) - set(NO_FILTERS), NO_FILTERS)
    complete = NO_FILTERS | dict(filters)
    for name in ("present", "absent", "exactly"):
        if complete[name] is None and name == "exactly":
            continue
        complete[name] = _checked_list(f"filters[{name!r}]", complete[name])
        _refuse(f"filters[{name!r}]", set(complete[name]) - set(rivals), rivals)
    for name, known, check in (("ranges", _RANGED, _checked_range), ("choices", (*CHOICES, "status"), _checked_list)):
        check_type(f"filters[{name!r}]", complete[name], dict, "a dict that maps columns to values")
        allowed = set(known) & set(columns)
        _refuse(f"filters[{name!r}]", set(complete[name]) - allowed, allowed)
        complete[name] = {
            column: check(f"filters[{name!r}][{column!r}]", each) for column, each in complete[name].items()
        }
    check_type("filters['text']", complete["text"], str, "a string, '' for none")
    check_type("filters['hidden']", complete["hidden"], bool, "True or False")
    return complete


def check_type(what: str, value: object, wanted: type, allowed: str) -> None:
    """Refuse a value of another type.

    Raises
    ------
    InvalidArgumentError
        When the value is of another type.
    """
    if not isinstance(value, wanted):
        message = f"{what}={value!r} is not allowed. Allowed: {allowed}."
        raise InvalidArgumentError(message)


def _checked_list(what: str, words: Any) -> list[str]:  # noqa: ANN401 - what a user gave
    if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
        message = f"{what}={words!r} is not allowed. Allowed: a list of strings."
        raise InvalidArgumentError(message)
    return list(words)


def _checked_range(what: str, pair: Any) -> list[float | None]:  # noqa: ANN401 - what a user gave
    if not isinstance(pair, list | tuple) or len(pair) != 2 or not all(map(_is_end, pair)):  # noqa: PLR2004 - two ends
        message = (
            f"{what}={pair!r} is not a range. Allowed: [minimum, maximum], each a number (for dates, days since 1970) "
            "or None for no limit."
        )
        raise InvalidArgumentError(message)
    return list(pair)


def _is_end(value: object) -> bool:
    return value is None or is_finite(value)


def is_finite(value: Any) -> bool:  # noqa: ANN401 - what a user gave
    """Tell whether a value is a finite number, within the range of a float, as a browser can hold it."""
    return is_number(value) and -sys.float_info.max <= value <= sys.float_info.max


def _refuse(what: str, unknown: set[str], allowed: Collection[str]) -> None:
    if unknown:
        message = f"{what} names {in_words(sorted(map(str, unknown)))}. Allowed: {in_words(list(allowed))}."
        raise InvalidArgumentError(message)


def passing(frame: pd.DataFrame, filters: Mapping[str, Any], rivals: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Tell for each prospect whether it passes the filters.

    Parameters
    ----------
    frame
        The prospects table with `status`.
    filters
        As `check_filters` returns them.
    """
    passes = np.ones(len(frame), dtype=bool)
    for name, ends in filters["ranges"].items():
        passes &= _within(_numbers(frame, name), ends, rounded=name in COMPUTED)
    for name, words in filters["choices"].items():
        passes &= _chosen(frame, name, set(words))
    passes &= _linked(frame, filters, rivals)
    if not filters["hidden"]:
        passes &= (frame["status"] != "hidden").to_numpy()
    return passes & _found(frame, filters["text"].strip(_BLANKS).lower())


def _within(values: npt.NDArray[Any], ends: Sequence[float | None], *, rounded: bool) -> npt.NDArray[np.bool_]:
    """Tell which values are in a range; computed scores are rounded first, as ten times 0.1 adds up to just below 1."""
    low, high = (outmost if end is None else end for end, outmost in zip(ends, (-np.inf, np.inf), strict=True))
    with np.errstate(invalid="ignore", over="ignore"):
        if not rounded:
            return np.asarray((values >= low) & (values <= high))
        compared = np.round(values, DECIMALS)
        return np.asarray((compared >= np.round(low, DECIMALS)) & (compared <= np.round(high, DECIMALS)))


def _numbers(frame: pd.DataFrame, name: str) -> npt.NDArray[Any]:
    if pd.api.types.is_datetime64_any_dtype(frame[name]):
        days = frame[name].to_numpy(dtype="datetime64[D]")
        return np.where(np.isnat(days), np.nan, days.astype(np.int64))
    return frame[name].astype("Float64").to_numpy(dtype=float, na_value=np.nan)


def _chosen(frame: pd.DataFrame, name: str, words: set[str]) -> npt.NDArray[np.bool_]:
    texts = frame["domain"].str.rsplit(".", n=1).str[-1] if name == "tld" else frame[name]
    texts = texts.astype(object).where(texts.notna(), "")
    if name in SEPARATORS:
        return np.array([not words.isdisjoint(text.split(SEPARATORS[name])) for text in texts], dtype=bool)
    return texts.isin(words).to_numpy()


def _linked(frame: pd.DataFrame, filters: Mapping[str, Any], rivals: Sequence[str]) -> npt.NDArray[np.bool_]:
    passes = np.ones(len(frame), dtype=bool)
    for rival in rivals:
        linked = frame[rival].to_numpy(dtype=bool)
        if filters["exactly"] is not None:
            passes &= linked == (rival in filters["exactly"])
        if rival in filters["present"]:
            passes &= linked
        if rival in filters["absent"]:
            passes &= ~linked
    return passes


def _found(frame: pd.DataFrame, text: str) -> npt.NDArray[np.bool_]:
    if not text:
        return np.ones(len(frame), dtype=bool)
    searched = [frame[name].fillna("").str.lower() for name in _SEARCHED if name in frame]
    return np.asarray(
        np.any([column.str.contains(text, regex=False).to_numpy(dtype=bool) for column in searched], axis=0), dtype=bool
    )
