"""Ahrefs: the headings of its exports, from the interface of today and of about 2020, and from both APIs.

The headings of both backlinks reports, of Referring IPs and of the short lists from the API were taken from real files.
Those of the other reports come from public code that reads or writes them, those of the API's version 2, which ended
about 2022, from answers that its clients are tested with; those of Linked domains and Top pages are from memory.
"""

from dataclasses import replace

from linkgap.loaders.reports import Report, kind_by_name, mark, opposite, word_flag

_FILTERED = "it lists only domains that meet the filter it was made with"
_BROKEN = "it lists only links to pages that are gone"
_CHANGES = "it lists only new and lost links"
_CHAIN = "{redirect chain urls|redirect chain (to)|url_redirect}"
_LAST_OF_CHAIN = rf"regexp_extract({_CHAIN}, '^(?:.*[,;\s])?(https?://.*?)\s*$', 1, 's')"
_LOST = "CASE WHEN as_flag({is_lost?}) IS DISTINCT FROM false THEN {last_seen} END"
_REASONS = "CASE WHEN says_something({lost status?}) OR says_something({drop reason?}) THEN 'true' END"
_API_REASONS = "CASE WHEN says_something({lost_reason?}) OR says_something({drop_reason?}) THEN 'true' END"
_NO_LINK = "CASE WHEN lower(trim({link_type|type?})) IN ('alternate', 'rss') THEN 'true' END"

_FLAGS = ("form", "frame", "canonical", "redirect", "image", "text")
_KIND_FLAGS = " ".join(f"WHEN {mark(f'is_{kind}?')} THEN '{kind}'" for kind in _FLAGS)
_NO_LINK_FLAGS = (
    f"CASE WHEN {mark('is_text?')} OR {mark('is_image?')} THEN NULL "
    f"WHEN {mark('is_alternate?')} OR {mark('is_rss?')} THEN 'true' END"
)

BACKLINKS = Report(
    provider="ahrefs",
    name="backlinks",
    required=("referring page url", "target url|domain rating|dr|ur|url rating"),
    authority_metric="ahrefs_dr",
    columns={
        "source_url": "referring page url",
        "target_url": "target url",
        "landing_url": _LAST_OF_CHAIN,
        "anchor": "anchor",
        "nofollow": "nofollow",
        "ugc": "ugc",
        "sponsored": "sponsored",
        "kind": kind_by_name("type"),
        "no_link": _NO_LINK,
        "links": "links in group",
        "first_seen": "first seen",
        "last_seen": "last seen",
        "lost": "lost",
        "is_lost": _REASONS,
        "authority": "domain rating|dr",
        "page_authority": "ur|url rating",
        "traffic": "domain traffic",
        "page_linked_domains": "linked domains",
        "page_external_links": "external links",
        "spam": "is spam",
        "http_status": "referring page http code",
        "language": "language",
        "platform": "platform",
        "title": "referring page title",
        "page_type": "page type",
        "category": "page category",
        "author": "author",
    },
)
"""`Referring domains` and `Linked domains` are the page's here, not the domain's. Many users delete columns by hand."""

BROKEN_BACKLINKS = replace(
    BACKLINKS,
    name="broken backlinks",
    required=("referring page url", "target url", "target page http code"),
    sample=_BROKEN,
    columns={
        **BACKLINKS.columns,
        "last_seen": "last seen|ref. page checked",
        "target_status": "target page http code",
    },
)

BACKLINKS_2020 = Report(
    provider="ahrefs",
    name="backlinks",
    required=("referring page url", "link url", "domain rating|domain rating (desc)"),
    authority_metric="ahrefs_dr",
    day_first=True,
    columns={
        "source_url": "referring page url",
        "target_url": "link url",
        "landing_url": _LAST_OF_CHAIN,
        "anchor": "link anchor",
        "nofollow": word_flag("nofollow", "type"),
        "ugc": word_flag("ugc", "type"),
        "sponsored": word_flag("sponsored", "type"),
        "kind": f"CASE WHEN {mark('redirect type')} THEN 'redirect' END",
        "first_seen": "first seen",
        "last_seen": "last check",
        "lost": "day lost",
        "is_lost": "CASE WHEN regexp_matches(lower({backlink status}), 'lost|removed|deleted') THEN 'true' END",
        "authority": "domain rating|domain rating (desc)",
        "page_authority": "url rating|url rating (desc)",
        "page_linked_domains": "linked domains",
        "page_external_links": "external links count",
        "language": "language",
        "title": "referring page title",
    },
)

