"""Serpstat: the field names of backlinks and referring domains in its API, in JSON and in CSV made from it.

They come from the vendor's API documentation, its own client, and public code that reads its answers.
"""

from linkgap.loaders.reports import Report, kind_by_name, word_flag

_NOFOLLOW = (
    "CASE WHEN contains(lower({nofollow}), 'nofollow') THEN 'true' "
    "WHEN lower(trim({nofollow})) = 'follow' THEN 'false' END"
)

BACKLINKS = Report(
    provider="serpstat",
    name="backlinks",
    required=("url_from", "url_to", "links_ext|link_text|date_del"),
    authority_metric="serpstat_rank",
    columns={
        "source_url": "url_from",
        "target_url": "url_to",
        "anchor": "link_text",
        "nofollow": _NOFOLLOW,
        "ugc": word_flag("ugc", "nofollow"),
        "sponsored": word_flag("sponsored", "nofollow"),
        "kind": kind_by_name("link_type", href="text"),
        "first_seen": "first_seen",
        "last_seen": "last_visited",
        "lost": "date_del",
        "authority": "domain_rank",
        "page_external_links": "links_ext",
    },
)
"""For lost backlinks, `date_del` is the day on which they were lost."""

REFERRING_DOMAINS = Report(
    provider="serpstat",
    name="referring domains",
    lists="domains",
    required=("domain_from", "ref_pages", "domainrank|domain_rank"),
    authority_metric="serpstat_rank",
    columns={"source_domain": "domain_from", "links": "ref_pages", "authority": "domainrank|domain_rank"},
)

LINKS_INTERSECT = Report(
    provider="serpstat",
    name="links intersect",
    lists="domains",
    required=("domain", "sdr"),
    authority_metric="serpstat_rank",
    sample="it lists only domains that link to several of the sites",
    site_columns=r"links count for domain #\d+ (.+)",
    columns={"source_domain": "domain", "authority": "sdr"},
)

REPORTS = (BACKLINKS, REFERRING_DOMAINS, LINKS_INTERSECT)
