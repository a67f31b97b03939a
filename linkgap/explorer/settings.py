"""What can be set on the screen, made whole and checked: the ranking, the filters, and what the table shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linkgap.errors import InvalidArgumentError, in_words
from linkgap.explorer.filters import check_filters
from linkgap.explorer.packing import RANKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
        When the settings name what is not there.
    """
    _refuse_others("settings", given, usual)
    whole = {name: {**usual[name], **given.get(name, {})} for name in usual}
    check_ranking(whole["ranking"])
    whole["filters"] = check_filters(whole["filters"], rivals, [*columns, *_FILTERED])
    return whole


def check_ranking(ranking: Mapping[str, Any]) -> None:
    """Refuse a ranking with what the screen can't set.

    Raises
    ------
    InvalidArgumentError
        When it names something else than `linkgap.explorer.packing.RANKING`.
    """
    _refuse_others("settings['ranking']", ranking, RANKING)


def _refuse_others(what: str, given: Mapping[str, Any], allowed: Sequence[str] | Mapping[str, Any]) -> None:
    strange = set(given) - set(allowed)
    if strange:
        message = f"{what} names {in_words(sorted(strange))}. Allowed: {in_words(list(allowed))}."
        raise InvalidArgumentError(message)
