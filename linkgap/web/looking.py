"""Looks at many pages: many hosts at once, one request at a time to each, and can be stopped at any moment."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from http.cookiejar import DefaultCookiePolicy
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from linkgap.errors import LinkgapError
from linkgap.web.caching import open_session
from linkgap.web.extraction import is_page, read_page
from linkgap.web.fetching import Answer, Fetcher, keep_pages
from linkgap.web.manners import UNREADABLE_ENCODING, Limits, PoliteAdapter, turn_of
from linkgap.web.turns import StoppedError, Turns

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from requests import PreparedRequest

    from linkgap.web.dialing import Dialer
    from linkgap.web.extraction import Compared, PageFacts

Result = TypeVar("Result")

PAUSE = 1.0
"""Seconds between two requests to the hosts of one registrable domain."""


class Looked(NamedTuple):
    """A page that was looked at: the answer, without its body, and the facts; None where there is no readable page."""

    answer: Answer
    facts: PageFacts | None


@dataclass(frozen=True)
class Manner:
    """How pages are looked at.

    Attributes
    ----------
    cache, expire_after, cached_only
        As in `check_pages`.
    introduction
        The User-Agent that is sent.
    parallel
        How many registrable domains are asked at the same time.
    show
        Whether to show a progress bar.
    verify
        As in requests: True, or a file with the certificates of trusted authorities.
    """

    cache: str | os.PathLike[str]
    introduction: str
    dialer: Dialer
    expire_after: dt.timedelta = dt.timedelta(days=30)
    cached_only: bool = False
    parallel: int = 16
    show: bool = False
    limits: Limits = field(default_factory=Limits)
    turns: Turns = field(default_factory=lambda: Turns(PAUSE))
    verify: bool | str = True


class Look:
    """Looks at pages. Made by `start_looking`.

    A host that is slow, or wants to be left alone, holds up only the other pages of its own registrable domain.
    """

    def __init__(self, manner: Manner, fetcher: Fetcher, adapter: PoliteAdapter) -> None:
        self._manner, self._fetcher, self._adapter = manner, fetcher, adapter

    @property
    def sent(self) -> int:
        """How many requests were sent, those for robots.txt included."""
        return self._adapter.sent

    def at_pages(self, urls: Iterable[str], compared: Compared) -> dict[str, Looked]:
        """Return what was found on each page, by its URL."""

        def look(url: str) -> Looked:
            answer = self._answer(url)
            bare = replace(answer, body=b"")
            if answer.ending != "answered" or answer.short == UNREADABLE_ENCODING or not is_page(answer):
                return Looked(bare, None)
            try:
                return Looked(bare, read_page(answer, compared))
            except Exception as error:  # noqa: BLE001 - whatever one page does wrong, the others are looked at
                return Looked(replace(bare, ending="failed", words=f"can't be read ({type(error).__name__})"), None)

        return self._each(urls, look, "Checking pages")

    def at_targets(self, urls: Iterable[str]) -> dict[str, Answer]:
        """Return the answer for each target of a link, by its URL and without its body."""

        def ask(url: str) -> Answer:
            return replace(self._answer(url), body=b"")

        return self._each(urls, ask, "Checking where links lead")

    def _answer(self, url: str) -> Answer:
        try:
            return self._fetcher.ask(url)
        except (LinkgapError, StoppedError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever one server does wrong, the others are asked
            return Answer("failed", f"can't be requested ({type(error).__name__})", url, url)

    def _each(self, urls: Iterable[str], look: Callable[[str], Result], words: str) -> dict[str, Result]:
        """Return what `look` finds at each URL: several registrable domains at once, the URLs of each in turn."""
        groups: defaultdict[str, list[str]] = defaultdict(list)
        for url in dict.fromkeys(urls):
            groups[turn_of(url)].append(url)
        done: SimpleQueue[tuple[str, Result | None, BaseException | None]] = SimpleQueue()

        def work(group: Sequence[str]) -> None:
            for url in group:
                try:
                    done.put((url, look(url), None))
                except BaseException as error:  # noqa: BLE001 - it is raised again in the thread that waits
                    done.put((url, None, error))
                    return

        results: dict[str, Result] = {}
        total = sum(map(len, groups.values()))
        with ThreadPoolExecutor(self._manner.parallel) as pool, _bar(total, words, show=self._manner.show) as move:
            try:
                for group in groups.values():
                    pool.submit(work, group)
                while len(results) < total:
                    url, result = _next_of(done)
                    results[url] = result
                    move(1)
            except BaseException:  # Ctrl-C too: send no more requests; what was fetched is in the file
                self._stop(pool)
                raise
        return results

    def _stop(self, pool: ThreadPoolExecutor) -> None:
        self._manner.turns.stop()
        self._adapter.connections.cut_all()
        pool.shutdown(cancel_futures=True)


def _next_of(done: SimpleQueue[tuple[str, Result | None, BaseException | None]]) -> tuple[str, Result]:
    """Wait for the next result, waking often enough to notice Ctrl-C on every system; raise an error that came."""
    while True:
        with suppress(Empty):
            url, result, error = done.get(timeout=0.2)
            if error is not None:
                raise error
            return url, cast("Result", result)


@contextmanager
def _bar(total: int, words: str, *, show: bool) -> Iterator[Callable[[int], object]]:
    if show and total:
        from tqdm.auto import tqdm

        with tqdm(total=total, unit="page", desc=words) as bar:
            yield bar.update
    else:
        yield lambda _: None


def _key_of(request: PreparedRequest, **_: object) -> str:
    """Return the cache key of a page: a hash of its address, which is clean already and holds no secrets."""
    return sha256(str(request.url).encode()).hexdigest()


@contextmanager
def start_looking(manner: Manner) -> Iterator[Look]:
    """Yield a `Look`, with its cache file open."""
    keep = keep_pages(manner.expire_after)
    adapter = PoliteAdapter(manner.turns, manner.dialer, manner.limits)
    with open_session(
        manner.cache, expire_after=keep, cached_only=manner.cached_only, durable=False, codes=range(1000)
    ) as session:
        for scheme in ("http://", "https://"):
            session.mount(scheme, adapter)
        session.verify = manner.verify
        session.settings.key_fn = _key_of
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.headers.update(
            {
                "User-Agent": manner.introduction,
                "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",
                "Accept-Encoding": "gzip, deflate",
                "Connection": "close",
            }
        )
        with adapter.connections:
            yield Look(manner, Fetcher(session, manner.turns, keep), adapter)
