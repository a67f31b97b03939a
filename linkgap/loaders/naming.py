"""Find the registrable domain of every source host, once for each distinct host."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from linkgap.domains import clean_host, public_suffixes, registrable_domain
from linkgap.engine import Engine, statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from linkgap.loaders.reading import Source

_NO_HOSTS = frozenset(
    {
        *("na", "n", "nan", "none", "null", "unknown", "domain", "url", "loading"),
        *("total", "totals", "sum", "summe", "gesamt"),
    }
)
_HOSTS_AT_ONCE = 200_000


def name_hosts(engine: Engine, sources: Sequence[Source]) -> None:
    """Make the tables that give every source host its domain.

    `raw_hosts` has one row per distinct host: `id`, `raw`, its spelling in the files, and `domain`, the number of its
    domain, null where it is not a host. `domains` has `number`, in alphabetical order, and `domain`.
    """
    name_distinct(engine, " UNION ALL ".join(f"SELECT source AS raw FROM counted_{each.number}" for each in sources))


def name_distinct(engine: Engine, raw: str) -> None:
    """Make the tables of `name_hosts` from a query for hosts as spelled in the files, in its column `raw`."""
    engine.put("suffixes", _suffix_columns())
    engine.run(statement("linkgap.loaders", "usual_hosts").replace("{raw}", raw))
    _look_up_others(engine)
    engine.run(
        "CREATE OR REPLACE TABLE domains AS "
        "SELECT CAST(row_number() OVER (ORDER BY domain) - 1 AS INTEGER) AS number, domain "
        "FROM (SELECT domain FROM resolved UNION SELECT domain FROM clean_hosts) WHERE domain IS NOT NULL"
    )
    engine.run(
        "CREATE OR REPLACE TABLE raw_hosts AS SELECT CAST(r.rowid AS INTEGER) AS id, r.raw, d.number AS domain "
        "FROM resolved AS r LEFT JOIN clean_hosts AS c ON c.id = r.rowid "
        "LEFT JOIN domains AS d ON d.domain = COALESCE(c.domain, r.domain)"
    )
    engine.run("DROP TABLE resolved; DROP TABLE suffixes")


def _host_in(text: str) -> str | None:
    """Return the host that a text is; a spreadsheet's word for a cell that says nothing yet is none."""
    return None if text.lower().rstrip(":.…") in _NO_HOSTS else clean_host(text)


@lru_cache(maxsize=1)
def _suffix_columns() -> dict[str, npt.NDArray[Any]]:
    """Return columns for the engine: the public suffixes, and whether each has a plain rule and no other."""
    import numpy as np

    rules = public_suffixes()
    special = rules.wildcard | rules.exception
    suffixes = sorted(rules.plain | special)
    return {
        "suffix": np.array(suffixes, dtype=object),
        "is_plain": np.array([suffix not in special for suffix in suffixes]),
    }


def _look_up_others(engine: Engine) -> None:
    """Make the table `clean_hosts`: hosts whose spelling in the files differs, or without a domain in `resolved`."""
    engine.run(
        "CREATE OR REPLACE TABLE clean_hosts AS SELECT CAST(rowid AS INTEGER) AS id, clean AS host, domain "
        "FROM resolved WHERE clean IS NOT NULL AND domain IS NOT NULL"
    )
    engine.run("CREATE OR REPLACE TABLE others AS SELECT rowid AS id, raw FROM resolved WHERE domain IS NULL")
    total = engine.rows("SELECT count(*) FROM others")[0][0]
    for start in range(0, total, _HOSTS_AT_ONCE):
        found = engine.columns(f"SELECT * FROM others WHERE rowid >= {start} AND rowid < {start + _HOSTS_AT_ONCE}")
        hosts = [_host_in(text) for text in found["raw"].tolist()]
        domains = [None if host is None else registrable_domain(host) for host in hosts]
        engine.put("clean_hosts", {"id": found["id"], "host": hosts, "domain": domains}, append=True)
    engine.run("DROP TABLE others")
