"""SE Ranking: the field names of its reports, in the API and in CSV made from it.

Those of backlinks and of their history come from public code that reads the API; those of referring domains were only
seen in part.
"""

from dataclasses import replace

from linkgap.loaders.reports import Report, kind_by_flags, word_flag

_CHANGES = "it lists only new and lost links"
_LOST = {
    "lost": "CASE WHEN lower(trim({new_lost_type})) = 'lost' THEN {new_lost_date} END",
    "is_lost": word_flag("lost", "new_lost_type"),
}

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
        "lost": "date_lost",
        "authority": "domain_inlink_rank",
        "page_authority": "inlink_rank",
        "spam_score": "spam_score",
        "title": "title",
    },
)

BACKLINKS_HISTORY = replace(
    BACKLINKS,
    name="backlinks history",
    required=("url_from", "url_to", "new_lost_type"),
    sample=_CHANGES,
    columns={**BACKLINKS.columns, **_LOST},
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

REFERRING_DOMAINS_HISTORY = replace(
    REFERRING_DOMAINS,
    name="referring domains history",
    required=("refdomain|domain", "new_lost_type", "domain_inlink_rank"),
    sample=_CHANGES,
    columns={**REFERRING_DOMAINS.columns, **_LOST, "links": "backlinks|dofollow_backlinks"},
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

REPORTS = (BACKLINKS, BACKLINKS_HISTORY, REFERRING_DOMAINS, REFERRING_DOMAINS_HISTORY, ANCHORS, SUMMARY)
