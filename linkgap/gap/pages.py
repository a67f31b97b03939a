"""The pages behind the counts: which links a domain has to the rivals, read from the files again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linkgap.gap.referring import number_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from linkgap.gap.referring import Question
    from linkgap.loaders.links import Links

_BEST_FIRST = "CASE WHEN follow_links > 0 THEN 0 WHEN follow_links IS NULL THEN 1 ELSE 2 END, source_url NULLS LAST, target_url, anchor"


def pages_of(links: Links, question: Question, numbers: npt.NDArray[np.int64], *, columns: Sequence[str]) -> str:
    """Return the SQL for the links from some domains to the rivals that count for a question.

    Its rows have `place` (of the domain in `numbers`) and `columns`.
    """
    engine = links.engine
    number_names(engine, question.level)
    engine.put("asked", {"place": range(len(numbers)), "number": numbers})
    engine.run("CREATE OR REPLACE TABLE asked_hosts AS SELECT k.raw, a.place FROM keys AS k JOIN asked AS a ON a.number = k.number")
    engine.put("asked_sites", {"site": question.rivals})
    conditions = ["NOT is_lost"] if question.live_only else []
    conditions += ["coalesce(follow_links, 1) > 0"] if question.follow_only else []
    return links.query_from_hosts("asked_hosts", "asked_sites", columns=("place", *columns), conditions=conditions)


def sample_pages(links: Links, question: Question, numbers: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Return the best link of each domain: followed if there is one, then the first by address.

    Returns
    -------
    DataFrame
        One row a domain in the order of `numbers`: `sample_url`, `sample_anchor`, `sample_target`.
    """
    listed = pages_of(links, question, numbers, columns=("source_url", "anchor", "target_url", "follow_links"))
    found = links.engine.frame(
        f"SELECT place, source_url AS sample_url, anchor AS sample_anchor, target_url AS sample_target FROM ({listed}) "  # noqa: S608
        f"QUALIFY row_number() OVER (PARTITION BY place ORDER BY {_BEST_FIRST}) = 1"
    )
    return found.set_index("place").reindex(range(len(numbers)))
