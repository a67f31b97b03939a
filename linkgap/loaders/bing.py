"""Bing Webmaster Tools: the headings of the exports of its Backlinks page, and of the answers of its API.

They come from public code that reads them, those of the API also from the vendor's documentation.
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
"""What the API lists, under the same headings; a file is never recognised as this report."""

URL_LINKS = Report(
    provider="bing",
    name="GetUrlLinks",
    required=("__type", "url", "anchortext"),
    sample="an answer of the API lists the links to one page of the site",
    columns={"source_url": "url", "anchor": "anchortext"},
)
"""The answer of `GetUrlLinks`. It does not contain the page of the site that was asked about."""

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
