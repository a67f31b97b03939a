"""Ahrefs API v3: referring domains, and one backlink from each of them, strongest first.

Built on the documentation of the API and on Ahrefs's own Python client. A request costs its rows times the sum of what
its columns cost, and 50 units at least. All columns that are requested cost one unit each: the expensive ones (traffic,
numbers of domains) are left out. What the documentation leaves open:

- There is a `limit` but no offset, so the next page is requested with a filter: rows weaker than the last one, or as
  strong and later in the alphabet.
- A plan may silently cut a request at 100, 250 or 500 rows. A list counts as complete when a request returned fewer
  rows than it asked for and their number is not a round one.
- An error is a text without a code, so the one that says that no units are left is recognised by its words.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from linkgap.loaders import ahrefs
from linkgap.loaders.receipts import is_round_cap
from linkgap.web.services.service import Answer, KeyPlace, LinkService, Listing, Request, Trouble, objects, says
from linkgap.web.services.spending import Price

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linkgap.domains import Site
    from linkgap.web.services.service import Reply, Row

_DOMAIN_FIELDS = (
    "domain",
    "domain_rating",
    "links_to_target",
    "dofollow_links",
    "dofollow_linked_domains",
    "is_spam",
    "ip_source",
    "first_seen",
)
_LINK_FIELDS = (
    "url_from",
    "url_to",
    "url_redirect",
    "title",
    "anchor",
    "is_nofollow",
    "is_ugc",
    "is_sponsored",
    "is_spam",
    "link_type",
    "link_group_count",
    "first_seen_link",
    "last_visited",
    "domain_rating_source",
    "root_name_source",
    "url_rating_source",
    "links_external",
    "http_code",
    "languages",
)
_PATHS = {"referring_domains": "site-explorer/refdomains", "backlinks": "site-explorer/all-backlinks"}
_NAMES = {"referring_domains": "refdomains", "backlinks": "backlinks"}
_STRENGTH = {"referring_domains": "domain_rating", "backlinks": "domain_rating_source"}
_ALPHABET = {"referring_domains": "domain", "backlinks": "root_name_source"}


def _price(fields: tuple[str, ...]) -> Price:
    return Price(row=Decimal(len(fields)), minimum=Decimal(50))


class Ahrefs(LinkService):
    """Ahrefs API v3."""

    name = "ahrefs"
    title = "Ahrefs"
    base = "https://api.ahrefs.com/v3"
    unit = "API units"
    key_place = KeyPlace(header="Authorization", prefix="Bearer ")
    gap_seconds = 1.0
    key_page = "https://app.ahrefs.com/account/api-keys"
    units_page = "https://app.ahrefs.com/account/limits-and-usage/web"
    listings: ClassVar[Mapping[str, Listing]] = {
        "referring_domains": Listing(
            report=ahrefs.REFERRING_DOMAINS,
            fields=_DOMAIN_FIELDS,
            page_rows=1000,
            price=_price(_DOMAIN_FIELDS),
        ),
        "backlinks": Listing(
            report=ahrefs.API_BACKLINKS,
            fields=_LINK_FIELDS,
            page_rows=1000,
            price=_price(_LINK_FIELDS),
        ),
    }

    def target(self, site: Site) -> Mapping[str, str | int]:
        """Return the target and its mode; Ahrefs also lists links to a part of a site, by its URL prefix."""
        return {"target": str(site), "mode": "prefix" if site.path else "subdomains"}

    def request(self, what: str, site: Site, position: str, rows: int) -> Request:
        """Return the request for the rows after `position`, which holds the strength and the name of the last row."""
        parameters = {
            **self.target(site),
            "protocol": "both",
            "history": "live",
            "output": "json",
            "select": ",".join(self.listings[what].fields),
            "order_by": f"{_STRENGTH[what]}:desc,{_ALPHABET[what]}:asc",
            "limit": rows,
        }
        if what == "backlinks":
            parameters["aggregation"] = "1_per_domain"
        if position:
            parameters["where"] = json.dumps(_after(what, *json.loads(position)))
        return Request(_PATHS[what], parameters)

    def answer(self, what: str, site: Site, position: str, reply: Reply) -> Answer:  # noqa: ARG002 - the signature of all services
        """Read a page."""
        found = reply.json()
        rows = objects(found.get(_NAMES[what], "missing")) if isinstance(found, dict) else None
        needed = (_STRENGTH[what], _ALPHABET[what])
        if rows is None or not all(name in row for row in rows for name in needed):
            raise self.malformed(reply, f"a list of {_NAMES[what]} with {' and '.join(needed)}")
        cost = reply.headers.get("x-api-units-cost-total-actual", "")
        units = Decimal(cost) if cost.isdecimal() else None
        return Answer(rows, self._next_positions(rows, reply, needed), units=units)

    @staticmethod
    def _next_positions(rows: list[Row], reply: Reply, needed: tuple[str, str]) -> list[str]:
        if not rows or (len(rows) < reply.asked_rows and not is_round_cap(len(rows))):
            return []
        return [json.dumps([rows[-1][name] for name in needed])]

    def trouble(self, reply: Reply) -> Trouble | None:
        """Tell a refused key from an account without units: both come with status 403."""
        found = super().trouble(reply)
        if found is not None and found.cause == "key" and says(found.words, "unit", "limit", "quota", "exceeded"):
            return Trouble("units", found.words)
        if found is not None and found.cause == "refused" and says(found.words, "bad target", "target"):
            return Trouble("site", found.words)
        return found


def _after(what: str, strength: float | None, name: str) -> dict[str, object]:
    """Return the filter for the rows after a given one, in a list sorted by falling strength, then by name."""
    equal: dict[str, object] = {"and": [_field(_STRENGTH[what], "eq", strength), _field(_ALPHABET[what], "gt", name)]}
    return equal if strength is None else {"or": [_field(_STRENGTH[what], "lt", strength), equal]}


def _field(name: str, relation: str, value: object) -> dict[str, object]:
    return {"field": name, "is": "is_null" if value is None else [relation, value]}


SERVICE = Ahrefs()
