"""What a host's robots.txt allows, by RFC 9309: all if there is none, and nothing if the server fails to send it."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from protego import Protego
from urllib3.util import parse_url

from linkgap.web.manners import FAILURE, SHORT, turn_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from linkgap.web.turns import Turns

    Rules = Protego | requests.Response

ROBOT = "linkgap"
"""The user agent whose rules in robots.txt are obeyed."""

_WITH_VERSION = re.compile(rf"(user-?agent[ \t]*:[ \t]*{ROBOT})/[^\r\n]*", re.IGNORECASE)
"""Rules for the name with a version, as requests give it. The library compares the name alone, so it is cut to that."""

_MOST_CHARACTERS = 500 * 1024
"""RFC 9309, section 2.5: at least 500 KiB must be read."""

_MOST_FILES = 500
_LONGEST_PAUSE = 30.0
_SUCCESS = range(200, 300)
_LEFT_ALONE = {429, *range(500, 600)}


class Robots:
    """The rules of up to 500 hosts, those read last.

    Parameters
    ----------
    follow
        Returns the last response for an address after redirects; None when it is not cached and nobody may be asked.
    turns
        Gets longer pauses for hosts whose robots.txt sets a crawl delay, up to 30 seconds.
    """

    def __init__(self, follow: Callable[[str], requests.Response | None], turns: Turns) -> None:
        self._follow, self._turns = follow, turns
        self._known: OrderedDict[str, Rules] = OrderedDict()
        self._lock = threading.Lock()

    def objection(self, url: str) -> str | requests.Response | None:
        """Return why a page must not be requested, or the failed response of a host that did not answer, or None."""
        parts = parse_url(url)
        rules = self._rules(f"{parts.scheme}://{parts.netloc}")
        if isinstance(rules, Protego):
            return None if rules.can_fetch(url, ROBOT) else "is off limits to programs according to robots.txt"
        if FAILURE in rules.headers:
            return rules
        if rules.status_code in _SUCCESS:
            return "is off limits: its server's robots.txt can't be read in full"
        return f"is off limits: its server fails to send robots.txt (status {rules.status_code})"

    def _rules(self, origin: str) -> Rules:
        with self._lock:
            known = self._known.get(origin)
        if known is not None:
            return known
        found = self._read(origin)
        with self._lock:
            self._known[origin] = found
            while len(self._known) > _MOST_FILES:
                self._known.popitem(last=False)
        return found

    def _read(self, origin: str) -> Rules:
        response = self._follow(f"{origin}/robots.txt")
        if response is None:
            return Protego.parse("")
        if FAILURE in response.headers or response.status_code in _LEFT_ALONE:
            return response
        if response.status_code in _SUCCESS and response.headers.get(SHORT, "size") != "size":
            return response
        text = response.content.decode("utf-8-sig", "replace") if response.status_code in _SUCCESS else ""
        rules = Protego.parse(_WITH_VERSION.sub(r"\1", text[:_MOST_CHARACTERS]))
        delay = rules.crawl_delay(ROBOT)
        if delay:
            self._turns.slow_down(turn_of(origin), min(float(delay), _LONGEST_PAUSE))
        return rules
