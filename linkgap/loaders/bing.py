"""Bing Webmaster Tools: what the exports of its Backlinks page are called inside.

The headings stand in public code that reads them.
"""

from dataclasses import replace

from linkgap.loaders.reports import Report

REFERRING_DOMAINS = Report(
    provider="bing",
    name="referring domains",
    lists="domains",
    required=("domain", "backlinks count"),
    columns={"source_domain": "domain", "links": "backlinks count"},
)

REFERRING_PAGES = Report(
    provider="bing",
    name="referring pages",
    required=("source url", "anchor text", "target url"),
    generic=True,
    columns={"source_url": "source url", "target_url": "target url", "anchor": "anchor text"},
)

API_LINKS = replace(REFERRING_PAGES, sample="the Bing Webmaster API does not say whether it lists all links")
"""What the API lists, under the same headings; files are never taken for it."""

ANCHOR_TEXTS = Report(
    provider="bing",
    name="Anchor texts",
    required=("anchor", "backlinks count"),
    instead="Referring domains or Referring pages",
)

REPORTS = (REFERRING_DOMAINS, REFERRING_PAGES, ANCHOR_TEXTS)
