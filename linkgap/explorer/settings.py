"""What can be set on the screen, made whole and checked: the ranking, the filters, and what the table shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linkgap.errors import InvalidArgumentError, in_words, is_number
from linkgap.explorer.filters import check_filters, check_type
from linkgap.explorer.packing import RANKING
from linkgap.gap.scoring import check_weights

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_FILTERED = ("tld", "authority_percentile")


def whole_settings(
    given: Mapping[str, Any], usual: Mapping[str, Any], *, rivals: Sequence[str], columns: Sequence[str]
) -> dict[str, Any]:
    """Return settings with what was given, and what is usual elsewhere.

    Parameters
    ----------
    usual
        From `linkgap.explorer.packing.usual_settings`.
    columns
        What the table can show.

    Raises
    ------
    InvalidArgumentError
        When the settings name what is not there, or say what the screen can't show.
    """
    _refuse_others("settings", given, usual)
    for name, part in given.items():
        check_type(f"settings[{name!r}]", part, dict, f"a dict of {in_words(usual[name])}")
    whole = {name: {**usual[name], **given.get(name, {})} for name in usual}
    check_ranking(whole["ranking"])
    check_weights(whole["ranking"], rivals)
    whole["filters"] = check_filters(whole["filters"], rivals, [*columns, *_FILTERED])
    whole["view"] = _checked_view(whole["view"], usual["view"], columns)
    return whole


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
        if not is_number(width) or not width > 0:
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
        When it names something else than `linkgap.explorer.packing.RANKING`.
    """
    _refuse_others("settings['ranking']", ranking, RANKING)


def _refuse_others(what: str, given: Iterable[Any], allowed: Sequence[str] | Mapping[str, Any]) -> None:
    strange = [name for name in given if name not in allowed]
    if strange:
        message = f"{what} names {in_words(strange)}. Allowed: {in_words(list(allowed))}."
        raise InvalidArgumentError(message)
