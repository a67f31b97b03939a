"""Bing Webmaster Tools: what the exports of its Backlinks page are called inside, and the answers of its API.

The headings stand in public code that reads them, those of the API in the vendor's documents, too.
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

URL_LINKS = Report(
    provider="bing",
    name="referring pages",
    required=("__type", "url", "anchortext"),
    sample="an answer of the API lists the links to one page of the site",
    columns={"source_url": "url", "anchor": "anchortext"},
)
"""What `GetUrlLinks` answers. Which page of the site it was asked about does not stand in it."""

LINK_COUNTS = Report(
    provider="bing",
    name="GetLinkCounts",
    required=("__type", "url", "count"),
    instead="GetUrlLinks for each of the pages",
)

ANCHOR_TEXTS = Report(
    provider="bing",
    name="Anchor texts",
    required=("anchor", "backlinks count"),
    instead="Referring domains or Referring pages",
)

REPORTS = (REFERRING_DOMAINS, REFERRING_PAGES, URL_LINKS, LINK_COUNTS, ANCHOR_TEXTS)
