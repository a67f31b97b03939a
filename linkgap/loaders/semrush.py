"""Semrush: the headings of its exports, now and in 2018, and of the API's lists, which are separated by semicolons.

The headings of Backlinks, Referring domains, Backlink Audit, Bulk Backlink Analysis, Indexed pages and Outbound domains
were taken from real files; those of Backlink Gap and of the API from public code that reads them.
"""

from dataclasses import replace

from linkgap.loaders.reports import Report, kind_by_flags, kind_by_name


def _day(headings: str) -> str:
    """SQL for a day that the API writes as seconds since 1970, and the interface as a date, as 20240110 is, too."""
    cell = f"trim({{{headings}}})"
    seconds = f"CASE WHEN length({cell}) BETWEEN 9 AND 10 THEN TRY_CAST({cell} AS BIGINT) END"
    return f"coalesce(CAST(make_timestamp({seconds} * 1000000) AS VARCHAR), {{{headings}}})"


BACKLINKS = Report(
    provider="semrush",
    name="backlinks",
    required=(
        "source url|source_url",
        "target url|target_url",
        "page ascore|page_ascore|page score|page_score|source_title|internal links|external_num|internal_num|lostlink",
    ),
    columns={
        "source_url": "source url|source_url",
        "target_url": "target url|target_url",
        "anchor": "anchor",
        "nofollow": "nofollow",
        "ugc": "ugc",
        "sponsored": "sponsored",
        "kind": kind_by_flags(image="image", frame="frame", form="form", text="text"),
        "first_seen": _day("first seen|first_seen"),
        "last_seen": _day("last seen|last_seen"),
        "is_lost": "lost link|lostlink|lost_link",
        "page_authority": "page ascore|page_ascore|page score|page_score",
        "page_external_links": "external links|external_num",
        "http_status": "response code|response_code",
        "title": "source title|source_title",
    },
)
"""No column holds the authority of the domain: `Page ascore` is that of the page."""

BACKLINKS_WITHOUT_SCORE = Report(
    provider="semrush",
    name="backlinks",
    required=("source url", "target url", "source title"),
    generic=True,
    columns={column: source for column, source in BACKLINKS.columns.items() if column != "page_authority"},
)
"""With fewer columns, as users may choose: none of these headings is Semrush's alone."""

REFERRING_DOMAINS = Report(
    provider="semrush",
    name="referring domains",
    lists="domains",
    required=("domain", "domain ascore|domain_ascore", "backlinks|backlinks_num"),
    authority_metric="semrush_as",
    columns={
        "source_domain": "domain",
        "links": "backlinks|backlinks_num",
        "first_seen": _day("first seen|first_seen"),
        "last_seen": _day("last seen|last_seen"),
        "authority": "domain ascore|domain_ascore",
        "ip": "ip address|ip",
        "country": "country",
    },
)

REFERRING_DOMAINS_2018 = Report(
    provider="semrush",
    name="referring domains",
    lists="domains",
    required=("domain", "domain score|domain_score", "backlinks|backlinks_num"),
    authority_metric="semrush_ds",
    columns={**REFERRING_DOMAINS.columns, "authority": "domain score|domain_score"},
)
"""Domain score is an older metric than the Authority Score."""

BACKLINK_AUDIT = Report(
    provider="semrush",
    name="backlink audit",
    required=("source url", "target url", "toxic score|toxicity score"),
    authority_metric="semrush_as",
    columns={
        "source_url": "source url",
        "source_domain": "source domain",
        "target_url": "target url",
        "anchor": "anchor",
        "nofollow": "no follow|nofollow",
        "kind": kind_by_name("link type"),
        "first_seen": "first seen",
        "last_seen": "last seen",
        "authority": "domain authority score",
        "page_authority": "page authority score|page ascore",
        "spam_score": "toxic score|toxicity score",
        "title": "source page title|source title",
    },
)

BACKLINK_GAP = Report(
    provider="semrush",
    name="backlink gap",
    lists="domains",
    required=("domain", "domain ascore|domain_ascore", "matches|matches_num"),
    authority_metric="semrush_as",
    sample="it lists only domains that meet the filter it was made with",
    site_columns="(.+)",
    columns={"source_domain": "domain", "authority": "domain ascore|domain_ascore"},
)

BACKLINK_GAP_WITH_SUMS = replace(BACKLINK_GAP, required=(*BACKLINK_GAP.required, "backlinks|backlinks_num"))
"""With the links of a domain to all of the sites together, which the list of those to one calls the same."""

ANCHORS = Report(
    provider="semrush",
    name="Anchors",
    required=("anchor", "domains|domains_num", "backlinks|backlinks_num"),
    instead="Backlinks",
)

REFERRING_IPS = Report(
    provider="semrush",
    name="Referring IPs",
    required=("ip address|ip", "domains|domains_num", "backlinks|backlinks_num"),
    instead="Backlinks or Referring domains",
)

INDEXED_PAGES = Report(
    provider="semrush",
    name="Indexed pages",
    required=("source url|source_url|url", "domains|domains_num", "backlinks|backlinks_num"),
    instead="Backlinks or Referring domains",
)

OUTBOUND_DOMAINS = Report(
    provider="semrush",
    name="Outbound domains",
    required=("domain", "domain ascore|domain_ascore", "links|links_num"),
    instead="Referring domains",
)
"""Whom the site links to, with the headings of referring domains but for one."""

COMPETITORS = Report(
    provider="semrush",
    name="Competitors",
    required=("neighbour", "similarity", "common_refdomains|domains_num|backlinks_num"),
    instead="Backlinks or Referring domains of each competitor",
)

BULK_ANALYSIS = Report(
    provider="semrush",
    name="Bulk Backlink Analysis",
    required=("target", "target type|target_type", "authority score|ascore|score|backlinks|backlinks_num"),
    instead="Backlinks or Referring domains of each of the targets",
)

ORGANIC_POSITIONS = Report(
    provider="semrush",
    name="Organic search positions",
    required=("keyword", "position", "search volume"),
    instead="Backlinks or Referring domains",
)

SEARCH_COMPETITORS = Report(
    provider="semrush",
    name="Competitors in search",
    required=("domain", "competitor relevance", "common keywords"),
    instead="Backlinks or Referring domains of each competitor",
)

REPORTS = (
    BACKLINKS,
    BACKLINKS_WITHOUT_SCORE,
    REFERRING_DOMAINS,
    REFERRING_DOMAINS_2018,
    BACKLINK_AUDIT,
    BACKLINK_GAP,
    BACKLINK_GAP_WITH_SUMS,
    ANCHORS,
    REFERRING_IPS,
    INDEXED_PAGES,
    OUTBOUND_DOMAINS,
    COMPETITORS,
    BULK_ANALYSIS,
    ORGANIC_POSITIONS,
    SEARCH_COMPETITORS,
)
