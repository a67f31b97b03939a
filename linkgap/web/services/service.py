"""How a service is described: how to request a list and read the answer, what it costs, and what errors mean.

A list is read page by page. A page has a position, a text that only the service's own module makes and interprets: a
number of rows to skip, a token of the service, or the last row so far. An answer names the positions to read next; a
list is complete when none is left.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from linkgap.errors import InvalidArgumentError, ServiceAnswerError
from linkgap.web.services.spending import Price

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from linkgap.domains import Site
    from linkgap.loaders.reports import Report

Row = dict[str, Any]
Cause = Literal["key", "units", "site", "busy", "refused"]
"""Why a service returns no list: the key, no units left, the site, a service that is busy, or anything else."""

_SHOWN_CHARACTERS = 160
UNAUTHORIZED, PAYMENT_REQUIRED, FORBIDDEN, NOT_FOUND, TOO_MANY = 401, 402, 403, 404, 429
_SERVER_ERROR = 500


@dataclass(frozen=True)
class Request:
    """One request, without the key.

    Parameters
    ----------
    path
        The path below the service's address.
    parameters
        The query parameters of the URL.
    body
        What is sent as JSON in a POST; None for a GET.
    """

    path: str
    parameters: Mapping[str, str | int] = field(default_factory=dict)
    body: object = None

    @property
    def digest(self) -> str:
        """A hash that identifies the request."""
        text = json.dumps([self.path, self.parameters, self.body], sort_keys=True)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()


@dataclass(frozen=True)
class Reply:
    """What a service sent back, and the number of rows that was requested."""

    status: int
    text: str
    headers: Mapping[str, str]
    asked_rows: int

    def json(self) -> Any:  # noqa: ANN401 - whatever the service writes
        """Return the parsed JSON of the body; None when it is not JSON, as no service answers with null."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None

    @property
    def beginning(self) -> str:
        """The first characters of the body, for an error to show."""
        words = " ".join(self.text[: 4 * _SHOWN_CHARACTERS].split())[:_SHOWN_CHARACTERS]
        return repr(words) if words else "nothing"


@dataclass(frozen=True)
class Answer:
    """One page of a list.

    Parameters
    ----------
    rows
        The rows, with the service's own column names.
    next_positions
        Positions of the pages to read next.
    may_go_on
        Whether the list may go on although there is no further page: then only a request for more rows gets the rest.
    units
        What the page cost, when the service says so.
    """

    rows: Sequence[Row]
    next_positions: Sequence[str] = ()
    may_go_on: bool = False
    units: Decimal | None = None


@dataclass(frozen=True)
class Trouble:
    """Why a service returns no list, and what it says about that."""

    cause: Cause
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One kind of list that a service offers.

    Parameters
    ----------
    report
        The loaders' description of the list: what its columns mean.
    fields
        The columns that are requested and kept.
    page_rows
        Most rows of one request.
    price
        The price of one request.
    """

    report: Report
    fields: tuple[str, ...]
    page_rows: int
    price: Price = field(default_factory=Price)


@dataclass(frozen=True)
class KeyPlace:
    """Where a service wants its key: in a header (with a prefix, or as basic authentication), or in the URL."""

    header: str | None = None
    prefix: str = ""
    parameter: str | None = None
    basic: bool = False


class Service:
    """A web service that needs a key."""

    name: ClassVar[str]
    title: ClassVar[str]
    base: ClassVar[str]
    unit: ClassVar[str] = "rows"
    key_place: ClassVar[KeyPlace]
    key_form: ClassVar[str] = ""
    keep: ClassVar[timedelta] = timedelta(days=30)
    """How long an answer stays in the cache and counts."""

    gap_seconds: ClassVar[float] = 0.0
    """Least number of seconds from one request to the next, as the service's documentation asks for."""

    units_page: ClassVar[str]
    """Where the user sees and buys units."""

    key_page: ClassVar[str]
    """Where the user makes a key."""

    def trouble(self, reply: Reply) -> Trouble | None:
        """Return why a reply holds no page, or None when it does; here by the HTTP status, common to all services."""
        return trouble_of_status(reply.status, self.words_of(reply))

    def words_of(self, reply: Reply) -> str:
        """Return what the service says about an error, on one line."""
        return words_in(reply.json()) or reply.beginning

    def malformed(self, reply: Reply, expected: str) -> ServiceAnswerError:
        """Return the error for an answer whose format is not as documented."""
        return ServiceAnswerError(
            f"The answer from {self.title} is not {expected}: {reply.beginning}. Its format may have changed: "
            "look for a newer linkgap, or export the list from the service's own website and read that."
        )


class LinkService(Service, ABC):
    """A service that lists links; see the module's docstring on pages and positions."""

    listings: ClassVar[Mapping[str, Listing]]

    def target(self, site: Site) -> Mapping[str, str | int]:
        """Return the parameters by which the service wants a site to be named.

        Raises
        ------
        InvalidArgumentError
            When it can't list links to such a site.
        """
        if site.path:
            raise InvalidArgumentError(
                f"{self.title} lists links to domains and hosts, not to parts of them such as {site}. "
                f"Ask for {site.host}."
            )
        return {"target": site.host}

    def first(self, what: str) -> str:  # noqa: ARG002 - for services whose lists begin differently
        """Return the position of a list's first page."""
        return ""

    @abstractmethod
    def request(self, what: str, site: Site, position: str, rows: int) -> Request:
        """Return the request for one page, of at most `rows` rows."""

    @abstractmethod
    def answer(self, what: str, site: Site, position: str, reply: Reply) -> Answer:
        """Read one page.

        Raises
        ------
        ServiceAnswerError
            When its format is not as documented.
        """


def trouble_of_status(status: int, words: str) -> Trouble | None:
    """Return the trouble that an HTTP status means; None for a status that comes with an answer."""
    causes: dict[int, Cause] = {
        UNAUTHORIZED: "key",
        PAYMENT_REQUIRED: "units",
        FORBIDDEN: "key",
        NOT_FOUND: "site",
        TOO_MANY: "busy",
    }
    if status >= _SERVER_ERROR:
        return Trouble("busy", f"status {status}: {words}")
    if status >= 300:  # noqa: PLR2004 - what is below brings an answer
        return Trouble(causes.get(status, "refused"), words)
    return None


def words_in(found: object) -> str:
    """Return all texts in the parsed body of an error, on one line, whatever its structure.

    Examples
    --------
    >>> words_in({"error": {"code": 403, "message": "Insufficient funds", "description": "Top up."}})
    'Insufficient funds Top up.'
    >>> words_in(["Error", "Unauthorized"])
    'Error Unauthorized'
    """
    if isinstance(found, str):
        return " ".join(found.split())[:_SHOWN_CHARACTERS]
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, list):
        return " ".join(filter(None, map(words_in, found)))[:_SHOWN_CHARACTERS]
    return ""


def says(words: str, *parts: str) -> bool:
    """Tell whether an error's words contain any of the (lower-case) parts, ignoring case."""
    return any(part in words.lower() for part in parts)


def objects(found: object) -> list[Row] | None:
    """Return `found` if it is a list of JSON objects, else None; null counts as an empty list."""
    if found is None:
        return []
    return found if isinstance(found, list) and all(isinstance(each, dict) for each in found) else None


def offset(text: str) -> int:
    """Return a position as the number of rows before it; that of the first page is empty."""
    return int(text or 0)
