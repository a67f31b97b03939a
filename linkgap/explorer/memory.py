"""What the explorer knows of outreach: read from the user's file, and written there as soon as something is decided."""

from __future__ import annotations

import secrets
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from linkgap.domains import registrable_domain
from linkgap.outreach.book import Outreach, open_outreach
from linkgap.paths import path_of

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from linkgap.gap.membership import Gap

Entries = dict[str, dict[str, str]]
"""A mapping from domains, as the prospects table names them, to `status` and `note`."""

NEW_ENTRY = {"status": "new", "note": ""}


class Memory:
    """The outreach of a gap's prospects; a file that does not exist is created by the first change."""

    def __init__(self, gap: Gap, outreach: Outreach | str | os.PathLike[str]) -> None:
        self._gap = gap
        self._given = outreach

    @property
    def _is_there(self) -> bool:
        return isinstance(self._given, Outreach) or path_of(self._given).exists()

    @cached_property
    def _book(self) -> Outreach:
        """The outreach book, in a session of its own, so that the screen's undo takes back only changes made there."""
        if isinstance(self._given, Outreach):
            return replace(self._given, session=secrets.token_hex(8))
        return open_outreach(self._given, site=self._gap.site)

    def state(self) -> tuple[int, int] | None:
        """Return the file's modification time and size, to notice that it has changed; None while there is no file."""
        if not self._is_there or not self._book.file.path.exists():
            return None
        known = self._book.file.path.stat()
        return known.st_mtime_ns, known.st_size

    def entries(self) -> Entries:
        """Return status and note of every domain in the book; if hosts are compared, of every prospect below one."""
        if not self._is_there:
            return {}
        frame = self._book.frame
        rows = zip(frame["domain"], frame["status"], frame["note"].fillna(""), strict=True)
        known = {str(domain): {"status": str(status), "note": str(note)} for domain, status, note in rows}
        if self._gap.question.level == "domain":
            return known
        named = ((host, registrable_domain(host)) for host in self._gap.domains)
        return {host: known[domain] for host, domain in named if domain in known}

    def store(self, domains: Iterable[str], field: str, value: str) -> None:
        """Store a status or a note for some prospects; when this returns, it is on disk."""
        change: dict[str, Any] = {field: value}
        self._book.set(domains, **change)

    def undo(self) -> bool:
        """Take back the last change made on the screen, and tell whether there was one."""
        return self._is_there and self._book.undo() > 0

    def outcomes(self) -> dict[str, int]:
        """Count the won domains by what the gap's links show: confirmed, lost again, or not seen."""
        if not self._is_there:
            return {}
        counts = self._book.check(self._gap)["outcome"].value_counts()
        return {str(outcome): int(number) for outcome, number in counts.items()}