API_BACKLINKS = Report(
    provider="ahrefs",
    name="backlinks",
    required=(
        "url_from",
        "url_to|domain_rating_source|url_rating_source|root_name_source",
        "domain_rating_source|url_rating_source|root_name_source|is_dofollow|is_nofollow|is_ugc|is_sponsored",
    ),
    authority_metric="ahrefs_dr",
    columns={
        "source_url": "url_from",
        "target_url": "url_to",
        "landing_url": _LAST_OF_CHAIN,
        "anchor": "anchor",
        "nofollow": f"coalesce(lower(trim({{is_nofollow|nofollow?}})), {opposite('is_dofollow?')})",
        "ugc": "is_ugc",
        "sponsored": "is_sponsored",
        "kind": f"coalesce({kind_by_name('link_type?')}, CASE {_KIND_FLAGS} END)",
        "no_link": f"coalesce({_NO_LINK}, {_NO_LINK_FLAGS})",
        "links": "links_in_group|link_group_count",
        "first_seen": "first_seen_link|first_seen",
        "last_seen": "last_visited",
        "lost": _LOST,
        "is_lost": f"coalesce(lower(trim({{is_lost?}})), {_API_REASONS})",
        "authority": "domain_rating_source",
        "page_authority": "url_rating_source",
        "traffic": "traffic_domain",
        "page_linked_domains": "linked_domains_source_page",
        "page_external_links": "links_external",
        "spam": "is_spam",
        "http_status": "http_code",
        "language": "languages",
        "platform": "powered_by",
        "title": "title",
        "author": "source_page_author",
    },
)
"""`last_seen` is when a link was found to be lost. Requests for the links to one site may leave out `url_to`."""

API_BROKEN_BACKLINKS = replace(
    API_BACKLINKS,
    name="broken backlinks",
    required=("url_from", "url_to", "http_code_target"),
    sample=_BROKEN,
    columns={**API_BACKLINKS.columns, "target_status": "http_code_target"},
)

FREE_BACKLINKS = Report(
    provider="ahrefs",
    name="backlinks of the free checker",
    required=("urlfrom", "domainrating"),
    authority_metric="ahrefs_dr",
    sample="Ahrefs' free checker shows the top links only",
    columns={
        "source_url": "urlfrom",
        "target_url": "urlto",
        "anchor": "anchor",
        "authority": "domainrating",
        "title": "title",
    },
)
"""As returned by programs that query the checker's page, MCP servers among them."""

_V2_LOST = {
    "lost": "CASE WHEN lower(trim({type})) = 'lost' THEN {date} END",
    "is_lost": word_flag("lost", "type"),
}

API_V2_BACKLINKS = Report(
    provider="ahrefs",
    name="backlinks",
    required=("url_from", "url_to", "ahrefs_rank|prev_visited|ahrefs_top"),
    authority_metric="ahrefs_dr",
    columns={
        "source_url": "url_from",
        "target_url": "url_to",
        "anchor": "coalesce(nullif(trim({anchor}), ''), {alt?})",
        "nofollow": "nofollow",
        "ugc": "ugc",
        "sponsored": "sponsored",
        "kind": kind_by_name("link_type"),
        "no_link": "CASE WHEN lower(trim({link_type})) IN ('alternate', 'rss') THEN 'true' END",
        "links": "total_backlinks",
        "first_seen": "first_seen",
        "last_seen": "last_visited",
        "authority": "domain_rating",
        "page_authority": "ahrefs_rank",
        "page_external_links": "links_external",
        "target_status": "http_code",
        "language": "language",
        "title": "title",
        "ip": "ip_from",
    },
)
"""The link type href covers text and image links.

`total_backlinks` counts those of the domain, where the list has one link for each domain.
"""

API_V2_BACKLINKS_HISTORY = replace(
    API_V2_BACKLINKS,
    name="new or lost backlinks",
    required=(*API_V2_BACKLINKS.required, "type", "date"),
    sample=_CHANGES,
    columns={
        **{column: source for column, source in API_V2_BACKLINKS.columns.items() if column != "target_status"},
        **_V2_LOST,
        "http_status": "http_code",
    },
)
"""`http_code` is the linking page's here, not the target's."""

REFERRING_DOMAINS = Report(
    provider="ahrefs",
    name="referring domains",
    lists="domains",
    required=(
        "domain|referring domain",
        "dr|domain rating|domain_rating",
        "dofollow links|dofollow_links|links to target|links_to_target|dofollow ref. domains|dofollow_refdomains",
    ),
    authority_metric="ahrefs_dr",
    columns={
        "source_domain": "domain|referring domain",
        "links": "links to target|links_to_target|dofollow links|dofollow_links",
        "follow_links": "dofollow links|dofollow_links",
        "first_seen": "first seen|first_seen",
        "last_seen": "last seen",
        "lost": "lost|last_seen",
        "authority": "dr|domain rating|domain_rating",
        "traffic": "traffic|traffic_domain",
        "referring_domains": "dofollow ref. domains|dofollow_refdomains",
        "linked_domains": "dofollow linked domains|dofollow_linked_domains",
        "spam": "is spam|is_spam",
        "ip": "ip_source",
    },
)
"""A domain without any followed link is still a referring domain.

The API's `last_seen` is when its last link was lost.
"""

