"""The adapter below the cache: it adds the key to a request on its way out, and removes it from the answer."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from linkgap.errors import ServiceError
from linkgap.web.services.keys import hushed

if TYPE_CHECKING:
    import requests
    from requests.adapters import HTTPAdapter

    from linkgap.web.services.keys import Secret
    from linkgap.web.services.service import KeyPlace

ENTRY, ROWS = "Linkgap-Entry", "Linkgap-Rows"
"""Internal headers, not sent to the service: the cache key of an answer, and the number of rows that was requested."""

_KEPT_HEADERS = ("Content-Type", "Retry-After", "x-api-units-cost-total-actual")
"""All other headers of an answer are dropped, with cookies and with whatever would keep it out of the cache."""

_MOST_BYTES = 256 * 1024**2


def signing_adapter(place: KeyPlace, key: Secret | None) -> HTTPAdapter:
    """Return the transport adapter for a service that wants its key in a certain place."""
    from requests.adapters import HTTPAdapter
    from requests.auth import _basic_auth_str
    from urllib3 import HTTPHeaderDict, HTTPResponse

    class Signing(HTTPAdapter):
        """Signs each request, and sends it without retries."""

        def send(self, request: requests.PreparedRequest, *args: object, **kwargs: object) -> requests.Response:
            """Send a signed copy; the request itself, which the cache stores, stays without the key."""
            if key is None:
                raise keyless()
            with hushed(key):
                original = super().send(signed(request, key), *args, **kwargs)  # type: ignore[arg-type]
                body = _whole_body(original)
            return self.unsigned(request, original, body, key)

        def unsigned(
            self, request: requests.PreparedRequest, original: requests.Response, body: bytes, key: Secret
        ) -> requests.Response:
            """Build a new response from the parts that are safe to store, with the key removed."""
            headers = {name: original.headers[name] for name in _KEPT_HEADERS if name in original.headers}
            headers[ROWS] = str(request.headers[ROWS])
            raw = HTTPResponse(
                body=BytesIO(key.hide_in_bytes(body)),
                headers=HTTPHeaderDict({name: key.hide_in(text) for name, text in headers.items()}),
                status=original.status_code,
                reason=key.hide_in(original.reason or ""),
                preload_content=False,
                request_url=request.url,
            )
            return self.build_response(request, raw)

    def signed(request: requests.PreparedRequest, key: Secret) -> requests.PreparedRequest:
        copy, text = request.copy(), key.reveal()
        for name in (ENTRY, ROWS):
            copy.headers.pop(name, None)
        if place.parameter:
            copy.prepare_url(copy.url or "", {place.parameter: text})
        if place.header:
            name, _, password = text.partition(":")
            copy.headers[place.header] = _basic_auth_str(name, password) if place.basic else place.prefix + text
        return copy

    return Signing(max_retries=0)


def keyless() -> ServiceError:
    """Return the error for a request that would need a key, but has none."""
    return ServiceError("Nothing is requested without a key.")


def _whole_body(response: requests.Response) -> bytes:
    """Read the body of a response, and give up beyond 256 MiB, as it may never end."""
    import requests

    parts, size = [], 0
    for part in response.iter_content(64 * 1024):
        parts.append(part)
        size += len(part)
        if size > _MOST_BYTES:
            response.close()
            raise requests.exceptions.ContentDecodingError
    return b"".join(parts)
