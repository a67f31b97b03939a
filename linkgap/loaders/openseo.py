"""OpenSEO: the headings of its exports, in English.

They come from its public code, which asks DataForSEO for ranks of 0 to 100.
"""

from linkgap.loaders.reports import Report, kind_by_name, opposite, word_flag

_SAMPLE = "OpenSEO exports one page of its table"

BACKLINKS = Report(
    provider="openseo",
    name="backlinks",
    required=("source url", "target url", "domain rank", "source page rank"),
    authority_metric="openseo_rank",
    sample=_SAMPLE,
    columns={
        "source_url": "source url",
        "source_domain": "domain",
        "target_url": "target url",
        "anchor": "anchor",
        "nofollow": opposite("dofollow"),
        "ugc": word_flag("ugc", "rel attributes"),
        "sponsored": word_flag("sponsored", "rel attributes"),
        "kind": kind_by_name("type", anchor="text", meta="redirect"),
        "no_link": "CASE WHEN lower(trim({type})) = 'alternate' THEN 'true' END",
        "links": "links count",
        "first_seen": "first seen",
        "last_seen": "last seen",
        "is_lost": "lost",
        "authority": "domain rank",
        "page_authority": "source page rank",
        "spam_score": "spam score",
    },
)

REFERRING_DOMAINS = Report(
    provider="openseo",
    name="referring domains",
    lists="domains",
    required=("domain", "backlinks", "referring pages", "rank", "broken pages"),
    authority_metric="openseo_rank",
    sample=_SAMPLE,
    columns={
        "source_domain": "domain",
        "links": "backlinks",
        "first_seen": "first seen",
        "authority": "rank",
        "spam_score": "spam score",
    },
)

TOP_PAGES = Report(
    provider="openseo",
    name="Top Pages",
    required=("page", "backlinks", "referring domains", "rank", "broken backlinks"),
    instead="Backlinks or Referring Domains",
)

REPORTS = (BACKLINKS, REFERRING_DOMAINS, TOP_PAGES)
