"""Moz Link Explorer: the headings of its exports, below a few lines of preamble; URLs have no scheme.

The names in the answers of its API come from the schema that the vendor publishes; those of the version before it from
public code that reads them.
The headings of the older inbound links, back to Open Site Explorer, come from public code that reads them, as do the
short `PA` and `DA`; those of linking domains, metrics of domains, anchor text and top pages are from memory.
"""

from linkgap.loaders.reports import Report, mark, opposite, what_is_left

_LINK_TYPE_NOFOLLOW = (
    "CASE WHEN contains(lower({link type|type?}), 'nofollow') THEN 'true'"
    " WHEN contains(lower({link type|type?}), 'follow') THEN 'false' END"
)

INBOUND_LINKS = Report(
    provider="moz",
    name="inbound links",
    required=("url", "target url", "da|domain authority"),
    authority_metric="moz_da",
    columns={
        "source_url": "url",
        "target_url": "target url",
        "anchor": "anchor text",
        "nofollow": f"coalesce(lower(trim({{only rel=nofollow?}})), {opposite('followable?')}, {_LINK_TYPE_NOFOLLOW})",
        "kind": f"CASE WHEN {mark('301')} THEN 'redirect' END",
        "first_seen": "first seen|date found",
        "last_seen": "last seen|last crawled",
        "lost": "date lost|lost",
        "authority": "da|domain authority",
        "page_authority": "pa|page authority",
        "referring_domains": "number of domains linking to domain|linking domains to domain",
        "spam_score": "spam score",
        "title": "title",
    },
)
"""`Only rel=nofollow` says whether all links from the page to the target are nofollow."""

LINKING_DOMAINS = Report(
    provider="moz",
    name="linking domains",
    lists="domains",
    required=("root domain|domain", "da|domain authority", "linking domains|linking root domains"),
    authority_metric="moz_da",
    columns={
        "source_domain": "root domain|domain",
        "authority": "da|domain authority",
        "referring_domains": "linking domains|linking root domains",
        "spam_score": "spam score",
    },
)
"""Link sellers and bulk checkers use the headings Domain, DA and Spam Score, too, so these alone are not enough."""

API_LINKS = Report(
    provider="moz",
    name="inbound links",
    required=(
        "source_site_metrics.page|source.page",
        "target_site_metrics.page|target.page",
        "source_site_metrics.domain_authority|source.domain_authority",
    ),
    authority_metric="moz_da",
    may_come_back=True,
    columns={
        "source_url": "source_site_metrics.page|source.page",
        "target_url": "target_site_metrics.page|target.page",
        "anchor": "anchor_text",
        "nofollow": "nofollow",
        "kind": f"CASE WHEN {mark('redirect')} THEN 'redirect' WHEN {mark('rel_canonical?')} THEN 'canonical' END",
        "first_seen": "date_first_seen",
        "last_seen": "date_last_seen",
        "lost": "date_disappeared",
        "authority": "source_site_metrics.domain_authority|source.domain_authority",
        "page_authority": "source_site_metrics.page_authority|source.page_authority",
        "referring_domains": "source_site_metrics.root_domains_to_root_domain|source.root_domains_to_root_domain",
        "linked_domains": "source_site_metrics.root_domains_from_root_domain|source.root_domains_from_root_domain",
        "spam_score": "source_site_metrics.spam_score|source.spam_score",
        "http_status": "source_site_metrics.http_code|source.http_code",
        "title": "source_site_metrics.title|source.title",
    },
)
"""As `linkgap.web.services` requests it, or as version 2 answers. A link that was seen again later is not lost."""

API_LINKING_DOMAINS = Report(
    provider="moz",
    name="linking domains",
    lists="domains",
    required=(
        "site_metrics.root_domain|root_domain",
        "site_metrics.domain_authority|domain_authority",
        "targeted_pages|to_target.pages",
    ),
    authority_metric="moz_da",
    columns={
        "source_domain": "site_metrics.root_domain|root_domain",
        "links": "targeted_pages|to_target.pages",
        "follow_links": what_is_left(
            "targeted_pages|to_target.pages", "targeted_nofollow_pages|to_target.nofollow_pages?"
        ),
        "authority": "site_metrics.domain_authority|domain_authority",
        "referring_domains": "site_metrics.root_domains_to_root_domain|root_domains_to_root_domain",
        "linked_domains": "site_metrics.root_domains_from_root_domain|root_domains_from_root_domain",
        "spam_score": "site_metrics.spam_score|spam_score",
    },
)

ANCHOR_TEXT = Report(
    provider="moz",
    name="Anchor text",
    required=("anchor text", "linking domains|external linking domains|external root domains"),
    instead="Inbound links",
)

TOP_PAGES = Report(
    provider="moz",
    name="Top pages",
    required=("url", "pa|page authority", "linking domains|linking domains to page|linking root domains|inbound links"),
    instead="Inbound links",
)

DOMAIN_METRICS = Report(
    provider="moz",
    name="metrics of domains",
    required=(
        "root domain|domain",
        "da|domain authority",
        "pa|page authority|ranking keywords|keyword overlap",
        "linking domains|linking root domains",
    ),
    instead="Linking domains",
)
"""Checks of any domains, rivals in search among them, have the headings of linking domains and, as those do not, the
authority of a page or numbers of keywords."""

REPORTS = (INBOUND_LINKS, LINKING_DOMAINS, API_LINKS, API_LINKING_DOMAINS, ANCHOR_TEXT, TOP_PAGES, DOMAIN_METRICS)
