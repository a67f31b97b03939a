"""`check_pages`: a look at the pages themselves, before writing to anybody."""

from __future__ import annotations

import datetime as dt
import os
import re
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from ipaddress import ip_address
from typing import TYPE_CHECKING

from linkgap import __version__
from linkgap.domains import clean_host
from linkgap.errors import InvalidArgumentError, check_kind, in_words, is_number, listed
from linkgap.gap.pages import details_of
from linkgap.gap.scoring import Prospects
from linkgap.web.caching import PAGES_FILE, missing_web
from linkgap.web.results import PageChecks, row_of, with_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from linkgap.web.dialing import Dialer
    from linkgap.web.looking import Manner

_MOST_PARALLEL = 64
_MOST_DAYS = 3650
_CONTACT = re.compile(r"[!-;=?-~]{3,200}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[/\\]")
_NEEDED = ("lxml", "protego", "requests", "requests_cache")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def check_pages(
    prospects: Prospects,
    *,
    top: int = 200,
    domains: Iterable[str] | None = None,
    cache: str | os.PathLike[str] = PAGES_FILE,
    expire_after: int = 30,
    cached_only: bool = False,
    contact: str | None = None,
    allow: Iterable[str] = (),
    resolve: Mapping[str, str] | None = None,
    parallel: int = 16,
    progress: bool | None = None,
) -> PageChecks:
    """Look at the sample pages of prospects: is the link still there, is its target, and whom to write to.

    Pages are requested politely: robots.txt is obeyed, a host is asked once a second at most, and what was fetched is
    kept in a file, so that running it again asks nobody. Stop it whenever you like; the next run goes on where it
    stopped. It needs the libraries of `pip install "linkgap[web]"`.

    Parameters
    ----------
    prospects
        From `rank_prospects`.
    top
        How many prospects to look at, from the top of the ranking.
    domains
        The prospects to look at instead, such as an explorer's `.selected["domain"]`.
    cache
        The SQLite file in which what was fetched is kept.
    expire_after
        After how many days a page is requested again, 0 to 3,650; failures after a day at most.
    cached_only
        Send no requests, and report what is in the file, however old.
    contact
        Where owners of pages can reach you, a web or e-mail address, sent with every request; None sends the address
        of your site.
    allow
        Hosts that may be asked even though they are not on the public internet, such as `"intranet.example"`.
    resolve
        IP addresses by host, used instead of those to which the hosts' names resolve.
    parallel
        How many hosts are asked at the same time, 1 to 64.
    progress
        Whether to show a progress bar; None shows one in a terminal and in a notebook.

    Returns
    -------
    PageChecks
        With `.frame`, one row for each prospect that was chosen, and `.notes`; `prospects.with_checks(checks)` ranks
        with what was found.

    Raises
    ------
    InvalidArgumentError
        When an option is out of range.
    UnknownDomainError
        When `domains` names a domain that is not a prospect.
    MissingLibraryError
        When the libraries for web access are not installed.
    UnreadableFileError
        When the file is another program's, or damaged.
    UnwritableFileError
        When the file can't be written.

    Notes
    -----
    Addresses that are not on the public internet are never connected to, whatever name or redirect leads there, except
    for hosts in `allow`. A proxy set in the environment is not used, as linkgap could not know which address the proxy
    connects to. Links that a browser adds to a page by running scripts are not seen.

    Examples
    --------
    >>> import linkgap as lg
    >>> gap = lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example")
    >>> prospects = lg.rank_prospects(gap)
    >>> checks = lg.check_pages(prospects, top=3, cached_only=True, cache=":memory:")
    >>> checks
    Pages of 3 prospects for oakdesk.example: 3 not asked
    """
    chosen = _chosen(prospects, top, domains)
    _check_numbers(expire_after, parallel)
    if any(find_spec(name) is None for name in _NEEDED):
        raise missing_web()
    from linkgap.web.looking import Manner

    manner = Manner(
        cache=cache,
        introduction=introduction(prospects.gap.site, contact),
        dialer=_dialer(allow, resolve),
        expire_after=dt.timedelta(days=expire_after),
        cached_only=cached_only,
        parallel=parallel,
        show=_is_watched() if progress is None else progress,
    )
    return look_at(prospects, chosen, manner)


def _is_watched() -> bool:
    """Tell whether somebody may be watching: at a terminal or in a notebook. An imported ipykernel proves nothing."""
    ipython = sys.modules.get("IPython")
    return sys.stderr.isatty() or hasattr(ipython and ipython.get_ipython(), "kernel")