API_V2_REFERRING_DOMAINS = Report(
    provider="ahrefs",
    name="referring domains",
    lists="domains",
    required=("refdomain", "domain_rating", "backlinks|refpages"),
    authority_metric="ahrefs_dr",
    columns={
        "source_domain": "refdomain",
        "links": "backlinks",
        "follow_links": "backlinks_dofollow",
        "first_seen": "first_seen",
        "last_seen": "last_visited",
        "authority": "domain_rating",
        "traffic": "traffic",
        "referring_domains": "refdomains",
        "linked_domains": "linked_domains",
        "ip": "ip",
    },
)

API_V2_REFERRING_DOMAINS_HISTORY = replace(
    API_V2_REFERRING_DOMAINS,
    name="new or lost referring domains",
    required=("refdomain", "domain_rating", "type", "date"),
    sample=_CHANGES,
    columns={**API_V2_REFERRING_DOMAINS.columns, **_V2_LOST},
)

LINK_INTERSECT = Report(
    provider="ahrefs",
    name="link intersect",
    lists="domains",
    required=("domain", "domain rating", "intersect"),
    authority_metric="ahrefs_dr",
    sample=_FILTERED,
    site_columns="(.+)",
    columns={"source_domain": "domain", "authority": "domain rating", "traffic": "domain traffic"},
)

LINK_INTERSECT_LIST = Report(
    provider="ahrefs",
    name="link intersect",
    lists="domains",
    required=("domain", "domain_rating", "links_to"),
    authority_metric="ahrefs_dr",
    sample=_FILTERED,
    site_list="links_to",
    columns={"source_domain": "domain", "authority": "domain_rating"},
)

LINK_INTERSECT_PAGES = Report(
    provider="ahrefs",
    name="Link Intersect by pages",
    required=("referring page url", "domain rating|ur", "intersect"),
    instead="Link Intersect by domains, or Backlinks of each of the sites",
)
"""It has a column for each compared site, too, but what these hold is not documented anywhere."""

REFERRING_IPS = Report(
    provider="ahrefs",
    name="Referring IPs",
    required=("subnet", "ref. domains"),
    instead="Backlinks or Referring domains",
)

ANCHORS = Report(
    provider="ahrefs",
    name="Anchors",
    required=(
        "anchor|anchor text",
        "referring domains|ref. domains|refdomains",
        "links to target|top dr|dofollow links|links_to_target|top_domain_rating|dofollow_links",
    ),
    instead="Backlinks",
)

BEST_BY_LINKS = Report(
    provider="ahrefs",
    name="Best by links",
    required=(
        "page url|url_to",
        "referring domains|links to target|refdomains_target|links_to_target",
        "top dr|canonical|top_domain_rating_source|title_target|http_code_target|url_rating_target",
    ),
    instead="Backlinks or Referring domains",
)

TOP_PAGES = Report(
    provider="ahrefs",
    name="Top pages",
    required=("url", "traffic|current traffic|sum_traffic", "top keyword|current top keyword|top_keyword"),
    instead="Backlinks or Referring domains",
)

ORGANIC_KEYWORDS = Report(
    provider="ahrefs",
    name="Organic keywords",
    required=(
        "keyword",
        "volume",
        "organic traffic|current organic traffic|current position|sum_traffic|best_position",
    ),
    instead="Backlinks or Referring domains",
)

LINKED_DOMAINS = Report(
    provider="ahrefs",
    name="Linked domains",
    required=(
        "domain",
        "dr|domain rating|domain_rating",
        "links from target|links_from_target|linked_pages|linked_domain_traffic",
        (
            "dofollow links|dofollow ref. domains|dofollow linked domains|first seen"
            "|dofollow_links|linked_pages|linked_domain_traffic|first_seen"
        ),
    ),
    instead="Referring domains",
)
"""Requests choose their columns, most of which referring domains have, too: only the third tells which way links go."""

BATCH_ANALYSIS = Report(
    provider="ahrefs",
    name="Batch Analysis",
    required=("target", "domain rating", "ahrefs rank|ref domains dofollow|ref. domains / followed"),
    instead="Backlinks or Referring domains of each of the targets",
)

ORGANIC_COMPETITORS = Report(
    provider="ahrefs",
    name="Organic competitors",
    required=("competitor's keywords|keywords_competitor", "common keywords|keywords_common"),
    instead="Backlinks or Referring domains of each competitor",
)

REPORTS = (
    BACKLINKS,
    BROKEN_BACKLINKS,
    BACKLINKS_2020,
    API_BACKLINKS,
    API_BROKEN_BACKLINKS,
    FREE_BACKLINKS,
    API_V2_BACKLINKS,
    API_V2_BACKLINKS_HISTORY,
    REFERRING_DOMAINS,
    API_V2_REFERRING_DOMAINS,
    API_V2_REFERRING_DOMAINS_HISTORY,
    LINK_INTERSECT,
    LINK_INTERSECT_LIST,
    LINK_INTERSECT_PAGES,
    REFERRING_IPS,
    ANCHORS,
    BEST_BY_LINKS,
    TOP_PAGES,
    ORGANIC_KEYWORDS,
    LINKED_DOMAINS,
    BATCH_ANALYSIS,
    ORGANIC_COMPETITORS,
)
