"""SE Ranking Data API: referring domains and backlinks, strongest first.

Built on the vendor's description of the API and on its own client. One credit is charged for each record, none for a
request that is refused. Referring domains come in one piece, 10,000 at most; backlinks in batches, each naming the
`next`. No documentation of the column names in a list of referring domains was found: they are those that public code
reads.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from linkgap.loaders import se_ranking
from linkgap.web.services.service import Answer, KeyPlace, LinkService, Listing, Request, Trouble, objects, says
from linkgap.web.services.spending import Price

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linkgap.domains import Site
    from linkgap.web.services.service import Reply

_PATHS = {"referring_domains": "v1/backlinks/refdomains", "backlinks": "v1/backlinks/raw"}
_NAMES = {"referring_domains": "refdomains", "backlinks": "backlinks"}
_NEEDED = {"referring_domains": ("refdomain", "domain"), "backlinks": ("url_from",)}
_PRICE = Price(row=Decimal(1))


class SERanking(LinkService):
    """SE Ranking Data API."""

    name = "se_ranking"
    title = "SE Ranking"
    base = "https://api.seranking.com"
    unit = "credits"
    key_place = KeyPlace(header="Authorization", prefix="Token ")
    gap_seconds = 0.1
    key_page = units_page = "https://online.seranking.com/admin.api.dashboard.html"
    listings: ClassVar[Mapping[str, Listing]] = {
        "referring_domains": Listing(
            report=se_ranking.REFERRING_DOMAINS,
            fields=("refdomain", "backlinks", "dofollow_backlinks", "first_seen", "domain_inlink_rank"),
            page_rows=10_000,
            price=_PRICE,
        ),
        "backlinks": Listing(
            report=se_ranking.BACKLINKS,
            fields=(
                *("url_from", "url_to", "title", "anchor", "alt", "nofollow", "image", "inlink_rank"),
                *("domain_inlink_rank", "first_seen", "last_visited"),
            ),
            page_rows=1000,
            price=_PRICE,
        ),
    }

    def request(self, what: str, site: Site, position: str, rows: int) -> Request:
        """Return the request for the batch that `position` names."""
        parameters = {
            **self.target(site),
            "mode": "domain" if site.host == site.domain else "host",
            "output": "json",
            "order_by": "domain_inlink_rank",
            "limit": rows,
        }
        if what == "backlinks":
            parameters["per_domain"] = 1
        if position:
            parameters["next"] = position
        return Request(_PATHS[what], parameters)

    def answer(self, what: str, site: Site, position: str, reply: Reply) -> Answer:  # noqa: ARG002 - the signature of all services
        """Read a page."""
        found = reply.json()
        rows = objects(found.get(_NAMES[what], "missing")) if isinstance(found, dict) else None
        if rows is None or not all(any(name in row for name in _NEEDED[what]) for row in rows):
            raise self.malformed(reply, f"a list of {_NAMES[what]} with {' or '.join(_NEEDED[what])}")
        if what == "referring_domains":
            named = [{"refdomain": row.get("domain"), **row} for row in rows]
            return Answer(named, may_go_on=len(rows) >= reply.asked_rows)
        following = found.get("next")
        return Answer(rows, [following] if rows and isinstance(following, str) and following else [])

    def trouble(self, reply: Reply) -> Trouble | None:
        """Tell an account without credits from a refused key: both come with status 403."""
        found = super().trouble(reply)
        if found is not None and found.cause == "key" and says(found.words, "funds", "credit", "limit reached"):
            return Trouble("units", found.words)
        return found


SERVICE = SERanking()
