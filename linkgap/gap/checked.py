"""What page checks add to what the exports say: newer facts, tactics seen on the page, and reasons for caution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from linkgap.errors import InvalidArgumentError, counted, in_words
from linkgap.schema import PAGE_CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    import pandas as pd

    Array = npt.NDArray[Any]

GONE = ("page gone",)
READ = ("link found", "link not found")
COLUMNS = tuple(column.name for column in PAGE_CHECKS if column.name != "domain")

_NEWER = {
    "title": "page_title",
    "page_external_links": "external_links",
    "sample_anchor": "link_anchor",
    "target_status": "link_target_status",
}
"""Columns that `find_tactics` looks at, and the column of the page checks with the same figure as of today."""


class Checks(Protocol):
    """The part of what `check_pages` returns that is needed here."""

    @property
    def site(self) -> str:
        """The site whose prospects were chosen."""

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each of these prospects."""


def table_of(checks: Checks, site: str) -> pd.DataFrame:
    """Return the page checks, with domains as the index.

    Raises
    ------
    InvalidArgumentError
        When these are not checks, or are those of another site's prospects.
    """
    frame = getattr(checks, "frame", None)
    if frame is None or not set(COLUMNS) <= set(frame.columns):
        given = type(checks).__name__
        raise InvalidArgumentError(f"checks={given} is not allowed. Allowed: what check_pages(prospects) returns.")
    if checks.site != site:
        message = f"These are checks for {checks.site}, but the prospects are for {site}. Check their pages."
        raise InvalidArgumentError(message)
    return checks.frame.drop_duplicates("domain").set_index("domain")[list(COLUMNS)]


def newer_details(details: pd.DataFrame, pages: pd.DataFrame) -> pd.DataFrame:
    """Return the details of some domains' best links, with what their pages say today instead of what exports say.

    Parameters
    ----------
    pages
        From `table_of`, one row per domain in the order of `details`; null where no page was checked.
    """
    was_read = pages["page_result"].isin(READ).to_numpy()
    newer = {}
    for name, today in _NEWER.items():
        today_values = pages[today].astype(object).to_numpy()
        known = was_read & ~pages[today].isna().to_numpy()
        newer[name] = np.where(known, today_values, details[name].astype(object).to_numpy())
    return details.assign(**newer)


def tactics_today(tactics: pd.DataFrame, pages: pd.DataFrame) -> pd.DataFrame:
    """Return the tactics, with those that the page itself shows: a broken link, an invitation, a list of links."""
    unknown = (tactics["tactic"] == "unknown").to_numpy()
    broken = pages["link_target_gone"].fillna(value=False).to_numpy(dtype=bool)
    invites = pages["write_for_us"].notna().to_numpy() & unknown
    lists = pages["resource_page"].fillna(value=False).to_numpy(dtype=bool) & unknown
    conditions = [broken, invites, lists]
    named = ["broken link", "guest post", "resource page"]
    words = ["today: the link leads nowhere", "today: invites others to write", "today: a list of links"]
    return tactics.assign(
        tactic=np.select(conditions, named, default=tactics["tactic"].to_numpy(dtype=object)),
        tactic_evidence=np.select(conditions, words, default=tactics["tactic_evidence"].to_numpy(dtype=object)),
    )


def signs_today(pages: pd.DataFrame) -> dict[str, Array]:
    """Return the figures that page checks give for `find_risk`, NaN where no page was checked."""
    result = pages["page_result"]
    was_seen = result.isin([*READ, *GONE]).to_numpy()
    return {
        "page_closed": pages["page_noindex"].astype("Float64").to_numpy(dtype=float, na_value=np.nan),
        "page_links_out": pages["external_links"].astype("Float64").to_numpy(dtype=float, na_value=np.nan),
        "page_gone": np.where(was_seen, result.isin(GONE).to_numpy(), np.nan),
        "page_without_link": np.where(was_seen, (result == "link not found").to_numpy(), np.nan),
    }


def notes_on(pages: pd.DataFrame) -> Iterator[str]:
    """Yield notes on what was checked and what was not.

    Parameters
    ----------
    pages
        One row per prospect; null where no page was checked.
    """
    asked, seen = int(pages["page_result"].notna().sum()), int(pages["page_result"].isin([*READ, *GONE]).sum())
    if seen:
        checked = counted(seen, "prospect")
        yield f"The pages of {checked} were checked: tactic and risk are based on what they show today."
    if asked > seen:
        unseen = counted(asked - seen, "prospect")
        yield f"Of {unseen} that were to be checked, no page was seen: tactic and risk are based on the exports."
    already = pages.index[pages["site_links"].fillna(0).to_numpy(dtype=float) > 0]
    if len(already):
        yield f"These pages already link to the site: {in_words(already)}."
