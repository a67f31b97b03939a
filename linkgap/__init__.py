"""linkgap: which domains link to your rivals and not to you, and which of them to write to first."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from linkgap.charts.backtests import draw_hit_rates, draw_precision
    from linkgap.charts.changes import draw_changes
    from linkgap.charts.gaps import draw_authority, draw_overlaps, draw_rivals_linked, draw_similarity
    from linkgap.comparison import export_changes
    from linkgap.disavow import disavow_draft
    from linkgap.errors import LinkgapError, LinkgapWarning
    from linkgap.explorer.widget import Explorer, explore
    from linkgap.export import export_prospects
    from linkgap.gap.backtesting import backtest
    from linkgap.gap.changes import Changes, compare_links
    from linkgap.gap.membership import Gap, find_gap
    from linkgap.gap.results import Backtest
    from linkgap.gap.rivals import Rivals, compare_rivals, suggest_rivals
    from linkgap.gap.scoring import Prospects, rank_prospects
    from linkgap.gap.tuning import Tuning, tune
    from linkgap.loaders.links import Links
    from linkgap.loaders.mappings import save_columns
    from linkgap.loaders.read import read_links
    from linkgap.outreach.book import Outreach, open_outreach
    from linkgap.report.building import ReportView, build_report, show_report
    from linkgap.samples import sample_exports, sample_web_graph
    from linkgap.web.pages import check_pages
    from linkgap.web.results import PageChecks
    from linkgap.web.services.fetching import FetchEstimate, estimate_fetch, fetch_links
    from linkgap.web.services.open_pagerank import fetch_authority
    from linkgap.webgraph.converting import convert_web_graph
    from linkgap.webgraph.reading import read_web_graph
    from linkgap.webgraph.similar import SimilarSites, similar_sites

__version__ = "0.1.0"

_HOMES = {
    "Backtest": "linkgap.gap.results",
    "Changes": "linkgap.gap.changes",
    "Explorer": "linkgap.explorer.widget",
    "FetchEstimate": "linkgap.web.services.fetching",
    "Gap": "linkgap.gap.membership",
    "LinkgapError": "linkgap.errors",
    "LinkgapWarning": "linkgap.errors",
    "Links": "linkgap.loaders.links",
    "Outreach": "linkgap.outreach.book",
    "PageChecks": "linkgap.web.results",
    "Prospects": "linkgap.gap.scoring",
    "ReportView": "linkgap.report.building",
    "Rivals": "linkgap.gap.rivals",
    "SimilarSites": "linkgap.webgraph.similar",
    "Tuning": "linkgap.gap.tuning",
    "backtest": "linkgap.gap.backtesting",
    "build_report": "linkgap.report.building",
    "check_pages": "linkgap.web.pages",
    "compare_links": "linkgap.gap.changes",
    "compare_rivals": "linkgap.gap.rivals",
    "convert_web_graph": "linkgap.webgraph.converting",
    "disavow_draft": "linkgap.disavow",
    "draw_authority": "linkgap.charts.gaps",
    "draw_changes": "linkgap.charts.changes",
    "draw_hit_rates": "linkgap.charts.backtests",
    "draw_overlaps": "linkgap.charts.gaps",
    "draw_precision": "linkgap.charts.backtests",
    "draw_rivals_linked": "linkgap.charts.gaps",
    "draw_similarity": "linkgap.charts.gaps",
    "estimate_fetch": "linkgap.web.services.fetching",
    "explore": "linkgap.explorer.widget",
    "export_changes": "linkgap.comparison",
    "export_prospects": "linkgap.export",
    "fetch_authority": "linkgap.web.services.open_pagerank",
    "fetch_links": "linkgap.web.services.fetching",
    "find_gap": "linkgap.gap.membership",
    "open_outreach": "linkgap.outreach.book",
    "rank_prospects": "linkgap.gap.scoring",
    "read_links": "linkgap.loaders.read",
    "read_web_graph": "linkgap.webgraph.reading",
    "sample_exports": "linkgap.samples",
    "sample_web_graph": "linkgap.samples",
    "save_columns": "linkgap.loaders.mappings",
    "show_report": "linkgap.report.building",
    "similar_sites": "linkgap.webgraph.similar",
    "suggest_rivals": "linkgap.gap.rivals",
    "tune": "linkgap.gap.tuning",
}

__all__ = [
    "Backtest",
    "Changes",
    "Explorer",
    "FetchEstimate",
    "Gap",
    "LinkgapError",
    "LinkgapWarning",
    "Links",
    "Outreach",
    "PageChecks",
    "Prospects",
    "ReportView",
    "Rivals",
    "SimilarSites",
    "Tuning",
    "backtest",
    "build_report",
    "check_pages",
    "compare_links",
    "compare_rivals",
    "convert_web_graph",
    "disavow_draft",
    "draw_authority",
    "draw_changes",
    "draw_hit_rates",
    "draw_overlaps",
    "draw_precision",
    "draw_rivals_linked",
    "draw_similarity",
    "estimate_fetch",
    "explore",
    "export_changes",
    "export_prospects",
    "fetch_authority",
    "fetch_links",
    "find_gap",
    "open_outreach",
    "rank_prospects",
    "read_links",
    "read_web_graph",
    "sample_exports",
    "sample_web_graph",
    "save_columns",
    "show_report",
    "similar_sites",
    "suggest_rivals",
    "tune",
]


def __getattr__(name: str) -> object:
    """Load a public name when it is first used, so that `import linkgap` stays light."""
    if name not in _HOMES:
        message = f"module 'linkgap' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*__all__, "__version__"])
