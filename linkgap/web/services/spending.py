"""What a service charges, calculated before it is asked, and kept within what the user allows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Price:
    """What one request costs at most: `request + row x rows`, and never less than `minimum`.

    Examples
    --------
    >>> Price(row=Decimal(8), minimum=Decimal(50)).of(3), Price(row=Decimal(8), minimum=Decimal(50)).of(100)
    (Decimal('50'), Decimal('800'))
    """

    row: Decimal = Decimal(0)
    request: Decimal = Decimal(0)
    minimum: Decimal = Decimal(0)

    def of(self, rows: int) -> Decimal:
        """Return what a request that returns a number of rows costs."""
        return max(self.minimum, self.request + self.row * rows)

    def rows_for(self, units: Decimal, wanted: int) -> int:
        """Return how many of the wanted rows one request may ask for within `units`; 0 when they don't pay for one.

        Examples
        --------
        >>> price = Price(row=Decimal(40))
        >>> price.rows_for(Decimal(100), 1000), price.rows_for(Decimal(39), 1000), Price().rows_for(Decimal(0), 7)
        (2, 0, 7)
        """
        if wanted <= 0 or self.of(1) > units:
            return 0
        return wanted if self.row == 0 else min(wanted, int((units - self.request) // self.row))


class Budget:
    """The units that may be spent, and how many were.

    Parameters
    ----------
    limit
        Most units; None for no limit.
    """

    def __init__(self, limit: Decimal | None) -> None:
        self.limit = limit
        self.spent = Decimal(0)

    def share(self, parts: int) -> Budget:
        """Return a budget with one of `parts` equal shares of what is left."""
        return Budget(None if self.limit is None else max(self.limit - self.spent, Decimal(0)) / parts)

    def rows_for(self, price: Price, wanted: int) -> int:
        """Return how many of the wanted rows may be asked for."""
        return wanted if self.limit is None else price.rows_for(self.limit - self.spent, wanted)

    def requests_for(self, units: Decimal, wanted: int | None) -> int | None:
        """Return how many of the wanted requests, at `units` each, may be made; None when nothing limits them."""
        if self.limit is None or not units:
            return wanted
        paid = max(int((self.limit - self.spent) // units), 0)
        return paid if wanted is None else min(paid, wanted)

    def spend(self, units: Decimal) -> None:
        """Record what a request cost, or may have cost if its answer never came; negative to correct that."""
        self.spent += units
