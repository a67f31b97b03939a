"""`fetch_links` and `estimate_fetch`: fetch lists of links from a service, and estimate what they will cost."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING

from linkgap.errors import (
    InvalidArgumentError,
    LinkgapWarning,
    ServiceError,
    counted,
    in_words,
    is_number,
    shown,
)
from linkgap.loaders.read import USUAL_LOSS, read_links
from linkgap.loaders.receipts import check_max_loss
from linkgap.loaders.sites import parse_sites
from linkgap.web.services.catalogue import address_of, find_listing, find_service
from linkgap.web.services.keys import find_key
from linkgap.web.services.reading import FetchedList, Reader, listed_frame
from linkgap.web.services.sending import ServiceClient
from linkgap.web.services.spending import Budget

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import pandas as pd

    from linkgap.domains import Site
    from linkgap.loaders.links import Links
    from linkgap.web.services.service import LinkService, Listing

CACHE = "linkgap-services.sqlite"
MAX_ROWS = 1000
_MANY_ROWS = 5000


def fetch_links(
    service: str,
    *,
    sites: Iterable[str],
    what: str = "referring_domains",
    max_rows: int | None = MAX_ROWS,
    max_units: float | Decimal | None = None,
    cache: str | os.PathLike[str] = CACHE,
    cached_only: bool = False,
    max_loss: float = USUAL_LOSS,
    progress: bool | None = None,
) -> Links:
    """Fetch the links of some sites from a service that you have a key for.

    The key is taken from the environment, such as `LINKGAP_AHREFS_KEY`, or from the keyring of the system. What was
    paid for once is taken from the cache; after an interruption, the same call goes on where the last one stopped. See
    `estimate_fetch` for what it will cost. All services were tested against local servers that answer in the documented
    formats, not against the live services.

    Parameters
    ----------
    service
        `"ahrefs"`, `"bing"`, `"dataforseo"`, `"majestic"`, `"moz"`, `"se_ranking"` or `"semrush"`.
    sites
        Yours and your rivals': domains, hosts, and for some services URL prefixes.
    what
        `"referring_domains"` or `"backlinks"`; of the latter, only each domain's best where a service can select it.
    max_rows
        Most rows for each site; None for all. A list that was not read to its end is marked as cut.
    max_units
        Most units of the service that the call may cost, shared equally by the sites; None for no limit.
    cache
        A SQLite file that keeps every answer for as long as the service allows, a month at most. It holds no key.
    cached_only
        Send no requests, and take what the cache has; lists that it has only in part are marked as cut.
    max_loss
        Share of a list's rows, 0 to 1, that may be damaged; beyond it the reading fails. What was fetched is kept.
    progress
        Show a progress bar; None shows one when there may be 5,000 rows or more.

    Returns
    -------
    Links
        As `read_links` returns them, with a receipt for every list.

    Raises
    ------
    InvalidArgumentError
        When there is no such service, list or site; raised before anything is requested.
    KeyRefusedError
        When there is no key, or the service does not accept it.
    MissingLibraryError
        When the libraries for web access are not installed.
    NoUnitsLeftError
        When the account has no units left.
    ServiceError
        When there is no usable answer; the message says how many rows are kept.
    TooMuchLossError
        When more than `max_loss` of a list is damaged.
    UnwritableFileError
        When an answer can't be stored, as when the disk is full; nothing more is requested then.

    Examples
    --------
    >>> import linkgap as lg
    >>> lg.fetch_links("ahrefs", sites=["example.com"], cached_only=True)
    Traceback (most recent call last):
    linkgap.errors.ServiceError: The cache holds no referring domains of example.com from Ahrefs.
    Fetch them once without cached_only.
    """
    order = _order(service, sites, what, max_rows, max_units, max_loss)
    _check_flags(cached_only=cached_only, progress=progress)
    key = None if cached_only else find_key(order.service.name, order.service.title, form=order.service.key_form)
    most_rows = (max_rows or _MANY_ROWS) * len(order.sites)
    with (
        ServiceClient(order.service, key, cache=cache, base=address_of(order.service.name)) as client,
        _progress(order, most_rows, show=progress) as advance,
    ):
        reader = Reader(client, order.service, order.listing, what, max_rows, cached_only=cached_only, advance=advance)
        lists = _read_all(reader, order, cache)
    return _as_links(lists, order)


@dataclass(frozen=True, eq=False)
class FetchEstimate:
    """What a fetch will return and cost at most. Made by `estimate_fetch`.

    Attributes
    ----------
    frame
        One row per site: `site`, `kept_rows` (in the cache already, and free), `more_rows`, `requests` and `units` (at
        most; null where nothing limits them), `complete` (whether the cache holds the whole list).
    unit
        What the service charges in.
    """

    service: str
    what: str
    unit: str
    frame: pd.DataFrame = field(repr=False)

    @property
    def rows(self) -> int | None:
        """Most rows that will be requested; None when nothing limits them."""
        return None if self.frame["more_rows"].isna().any() else int(self.frame["more_rows"].sum())

    @property
    def units(self) -> Decimal | None:
        """Most units that they will cost; None when nothing limits them."""
        found = list(self.frame["units"])
        return None if None in found else sum(found, Decimal(0))

    def __repr__(self) -> str:
        """State rows, units and requests in one line."""
        sites, kept = len(self.frame), int(self.frame["kept_rows"].sum())
        what = f"{self.service} {self.what.replace('_', ' ')} of {counted(sites, 'site')}"
        rows, units = self.rows, self.units
        more = "no limit on rows" if rows is None else f"at most {counted(rows, 'row')}"
        cost = "no limit on cost" if units is None else f"at most {_plain(units)} {self.unit}"
        return f"{what}: {more}, {cost}; {counted(kept, 'row')} already in the cache"

    def _repr_html_(self) -> str:
        """Show the line and the table."""
        return f"<p>{escape(repr(self))}</p>{self.frame.to_html(index=False, na_rep='', border=0)}"


def estimate_fetch(
    service: str,
    *,
    sites: Iterable[str],
    what: str = "referring_domains",
    max_rows: int | None = MAX_ROWS,
    max_units: float | Decimal | None = None,
    cache: str | os.PathLike[str] = CACHE,
) -> FetchEstimate:
    """Estimate what a fetch will return and cost at most, from the service's prices and the cache, with no requests.

    Parameters
    ----------
    service, sites, what, max_rows, max_units, cache
        As for `fetch_links`.

    Returns
    -------
    FetchEstimate
        With `.rows`, `.units` and `.frame`. Services charge for what they send, so the cost may be less.

    Raises
    ------
    InvalidArgumentError
        When there is no such service, list or site.
    MissingLibraryError
        When the libraries for web access are not installed.

    Examples
    --------
    >>> import linkgap as lg
    >>> sites = ["example.com", "rival.example"]
    >>> lg.estimate_fetch("semrush", sites=sites, max_rows=500)
    Semrush referring domains of 2 sites: at most 1,000 rows, at most 40,000 API units; 0 rows already in the cache
    """
    import pandas as pd

    order = _order(service, sites, what, max_rows, max_units)
    budget = Budget(order.max_units)
    rows = []
    with ServiceClient(order.service, None, cache=cache, base=address_of(order.service.name)) as client:
        reader = Reader(client, order.service, order.listing, what, max_rows, cached_only=True)
        for place, site in enumerate(order.sites):
            fetched = FetchedList(site, pending=[order.service.first(what)])
            reader.read(fetched, Budget(None))
            rows.append(_estimated(fetched, order, budget, budget.share(len(order.sites) - place)))
    frame = pd.DataFrame(rows, columns=["site", "kept_rows", "more_rows", "requests", "units", "complete"])
    whole_numbers = frame.astype({"more_rows": "Int64", "requests": "Int64"})
    return FetchEstimate(order.service.title, what, order.service.unit, whole_numbers)


def _estimated(fetched: FetchedList, order: _Order, budget: Budget, share: Budget) -> tuple[object, ...]:
    """Return a row of the estimate: full pages of the rest of a list at their highest price, then a partial one."""
    kept, listing = len(fetched.rows), order.listing
    if fetched.is_complete or (order.max_rows is not None and kept >= order.max_rows):
        return str(fetched.site), kept, 0, 0, Decimal(0), fetched.is_complete
    if order.max_rows is None and (share.limit is None or listing.price.row == 0):
        return str(fetched.site), kept, None, None, None, False
    left = None if order.max_rows is None else order.max_rows - (0 if fetched.may_go_on else kept)
    full_pages = 0 if fetched.may_go_on else _full_pages(share, listing, left)
    more, requests = full_pages * listing.page_rows, full_pages
    share.spend(listing.price.of(listing.page_rows) * full_pages)
    left = None if left is None else left - more
    while left is None or left > 0:
        rows = share.rows_for(listing.price, listing.page_rows if left is None else min(left, listing.page_rows))
        if rows <= (kept if fetched.may_go_on else 0) or (fetched.may_go_on and requests):
            break
        share.spend(listing.price.of(rows))
        more, requests, left = more + rows, requests + 1, None if left is None else left - rows
    budget.spend(share.spent)
    return str(fetched.site), kept, more, requests, share.spent, False


def _full_pages(share: Budget, listing: Listing, rows: int | None) -> int:
    wanted = None if rows is None else max(rows, 0) // listing.page_rows
    return share.requests_for(listing.price.of(listing.page_rows), wanted) or 0


@dataclass(frozen=True)
class _Order:
    """The arguments of a fetch, checked."""

    service: LinkService
    listing: Listing
    what: str
    sites: Sequence[Site]
    max_rows: int | None
    max_units: Decimal | None
    max_loss: float = USUAL_LOSS


def _order(
    service: object,
    sites: Iterable[str],
    what: str,
    max_rows: object,
    max_units: object,
    max_loss: float = USUAL_LOSS,
) -> _Order:
    found = find_service(service)
    listing = find_listing(found, what)
    parsed = parse_sites(sites)
    if not parsed:
        raise InvalidArgumentError("sites is empty. Allowed: at least one site, such as sites=['example.com'].")
    for site in parsed:
        found.target(site)
    if max_rows is not None and (not is_number(max_rows, whole=True) or max_rows < 1):  # type: ignore[operator]
        raise InvalidArgumentError(
            f"max_rows={max_rows!r} is not allowed. Allowed: a whole number of 1 or more, or None."
        )
    check_max_loss(max_loss)
    return _Order(found, listing, what, parsed, max_rows, _units(max_units), max_loss)  # type: ignore[arg-type]


def _units(given: object) -> Decimal | None:
    if given is None:
        return None
    if isinstance(given, Decimal) or is_number(given):
        units = Decimal(str(given))
        if units.is_finite() and units >= 0:
            return units
    raise InvalidArgumentError(f"max_units={given!r} is not allowed. Allowed: a number from 0, or None for no limit.")


def _check_flags(*, cached_only: object, progress: object) -> None:
    if not isinstance(cached_only, bool):
        raise InvalidArgumentError(f"cached_only={cached_only!r} is not allowed. Allowed: True or False.")
    if progress is not None and not isinstance(progress, bool):
        raise InvalidArgumentError(
            f"progress={progress!r} is not allowed. Allowed: True, False, or None to let linkgap decide."
        )


def _read_all(reader: Reader, order: _Order, cache: str | os.PathLike[str]) -> list[FetchedList]:
    """Read the list of each site.

    Raises
    ------
    ServiceError
        When one can't be read; the message says what is kept and how to go on.
    """
    budget, lists = Budget(order.max_units), list[FetchedList]()
    for place, site in enumerate(order.sites):
        fetched = FetchedList(site, pending=[order.service.first(order.what)])
        lists.append(fetched)
        share = budget.share(len(order.sites) - place)
        try:
            reader.read(fetched, share)
        except ServiceError as error:
            failed = error
            break
        budget.spend(share.spent)
    else:
        return lists
    raise type(failed)(f"{failed} {_kept_words(lists, cache)}")


def _kept_words(lists: Sequence[FetchedList], cache: str | os.PathLike[str]) -> str:
    subject = f"The request was for {lists[-1].site}."
    rows, sites = sum(len(each.rows) for each in lists), sum(bool(each.rows) for each in lists)
    if rows == 0:
        return f"{subject} Nothing had been fetched before."
    return (
        f"{subject} What was fetched before ({counted(rows, 'row')} of {counted(sites, 'site')}) is kept in "
        f"{shown(cache)}: the same call continues from there and pays only for the rest; "
        "with cached_only=True it returns what is there."
    )


def _as_links(lists: Sequence[FetchedList], order: _Order) -> Links:
    """Read what was fetched with `read_links`, as if the lists were files.

    Raises
    ------
    ServiceError
        When nothing was fetched for any site.
    """
    what, title = order.what.replace("_", " "), order.service.title
    missing = [str(each.site) for each in lists if each.pages == 0]
    if len(missing) == len(lists):
        raise _nothing(missing, order)
    if missing:
        warnings.warn(
            f"{in_words(missing)} left out: there are no {what} from {title} in the cache, and none were requested.",
            LinkgapWarning,
            stacklevel=3,
        )
    there = [each for each in lists if each.pages]
    frames = {str(each.site): listed_frame(each, order.listing, order.service.name, order.what) for each in there}
    complete = {frames[str(each.site)].name: each.is_complete for each in there}
    return read_links(frames, complete=complete, max_loss=order.max_loss, progress=False)


def _nothing(missing: Sequence[str], order: _Order) -> ServiceError:
    what, title = order.what.replace("_", " "), order.service.title
    if order.max_units is not None and order.listing.price.of(1) > order.max_units / len(order.sites):
        smallest = _plain(order.listing.price.of(1))
        return ServiceError(
            f"max_units={_plain(order.max_units)} is not enough for any {what} of {in_words(missing)} from {title}: "
            f"the smallest request costs {smallest} {order.service.unit}. Allow more, or ask for fewer sites."
        )
    return ServiceError(
        f"The cache holds no {what} of {in_words(missing)} from {title}. Fetch them once without cached_only."
    )


def _plain(number: Decimal) -> str:
    return f"{number.normalize():,f}"


@contextmanager
def _progress(order: _Order, most_rows: int, *, show: bool | None) -> Iterator[Callable[[int], object]]:
    """Show a progress bar of the rows if there may be many, and yield the function that advances it."""
    if show or (show is None and most_rows >= _MANY_ROWS):
        from tqdm.auto import tqdm

        total = None if order.max_rows is None else most_rows
        with tqdm(total=total, unit=" rows", desc=f"Fetching from {order.service.title}") as bar:
            yield bar.update
    else:
        yield lambda _: None
