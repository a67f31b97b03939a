"""Ubersuggest: the headings of its export of backlinks.

They come from public code that reads them.
"""

from linkgap.loaders.reports import Report

BACKLINKS = Report(
    provider="ubersuggest",
    name="backlinks",
    required=("source url", "target url", "domain authority", "page authority"),
    authority_metric="ubersuggest_da",
    columns={
        "source_url": "source url",
        "target_url": "target url",
        "anchor": "anchor text",
        "first_seen": "first seen",
        "last_seen": "last seen",
        "authority": "domain authority",
        "page_authority": "page authority",
        "spam_score": "spam score",
        "title": "source page title",
    },
)

TOP_PAGES = Report(
    provider="ubersuggest",
    name="Top Pages",
    required=("url", "est. visits", "backlinks"),
    instead="Backlinks",
)

KEYWORDS = Report(
    provider="ubersuggest",
    name="Keywords",
    required=("keywords", "volume", "est. visits"),
    instead="Backlinks",
)

REPORTS = (BACKLINKS, TOP_PAGES, KEYWORDS)
