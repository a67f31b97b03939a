"""The inputs from which the sections of a report are made."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from linkgap.explorer.memory import NEW_ENTRY, Memory
from linkgap.gap.pages import pages_of
from linkgap.report.redaction import redacted_outreach, redacted_table, without_addresses

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from linkgap.gap.changes import Changes
    from linkgap.gap.membership import Gap
    from linkgap.gap.results import Backtest
    from linkgap.gap.scoring import Prospects
    from linkgap.outreach.book import Outreach

SHOWN_ON_PAPER = 50
"""How many prospects a report lists where the explorer can't work, as on paper."""

WITH_PAGES = 50
"""How many prospects come with more pages than their best one in a report's explorer."""

_MOST_PAGES = 8


@dataclass(frozen=True, eq=False)
class Sources:
    """What a report is about.

    Attributes
    ----------
    prospects
        Ranked as the report shows them.
    backtest, outreach
        How well the ranking did in a test, and what was done so far; None if not given.
    settings
        Settings with which the explorer opens, in the form of `Explorer.settings`.
    redact
        What to leave out, see `linkgap.report.redaction`.
    changes
        What changed since the earlier exports; None if nothing was compared.
    """

    prospects: Prospects
    backtest: Backtest | None = None
    outreach: Outreach | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    redact: frozenset[str] = frozenset()
    changes: Changes | None = None

    @property
    def gap(self) -> Gap:
        """The gap that was ranked."""
        return self.prospects.gap

    @property
    def site(self) -> str:
        """The site whose gap it is."""
        return self.gap.site

    @cached_property
    def first(self) -> pd.DataFrame:
        """The first prospects, enough for every list in the report, without what is to be left out."""
        number = SHOWN_ON_PAPER + len(self.memory)
        return redacted_table(self.prospects.top(number), self.redact)

    @cached_property
    def memory(self) -> dict[str, dict[str, str]]:
        """Outreach to the prospects: a mapping from domains to `status` and `note`."""
        if self.outreach is None:
            return {}
        known = set(self.gap.domains)
        entries = Memory(self.gap, self.outreach).entries()
        return {domain: self._redacted_entry(entry) for domain, entry in sorted(entries.items()) if domain in known}

    def _redacted_entry(self, entry: Mapping[str, str]) -> dict[str, str]:
        note = NEW_ENTRY["note"] if "notes" in self.redact else entry["note"]
        return {**entry, "note": without_addresses(note) if "contacts" in self.redact else note}

    @cached_property
    def book(self) -> pd.DataFrame | None:
        """The outreach table, without what is to be left out; None without outreach."""
        return None if self.outreach is None else redacted_outreach(self.outreach.frame, self.redact)

    @cached_property
    def outcomes(self) -> dict[str, int]:
        """How many of the won domains the links confirm, show as lost again, or do not show."""
        return {} if self.outreach is None else Memory(self.gap, self.outreach).outcomes()

    def pages(self) -> dict[str, list[dict[str, Any]]]:
        """Return the links of each of the first prospects, for the explorer's detail panel."""
        if "pages" in self.redact:
            return {}
        places = self.prospects.order[:WITH_PAGES]
        found = pages_of(self.gap.links, self.gap.question, self.gap.candidates.number[places], most=_MOST_PAGES)
        hide = "contacts" in self.redact
        return {
            self.gap.domains[place]: [_without_addresses(page) if hide else page for page in pages]
            for place, pages in zip(places, found, strict=True)
        }

    def redacted(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a table of prospects without what is to be left out."""
        return redacted_table(table, self.redact)


def _without_addresses(page: Mapping[str, Any]) -> dict[str, Any]:
    return {name: without_addresses(value) if isinstance(value, str) else value for name, value in page.items()}
