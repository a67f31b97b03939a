"""Whatever is asked for in whatever order: no limit is passed, and no row is paid for twice.

The services' own code reads and writes the real forms here; only the network and the cache's file are left out.
"""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from linkgap.domains import parse_site
from linkgap.web.services.catalogue import SERVICES
from linkgap.web.services.fetching import _estimated, _Order
from linkgap.web.services.reading import FetchedList, Reader
from linkgap.web.services.sending import Received
from linkgap.web.services.service import Reply
from linkgap.web.services.spending import Budget, Price

SITE = parse_site("rival.example")
LISTS = [(name, what) for name, service in SERVICES.items() for what in service.listings]
UNPAGED = {("majestic", "referring_domains"), ("se_ranking", "referring_domains")}
UNITS = {name: Decimal(100) for name in SERVICES} | {"semrush": Decimal(2000), "dataforseo": Decimal("0.1")}
"""What some tens of rows cost."""


class Client:
    """A client whose other side is a vendor in the same process, and whose cache is a dict."""

    base = ""

    def __init__(self, service, vendor):
        self.service, self.vendor = service, vendor
        self.found: dict[str, Reply] = {}

    def kept(self, request, *, entry, read):
        del request
        reply = self.found.get(entry)
        return None if reply is None else Received(read(reply), reply.asked_rows, dt.date(2026, 11, 21))

    def ask(self, request, *, rows, entry, read):
        query = {name: str(value) for name, value in request.parameters.items()}
        path = f"/{request.path}".rstrip("/") or "/"
        self.vendor.asked.append(request)
        status, headers, body = self.vendor.answer({"path": path, "query": query, "body": request.body, "headers": {}})
        reply = Reply(status, body.decode(), headers, rows)
        assert self.service.trouble(reply) is None
        self.found[entry] = reply
        return self.kept(request, entry=entry, read=read)


calls = st.lists(st.tuples(st.none() | st.integers(1, 70), st.none() | st.integers(0, 12)), min_size=1, max_size=4)


@pytest.mark.parametrize(("name", "what"), LISTS)
@settings(max_examples=30)
@example(held=5, page_rows=1, calls=[(1, None), (None, 0)])
@example(held=50, page_rows=1, calls=[(30, None), (None, 3)])
@given(held=st.integers(0, 60), page_rows=st.integers(1, 25), calls=calls)
def test_no_limit_is_passed_and_nothing_paid_for_twice(vendors, name, what, held, page_rows, calls):
    service, vendor = SERVICES[name], vendors[name]()
    vendor.hold(rival__example=held)
    listing = service.listings[what]
    if (name, what) not in UNPAGED:
        listing = replace(listing, page_rows=page_rows)
    client = Client(service, vendor)
    for most, tenths in calls:
        limit = None if tenths is None else UNITS[name] * tenths / 10
        kept = FetchedList(SITE, pending=[service.first(what)])
        Reader(client, service, listing, what, most, cached_only=True).read(kept, Budget(None))
        order = _Order(service, listing, what, [SITE], most, limit)
        *_, more, _, units, _ = _estimated(kept, order, Budget(limit), Budget(limit))
        charged, sent = vendor.charged, len(vendor.sent)
        found = FetchedList(SITE, pending=[service.first(what)])
        Reader(client, service, listing, what, most).read(found, Budget(limit))
        charged, sent = vendor.charged - charged, len(vendor.sent) - sent
        assert limit is None or charged <= limit
        assert units is None or charged <= units
        assert most is None or len(found.rows) <= most
        assert len(found.rows) >= len(kept.rows)
        if name != "bing":
            assert sent <= min(each for each in (most, more, sent) if each is not None)
        if found.is_complete:
            assert len(found.rows) == held
        if most is None and limit is None:
            assert found.is_complete
    if (name, what) not in UNPAGED:
        assert len(set(vendor.sent)) == len(vendor.sent)


amounts = st.integers(0, 5000).map(lambda number: Decimal(number) / 100)


@given(st.builds(Price, row=amounts, request=amounts, minimum=amounts), amounts, st.integers(0, 10**6))
def test_a_price_buys_no_more_than_the_units_and_no_fewer(price, units, wanted):
    rows = price.rows_for(units, wanted)
    assert 0 <= rows <= wanted
    if rows:
        assert price.of(rows) <= units
    if rows < wanted:
        assert price.of(rows + 1) > units


@given(amounts, st.lists(st.tuples(amounts, st.booleans()), min_size=1, max_size=5))
def test_shares_never_pass_the_limit(limit, wishes):
    budget, spent = Budget(limit), Decimal(0)
    for place, (wish, _) in enumerate(wishes):
        share = budget.share(len(wishes) - place)
        share.spend(min(wish, share.limit))
        budget.spend(share.spent)
        spent += share.spent
    assert spent <= limit + Decimal("1e-20")
