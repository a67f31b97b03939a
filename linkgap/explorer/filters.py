"""Which prospects pass the explorer's filters, in Python as in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from linkgap.errors import InvalidArgumentError, in_words

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
"""What filters can say, when they say nothing: ranges of numbers (dates as days since 1970), words of choices, rivals
that are linked, not linked or just those linked, a text that is searched, and whether hidden prospects are shown."""

_SEARCHED = ("domain", "sample_anchor", "title")

SEPARATORS = {"risk_reasons": "; ", "platform": ", ", "language": ", ", "providers": ", "}
"""Columns whose cells hold several words, each of which is a choice of its own, and what stands between them."""


def check_filters(filters: Mapping[str, Any], rivals: Sequence[str], columns: Collection[str]) -> dict[str, Any]:
    """Return complete filters.

    Raises
    ------
    InvalidArgumentError
        When they name a filter, a column or a rival that is not there.
    """
    _refuse("filters", set(filters) - set(NO_FILTERS), NO_FILTERS)
    whole = NO_FILTERS | dict(filters)
    for name in ("present", "absent", "exactly"):
        _refuse(f"filters[{name!r}]", set(whole[name] or ()) - set(rivals), rivals)
    for name in ("ranges", "choices"):
        _refuse(f"filters[{name!r}]", set(whole[name]) - set(columns), columns)
    for name, pair in whole["ranges"].items():
        if len(pair) != 2:  # noqa: PLR2004 - a range has two ends
            message = f"filters['ranges'][{name!r}]={pair!r} is no range. Allowed: [least, most], None for no end."
            raise InvalidArgumentError(message)
    return whole


def _refuse(what: str, unknown: set[str], allowed: Collection[str]) -> None:
    if unknown:
        message = f"{what} names {in_words(sorted(map(str, unknown)))}. Allowed: {in_words(list(allowed))}."
        raise InvalidArgumentError(message)


def passing(frame: pd.DataFrame, filters: Mapping[str, Any], rivals: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Tell for each prospect whether it passes.

    Parameters
    ----------
    frame
        The prospects table with `status`.
    filters
        As `check_filters` returns them.
    """
    passes = np.ones(len(frame), dtype=bool)
    for name, (least, most) in filters["ranges"].items():
        values = _numbers(frame, name)
        with np.errstate(invalid="ignore"):
            passes &= (values >= (-np.inf if least is None else least)) & (values <= (np.inf if most is None else most))
    for name, words in filters["choices"].items():
        passes &= _chosen(frame, name, set(words))
    passes &= _linked(frame, filters, rivals)
    if not filters["hidden"]:
        passes &= (frame["status"] != "hidden").to_numpy()
    return passes & _found(frame, filters["text"].strip().lower())


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
