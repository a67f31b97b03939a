"""From an address to an answer: cleaned, checked against robots.txt, and followed through redirects hop by hop."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import urljoin

from requests import Request
from requests.exceptions import RequestException
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from linkgap.web.manners import AT, FAILURE, NO_HOST, NOT_PUBLIC, OFFLINE, SHORT, retry_after
from linkgap.web.robots import Robots

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests
    from requests_cache import CachedSession
    from requests_cache.models.response import CachedResponse

    from linkgap.web.caching import Keep
    from linkgap.web.turns import Turns

Ending = Literal["answered", "gone", "refused", "robots", "not public", "failed", "invalid URL", "not asked"]

_MOST_HOPS = 5
_MOST_URL_CHARACTERS = 4000
_SUCCESS = range(200, 300)
_MOVED = (301, 302, 303, 307, 308)
_GONE = (404, 410)
_REFUSALS = range(400, 500)
_FAILED: dict[str, Ending] = {NO_HOST: "gone", NOT_PUBLIC: "not public"}

_TEMPORARY = {401, 402, 403, *range(405, 410), *range(411, 600)}
"""Statuses that may be temporary: such answers are cached for a day at most."""

KEPT_FAILURES = dt.timedelta(days=1)
KEPT_ROBOTS = dt.timedelta(days=1)
"""RFC 9309, section 2.4: a robots.txt should not be used for longer."""

_SHORTEST = dt.timedelta(minutes=10)


@dataclass(frozen=True)
class Answer:
    """The outcome of requesting an address.

    Attributes
    ----------
    ending, words
        The outcome, as an `Ending` and in words that complete a sentence which begins with the address.
    url, final_url
        The address that was requested, and where redirects led.
    status
        The HTTP status; None where no server answered.
    body
        The bytes of the body, decompressed; empty unless the ending is `answered`.
    short
        Why the body is not all there: cut off by `size`, `time` or `connection`, or `packed` (see `manners.SHORT`).
    asked_at
        When the server answered, maybe in an earlier run.
    """

    ending: Ending
    words: str
    url: str
    final_url: str
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=CaseInsensitiveDict, repr=False)
    body: bytes = field(default=b"", repr=False)
    short: str | None = None
    asked_at: dt.datetime | None = None


def keep_pages(expire_after: dt.timedelta) -> Keep:
    """Return a function that says how long to cache a response: for `expire_after`, failures for a day at most.

    robots.txt is kept for a day at most, and a host's `Retry-After` counts within ten minutes and a day. Failures that
    are due to the user's own computer or network are not kept.
    """

    def keep(response: requests.Response) -> dt.timedelta | None:
        failure = response.headers.get(FAILURE, "").partition(":")[0]
        if failure in {NOT_PUBLIC, OFFLINE}:
            return None  # this comes from the user's own computer or network, and may change at any moment
        pause = retry_after(response)
        if pause is not None:
            return max(min(dt.timedelta(seconds=pause), KEPT_FAILURES), _SHORTEST)
        if str(response.url).endswith("/robots.txt"):
            return min(expire_after, KEPT_ROBOTS)
        if failure or SHORT in response.headers or response.status_code in _TEMPORARY:
            return min(expire_after, KEPT_FAILURES)
        return expire_after

    return keep


class Fetcher:
    """Fetches pages; may be shared by threads.

    Parameters
    ----------
    session
        From `open_session`, with a `PoliteAdapter` mounted.
    keep
        How long a response counts, from `keep_pages`. It overrides the expiry stored with a cached response.
    """

    def __init__(self, session: CachedSession, turns: Turns, keep: Keep) -> None:
        self._session, self._keep = session, keep
        self._robots = Robots(self._followed, turns)

    def ask(self, url: str) -> Answer:
        """Return the outcome of requesting an address, after following redirects.

        Raises
        ------
        StoppedError
            When the work was stopped.
        """
        seen: list[str] = []
        target = clean_url(url)
        while target is not None and target not in seen and len(seen) <= _MOST_HOPS:
            seen.append(target)
            result = self._fetched(target)
            if not isinstance(result, Answer) and _is_moved(result):
                target = _target_of(result, target)
                continue
            return _after_redirects(result if isinstance(result, Answer) else _answer_from(result, target), url, seen)
        if target is None:
            answer = _invalid_url(url)
            words = f"redirects to something that {answer.words}" if seen else answer.words
            return _after_redirects(replace(answer, words=words), url, seen)
        how = "in a circle" if target in seen else f"more than {_MOST_HOPS} times"
        return Answer("failed", f"redirects {how}", url, target)

    def _fetched(self, url: str) -> requests.Response | Answer:
        """Return the cached response, the server's if robots.txt allows asking, or an answer that says why not."""
        request = self._prepared(url)
        if request is None:
            return _invalid_url(url)
        known = self._known(request)
        if known is not None:
            return known
        objection = self._robots.objection(url)
        if isinstance(objection, str):
            return Answer("robots", objection, url, url)
        if objection is None and self._offline:
            return Answer("not asked", "is not among the pages that were fetched", url, url)
        return self._sent(request) if objection is None else objection

    def _sent(self, request: requests.PreparedRequest) -> requests.Response:
        """Ask the server, even if the cache holds a response whose stored expiry has not passed."""
        cached = self._cached(request)
        is_fresh = cached is not None and not cached.is_expired
        return self._session.send(request, allow_redirects=False, force_refresh=is_fresh)

    def _known(
        self, request: requests.PreparedRequest, max_age: dt.timedelta = dt.timedelta.max
    ) -> requests.Response | None:
        """Return the cached response if it still counts, or if it has to do because only the cache may be used."""
        cached = self._cached(request)
        return cached if cached is not None and (self._offline or self._counts(cached, max_age)) else None

    def _cached(self, request: requests.PreparedRequest) -> CachedResponse | None:
        return self._session.cache.get_response(self._session.cache.create_key(request))

    def _counts(self, cached: CachedResponse, max_age: dt.timedelta) -> bool:
        asked_at, time = _asked_at(cached), self._keep(cached)
        if asked_at is None or time is None or retry_after(cached) is not None:
            return not cached.is_expired
        # The clock may have been wrong then: an answer from far in the future would count until that comes.
        return abs(dt.datetime.now(dt.UTC) - asked_at) < min(time, max_age)

    def _followed(self, url: str) -> requests.Response | None:
        """Return the last response after redirects, without checking robots.txt: used to fetch robots.txt itself."""
        response, target = None, clean_url(url)
        for _ in range(_MOST_HOPS + 1):
            request = None if target is None else self._prepared(target)
            if target is None or request is None:
                break
            known = self._known(request, KEPT_ROBOTS)
            if known is None and self._offline:
                return None
            response = self._sent(request) if known is None else known
            if not _is_moved(response):
                break
            target = _target_of(response, target)
        return response

    def _prepared(self, url: str) -> requests.PreparedRequest | None:
        try:
            return self._session.prepare_request(Request("GET", url))
        except (RequestException, UnicodeError):
            return None

    @property
    def _offline(self) -> bool:
        return bool(self._session.settings.only_if_cached)


