"""Turns rows of plain values into the tables of `linkgap.schema`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from linkgap.schema import Column

_MOMENTS = ("at", "changed_at")


def table_of(rows: Iterable[Mapping[str, object]], columns: Sequence[Column]) -> pd.DataFrame:
    """Return rows as a table with the dtypes of its columns; missing texts are None.

    Examples
    --------
    >>> from linkgap.schema import OUTREACH
    >>> table_of([{"status": "won", "next_on": "2026-01-31"}], [OUTREACH[1], OUTREACH[6]]).dtypes.tolist()
    [dtype('O'), dtype('<M8[us]')]
    """
    import pandas as pd

    listed = list(rows)
    table = pd.DataFrame(
        {column.name: pd.Series([row[column.name] for row in listed], dtype=object) for column in columns}
    )
    for column in columns:
        name = column.name
        if column.type == "date":
            table[name] = pd.to_datetime(table[name], utc=name in _MOMENTS, format="ISO8601").dt.as_unit("us")
        if column.type == "integer":
            table[name] = table[name].astype("int64" if column.never_null else "Int64")
    return table
