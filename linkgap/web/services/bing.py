"""Bing Webmaster API: the links to your own sites, free of charge.

Built on the vendor's documentation of `GetUserSites`, `GetLinkCounts` and `GetUrlLinks`. It only knows sites that you
have verified, and has no list of referring domains: it lists the pages of a site that have links, and for each of them
the pages that link to it. How many of either an answer holds is up to the service; nothing says that its list is
complete, so it counts as a sample.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from linkgap.domains import host_of
from linkgap.errors import ServiceError
from linkgap.loaders import bing
from linkgap.web.services.service import Answer, KeyPlace, LinkService, Listing, Request, Trouble, objects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linkgap.domains import Site
    from linkgap.web.services.service import Cause, Reply

_CAUSES: dict[int, Cause] = {
    1: "busy",
    2: "busy",
    3: "key",
    4: "busy",
    5: "busy",
    6: "key",
    7: "site",
    10: "key",
    11: "site",
    13: "site",
    14: "site",
}
_SITES, _COUNTS, _LINKS = "GetUserSites", "GetLinkCounts", "GetUrlLinks"


class Bing(LinkService):
    """Bing Webmaster API."""

    name = "bing"
    title = "Bing Webmaster"
    base = "https://ssl.bing.com/webmaster/api.svc/json"
    key_place = KeyPlace(parameter="apikey")
    keep = timedelta(days=7)
    key_page = units_page = "https://www.bing.com/webmasters"
    listings: ClassVar[Mapping[str, Listing]] = {
        "backlinks": Listing(
            report=bing.API_LINKS,
            fields=("Source Url", "Anchor text", "Target Url"),
            page_rows=100,
        )
    }

    def first(self, what: str) -> str:  # noqa: ARG002 - the signature of all services
        """Return the position to begin with: the list of the user's verified sites."""
        return _position(_SITES)

    def request(self, what: str, site: Site, position: str, rows: int) -> Request:  # noqa: ARG002 - the signature of all services
        """Return the request for one step: the sites, the pages of a site that have links, or the links to a page."""
        method, *rest = json.loads(position)
        names = {_SITES: (), _COUNTS: ("siteUrl", "page"), _LINKS: ("siteUrl", "link", "page")}[method]
        return Request(method, dict(zip(names, rest, strict=True)))

    def answer(self, what: str, site: Site, position: str, reply: Reply) -> Answer:  # noqa: ARG002 - the signature of all services
        """Read the answer to a step: it names further steps, and holds rows if it lists the links to a page."""
        method, *rest = json.loads(position)
        found = reply.json()
        data = found.get("d") if isinstance(found, dict) else None
        if method == _SITES:
            return self._sites(data, site, reply)
        owner, page = rest[0], rest[-1]
        name = "Links" if method == _COUNTS else "Details"
        rows = objects(data.get(name, "missing")) if isinstance(data, dict) else None
        if not isinstance(data, dict) or rows is None or not all(isinstance(row.get("Url"), str) for row in rows):
            raise self.malformed(reply, f"a list of {name} with Url")
        total = data.get("TotalPages")
        more = isinstance(total, int) and page + 1 < total
        following = [_position(method, *rest[:-1], page + 1)] if more else []
        if method == _COUNTS:
            return Answer([], [*(_position(_LINKS, owner, row["Url"], 0) for row in rows), *following])
        links = [
            {"Source Url": row["Url"], "Anchor text": row.get("AnchorText"), "Target Url": rest[1]} for row in rows
        ]
        return Answer(links, following)

    def _sites(self, data: object, site: Site, reply: Reply) -> Answer:
        rows = objects(data if data is not None else "missing")
        if rows is None or not all(isinstance(row.get("Url"), str) for row in rows):
            raise self.malformed(reply, "a list of sites with Url")
        verified = [row["Url"] for row in rows if row.get("IsVerified") is not False]
        matching = [url for url in verified if site.covers(host_of(url))]
        if not matching:
            shown = ", ".join(sorted(verified)[:10]) or "none"
            raise ServiceError(
                f"Bing Webmaster shows links only to sites that you have verified: {shown}. "
                f"{site} is not one of them. Export a rival's links from Bing's website, or use another service."
            )
        return Answer([], [_position(_COUNTS, url, 0) for url in matching])

    def trouble(self, reply: Reply) -> Trouble | None:
        """Read the error code in the answer."""
        found = reply.json()
        code = found.get("ErrorCode") if isinstance(found, dict) else None
        if isinstance(code, int) and code:
            return Trouble(_CAUSES.get(code, "refused"), str(found.get("Message") or code)[:160])
        return super().trouble(reply)


def _position(*parts: Any) -> str:  # noqa: ANN401 - a method, addresses and a number
    return json.dumps(parts)


SERVICE = Bing()
