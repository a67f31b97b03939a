"""What can be set on the screen, made whole and checked: the ranking, the filters, and what the table shows."""

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


def whole_settings(
    given: Mapping[str, Any], usual: Mapping[str, Any], *, rivals: Sequence[str], columns: Sequence[str]
) -> dict[str, Any]:
    """Return settings with what was given, and what is usual elsewhere, as plain values that are nobody else's.

    Parameters
    ----------
    given
        numpy's numbers, truth values and texts, and tuples, are taken for the plain ones that they stand for.
    usual
        From `linkgap.explorer.packing.usual_settings`.
    columns
        What the table can show.

    Raises
    ------
    InvalidArgumentError
        When the settings name what is not there, or say what the screen can't show.
    """
    check_type("settings", given, Mapping, f"a dict of {in_words(usual)}")
    _refuse_others("settings", given, usual)
    given = _plain(given)
    for name, part in given.items():
        check_type(f"settings[{name!r}]", part, dict, f"a dict of {in_words(usual[name])}")
    whole = {name: {**_plain(usual[name]), **given.get(name, {})} for name in usual}
    check_ranking(whole["ranking"])
    check_weights(whole["ranking"], rivals)
    whole["filters"] = check_filters(whole["filters"], rivals, [*columns, *_FILTERED])
    whole["view"] = _checked_view(whole["view"], usual["view"], columns)
    return whole


def _plain(value: Any) -> Any:  # noqa: ANN401 - what a user gave
    """Return a value as JSON gives it back; what JSON can't hold stays as it is, to be refused by its name."""
    if isinstance(value, Mapping):
        return {_plain(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, str):
        return str.__str__(value)
    return float(value) if is_number(value) and not isinstance(value, int) and is_finite(value) else value


def _checked_view(view: Mapping[str, Any], usual: Mapping[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    """Return what the table shows, and refuse what it can't."""
    what = "settings['view']"
    _refuse_others(what, view, usual)
    for name, wanted, allowed in (
        ("columns", list, "a list of columns"),
        ("sort", dict, "a dict with column and descending"),
        ("widths", dict, "a dict from columns to pixels"),
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
    """Refuse a ranking with what the screen can't set.

    Raises
    ------
    InvalidArgumentError
        When it is no dict, or names something else than `linkgap.explorer.packing.RANKING`.
    """
    check_type("settings['ranking']", ranking, Mapping, f"a dict of {in_words(RANKING)}")
    _refuse_others("settings['ranking']", ranking, RANKING)


def options_of(ranking: Mapping[str, Any], rivals: Sequence[str]) -> dict[str, Any]:
    """Return a ranking as `rank_prospects` takes it: on the screen, rivals that all weigh 0 count alike."""
    weights = ranking.get("rival_weights")
    if isinstance(weights, Mapping) and not any(weights.values()):
        return {**ranking, "rival_weights": dict.fromkeys(rivals, 1.0)}
    return dict(ranking)


def _refuse_others(what: str, given: Iterable[Any], allowed: Sequence[str] | Mapping[str, Any]) -> None:
    strange = [name for name in given if not isinstance(name, str) or name not in allowed]
    if strange:
        message = f"{what} names {in_words(strange)}. Allowed: {in_words(list(allowed))}."
        raise InvalidArgumentError(message)
