"""Majestic: the headings of its exports; a blank flag means no.

The headings of backlinks, of the raw export and of referring domains come from public code that reads or writes them.
Those of backlinks are also written as separate words: some of these were seen, the others are formed in the same way.
Those of anchor text, of pages and of a list of items are the names in the vendor's API.
"""

from linkgap.loaders.reports import Report, flag, kind_by_flags

BACKLINKS = Report(
    provider="majestic",
    name="backlinks",
    required=(
        "sourceurl|source url",
        "targeturl|target url",
        "sourcetrustflow|sourcecitationflow|source trust flow|source citation flow",
    ),
    authority_metric="majestic_tf",
    columns={
        "source_url": "sourceurl|source url",
        "source_domain": "domain",
        "target_url": "targeturl|target url",
        "anchor": "anchortext|anchor text",
        "nofollow": flag("flagnofollow|flag no follow"),
        "kind": kind_by_flags(
            mention="flagmention|flag mention",
            redirect="flagredirect|flag redirect",
            frame="flagframe|flag frame",
            image="flagimages|flag images",
        ),
        "first_seen": "firstindexeddate|link first indexed date",
        "last_seen": "lastseendate|last seen date",
        "lost": "datelost|date lost",
        "is_lost": flag("flagdeleted|flag deleted"),
        "authority": "domaintrustflow|domain trust flow",
        "citation_flow": "domaincitationflow|domain citation flow",
        "page_authority": "sourcetrustflow|source trust flow",
        "page_external_links": "outlinksexternal",
        "title": "sourcetitle",
        "category": "sourcetopicaltrustflow_topic_0",
    },
)

RAW_BACKLINKS = Report(
    provider="majestic",
    name="raw backlinks",
    required=("source url", "target url", "source crawl date|source first found date", "flagnofollow"),
    columns={
        "source_url": "source url",
        "target_url": "target url",
        "anchor": "anchor text",
        "nofollow": flag("flagnofollow"),
        "kind": kind_by_flags(mention="flagmention", redirect="flagredirect", frame="flagframe", image="flagimagelink"),
        "first_seen": "source first found date",
        "last_seen": "source crawl date",
        "page_authority": "sourcetrustflow",
        "category": "sourcetopicaltrustflow_topic_0",
    },
)

REFERRING_DOMAINS = Report(
    provider="majestic",
    name="referring domains",
    lists="domains",
    required=("domain", "trustflow", "citationflow", "extbacklinks|refdomains"),
    authority_metric="majestic_tf",
    site_columns="backlinks_(.+)",
    columns={
        "source_domain": "domain",
        "links": "matchedlinks",
        "authority": "trustflow",
        "citation_flow": "citationflow",
        "referring_domains": "refdomains",
        "category": "topicaltrustflow_topic_0",
        "ip": "ip",
        "country": "countrycode",
    },
)
"""`ExtBackLinks` are the links to the referring domain itself."""

ANCHOR_TEXT = Report(
    provider="majestic",
    name="Anchor Text",
    required=("anchortext|anchor text", "refdomains|referring domains", "totallinks|total links|external backlinks"),
    instead="Backlinks",
)

PAGES = Report(
    provider="majestic",
    name="Pages",
    required=("url", "refdomains", "extbacklinks"),
    instead="Backlinks or Ref Domains",
)

BULK_BACKLINKS = Report(
    provider="majestic",
    name="Bulk Backlinks",
    required=("item", "trustflow", "citationflow"),
    instead="Backlinks or Ref Domains of each of the items",
)

DOMAINS_INFO = Report(
    provider="majestic",
    name="DomainsInfo",
    required=("domainid", "domain", "refdomains", "extbacklinks", "ip"),
    instead="Backlinks or Ref Domains",
)
"""The API's table of facts about the domains in a list of backlinks: also about those whose links are all deleted."""

REPORTS = (BACKLINKS, RAW_BACKLINKS, REFERRING_DOMAINS, ANCHOR_TEXT, PAGES, BULK_BACKLINKS, DOMAINS_INFO)
