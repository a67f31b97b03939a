"""Moz API (JSON-RPC 2.0): linking domains and inbound links, strongest first.

Built on the schema of the methods that the vendor publishes. Each row returned counts as one row of the quota; there
are 50 at most per request, and the next page is requested by the token in the answer. Of inbound links, each domain's
best is requested. The API wants a request's `id` to have 24 characters at least. It is made from the request, so that
equal requests have equal ids.

The vendor does not list its error codes. That for a used-up quota was not found, so it is recognised by its words.
"""

from __future__ import annotations

import json
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from linkgap.loaders import moz
from linkgap.web.services.service import (
    Answer,
    KeyPlace,
    LinkService,
    Listing,
    Request,
    Trouble,
    objects,
    says,
    words_in,
)
from linkgap.web.services.spending import Price

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linkgap.domains import Site
    from linkgap.web.services.service import Reply

_METHODS = {"referring_domains": "data.site.linking-domain.list", "backlinks": "data.site.link.list"}
_NAMES = {"referring_domains": "linking_domains", "backlinks": "links"}
_NEEDED = {"referring_domains": "site_metrics", "backlinks": "source_site_metrics"}
_NO_AUTHENTICATION = -32651
_PRICE = Price(row=Decimal(1))


class Moz(LinkService):
    """Moz API."""

    name = "moz"
    title = "Moz"
    base = "https://api.moz.com"
    unit = "rows of the quota"
    key_place = KeyPlace(header="x-moz-token")
    key_page = units_page = "https://moz.com/api/dashboard"
    listings: ClassVar[Mapping[str, Listing]] = {
        "referring_domains": Listing(
            report=moz.API_LINKING_DOMAINS,
            fields=(
                *("site_metrics.root_domain", "site_metrics.domain_authority", "site_metrics.spam_score"),
                *("site_metrics.root_domains_to_root_domain", "site_metrics.root_domains_from_root_domain"),
                *("targeted_pages", "targeted_nofollow_pages"),
            ),
            page_rows=50,
            price=_PRICE,
        ),
        "backlinks": Listing(
            report=moz.API_LINKS,
            fields=(
                *("source_site_metrics.page", "source_site_metrics.title", "source_site_metrics.http_code"),
                *("source_site_metrics.domain_authority", "source_site_metrics.page_authority"),
                *("source_site_metrics.spam_score", "source_site_metrics.root_domains_to_root_domain"),
                *("source_site_metrics.root_domains_from_root_domain", "target_site_metrics.page"),
                *("anchor_text", "nofollow", "redirect", "rel_canonical"),
                *("date_first_seen", "date_last_seen", "date_disappeared"),
            ),
            page_rows=50,
            price=_PRICE,
        ),
    }

    def target(self, site: Site) -> Mapping[str, str | int]:
        """Return the query and its scope; Moz also lists links to a folder."""
        scope = "subfolder" if site.path else "domain" if site.host == site.domain else "subdomain"
        return {"query": str(site), "scope": scope}

    def request(self, what: str, site: Site, position: str, rows: int) -> Request:
        """Return the request for the page after a token."""
        options: dict[str, object] = {"sort": "source_domain_authority", "filters": ["external", "not_deleted"]}
        if what == "backlinks":
            options["scope"] = "domain"
        data = {
            "site_query": self.target(site),
            "options": options,
            "offset": {"limit": rows, **({"token": position} if position else {})},
        }
        identity = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([what, data], sort_keys=True))
        call = {"jsonrpc": "2.0", "id": str(identity), "method": _METHODS[what], "params": {"data": data}}
        return Request("jsonrpc", body=call)

    def answer(self, what: str, site: Site, position: str, reply: Reply) -> Answer:  # noqa: ARG002 - the signature of all services
        """Read a page."""
        found = reply.json()
        result = found.get("result") if isinstance(found, dict) else None
        rows = objects(result.get(_NAMES[what], "missing")) if isinstance(result, dict) else None
        offset = result.get("offset") if isinstance(result, dict) else None
        if (
            rows is None
            or not isinstance(offset, dict)
            or not all(isinstance(row.get(_NEEDED[what]), dict) for row in rows)
        ):
            raise self.malformed(reply, f"a result with {_NAMES[what]} and offset")
        token = offset.get("token")
        return Answer(rows, [token] if rows and isinstance(token, str) and token else [])

    def trouble(self, reply: Reply) -> Trouble | None:
        """Read the error object, which says more than the HTTP status."""
        found = reply.json()
        error = found.get("error") if isinstance(found, dict) else None
        if not isinstance(error, dict):
            return super().trouble(reply)
        data = error.get("data")
        more = [data.get(name) for name in ("explanation", "issue")] if isinstance(data, dict) else []
        words = words_in([error.get("message"), *more])
        if says(words, "quota", "row limit", "rows remaining", "limit exceeded"):
            return Trouble("units", words)
        if error.get("code") == _NO_AUTHENTICATION:
            return Trouble("key", words)
        usual = super().trouble(reply)
        return Trouble(usual.cause if usual else "refused", words)


SERVICE = Moz()
