"""SE Ranking: what its backlinks are called, in the API and in CSV made of it.

The names of backlinks and of their history stand in public code that reads the API; those of referring domains were
seen in part only.
"""

from linkgap.loaders.reports import Report, kind_by_flags, word_flag

_LOST = "CASE WHEN lower(trim({new_lost_type})) = 'lost' THEN {new_lost_date} END"
"""The API's histories list what came and what went, with the day."""

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
        "lost": _LOST,
        "is_lost": word_flag("lost", "new_lost_type"),
        "authority": "domain_inlink_rank",
        "page_authority": "inlink_rank",
        "title": "title",
    },
)

REFERRING_DOMAINS = Report(
    provider="se_ranking",
    name="referring domains",
    lists="domains",
    required=("refdomain|domain", "backlinks|dofollow_backlinks", "domain_inlink_rank"),
    authority_metric="seranking_dt",
    columns={
        "source_domain": "refdomain|domain",
        "links": "backlinks|dofollow_backlinks",
        "follow_links": "dofollow_backlinks",
        "first_seen": "first_seen",
        "lost": _LOST,
        "is_lost": word_flag("lost", "new_lost_type"),
        "authority": "domain_inlink_rank",
    },
)

ANCHORS = Report(
    provider="se_ranking",
    name="anchors",
    required=("anchor", "backlinks", "refdomains"),
    instead="backlinks or refdomains",
)

SUMMARY = Report(
    provider="se_ranking",
    name="summary",
    required=("target", "backlinks", "refdomains"),
    instead="backlinks or refdomains",
)

REPORTS = (BACKLINKS, REFERRING_DOMAINS, ANCHORS, SUMMARY)
