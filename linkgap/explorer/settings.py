"""The settings of the screen, checked and completed: the ranking, the filters, and what the table shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from linkgap.errors import InvalidArgumentError, in_words, is_number
from linkgap.explorer.filters import check_filters, check_type, is_finite
from linkgap.explorer.packing import RANKING
from linkgap.gap.scoring import check_weights

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_FILTERED = ("tld", "authority_percentile")


def complete_settings(
    given: Mapping[str, Any], usual: Mapping[str, Any], *, rivals: Sequence[str], columns: Sequence[str]
) -> dict[str, Any]:
    """Check the settings, and return them completed by the usual ones, as plain values that share nothing with either.

    Parameters
    ----------
    given
        numpy's numbers, booleans and texts become Python's, and tuples become lists.
    usual
        From `linkgap.explorer.packing.usual_settings`.
    columns
        Columns that the table can show.

    Raises
    ------
    InvalidArgumentError
        When the settings name something that does not exist, or a value is not one that the screen can show.
    """
    check_type("settings", given, Mapping, f"a dict with {in_words(usual)}")
    _refuse_others("settings", given, usual)
    given = _plain(given)
    for name, part in given.items():
        check_type(f"settings[{name!r}]", part, dict, f"a dict with {in_words(usual[name])}")
    complete = {name: {**_plain(usual[name]), **given.get(name, {})} for name in usual}
    check_ranking(complete["ranking"])
    check_weights(complete["ranking"], rivals)
    complete["filters"] = check_filters(complete["filters"], rivals, [*columns, *_FILTERED])
    complete["view"] = _checked_view(complete["view"], usual["view"], columns)
    return complete


def _plain(value: Any) -> Any:  # noqa: ANN401 - what a user gave
    """Return a value as it would come back from JSON; one that JSON can't hold stays, for a check to refuse by name."""
    if isinstance(value, Mapping):
        return {_plain(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, np.datetime64 | np.timedelta64):
        return str(value)  # numpy would return one in nanoseconds as an integer, which would count as days
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, str):
        return str.__str__(value)
    return float(value) if is_number(value) and not isinstance(value, int) and is_finite(value) else value


def _checked_view(view: Mapping[str, Any], usual: Mapping[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    """Check the columns, widths and sort order of the table, and return them, the sort order completed."""
    what = "settings['view']"
    _refuse_others(what, view, usual)
    for name, wanted, allowed in (
        ("columns", list, "a list of columns"),
        ("sort", dict, "a dict with column and descending"),
        ("widths", dict, "a dict that maps columns to pixels"),
    ):
        check_type(f"{what}[{name!r}]", view[name], wanted, allowed)
    _refuse_others(f"{what}['columns']", view["columns"], columns)
    _refuse_others(f"{what}['widths']", view["widths"], columns)
    for column, width in view["widths"].items():
        if not is_finite(width) or not width > 0:
            message = f"{what}['widths'][{column!r}]={width!r} is not allowed. Allowed: a number of pixels above 0."
            raise InvalidArgumentError(message)
    _refuse_others(f"{what}['sort']", view["sort"], usual["sort"])
    sort = {**usual["sort"], **view["sort"]}
    _refuse_others(f"{what}['sort']['column']", [sort["column"]], columns)
    check_type(f"{what}['sort']['descending']", sort["descending"], bool, "True or False")
    return {**view, "sort": sort}


def check_ranking(ranking: Mapping[str, Any]) -> None:
    """Refuse a ranking with options that the screen can't set.

    Raises
    ------
    InvalidArgumentError
        When it is no dict, or names an option that is not in `linkgap.explorer.packing.RANKING`.
    """
    check_type("settings['ranking']", ranking, Mapping, f"a dict with {in_words(RANKING)}")
    _refuse_others("settings['ranking']", ranking, RANKING)


def options_of(ranking: Mapping[str, Any], rivals: Sequence[str]) -> dict[str, Any]:
    """Return a ranking as options of `rank_prospects`: where the screen gives all rivals a weight of 0, all get 1."""
    weights = ranking.get("rival_weights")
    if isinstance(weights, Mapping) and not any(weights.values()):
        return {**ranking, "rival_weights": dict.fromkeys(rivals, 1.0)}
    return dict(ranking)


def _refuse_others(what: str, given: Iterable[Any], allowed: Sequence[str] | Mapping[str, Any]) -> None:
    strange = [name for name in given if not isinstance(name, str) or name not in allowed]
    if strange:
        message = f"{what} names {in_words(strange)}. Allowed: {in_words(list(allowed))}."
        raise InvalidArgumentError(message)