def look_at(prospects: Prospects, chosen: Sequence[tuple[str, str | None]], manner: Manner) -> PageChecks:
    """Look at the pages in `chosen`, pairs of domain and URL, and at the targets of their links to rivals."""
    from linkgap.web.extraction import Compared
    from linkgap.web.looking import start_looking

    site, rivals = prospects.gap.site, prospects.gap.rivals
    with start_looking(manner) as look:
        looked = look.at_pages([url for _, url in chosen if url], Compared([site, *rivals]))
        rows = [row_of(domain, url, looked[url] if url else None, site) for domain, url in chosen]
        targets = look.at_targets([row["link_target"] for row in rows if row["link_target"]])
        sent = look.sent
    rows = [with_target(row, targets.get(row["link_target"])) for row in rows]
    return PageChecks(site, tuple(rows), tuple(_notes(sent)))


def _notes(sent: int) -> Iterable[str]:
    yield f"{sent:,} requests were sent; what had been fetched before was not requested again."
    proxies = [name for name in _PROXIES if os.environ.get(name) or os.environ.get(name.upper())]
    if proxies:
        yield (
            f"A proxy is set in the environment ({in_words(proxies)}) and was not used: linkgap checks the addresses "
            "that it connects to."
        )


def _chosen(prospects: Prospects, top: int, domains: Iterable[str] | None) -> list[tuple[str, str | None]]:
    """Return the chosen prospects, as pairs of domain and sample page; None where no page is known."""
    if not isinstance(prospects, Prospects):
        given = type(prospects).__name__
        raise InvalidArgumentError(
            f"check_pages() was given a value of type {given}. Allowed: what rank_prospects(gap) returns."
        )
    if not is_number(top, whole=True) or top < 1:
        raise InvalidArgumentError(f"top={top!r} is not allowed. Allowed: a whole number of 1 or more.")
    places = prospects.order[:top] if domains is None else prospects.places(listed(domains, "domains"))
    numbers = prospects.gap.candidates.number[places]
    names = [prospects.gap.domains[place] for place in places]
    pages = details_of(prospects.gap.links, prospects.gap.question, numbers)["sample_url"]
    addresses = (_with_scheme(page) if isinstance(page, str) else None for page in pages)
    return list(zip(names, addresses, strict=True))


def _with_scheme(page: str) -> str:
    """Return a page with a scheme, as Moz's API lists pages without: servers lead on to HTTPS where they have it."""
    return page if _SCHEME.match(page) else f"http://{page.lstrip('/')}"


def _check_numbers(expire_after: int, parallel: int) -> None:
    for name, value, lowest, highest in (
        ("expire_after", expire_after, 0, _MOST_DAYS),
        ("parallel", parallel, 1, _MOST_PARALLEL),
    ):
        if not is_number(value, whole=True) or not lowest <= value <= highest:
            message = f"{name}={value!r} is not allowed. Allowed: a whole number from {lowest} to {highest:,}."
            raise InvalidArgumentError(message)


def introduction(site: str, contact: str | None) -> str:
    """Return the User-Agent that is sent: the program's name and version, the site, and where its user can be reached.

    Raises
    ------
    InvalidArgumentError
        When the contact is not an address.

    Examples
    --------
    >>> introduction("oakdesk.example", "ann@oakdesk.example").split(" ", 1)[1]
    '(link check for oakdesk.example; +ann@oakdesk.example)'
    """
    where = f"https://{site}" if contact is None else contact
    if not isinstance(where, str) or not _CONTACT.fullmatch(where):
        message = f"contact={contact!r} is not allowed. Allowed: a web or e-mail address, such as 'me@example.com'."
        raise InvalidArgumentError(message)
    return f"linkgap/{__version__} (link check for {site}; +{where})"


def _dialer(allow: Iterable[str], resolve: Mapping[str, str] | None) -> Dialer:
    from linkgap.web.dialing import Dialer, resolve_name

    check_kind({} if resolve is None else resolve, Mapping, "resolve", "a dict, such as {'blog.example': '192.0.2.7'}")
    known = {_host(name, "resolve"): _address(address) for name, address in (resolve or {}).items()}

    def look_up(host: str, port: int) -> Sequence[str]:
        address = known.get(host.rstrip(".").lower())
        return resolve_name(host, port) if address is None else [address]

    return Dialer(allow=frozenset(_host(name, "allow") for name in listed(allow, "allow")), resolve=look_up)


def _host(text: str, option: str) -> str:
    host = clean_host(text) if isinstance(text, str) and "/" not in text else None
    if host is None:
        raise InvalidArgumentError(f"{option}= holds {text!r}. Allowed: host names, such as 'intranet.example'.")
    return host


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError as error:
        message = f"resolve= holds {text!r}. Allowed: IP addresses, such as {{'blog.example': '192.0.2.7'}}."
        raise InvalidArgumentError(message) from error
