"""Reads the list of one site page by page: from the cache where it holds them, else as far as the units allow."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from linkgap.loaders.files import flat_cells
from linkgap.loaders.frames import ListedFrame

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from linkgap.domains import Site
    from linkgap.web.services.sending import Received, ServiceClient
    from linkgap.web.services.service import Answer, LinkService, Listing, Row
    from linkgap.web.services.spending import Budget


@dataclass
class FetchedList:
    """What was read of one list so far.

    Attributes
    ----------
    rows
        The rows, with the service's own column names.
    pages, kept_pages
        How many answers they come from, and how many of these were in the cache.
    pending
        Positions of the pages still to read.
    may_go_on
        Whether the list may be longer than its rows, apart from pending pages.
    day
        The day of the oldest answer.
    """

    site: Site
    rows: list[Row] = field(default_factory=list)
    pages: int = 0
    kept_pages: int = 0
    pending: list[str] = field(default_factory=list)
    may_go_on: bool = False
    day: dt.date | None = None
    _read: set[str] = field(default_factory=set)

    @property
    def is_complete(self) -> bool:
        """Whether all rows that the service has were read."""
        return not self.pending and not self.may_go_on

    def take(self, received: Received, max_rows: int | None) -> None:
        """Add the first pending page, up to `max_rows` in all; positions that were read before are not read again."""
        answer = received.answer
        self._read.add(self.pending[0])
        next_positions = [position for position in dict.fromkeys(answer.next_positions) if position not in self._read]
        self.rows += answer.rows
        self.pages += 1
        self.pending[:1] = next_positions
        self.may_go_on = answer.may_go_on or len(next_positions) < len(answer.next_positions)
        self.day = min(filter(None, [self.day, received.day]))
        if max_rows is not None and len(self.rows) > max_rows:
            self.may_go_on = True
            del self.rows[max_rows:]


@dataclass(frozen=True)
class Reader:
    """Reads lists of one kind from one service.

    Parameters
    ----------
    max_rows
        Most rows of each list; None for all.
    cached_only
        Whether to end a list where the cache does.
    advance
        Called with the number of rows that every page adds, to move the progress bar.
    """

    client: ServiceClient
    service: LinkService
    listing: Listing
    what: str
    max_rows: int | None
    cached_only: bool = False
    advance: Callable[[int], object] = lambda _: None

    def read(self, fetched: FetchedList, budget: Budget) -> None:
        """Add pages to a list, until it is complete or has `max_rows`, or neither cache nor budget allows another.

        Raises
        ------
        ServiceError
            When the service gives no usable answer; what was read before stays in the list, and in the cache.
        """
        while fetched.pending:
            wanted = self._wanted(fetched)
            if wanted <= 0:
                return
            kept = self._kept(fetched)
            rows = 0 if self._is_enough(kept, wanted) else budget.rows_for(self.listing.price, wanted)
            if rows > (kept.asked_rows if kept else 0):
                received = self._ask(fetched, rows, budget)
            elif kept:
                received = kept
                fetched.kept_pages += 1
            else:
                return
            before = len(fetched.rows)
            fetched.take(received, self.max_rows)
            self.advance(len(fetched.rows) - before)

    def _wanted(self, fetched: FetchedList) -> int:
        page = self.listing.page_rows
        return page if self.max_rows is None else min(page, self.max_rows - len(fetched.rows))

    def _kept(self, fetched: FetchedList) -> Received | None:
        """Return the next page from the cache, or None."""
        request = self.service.request(self.what, fetched.site, fetched.pending[0], 0)
        return self.client.kept(request, entry=self._entry(fetched), read=self._answer_of(fetched))

    def _is_enough(self, kept: Received | None, wanted: int) -> bool:
        """Tell whether the cache is enough: with `cached_only`, or if its page was not cut short of the wanted rows."""
        return self.cached_only or (kept is not None and not (kept.answer.may_go_on and kept.asked_rows < wanted))

    def _ask(self, fetched: FetchedList, rows: int, budget: Budget) -> Received:
        """Ask the service, and note what that cost; a request without an answer counts at its highest price."""
        request = self.service.request(self.what, fetched.site, fetched.pending[0], rows)
        highest_price = self.listing.price.of(rows)
        budget.spend(highest_price)
        received = self.client.ask(request, rows=rows, entry=self._entry(fetched), read=self._answer_of(fetched))
        charged = received.answer.units
        budget.spend((self.listing.price.of(len(received.answer.rows)) if charged is None else charged) - highest_price)
        return received

    def _entry(self, fetched: FetchedList) -> str:
        """Return the cache key of a page, the same for any number of rows: what is cached is not paid for twice."""
        request = self.service.request(self.what, fetched.site, fetched.pending[0], 0)
        return sha256(f"{self.client.base} {request.digest}".encode()).hexdigest()

    def _answer_of(self, fetched: FetchedList) -> partial[Answer]:
        return partial(self.service.answer, self.what, fetched.site, fetched.pending[0])


def listed_frame(fetched: FetchedList, listing: Listing, service: str, what: str) -> ListedFrame:
    """Return a list as a table that the loaders read like a file of the same report."""
    rows = [dict(flat_cells(row)) for row in fetched.rows]
    columns = {name: np.array([row.get(name) or None for row in rows], dtype=object) for name in listing.fields}
    day = f" {fetched.day.isoformat()}" if fetched.day else ""
    name = f"{str(fetched.site).replace('/', '_')} {service} {what.replace('_', ' ')}{day}"
    return ListedFrame(columns, name, listing.report)
