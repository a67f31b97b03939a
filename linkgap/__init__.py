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
    from linkgap.samples import sample_exports

__version__ = "0.1.0"

_HOMES = {
    "Explorer": "linkgap.explorer.widget",
    "Backtest": "linkgap.gap.results",
    "Changes": "linkgap.gap.changes",
    "Gap": "linkgap.gap.membership",
    "LinkgapError": "linkgap.errors",
    "LinkgapWarning": "linkgap.errors",
    "Links": "linkgap.loaders.links",
    "Outreach": "linkgap.outreach.book",
    "Prospects": "linkgap.gap.scoring",
    "disavow_draft": "linkgap.disavow",
    "explore": "linkgap.explorer.widget",
    "ReportView": "linkgap.report.building",
    "Rivals": "linkgap.gap.rivals",
    "Tuning": "linkgap.gap.tuning",
    "backtest": "linkgap.gap.backtesting",
    "compare_links": "linkgap.gap.changes",
    "compare_rivals": "linkgap.gap.rivals",
    "draw_changes": "linkgap.charts.changes",
    "export_changes": "linkgap.comparison",
    "build_report": "linkgap.report.building",
    "draw_authority": "linkgap.charts.gaps",
    "draw_hit_rates": "linkgap.charts.backtests",
    "draw_overlaps": "linkgap.charts.gaps",
    "draw_precision": "linkgap.charts.backtests",
    "draw_rivals_linked": "linkgap.charts.gaps",
    "draw_similarity": "linkgap.charts.gaps",
    "export_prospects": "linkgap.export",
    "find_gap": "linkgap.gap.membership",
    "open_outreach": "linkgap.outreach.book",
    "rank_prospects": "linkgap.gap.scoring",
    "read_links": "linkgap.loaders.read",
    "sample_exports": "linkgap.samples",
    "save_columns": "linkgap.loaders.mappings",
    "show_report": "linkgap.report.building",
    "suggest_rivals": "linkgap.gap.rivals",
    "tune": "linkgap.gap.tuning",
}

__all__ = [
    "Backtest",
    "Changes",
    "Explorer",
    "Gap",
    "LinkgapError",
    "LinkgapWarning",
    "Links",
    "Outreach",
    "Prospects",
    "ReportView",
    "Rivals",
    "Tuning",
    "backtest",
    "build_report",
    "compare_links",
    "compare_rivals",
    "disavow_draft",
    "draw_authority",
    "draw_changes",
    "draw_hit_rates",
    "draw_overlaps",
    "draw_precision",
    "draw_rivals_linked",
    "draw_similarity",
    "explore",
    "export_changes",
    "export_prospects",
    "find_gap",
    "open_outreach",
    "rank_prospects",
    "read_links",
    "sample_exports",
    "save_columns",
    "show_report",
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
