"""DataForSEO Backlinks API: referring domains and backlinks, strongest first.

Built on the vendor's documentation. The key is `login:password`, both of the API, not of the website. A request costs a
fee and a little for each row, in dollars of the account. Estimates use the highest prices that were seen (0.024 and
0.000036); answers say what was charged, and that counts. A request returns 1,000 rows at most. The next page is
requested by the token in the answer where there is one, else by an offset. Of backlinks, each domain's best is
requested.

The HTTP status is 200 for nearly everything: answers and the tasks in them carry codes of their own.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, ClassVar

from linkgap.loaders import dataforseo
from linkgap.web.services.service import Answer, KeyPlace, LinkService, Listing, Request, Trouble, objects, words_in
from linkgap.web.services.spending import Price

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linkgap.domains import Site
    from linkgap.web.services.service import Cause, Reply

_PATHS = {
    "referring_domains": "v3/backlinks/referring_domains/live",
    "backlinks": "v3/backlinks/backlinks/live",
}
_NEEDED = {"referring_domains": "domain", "backlinks": "url_from"}
_SORTS = {"referring_domains": "rank,desc", "backlinks": "domain_from_rank,desc"}
_DONE, _NO_RESULTS, _INTERNAL = 20000, 40102, 50000
_CAUSES: dict[int, Cause] = {
    40100: "key",
    40103: "busy",
    40104: "key",
    40200: "units",
    40201: "key",
    40202: "busy",
    40203: "units",
    40204: "key",
    40205: "units",
    40209: "busy",
    40210: "units",
    40207: "key",
}
_TOKEN_PREFIX = "token "  # noqa: S105 - marks a position as the token of a page, not a secret
_PRICE = Price(request=Decimal("0.024"), row=Decimal("0.000036"))


class DataForSEO(LinkService):
    """DataForSEO Backlinks API."""

    name = "dataforseo"
    title = "DataForSEO"
    base = "https://api.dataforseo.com"
    unit = "dollars"
    key_place = KeyPlace(header="Authorization", basic=True)
    key_form = "login:password"
    key_page = "https://app.dataforseo.com/api-access"
    units_page = "https://app.dataforseo.com/billing"
    listings: ClassVar[Mapping[str, Listing]] = {
        "referring_domains": Listing(
            report=dataforseo.REFERRING_DOMAINS,
            fields=(
                *("domain", "rank", "backlinks", "first_seen", "lost_date", "backlinks_spam_score"),
                *("referring_pages", "referring_links_attributes.nofollow"),
            ),
            page_rows=1000,
            price=_PRICE,
        ),
        "backlinks": Listing(
            report=dataforseo.BACKLINKS,
            fields=(
                *("url_from", "domain_from", "url_to", "anchor", "dofollow", "attributes", "item_type", "links_count"),
                *("first_seen", "last_seen", "is_lost", "domain_from_rank", "page_from_rank"),
                *("page_from_external_links", "backlink_spam_score", "page_from_status_code", "url_to_status_code"),
                *("page_from_language", "domain_from_platform_type", "page_from_title", "domain_from_ip"),
                "domain_from_country",
            ),
            page_rows=1000,
            price=_PRICE,
        ),
    }

    def request(self, what: str, site: Site, position: str, rows: int) -> Request:
        """Return the request for the page after a token, or after a number of rows."""
        task: dict[str, object] = {
            **self.target(site),
            "include_subdomains": True,
            "backlinks_status_type": "live",
            "order_by": [_SORTS[what]],
            "limit": rows,
        }
        if what == "backlinks":
            task["mode"] = "one_per_domain"
        if position.startswith(_TOKEN_PREFIX):
            task["search_after_token"] = position.removeprefix(_TOKEN_PREFIX)
        elif position:
            task["offset"] = int(position)
        return Request(_PATHS[what], body=[task])

    def answer(self, what: str, site: Site, position: str, reply: Reply) -> Answer:  # noqa: ARG002 - the signature of all services
        """Read a page."""
        found = reply.json()
        if _task(found).get("status_code") == _NO_RESULTS:
            return Answer([])
        results = objects(_task(found).get("result", "missing"))
        result = results[0] if results else {}
        rows = objects(result.get("items"))
        if results is None or rows is None or not all(_NEEDED[what] in row for row in rows):
            raise self.malformed(reply, f"a task with a result and its items, each with {_NEEDED[what]}")
        if not rows and not position and result.get("total_count"):
            raise self.malformed(reply, "a result with items, as its total_count says")
        return Answer(rows, _next_positions(result, len(rows), position), units=_cost(found))

    def trouble(self, reply: Reply) -> Trouble | None:
        """Read the codes of the answer and of its task."""
        found = reply.json()
        for part in (found, _task(found)):
            code = part.get("status_code") if isinstance(part, dict) else None
            if isinstance(code, int) and code not in {_DONE, _NO_RESULTS}:
                cause = _CAUSES.get(code, "busy" if code >= _INTERNAL else "refused")
                return Trouble(cause, words_in([str(code), str(part.get("status_message", ""))]))
        return super().trouble(reply)


def _task(found: object) -> dict[str, Any]:
    tasks = found.get("tasks") if isinstance(found, dict) else None
    first = tasks[0] if isinstance(tasks, list) and tasks else None
    return first if isinstance(first, dict) else {}


def _next_positions(result: Mapping[str, Any], rows: int, position: str) -> list[str]:
    token, total = result.get("search_after_token"), result.get("total_count")
    skipped = 0 if position.startswith(_TOKEN_PREFIX) else int(position or 0)
    if rows == 0 or (not position.startswith(_TOKEN_PREFIX) and isinstance(total, int) and skipped + rows >= total):
        return []
    if isinstance(token, str) and token:
        return [_TOKEN_PREFIX + token]
    return [] if position.startswith(_TOKEN_PREFIX) else [str(skipped + rows)]


def _cost(found: Mapping[str, Any]) -> Decimal | None:
    try:
        cost = Decimal(str(found.get("cost")))
    except InvalidOperation:
        return None
    return cost if cost.is_finite() and cost >= 0 else None


SERVICE = DataForSEO()
