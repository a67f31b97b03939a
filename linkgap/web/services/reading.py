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
    from linkgap.web.services.sending import Counter, Received
    from linkgap.web.services.service import Answer, LinkService, Listing, Row
    from linkgap.web.services.spending import Purse


@dataclass
class List:
    """What was read of one list so far.

    Attributes
    ----------
    rows
        The rows, with the service's own column names.
    pages, kept_pages
        How many answers they come from, and how many of these were in the cache.
    pending
        Positions of the pages still to read.
    cut
        Whether the list may be longer than its rows, apart from pending pages.
    day
        The day of the oldest answer.
    """

    site: Site
    rows: list[Row] = field(default_factory=list)
    pages: int = 0
    kept_pages: int = 0
    pending: list[str] = field(default_factory=list)
    cut: bool = False
    day: dt.date | None = None
    _read: set[str] = field(default_factory=set)

    @property
    def is_complete(self) -> bool:
        """Whether all rows that the service has were read."""
        return not self.pending and not self.cut

    def take(self, received: Received, most: int | None) -> None:
        """Add the first pending page, up to `most` rows in all; positions that were read before are not read again."""
        answer = received.answer
        self._read.add(self.pending[0])
        further = [position for position in dict.fromkeys(answer.further) if position not in self._read]
        self.rows += answer.rows
        self.pages += 1
        self.pending[:1] = further
        self.cut = answer.cut or len(further) < len(answer.further)
        self.day = min(filter(None, [self.day, received.day]))
        if most is not None and len(self.rows) > most:
            self.cut = True
            del self.rows[most:]


@dataclass(frozen=True)
class Reader:
    """Reads lists of one kind from one service.

    Parameters
    ----------
    most
        Most rows of each list; None for all.
    cached_only
        Whether to end a list where the cache does.
    advance
        Called with the number of rows that every page adds, to move the progress bar.
    """

    counter: Counter
    service: LinkService
    listing: Listing
    what: str
    most: int | None
    cached_only: bool = False
    advance: Callable[[int], object] = lambda _: None

    def read(self, found: List, purse: Purse) -> None:
        """Add pages to a list, until it is complete or has `most` rows, or neither cache nor purse allows another.

        Raises
        ------
        ServiceError
            When the service gives no usable answer; what was read before stays in the list, and in the cache.
        """
        while found.pending:
            wanted = self._wanted(found)
            if wanted <= 0:
                return
            kept = self._kept(found)
            rows = 0 if self._is_enough(kept, wanted) else purse.rows_for(self.listing.price, wanted)
            if rows > (kept.asked_rows if kept else 0):
                received = self._ask(found, rows, purse)
            elif kept:
                received = kept
                found.kept_pages += 1
            else:
                return
            before = len(found.rows)
            found.take(received, self.most)
            self.advance(len(found.rows) - before)

    def _wanted(self, found: List) -> int:
        page = self.listing.page_rows
        return page if self.most is None else min(page, self.most - len(found.rows))

    def _kept(self, found: List) -> Received | None:
        """Return the next page from the cache, or None."""
        request = self.service.request(self.what, found.site, found.pending[0], 0)
        return self.counter.kept(request, entry=self._entry(found), read=self._answer_of(found))

    def _is_enough(self, kept: Received | None, wanted: int) -> bool:
        """Tell whether the cache is enough: with `cached_only`, or if its page was not cut short of the wanted rows."""
        return self.cached_only or (kept is not None and not (kept.answer.cut and kept.asked_rows < wanted))

    def _ask(self, found: List, rows: int, purse: Purse) -> Received:
        """Ask the service, and note what that cost; a request without an answer counts at its highest price."""
        request = self.service.request(self.what, found.site, found.pending[0], rows)
        most = self.listing.price.of(rows)
        purse.spend(most)
        received = self.counter.ask(request, rows=rows, entry=self._entry(found), read=self._answer_of(found))
        charged = received.answer.units
        purse.spend((self.listing.price.of(len(received.answer.rows)) if charged is None else charged) - most)
        return received

    def _entry(self, found: List) -> str:
        """Return the cache key of a page, the same for any number of rows: what is cached is not paid for twice."""
        request = self.service.request(self.what, found.site, found.pending[0], 0)
        return sha256(f"{self.counter.base} {request.digest}".encode()).hexdigest()

    def _answer_of(self, found: List) -> partial[Answer]:
        return partial(self.service.answer, self.what, found.site, found.pending[0])


def listed_frame(found: List, listing: Listing, service: str, what: str) -> ListedFrame:
    """Return a list as a table that the loaders read like a file of the same report."""
    rows = [dict(flat_cells(row)) for row in found.rows]
    columns = {name: np.array([row.get(name) or None for row in rows], dtype=object) for name in listing.fields}
    day = f" {found.day.isoformat()}" if found.day else ""
    name = f"{str(found.site).replace('/', '_')} {service} {what.replace('_', ' ')}{day}"
    return ListedFrame(columns, name, listing.report)
