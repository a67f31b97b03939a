"""Every source host gets its registrable domain, each distinct one once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linkgap.domains import clean_host, public_suffixes, registrable_domain
from linkgap.engine import Engine, statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linkgap.loaders.reading import Source

_NO_HOSTS = frozenset({"na", "n", "nan", "none", "null", "unknown", "domain", "url"})
_HOSTS_AT_ONCE = 200_000


def name_hosts(engine: Engine, sources: Sequence[Source]) -> None:
    """Make the view `names` and the table `domains`.

    `names` has every distinct source as it stands in the files: `id`, `raw`, `host` (null where it is `raw`) and
    `domain`, a number, null where the source is no host. `domains` has `number`, in alphabetical order, and `domain`.
    """
    raw = " UNION ALL ".join(f"SELECT source AS raw FROM counted_{source.number}" for source in sources)
    engine.run(
        "CREATE OR REPLACE TABLE raw_hosts AS SELECT row_number() OVER () AS id, raw "
        f"FROM (SELECT DISTINCT raw FROM ({raw}))"
    )
    rules = public_suffixes()
    special = rules.wildcard | rules.exception
    suffixes = sorted(rules.plain | special)
    engine.put("suffixes", {"suffix": suffixes, "is_plain": [suffix not in special for suffix in suffixes]})
    engine.run(statement("linkgap.loaders", "usual_hosts"))
    _look_up_others(engine)
    engine.run(
        "CREATE OR REPLACE TABLE domains AS "
        "SELECT CAST(row_number() OVER (ORDER BY domain) - 1 AS INTEGER) AS number, domain "
        "FROM (SELECT DISTINCT domain FROM resolved WHERE domain IS NOT NULL)"
    )
    engine.run(
        "CREATE OR REPLACE TABLE host_domains AS SELECT r.id, r.host, d.number AS domain FROM resolved AS r "
        "LEFT JOIN domains AS d ON d.domain = r.domain"
    )
    engine.run(
        "CREATE OR REPLACE VIEW names AS SELECT r.id, r.raw, h.host, h.domain "
        "FROM raw_hosts AS r JOIN host_domains AS h ON h.id = r.id"
    )
    engine.run("DROP TABLE resolved; DROP TABLE suffixes")


def _look_up_others(engine: Engine) -> None:
    """Put hosts that the usual rules don't settle into the table `resolved` as well, with their clean form."""
    engine.run("CREATE OR REPLACE TABLE others AS SELECT id, other FROM resolved WHERE other IS NOT NULL")
    engine.run("CREATE OR REPLACE TABLE looked_up (id BIGINT, host VARCHAR, domain VARCHAR)")
    total = engine.rows("SELECT count(*) FROM others")[0][0]
    for start in range(0, total, _HOSTS_AT_ONCE):
        found = engine.columns(f"SELECT * FROM others WHERE rowid >= {start} AND rowid < {start + _HOSTS_AT_ONCE}")
        hosts = [None if text.lower() in _NO_HOSTS else clean_host(text) for text in found["other"].tolist()]
        domains = [None if host is None else registrable_domain(host) for host in hosts]
        engine.put("looked_up", {"id": found["id"], "host": hosts, "domain": domains}, append=True)
    engine.run("DELETE FROM resolved WHERE other IS NOT NULL")
    engine.run("INSERT INTO resolved (id, host, domain) SELECT id, host, domain FROM looked_up")
    engine.run("DROP TABLE others; DROP TABLE looked_up")
