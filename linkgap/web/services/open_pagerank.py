"""Open PageRank: a free authority, 0 to 10, for any domain.

Its documentation was not at hand, so this is built on public code that uses it: `getPageRank` takes up to 100 domains
per request, and 10,000 requests an hour; an unknown domain is marked by its own `status_code`. That code calls
`openpagerank.com`; newer code calls an address at `keywordseverywhere.com`, which can be set as
`LINKGAP_OPEN_PAGERANK_URL`.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from linkgap.domains import clean_host, registrable_domain
from linkgap.errors import InvalidArgumentError, ServiceError, counted, listed, shown
from linkgap.web.services.catalogue import address_of
from linkgap.web.services.keys import find_key
from linkgap.web.services.sending import ServiceClient
from linkgap.web.services.service import Answer, KeyPlace, Request, Service, objects

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from linkgap.web.services.service import Reply

CACHE = "linkgap-services.sqlite"
METRIC = "open_pagerank"
_DOMAINS_AT_ONCE = 100
_COLUMNS = ("domain", "authority", "authority_metric", "rank")


class OpenPageRank(Service):
    """Open PageRank."""

    name = "open_pagerank"
    title = "Open PageRank"
    base = "https://openpagerank.com/api/v1.0"
    key_place = KeyPlace(header="API-OPR")
    gap_seconds = 0.4
    key_page = units_page = "https://www.domcop.com/openpagerank/"

    def read(self, reply: Reply) -> Answer:
        """Read the figures of some domains."""
        found = reply.json()
        rows = objects(found.get("response", "missing")) if isinstance(found, dict) else None
        if rows is None or not all(isinstance(row.get("domain"), str) for row in rows):
            raise self.malformed(reply, "a response with a list of domains")
        return Answer(rows)


SERVICE = OpenPageRank()


def fetch_authority(
    domains: Iterable[str], *, cache: str | os.PathLike[str] = CACHE, cached_only: bool = False
) -> pd.DataFrame:
    """Fetch the Open PageRank of domains, for those that no export gives an authority for.

    The key is taken from `LINKGAP_OPEN_PAGERANK_KEY` or the keyring. Tested against a local server that answers in the
    format which public code reads, not against the live service.

    Parameters
    ----------
    domains
        Domains or hosts, such as `gap.domains`; hosts are looked up by their registrable domain.
    cache
        A SQLite file that keeps every answer for 30 days. It holds no key.
    cached_only
        Send no requests, and take what the cache has.

    Returns
    -------
    DataFrame
        One row per domain, in the order given: `domain`, `authority` (0 to 10; null when it is not known),
        `authority_metric` (`"open_pagerank"`) and `rank` (1 is the strongest domain of the web).

    Raises
    ------
    InvalidArgumentError
        When a text is not a domain.
    KeyRefusedError
        When there is no key, or the service does not accept it.
    MissingLibraryError
        When the libraries for web access are not installed.
    ServiceError
        When there is no usable answer; the message says how many domains are kept.
    UnwritableFileError
        When an answer can't be stored.

    Examples
    --------
    >>> import linkgap as lg
    >>> lg.fetch_authority(["example.com"], cached_only=True)
            domain  authority authority_metric  rank
    0  example.com        NaN    open_pagerank  <NA>
    """
    names = _names(listed(domains, "domains"))
    key = None if cached_only else find_key(SERVICE.name, SERVICE.title)
    figures: dict[str, Mapping[str, object]] = {}
    with ServiceClient(SERVICE, key, cache=cache, base=address_of(SERVICE.name)) as client:
        for start in range(0, len(names), _DOMAINS_AT_ONCE):
            try:
                figures |= _figures(client, names[start : start + _DOMAINS_AT_ONCE])
            except ServiceError as error:
                failed = error
                break
        else:
            return _as_frame(names, figures)
    kept = (
        f"What was fetched before ({counted(start, 'domain')}) is kept in {shown(cache)}: "
        "the same call continues from there."
    )
    raise type(failed)(f"{failed} {kept}")


def _names(texts: Sequence[str]) -> list[str]:
    hosts = {text: clean_host(text) for text in texts}
    wrong = [text for text, host in hosts.items() if host is None]
    if wrong:
        raise InvalidArgumentError(f"domains holds {wrong[0]!r}. Allowed: domains, such as 'example.com'.")
    return list(dict.fromkeys(registrable_domain(host) for host in hosts.values() if host))


def _figures(client: ServiceClient, names: Sequence[str]) -> dict[str, Mapping[str, object]]:
    """Return the figures of some domains, from the cache or one request; they share one entry of the cache."""
    request = Request("getPageRank", {f"domains[{place}]": name for place, name in enumerate(names)})
    entry = sha256(f"{client.base} {request.digest}".encode()).hexdigest()
    received = client.kept(request, entry=entry, read=SERVICE.read)
    if received is None and client.key is not None:
        received = client.ask(request, rows=len(names), entry=entry, read=SERVICE.read)
    rows = received.answer.rows if received else []
    return {str(row["domain"]).lower(): row for row in rows}


def _as_frame(names: Sequence[str], figures: Mapping[str, Mapping[str, object]]) -> pd.DataFrame:
    import pandas as pd

    known = [figures.get(name, {}) for name in names]
    unknown = [row.get("status_code") != 200 for row in known]  # noqa: PLR2004 - an HTTP status
    frame = pd.DataFrame(
        {
            "domain": names,
            "authority": pd.to_numeric([row.get("page_rank_decimal") for row in known], errors="coerce"),
            "authority_metric": METRIC,
            "rank": pd.to_numeric([row.get("rank") for row in known], errors="coerce"),
        },
        columns=list(_COLUMNS),
    )
    frame.loc[unknown, ["authority", "rank"]] = float("nan")
    frame["rank"] = frame["rank"].where(frame["rank"] % 1 == 0)  # a number with decimals can't be a rank
    return frame.astype({"authority": "float64", "rank": "Int64"})