def clean_url(text: str) -> str | None:
    """Return an address in the form in which it is requested, or None when it is not an HTTP(S) URL.

    User name, password and fragment are left out.

    Examples
    --------
    >>> clean_url("HTTP://user:word@Blog.Example/a b#top"), clean_url("ftp://blog.example/"), clean_url("http://[")
    ('http://blog.example/a%20b', None, None)
    """
    text = text.strip()
    if len(text) > _MOST_URL_CHARACTERS or not text.lower().startswith(("http://", "https://")):
        return None
    try:
        parts = parse_url(text)
    except LocationParseError:
        return None
    if not parts.host or parts.scheme not in {"http", "https"}:
        return None
    return parts._replace(auth=None, fragment=None, path=parts.path or "/").url


def _invalid_url(url: str) -> Answer:
    return Answer("invalid URL", "is not the address of a web page", url, url)


def _is_moved(response: requests.Response) -> bool:
    return response.status_code in _MOVED and bool(response.headers.get("Location"))


def _target_of(response: requests.Response, url: str) -> str | None:
    """Return the target of a redirect; the library decodes the header as Latin-1, but servers send UTF-8."""
    location = response.headers["Location"]
    with suppress(UnicodeError):
        location = location.encode("latin-1").decode("utf-8")
    try:
        return clean_url(urljoin(url, location))
    except ValueError:
        return None


def _after_redirects(answer: Answer, url: str, seen: list[str]) -> Answer:
    """Return the answer for the last of the addresses `seen`, reworded as the answer for `url`, the first."""
    words = f"leads to {seen[-1]}, which {answer.words}" if len(seen) > 1 else answer.words
    return replace(answer, url=url, words=words)


def _answer_from(response: requests.Response, url: str) -> Answer:
    """Return the answer that a response amounts to."""
    asked_at = _asked_at(response)
    failure, _, words = response.headers.get(FAILURE, "").partition(": ")
    if failure:
        return Answer(_FAILED.get(failure, "failed"), f"does not answer: {words}", url, url, asked_at=asked_at)
    ending, words = _ending_of(response)
    return Answer(
        ending=ending,
        words=words,
        url=url,
        final_url=url,
        status=response.status_code,
        headers=response.headers,
        body=response.content if ending == "answered" else b"",
        short=response.headers.get(SHORT),
        asked_at=asked_at,
    )


def _asked_at(response: requests.Response) -> dt.datetime | None:
    with suppress(ValueError):
        return dt.datetime.fromisoformat(response.headers.get(AT, ""))
    return None


def _ending_of(response: requests.Response) -> tuple[Ending, str]:
    status = response.status_code
    if status in _SUCCESS:
        return "answered", "answers"
    if status in _GONE:
        return "gone", f"is gone (status {status})"
    pause = retry_after(response)
    if pause is not None:
        return "refused", f"should not be requested again for {pause:,.0f} seconds (status {status})"
    if status in _REFUSALS:
        return "refused", f"is not shown to programs (status {status})"
    return "failed", f"can't be shown, because its server failed (status {status})"
