"""SE Ranking: what its backlinks are called, in the API and in CSV made of it.

The names of backlinks stand in public code that reads the API; those of referring domains were seen in part only.
"""

from linkgap.loaders.reports import Report, kind_by_flags

BACKLINKS = Report(
    provider="se_ranking",
    name="backlinks",
    required=("url_from", "url_to", "inlink_rank|domain_inlink_rank"),
    authority_metric="seranking_dt",
    columns={
        "source_url": "url_from",
        "target_url": "url_to",
        "anchor": "coalesce(nullif(trim({anchor}), ''), {alt?})",
        "nofollow": "nofollow",
        "kind": kind_by_flags(image="image"),
        "first_seen": "first_seen",
        "last_seen": "last_visited",
        "authority": "domain_inlink_rank",
        "page_authority": "inlink_rank",
        "title": "title",
    },
)

REFERRING_DOMAINS = Report(
    provider="se_ranking",
    name="referring domains",
    lists="domains",
    required=("refdomain|domain", "backlinks", "domain_inlink_rank"),
    authority_metric="seranking_dt",
    columns={
        "source_domain": "refdomain|domain",
        "links": "backlinks",
        "follow_links": "dofollow_backlinks",
        "first_seen": "first_seen",
        "authority": "domain_inlink_rank",
    },
)

REPORTS = (BACKLINKS, REFERRING_DOMAINS)
