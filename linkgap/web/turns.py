"""Rate limiting: one request at a time to a host, and a pause before the next."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class StoppedError(Exception):
    """The work was stopped before this request was sent."""


class Turns:
    """Lets one request at a time go to each host, `pause` seconds after the last one's answer was read.

    The pause counts from the end of an answer, so that no server sees two requests closer together than that, however
    slow the network is. A key is any name that tells servers apart, such as a registrable domain.

    Parameters
    ----------
    clock, wait
        A monotonic clock in seconds, and a function that waits for a number of seconds; tests pass their own.
    """

    def __init__(
        self,
        pause: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        self._pause = pause
        self._clock = clock
        self._stopped = threading.Event()
        self._wait = self._stopped.wait if wait is None else wait
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._making = threading.Lock()
        self._next: dict[str, float] = {}
        self._pauses: dict[str, float] = {}
        self._rests: dict[str, float] = {}

    @contextmanager
    def turn(self, key: str) -> Iterator[None]:
        """Wait for a key's turn, and hold it inside the `with` block.

        Raises
        ------
        StoppedError
            When the work was stopped by then.
        """
        with self._making:
            lock = self._locks[key]
        with lock:
            self.pass_time(self._next.get(key, 0.0) - self._clock())
            try:
                yield
            finally:
                self._next[key] = self._clock() + self.pause_of(key)

    def pass_time(self, seconds: float) -> None:
        """Wait for some seconds, unless the work is stopped.

        Raises
        ------
        StoppedError
            When the work is stopped, before or while waiting.
        """
        if seconds > 0 and not self._stopped.is_set():
            self._wait(seconds)
        if self._stopped.is_set():
            raise StoppedError

    def slow_down(self, key: str, pause: float) -> None:
        """Lengthen the pause for a key, also the one now running, as its server asks; a shorter one changes nothing."""
        before = self.pause_of(key)
        self._pauses[key] = max(pause, before)
        if key in self._next:
            self._next[key] += self._pauses[key] - before

    def pause_of(self, key: str) -> float:
        """Return the length of the pause for a key, in seconds."""
        return self._pauses.get(key, self._pause)

    def let_rest(self, host: str, seconds: float) -> None:
        """Note that a host wants to be left alone for some seconds."""
        self._rests[host] = self._clock() + seconds

    def rest_of(self, host: str) -> float | None:
        """Return for how many seconds more a host wants to be left alone, or None when it may be asked."""
        seconds = self._rests.get(host, 0.0) - self._clock()
        return seconds if host in self._rests and seconds > 0 else None

    def stop(self) -> None:
        """Stop the work: whoever waits for a turn, or asks for one, gets a `StoppedError`."""
        self._stopped.set()
