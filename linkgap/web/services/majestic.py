"""Majestic API (JSON): referring domains and backlinks of the Fresh index.

Built on the vendor's documentation of `GetRefDomains` and `GetBackLinkData`. Two resources are charged: retrieval
units, one for each row, which `max_rows` limits, and analysis units, which are the units here. `GetBackLinkData` costs
5,000 of them per request. What the documentation leaves open:

- The page on `GetRefDomains` that was seen names no price. Estimates use that of its predecessor `GetLinkedDomains`: as
  many analysis units as domains are analysed (`AnalysisDepth`), and 1,000 at least. Answers say what was charged, and
  that counts.
- A list of referring domains is requested in one piece, up to 100,000, sorted by trust flow.
- No code other than `OK` is listed, so errors are recognised by their words.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from linkgap.loaders import majestic
from linkgap.web.services.service import Answer, KeyPlace, LinkService, Listing, Request, Trouble, objects, offset, says
from linkgap.web.services.spending import Price

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linkgap.domains import Site
    from linkgap.web.services.service import Reply, Row

_TABLES = {"referring_domains": "Results", "backlinks": "BackLinks"}
_NEEDED = {"referring_domains": "Domain", "backlinks": "SourceURL"}
_BY_TRUST_FLOW = 11
_CHARGED = "ChargedAnalysisResUnits"


class Majestic(LinkService):
    """Majestic API."""

    name = "majestic"
    title = "Majestic"
    base = "https://api.majestic.com/api/json"
    unit = "analysis units"
    key_place = KeyPlace(parameter="app_api_key")
    key_page = "https://majestic.com/account/api"
    units_page = "https://majestic.com/account/subscription"
    listings: ClassVar[Mapping[str, Listing]] = {
        "referring_domains": Listing(
            report=majestic.REFERRING_DOMAINS,
            fields=(
                *("Domain", "TrustFlow", "CitationFlow", "RefDomains", "MatchedLinks"),
                *("TopicalTrustFlow_Topic_0", "IP", "CountryCode"),
            ),
            page_rows=100_000,
            price=Price(row=Decimal(1), minimum=Decimal(1000)),
        ),
        "backlinks": Listing(
            report=majestic.BACKLINKS,
            fields=(
                *("SourceURL", "AnchorText", "TargetURL", "FlagRedirect", "FlagFrame", "FlagNoFollow", "FlagImages"),
                *("FlagDeleted", "FlagMention", "SourceTrustFlow", "SourceTopicalTrustFlow_Topic_0"),
                *("FirstIndexedDate", "LastSeenDate", "DateLost"),
            ),
            page_rows=50_000,
            price=Price(request=Decimal(5000)),
        ),
    }

    def request(self, what: str, site: Site, position: str, rows: int) -> Request:
        """Return the request for the rows from `position` on."""
        if what == "referring_domains":
            parameters: dict[str, str | int] = {
                "cmd": "GetRefDomains",
                "item0": self.target(site)["target"],
                "AnalysisDepth": rows,
                "OrderBy1": _BY_TRUST_FLOW,
            }
        else:
            parameters = {
                "cmd": "GetBackLinkData",
                "item": self.target(site)["target"],
                "From": offset(position),
                "Mode": 1,
                "MaxSourceURLsPerRefDomain": 1,
            }
        return Request("", {**parameters, "Count": rows, "datasource": "fresh"})

    def answer(self, what: str, site: Site, position: str, reply: Reply) -> Answer:  # noqa: ARG002 - the signature of all services
        """Read a page."""
        found = reply.json()
        table = _inside(found, "DataTables", _TABLES[what])
        rows = objects(table.get("Data", "missing")) if isinstance(table, dict) else None
        if rows is None or not all(_NEEDED[what] in row for row in rows):
            raise self.malformed(reply, f"a table {_TABLES[what]} with {_NEEDED[what]}")
        charged = str(_inside(found, _CHARGED) or _inside(found, "GlobalVars", _CHARGED) or "")
        units = Decimal(charged) if charged.isdecimal() else None
        full = len(rows) >= reply.asked_rows
        if what == "referring_domains":
            return Answer([_with_links(row) for row in rows], may_go_on=full, units=units)
        return Answer(rows, [str(offset(position) + len(rows))] if full and rows else [], units=units)

    def trouble(self, reply: Reply) -> Trouble | None:
        """Read the code in the answer: the HTTP status is 200 for errors, too."""
        found = reply.json()
        code = found.get("Code") if isinstance(found, dict) else None
        if code is None or code == "OK":
            return super().trouble(reply)
        words = f"{code} {found.get('ErrorMessage') or found.get('FullError') or ''}".strip()[:160]
        if says(words, "resource", "units", "insufficient", "allowance"):
            return Trouble("units", words)
        if says(words, "key", "authoris", "authoriz", "subscription", "access"):
            return Trouble("key", words)
        return Trouble("busy" if says(words, "busy", "try again", "timeout") else "refused", words)


def _inside(found: object, *names: str) -> Any:  # noqa: ANN401 - any JSON value
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _with_links(row: Row) -> Row:
    """Return a domain's row with `MatchedLinks`; if missing, it is taken from the target's `BackLinks_...` column."""
    own = next((row[name] for name in row if name.startswith("BackLinks_")), None)
    return row if "MatchedLinks" in row or own is None else {**row, "MatchedLinks": own}


SERVICE = Majestic()
