"""Semrush Analytics API v1: referring domains and backlinks, strongest first, as semicolon-separated text.

Built on the vendor's documentation. Each line costs 40 units; lines that do not exist cost nothing. `display_limit`
counts from the first line of the list, skipped ones included. What the service sent may be kept for a month at most.

A page with fewer lines than requested means that either the list has ended or the units have, as the service then sends
as many lines as they pay for. So the lines after it are requested as well, which costs nothing when there are none.
The documentation leaves open how a semicolon within a title is written. Both ways are read: in quotes, or plain, so
that the last column takes the rest of the line. Only a line feed ends a line, as titles hold other characters that
Python takes for line breaks.
"""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from linkgap.loaders import semrush
from linkgap.web.services.service import Answer, KeyPlace, LinkService, Listing, Request, Trouble, offset
from linkgap.web.services.spending import Price

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linkgap.domains import Site
    from linkgap.web.services.service import Cause, Reply

_TYPES = {"referring_domains": "backlinks_refdomains", "backlinks": "backlinks"}
_SORTS = {"referring_domains": "domain_ascore_desc", "backlinks": "page_ascore_desc"}
_ERROR = re.compile(r"ERROR\s+(\d+)\s*::\s*(.*)", re.IGNORECASE)
_NOTHING_FOUND = 50
_MOST_LINES = 20
_CAUSES: dict[int, Cause] = {
    30: "units",
    70: "key",
    120: "key",
    121: "key",
    122: "key",
    130: "key",
    131: "units",
    132: "units",
    133: "key",
    134: "units",
    135: "key",
}
_PRICE = Price(row=Decimal(40))


class Semrush(LinkService):
    """Semrush Analytics API v1."""

    name = "semrush"
    title = "Semrush"
    base = "https://api.semrush.com/analytics/v1"
    unit = "API units"
    key_place = KeyPlace(parameter="key")
    keep = timedelta(days=28)  # "no more than one month", and February is the shortest
    gap_seconds = 0.1
    key_page = units_page = "https://www.semrush.com/accounts/subscription-info/api-units"
    listings: ClassVar[Mapping[str, Listing]] = {
        "referring_domains": Listing(
            report=semrush.REFERRING_DOMAINS,
            fields=("domain_ascore", "domain", "backlinks_num", "ip", "country", "first_seen", "last_seen"),
            page_rows=1000,
            price=_PRICE,
        ),
        "backlinks": Listing(
            report=semrush.BACKLINKS,
            fields=(
                *("page_ascore", "response_code", "external_num", "nofollow", "form", "frame", "image", "lostlink"),
                *("first_seen", "last_seen", "source_url", "target_url", "anchor", "source_title"),
            ),
            page_rows=1000,
            price=_PRICE,
        ),
    }

    def target(self, site: Site) -> Mapping[str, str | int]:
        """Return the target and its type: a root domain or a host."""
        return {**super().target(site), "target_type": "root_domain" if site.host == site.domain else "domain"}

    def request(self, what: str, site: Site, position: str, rows: int) -> Request:
        """Return the request for the lines from `position` on."""
        skipped = offset(position)
        parameters = {
            "type": _TYPES[what],
            **self.target(site),
            "export_columns": ",".join(self.listings[what].fields),
            "display_sort": _SORTS[what],
            "display_limit": skipped + rows,
            "display_offset": skipped,
        }
        return Request("", parameters)

    def answer(self, what: str, site: Site, position: str, reply: Reply) -> Answer:  # noqa: ARG002 - the signature of all services
        """Read a page."""
        if _error_number(reply.text) == _NOTHING_FOUND:
            return Answer([])
        heading, *lines = reply.text.strip().split("\n")
        fields = tuple(_cell(name) for name in heading.split(";"))
        if fields != self.listings[what].fields:
            raise self.malformed(reply, f"a table with the columns {', '.join(self.listings[what].fields)}")
        cells = list(_cells_of([line for line in lines if line.strip()], len(fields)))
        if any(len(row) != len(fields) for row in cells):
            raise self.malformed(reply, f"a table with {len(fields)} cells in every line")
        next_positions = [str(offset(position) + len(cells))] if cells else []
        return Answer([dict(zip(fields, row, strict=True)) for row in cells], next_positions)

    def trouble(self, reply: Reply) -> Trouble | None:
        """Read an error's number, which is in the body whatever the HTTP status."""
        number = _error_number(reply.text)
        if number is None:
            return super().trouble(reply)
        return None if number == _NOTHING_FOUND else Trouble(_CAUSES.get(number, "refused"), self.words_of(reply))

    def words_of(self, reply: Reply) -> str:
        """Return the error message in the body, on one line."""
        return " ".join(reply.text.split())[:160] if _error_number(reply.text) is not None else super().words_of(reply)


def _error_number(text: str) -> int | None:
    found = _ERROR.match(text.strip())
    return int(found[1]) if found else None


def _cells_of(lines: Sequence[str], number: int) -> Iterator[list[str]]:
    """Yield the cells of each row; quoted cells may hold semicolons and line breaks (up to 20 lines)."""
    place = 0
    while place < len(lines):
        cells, taken = None, 0
        for taken in range(1, _MOST_LINES + 1):
            cells, is_open = _quoted_cells("\n".join(lines[place : place + taken]).rstrip("\r"))
            if not is_open:
                break
        if cells is None or len(cells) != number:
            cells, taken = [_cell(cell) for cell in lines[place].split(";", number - 1)], 1
        yield cells
        place += taken


def _quoted_cells(text: str) -> tuple[list[str] | None, bool]:
    """Return the cells, or None if the quoting is not valid CSV, and whether a quote is still open at the end."""
    try:
        (cells,) = csv.reader([text], delimiter=";", strict=True)
    except csv.Error as error:
        return None, "unexpected end" in str(error)
    return [cell.strip() for cell in cells], False


def _cell(text: str) -> str:
    text = text.strip()
    quoted = len(text) > 1 and text.startswith('"') and text.endswith('"')
    return text[1:-1].replace('""', '"') if quoted else text


SERVICE = Semrush()
