"""Common Crawl's web graph: referring domains of a release, as `read_web_graph` finds them."""

import re
from pathlib import Path

from linkgap.errors import InvalidArgumentError, NotBacklinksError, shown
from linkgap.loaders.reports import Report

SAMPLE = "a sample: Common Crawl fetches only some pages of a domain"
"""A domain without an edge may link from a page that was not fetched, so its absence proves nothing."""

_COLUMNS = {"site": "site", "source_domain": "source_domain"}


def _report(metric: str | None) -> Report:
    return Report(
        provider="commoncrawl",
        name="web graph",
        required=("site", "source_domain", "web_graph", *([metric] if metric else [])),
        columns=_COLUMNS | ({"authority": metric} if metric else {}),
        lists="domains",
        authority_metric=metric,
        sample=SAMPLE,
    )


BY_METRIC = {metric: _report(metric) for metric in ("commoncrawl_hc", "commoncrawl_pr", None)}

REPORTS = tuple(BY_METRIC.values())

_FILE_OF_A_RELEASE = re.compile(r"cc-main-.*-(?:domain|host)-(?:vertices|edges|ranks)\.txt(?:\.gz)?")
_OF_A_CONVERSION = ("web_graph.json", "vertices.parquet")
_ALL_LINKS = (
    "which holds the links to all sites. Read the links to your sites with read_web_graph(folder, sites=[...])."
)


def check_no_web_graph(name: str) -> None:
    """Refuse a file of a release by its name, before gigabytes are unpacked.

    Raises
    ------
    NotBacklinksError
        When it is one.
    """
    if _FILE_OF_A_RELEASE.fullmatch(name.rpartition("/")[2]):
        raise NotBacklinksError(f"{name} is part of Common Crawl's web graph, {_ALL_LINKS}")


def check_not_converted(folder: Path) -> None:
    """Refuse a folder that `convert_web_graph` made, whose files have no columns that could be mapped.

    Raises
    ------
    InvalidArgumentError
        When it is one.
    """
    if all((folder / name).is_file() for name in _OF_A_CONVERSION):
        message = f"{shown(folder)} is a converted web graph, {_ALL_LINKS} Keep it apart from the exports."
        raise InvalidArgumentError(message)
