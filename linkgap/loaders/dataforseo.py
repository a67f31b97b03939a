"""DataForSEO: the field names of items in its Backlinks API, in JSON and in CSV made from it.

They come from the vendor's API documentation and its client libraries.
"""

from linkgap.loaders.reports import Report, kind_by_name, opposite, what_is_left, word_flag

_NOFOLLOW_LINKS = (
    "referring_links_attributes.nofollow|referring_links_attributes__nofollow|referring_links_attributes_nofollow"
)

BACKLINKS = Report(
    provider="dataforseo",
    name="backlinks",
    required=("url_from", "url_to", "domain_from|domain_from_rank|page_from_rank|backlink_spam_score"),
    authority_metric="dataforseo_rank",
    columns={
        "source_url": "url_from",
        "source_domain": "domain_from",
        "target_url": "url_to",
        "anchor": "anchor",
        "nofollow": f"CASE WHEN {{attributes?}} LIKE '%nofollow%' THEN 'true' ELSE {opposite('dofollow')} END",
        "ugc": word_flag("ugc", "attributes"),
        "sponsored": word_flag("sponsored", "attributes"),
        "kind": kind_by_name("item_type", anchor="text", meta="redirect"),
        "no_link": "CASE WHEN lower(trim({item_type})) = 'alternate' THEN 'true' END",
        "links": "links_count",
        "first_seen": "first_seen",
        "last_seen": "last_seen",
        "is_lost": "is_lost",
        "authority": "domain_from_rank",
        "page_authority": "page_from_rank",
        "page_external_links": "page_from_external_links",
        "spam_score": "backlink_spam_score",
        "http_status": "page_from_status_code",
        "target_status": "url_to_status_code",
        "language": "page_from_language",
        "platform": "domain_from_platform_type",
        "title": "page_from_title",
        "ip": "domain_from_ip",
        "country": "domain_from_country",
    },
)
"""`url_to` is where an indirect link ends."""

REFERRING_DOMAINS = Report(
    provider="dataforseo",
    name="referring domains",
    lists="domains",
    required=("domain", "rank", "backlinks", "referring_pages|backlinks_spam_score"),
    authority_metric="dataforseo_rank",
    columns={
        "source_domain": "domain",
        "links": "backlinks",
        "follow_links": what_is_left("backlinks", _NOFOLLOW_LINKS),
        "first_seen": "first_seen",
        "lost": "lost_date",
        "authority": "rank",
        "spam_score": "backlinks_spam_score",
    },
)

ANCHORS = Report(
    provider="dataforseo",
    name="anchors",
    required=("anchor", "backlinks", "referring_domains", "rank"),
    instead="backlinks or referring_domains",
)

SUMMARY = Report(
    provider="dataforseo",
    name="summary",
    required=("target", "rank", "backlinks", "referring_domains"),
    instead="backlinks or referring_domains",
)

PAGES = Report(
    provider="dataforseo",
    name="pages",
    required=("url", "rank", "backlinks", "referring_domains"),
    instead="backlinks or referring_domains",
)

DOMAIN_INTERSECTION = Report(
    provider="dataforseo",
    name="domain_intersection",
    required=("domain_intersection.1.target|domain_intersection.2.target|domain_intersection",),
    instead="referring_domains of each of the targets",
)
"""Its items number the targets, and do not name them."""

REPORTS = (BACKLINKS, REFERRING_DOMAINS, ANCHORS, SUMMARY, PAGES, DOMAIN_INTERSECTION)
