"""How a service is described: what to ask it, how to read its answer, what it charges, and what its errors mean.

A list is read page by page. A page has a position, a text that the service's own module makes and understands: a
number of rows to skip, a token of the service, the last row so far. An answer names the positions that follow from it;
a list is complete when none is left.
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
"""Why a service gives nothing: the key, the units, the site that was asked for, too much at once, or anything else."""

_SHOWN_CHARACTERS = 160
UNAUTHORIZED, PAYMENT_REQUIRED, FORBIDDEN, NOT_FOUND, TOO_MANY = 401, 402, 403, 404, 429
_SERVER_ERROR = 500


@dataclass(frozen=True)
class Request:
    """One request, without the key.

    Parameters
    ----------
    path
        Below the service's address.
    parameters
        Behind the question mark.
    body
        What is sent as JSON; None for a GET.
    """

    path: str
    parameters: Mapping[str, str | int] = field(default_factory=dict)
    body: object = None

    @property
    def digest(self) -> str:
        """Tell the request apart from all others, in few letters."""
        text = json.dumps([self.path, self.parameters, self.body], sort_keys=True)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    text: str
    headers: Mapping[str, str]
    asked_rows: int

    def json(self) -> Any:  # noqa: ANN401 - whatever the service writes
        """Return the body as JSON; None when it is none, which no service's answer is."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None

    @property
    def beginning(self) -> str:
        """The first characters, to show what came."""
        words = " ".join(self.text[: 4 * _SHOWN_CHARACTERS].split())[:_SHOWN_CHARACTERS]
        return repr(words) if words else "nothing"


@dataclass(frozen=True)
class Answer:
    """One page of a list.

    Parameters
    ----------
    rows
        With the service's own names.
    further
        Positions of the pages to read next.
    cut
        Whether the list goes on where the service has no further page: only a larger question brings more.
    units
        What it cost, when the service says so.
    """

    rows: Sequence[Row]
    further: Sequence[str] = ()
    cut: bool = False
    units: Decimal | None = None


@dataclass(frozen=True)
class Trouble:
    """Why a service gives nothing, and what it says itself."""

    cause: Cause
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One kind of list that a service gives.

    Parameters
    ----------
    report
        The loaders' table for it: what its columns mean.
    fields
        The columns that are asked for and kept.
    page_rows
        Most rows of one request.
    price
        Of one request.
    """

    report: Report
    fields: tuple[str, ...]
    page_rows: int
    price: Price = field(default_factory=Price)


@dataclass(frozen=True)
class KeyPlace:
    """Where a service wants its key: in a header, or in the address."""

    header: str | None = None
    prefix: str = ""
    parameter: str | None = None
    basic: bool = False


class Service:
    """A service that is asked over the web, with a key."""

    name: ClassVar[str]
    title: ClassVar[str]
    base: ClassVar[str]
    unit: ClassVar[str] = "rows"
    key_place: ClassVar[KeyPlace]
    key_form: ClassVar[str] = ""
    keep: ClassVar[timedelta] = timedelta(days=30)
    """How long an answer counts and stays in the cache."""

    gap_seconds: ClassVar[float] = 0.0
    """Least time from one request to the next, as the service's documents ask for."""

    units_page: ClassVar[str]
    """Where the user sees and buys units."""

    key_page: ClassVar[str]
    """Where the user makes a key."""

    def trouble(self, reply: Reply) -> Trouble | None:
        """Tell why an answer holds no page; None when it does. What services have in common: the HTTP status."""
        return trouble_of_status(reply.status, self.words_of(reply))

    def words_of(self, reply: Reply) -> str:
        """Return what the service says of its trouble, in one line."""
        return words_in(reply.json()) or reply.beginning

    def malformed(self, reply: Reply, expected: str) -> ServiceAnswerError:
        """Return the error for an answer that is not as the documents say."""
        return ServiceAnswerError(
            f"{self.title} answered with what is not {expected}: {reply.beginning}. Its form may have changed: "
            "look for a newer linkgap, or export the list from the service's own pages and read that."
        )


class LinkService(Service, ABC):
    """A service that lists links; see the module's text."""

    listings: ClassVar[Mapping[str, Listing]]

    def target(self, site: Site) -> Mapping[str, str | int]:
        """Return how the service wants a site to be named.

        Raises
        ------
        InvalidArgumentError
            When it can't list links to such a site.
        """
        if site.path:
            raise InvalidArgumentError(
                f"{self.title} lists links to domains and hosts, not to a part of one such as {site}. "
                f"Ask for {site.host}."
            )
        return {"target": site.host}

    def first(self, what: str) -> str:  # noqa: ARG002 - for services whose lists begin differently
        """Return the position of a list's first page."""
        return ""

    @abstractmethod
    def request(self, what: str, site: Site, position: str, rows: int) -> Request:
        """Return the request for one page, of so many rows at most."""

    @abstractmethod
    def answer(self, what: str, site: Site, position: str, reply: Reply) -> Answer:
        """Read one page.

        Raises
        ------
        ServiceAnswerError
            When it is not as the documents say.
        """


def trouble_of_status(status: int, words: str) -> Trouble | None:
    """Tell what an HTTP status means; None for one that brings an answer."""
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
    """Return the texts of an error's body, in one line, whatever its form.

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
    """Tell whether an error's words hold any of the parts, in any letter case."""
    return any(part in words.lower() for part in parts)


def objects(found: object) -> list[Row] | None:
    """Return a list of objects; None when it is none. Null is an empty one."""
    if found is None:
        return []
    return found if isinstance(found, list) and all(isinstance(each, dict) for each in found) else None


def whole(text: str) -> int:
    """Read the position of a list that is paged by numbers; the first page's is empty."""
    return int(text or 0)
