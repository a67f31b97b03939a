"""The tables that the stages hand to one another: column, type, meaning, and what null means.

Null always means that the export does not say; it never means zero or false.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, get_args

Relation = Literal["never", "lost"]
Evidence = Literal["proven", "likely", "unverified"]
Level = Literal["domain", "host"]
Category = Literal["best", "weak", "strong", "shared", "unique"]
Tactic = Literal[
    "broken link",
    "mention",
    "scraper",
    "coupon",
    "podcast",
    "forum",
    "testimonial",
    "partner",
    "guest post",
    "resource page",
    "review",
    "directory",
    "profile",
    "news",
    "unknown",
]

LinkPlace = Literal["main text", "navigation", "sidebar", "footer", "comments"]
PageResult = Literal[
    "link found",
    "link not found",
    "page gone",
    "robots.txt forbids",
    "no access",
    "no answer",
    "not readable",
    "address not public",
    "no page known",
    "not asked",
]

RELATIONS: tuple[Relation, ...] = get_args(Relation)
EVIDENCE: tuple[Evidence, ...] = get_args(Evidence)
LEVELS: tuple[Level, ...] = get_args(Level)
CATEGORIES: tuple[Category, ...] = get_args(Category)
TACTICS: tuple[Tactic, ...] = get_args(Tactic)
LINK_PLACES: tuple[LinkPlace, ...] = get_args(LinkPlace)
PAGE_RESULTS: tuple[PageResult, ...] = get_args(PageResult)

Status = Literal["new", "shortlisted", "contacted", "replied", "won", "rejected", "hidden"]
Outcome = Literal["confirmed", "lost again", "not seen"]
STATUSES: tuple[Status, ...] = get_args(Status)
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

WebGraphMetric = Literal["commoncrawl_hc", "commoncrawl_pr"]
WEB_GRAPH_METRICS: tuple[WebGraphMetric, ...] = get_args(WebGraphMetric)
"""Common Crawl's harmonic centrality and PageRank of a domain."""


Change = Literal["kept", "new", "lost", "unverified"]
GapChange = Literal["new", "closed", "unverified", "open"]
Absence = Literal[
    "reported gone", "complete list", "above the cut", "below the cut", "cut list", "sample or part", "no such list"
]
CHANGES: tuple[Change, ...] = get_args(Change)
GAP_CHANGES: tuple[GapChange, ...] = get_args(GapChange)
ABSENCES: tuple[Absence, ...] = get_args(Absence)


PROVIDERS = {
    "ahrefs": "Ahrefs",
    "bing": "Bing",
    "commoncrawl": "Common Crawl",
    "dataforseo": "DataForSEO",
    "linkgap": "links table",
    "majestic": "Majestic",
    "moz": "Moz",
    "openseo": "OpenSEO",
    "plain": "plain list",
    "screaming_frog": "Screaming Frog",
    "search_console": "Search Console",
    "se_ranking": "SE Ranking",
    "semrush": "Semrush",
    "serpstat": "Serpstat",
    "ubersuggest": "Ubersuggest",
    "yandex": "Yandex Webmaster",
}
"""Who listed the links, with the names that people know."""

_SMALL = 0.001
_MAKERS = PROVIDERS | {"seranking": "SE Ranking"}

_LARGE = 100_000
"""Numbers from here on would lose digits in the format `g`."""


def metric_name(metric: str | None) -> str:
    """Return the display name of an authority metric with its provider, as some share an abbreviation.

    Examples
    --------
    >>> metric_name("ahrefs_dr"), metric_name("dataforseo_rank"), metric_name("authority"), metric_name(None)
    ('Ahrefs DR', 'DataForSEO rank', 'authority', '')
    """
    if not metric:
        return ""
    provider, _, name = metric.rpartition("_")
    short = name.upper() if len(name) <= len("hc") else name
    return f"{_MAKERS.get(provider, provider)} {short}".strip()


def floor_of(receipt: Mapping[Any, Any]) -> str:
    """Return the floor of a list that is cut by authority, with the name of its metric.

    Examples
    --------
    >>> floor_of({"floor": 53.0, "floor_metric": "ahrefs_dr"})
    'Ahrefs DR 53'
    >>> floor_of({"floor": 26900950.5, "floor_metric": "commoncrawl_hc"})
    'Common Crawl HC 26,900,950'
    """
    return f"{metric_name(receipt['floor_metric']) or 'authority'} {general(receipt['floor'])}"


def general(number: float) -> str:
    """Write a number without superfluous digits: no trailing zeros, and no decimals of a large one.

    Examples
    --------
    >>> general(53.0), general(3.5), general(27183214.2), general(1.25e-09)
    ('53', '3.5', '27,183,214', '1.25e-09')
    """
    return f"{number:,g}" if abs(number) < _LARGE else f"{number:,.0f}"


def rounded(authority: float) -> float:
    """Round an authority to six decimals; a small one, as PageRanks are some billionths, to six significant digits.

    Examples
    --------
    >>> rounded(53.0), rounded(27183214.2), rounded(1.23456789e-09)
    (53.0, 27183214.2, 1.23457e-09)
    """
    return round(authority, 6) if abs(authority) >= _SMALL else float(f"{authority:.6g}")


class Column(NamedTuple):
    """One column of a table."""

    name: str
    type: Literal["text", "integer", "number", "boolean", "date"]
    meaning: str
    never_null: bool = False


LINKS = (
    Column("site", "text", "the compared site that the link points to", never_null=True),
    Column("source_domain", "text", "registrable domain of the referring page", never_null=True),
    Column("source_host", "text", "host of the referring page, lower case, punycode"),
    Column("source_url", "text", "referring page"),
    Column("target_url", "text", "address that the link points to"),
    Column("anchor", "text", "text of the link"),
    Column("nofollow", "boolean", "rel has nofollow"),
    Column("ugc", "boolean", "rel has ugc"),
    Column("sponsored", "boolean", "rel has sponsored"),
    Column("kind", "text", "text, image, redirect, canonical, frame, form or mention"),
    Column("links", "integer", "how many links the row stands for", never_null=True),
    Column("follow_links", "integer", "how many of them are neither nofollow, ugc nor sponsored"),
    Column("first_seen", "date", "day on which the provider first saw the link"),
    Column("last_seen", "date", "day on which the provider last saw the link"),
    Column("lost", "date", "day on which the provider found the link gone; null while it is live or not dated"),
    Column("is_lost", "boolean", "the link is gone", never_null=True),
    Column("authority", "number", "the provider's metric of the referring domain, see authority_metric"),
    Column("authority_metric", "text", "ahrefs_dr, semrush_as, moz_da, majestic_tf, ..."),
    Column("citation_flow", "number", "Majestic's citation flow of the referring domain"),
    Column("page_authority", "number", "the provider's metric of the referring page"),
    Column("traffic", "number", "organic visits a month to the referring domain"),
    Column("referring_domains", "integer", "domains that link to the referring domain"),
    Column("linked_domains", "integer", "domains that the referring domain links to"),
    Column("page_linked_domains", "integer", "domains that the referring page links to"),
    Column("page_external_links", "integer", "external links on the referring page"),
    Column("spam", "boolean", "the provider marks the referring domain or page as spam"),
    Column("spam_score", "number", "the provider's spam score, 0 to 100"),
    Column("http_status", "integer", "HTTP status of the referring page"),
    Column("target_status", "integer", "HTTP status of the address that the link points to"),
    Column("language", "text", "language of the referring page"),
    Column("platform", "text", "software of the referring page"),
    Column("title", "text", "title of the referring page"),
    Column("page_type", "text", "the provider's type of the referring page"),
    Column("category", "text", "the provider's topic of the referring page"),
    Column("author", "text", "author of the referring page"),
    Column("ip", "text", "IP address of the referring page"),
    Column("country", "text", "country of the referring page"),
    Column("provider", "text", "who made the export: ahrefs, semrush, moz, ...", never_null=True),
    Column("report", "text", "which of the provider's reports it is", never_null=True),
    Column("file", "text", "name of the file", never_null=True),
    Column("row", "integer", "number of the record in the file, the first below the heading is 1", never_null=True),
)

REASONS = {
    "no domain": "the row contains no page or domain that could belong to a website",
    "empty row": "all cells of the row are empty",
    "malformed row": "a quote was opened and not closed, so the row runs past its end",
    "wrong column count": "the row has more or fewer cells than the heading",
    "self link": "the site links to itself",
    "not a link": "the row is not a link: a mention, a stylesheet, a total, a repeated heading",
    "duplicate": (
        "the same link is in a newer file of the same report, or one read before, or the domain is earlier in the list"
    ),
    "other site": "the link points to none of the sites that are compared",
}
"""Why a row is set aside, and what that means."""

DAMAGE = ("no domain", "malformed row", "wrong column count")
"""The reasons that count against `max_loss`; the others are choices, not damage."""

RECEIPTS = (
    Column("file", "text", "name of the file", never_null=True),
    Column("provider", "text", "who made the export"),
    Column("report", "text", "which of the provider's reports it is"),
    Column("site", "text", "the site or sites that its links point to"),
    Column("encoding", "text", "encoding of the file"),
    Column("delimiter", "text", "what separates the cells"),
    Column("rows", "integer", "records below the heading", never_null=True),
    Column("kept", "integer", "records that became links", never_null=True),
    Column("set_aside", "integer", "records that did not; rows = kept + set_aside", never_null=True),
    *(Column(reason.replace(" ", "_"), "integer", meaning, never_null=True) for reason, meaning in REASONS.items()),
    Column(
        "unread_values",
        "integer",
        "cells without the date, number or yes/no value that belongs there; null: the file is too large to count them",
    ),
    Column("domains", "integer", "distinct referring domains", never_null=True),
    Column("lost", "integer", "records whose link is gone", never_null=True),
    Column("cut", "text", "none, rows or authority: whether and how the provider cut the list"),
    Column("floor", "number", "lowest authority in a list that is cut by authority, see floor_metric"),
    Column("floor_metric", "text", "which metric the floor is: ahrefs_dr, semrush_as, moz_da, ..."),
    Column("partial", "text", "why the list covers only part of the site, or is a sample; null when it covers all"),
    Column("largest_domain_share", "number", "share of the rows that the largest referring domain fills, 0 to 1"),
    Column("exported_at", "date", "day of the export, from the file's name"),
    Column("note", "text", "what else a reader should know"),
)

PROSPECTS = (
    Column("rank", "integer", "1 is the prospect to write to first"),
    Column("domain", "text", "registrable domain (or host, with level='host')", never_null=True),
    Column("priority", "number", "0 to 100: likelihood x authority^weight x (1 - risk)", never_null=True),
    Column("likelihood", "number", "0 to 1: index of how likely such a link is", never_null=True),
    Column("value", "number", "0 to 1: authority percentile used for the value of the link, 0.02 or more"),
    Column("risk", "number", "0 to 1: sum of the named reasons for caution", never_null=True),
    Column("risk_reasons", "text", "the reasons, separated by semicolons; empty when there are none", never_null=True),
    Column("coverage", "number", "0 to 1: share of the similarity-weighted rivals that it links to", never_null=True),
    Column(
        "relation", "text", "never or lost: lost when a list shows a link to the site that is gone", never_null=True
    ),
    Column(
        "evidence",
        "text",
        "proven, likely or unverified: how certain it is that the domain has no link that counts",
        never_null=True,
    ),
    Column("rivals_linked", "integer", "how many rivals it links to", never_null=True),
    Column(
        "links", "integer", "links to rivals that count: live ones, unless lost ones were asked for", never_null=True
    ),
    Column("follow_links", "integer", "those known to be followed; null when no export says"),
    Column("authority", "number", "provider's metric of the domain, see authority_metric"),
    Column("authority_metric", "text", "which metric the authority is"),
    Column("authority_percentile", "number", "0 to 1 among the prospects, comparable across providers"),
    Column("authority_imputed", "boolean", "no provider gives an authority: the percentile is an estimate"),
    Column("traffic", "number", "organic visits a month"),
    Column("referring_domains", "integer", "domains that link to it"),
    Column("linked_domains", "integer", "domains that it links to"),
    Column("spam", "boolean", "a provider marks it as spam"),
    Column("spam_score", "number", "highest spam score of any provider, 0 to 100"),
    Column("sample_url", "text", "one page with such a link: live and followed if there is one"),
    Column("sample_anchor", "text", "anchor of that link"),
    Column("sample_target", "text", "where that link points to"),
    Column("title", "text", "title of that page"),
    Column("language", "text", "language of that page"),
    Column("platform", "text", "software of that page"),
    Column("tactic", "text", "how a link like the sample is usually won; unknown if that is unclear", never_null=True),
    Column("tactic_evidence", "text", "the words that point to it, and where; empty when unknown", never_null=True),
    Column("first_seen", "date", "earliest day on which a link to a rival that counts was seen"),
    Column("last_seen", "date", "latest day on which a link to a rival that counts was seen"),
    Column(
        "providers", "text", "providers that list a link to a rival that counts, separated by commas", never_null=True
    ),
)
"""After `rivals_linked` come boolean columns, one per rival and named after it.

Reports that show links to the same rival are not added up: the one that shows the most counts. Where lists differ on
`authority`, `traffic`, `referring_domains` or `linked_domains`, the highest figure counts.
"""

PAGE_CHECKS = (
    Column("domain", "text", "the prospect", never_null=True),
    Column("page_result", "text", "result of checking its sample page, in a few words", never_null=True),
    Column("page_outcome", "text", "the same in a sentence", never_null=True),
    Column("page_url", "text", "the page that was asked for"),
    Column("page_final_url", "text", "where redirects led"),
    Column("page_status", "integer", "HTTP status of the page; null: no server answered"),
    Column("page_checked_at", "date", "when its server answered, UTC"),
    Column("rival_links", "integer", "links to rivals on the page"),
    Column("rivals_found", "text", "the rivals it links to, separated by commas"),
    Column("site_links", "integer", "links to the site itself on the page"),
    Column("link_target", "text", "where its first link to a rival points, a followed one before others"),
    Column("link_anchor", "text", "text of that link"),
    Column("link_rel", "text", "rel of that link, words in alphabetical order; empty when it has none"),
    Column("link_place", "text", "main text, navigation, sidebar, footer or comments"),
    Column("link_follow", "boolean", "neither the link nor the page has nofollow, ugc or sponsored"),
    Column("link_target_status", "integer", "HTTP status of the page that it points to"),
    Column("link_target_gone", "boolean", "the page that it points to is gone: a broken link, so offer a replacement"),
    Column("link_target_outcome", "text", "result of checking that page"),
    Column("external_links", "integer", "links on the page to other domains"),
    Column("page_title", "text", "title of the page"),
    Column("page_language", "text", "language that the page states"),
    Column("page_noindex", "boolean", "the page is kept out of search engines"),
    Column("page_canonical", "text", "the canonical address that the page states"),
    Column("page_published", "date", "day of publication that the page states"),
    Column("page_changed", "date", "day of the last change that the page or its server states"),
    Column("contact_page", "text", "contact page on the same domain"),
    Column("emails", "text", "e-mail addresses shown on the page, its own domain's first, separated by commas"),
    Column("write_for_us", "text", "page of the same domain that invites others to write for it"),
    Column("resource_page", "boolean", "the page is a list of links, by its title, heading or address"),
)
"""One row per prospect that was chosen to be checked. Null: the page does not say, or was not read."""

OUTREACH = (
    Column("domain", "text", "registrable domain", never_null=True),
    Column("status", "text", "new, shortlisted, contacted, replied, won, rejected or hidden", never_null=True),
    Column("note", "text", "what to remember"),
    Column("owner", "text", "who on your team takes care of it"),
    Column("contact", "text", "whom to write to: a name, an address, a form"),
    Column("contacted_on", "date", "day on which it was last contacted"),
    Column("next_on", "date", "day of the next step"),
    Column("changed_at", "date", "moment of the latest change, UTC", never_null=True),
    Column("changed_by", "text", "who made it"),
)
"""One row per domain about which anything was ever recorded. Null: never set, or removed again."""

HISTORY = (
    Column("number", "integer", "place in the file's history; later changes have larger numbers", never_null=True),
    Column("at", "date", "moment of the change by the clock of whoever made it, UTC", never_null=True),
    Column("domain", "text", "registrable domain", never_null=True),
    Column("field", "text", "which column of the outreach table changed", never_null=True),
    Column("old", "text", "what it was; days as 2026-01-31"),
    Column("new", "text", "what it became"),
    Column("by", "text", "who made it"),
    Column("step", "integer", "number of the first of the changes that were made at once", never_null=True),
    Column("undoes", "integer", "the step that this change undoes"),
)
"""One row per change of one field of one domain, in the order in which they reached the file."""

WON = (
    Column("domain", "text", "registrable domain", never_null=True),
    Column("outcome", "text", "confirmed, lost again or not seen: what the links say about it", never_null=True),
    Column("won_on", "date", "day on which its status became won", never_null=True),
    Column("links", "integer", "live links to the site", never_null=True),
    Column("first_seen", "date", "earliest day on which a link to the site, live or lost, was seen"),
    Column("last_seen", "date", "latest day on which a link to the site, live or lost, was seen"),
    Column("lost", "date", "latest day on which a provider found a link to the site gone"),
)

OUTREACH_REASONS = {
    "no domain": "the row contains nothing that could be a domain",
    "empty row": "all cells of the row are empty",
    "malformed row": "a quote was opened and not closed, so the row runs past its end",
    "wrong column count": "the row has more cells than the heading",
    "duplicate": "an earlier row says something else about the same domain",
    "unknown status": "the status is not one of STATUSES",
    "unread date": "not a date, or its day and month can't be told apart: pass day_first=True or day_first=False",
    "text too long": "a cell has more characters than are kept",
}
"""Why a row of an outreach sheet is set aside, or a cell of it not read, and what that means."""

_ABSENCE = Column(
    "absence",
    "text",
    "what the other state's lists say about its absence there, or that no such list is from a provider that shows "
    "the link; null when it is not absent",
)

CHANGED_LINKS = (
    Column("site", "text", "the compared site", never_null=True),
    Column("domain", "text", "registrable domain (or host, with level='host') that links to it", never_null=True),
    Column("change", "text", "kept, new, lost, or unverified: the other state's lists can't tell", never_null=True),
    Column("before", "boolean", "the state before shows a link", never_null=True),
    Column("after", "boolean", "the state after shows a link", never_null=True),
    _ABSENCE,
    Column("authority", "number", "provider's latest metric of the domain, see authority_metric"),
    Column("authority_metric", "text", "which metric the authority is"),
    Column("authority_percentile", "number", "0 to 1 among the domains of either state with the same metric"),
)
"""One row per site and domain that links to it in either state. Each pair has exactly one kind of change."""

CHANGED_SITES = (
    Column("site", "text", "the compared site", never_null=True),
    Column("before", "integer", "domains that link to it in the state before", never_null=True),
    Column("after", "integer", "domains that link to it in the state after", never_null=True),
    Column("kept", "integer", "in both", never_null=True),
    Column("new", "integer", "only after, and certainly not before", never_null=True),
    Column("unverified_new", "integer", "only after, but the lists before may have left them out", never_null=True),
    Column("lost", "integer", "only before, and certainly not after", never_null=True),
    Column("unverified_lost", "integer", "only before, but the lists after may have left them out", never_null=True),
)
"""One row per site: after = kept + new + unverified_new, before = kept + lost + unverified_lost. `attrs["level"]` tells
whether it counts domains or hosts."""

CHANGED_GAPS = (
    Column("domain", "text", "registrable domain (or host, with level='host')", never_null=True),
    Column(
        "change",
        "text",
        "new, closed, open, or unverified: the lists can't tell whether it opened or closed",
        never_null=True,
    ),
    Column("before", "boolean", "it was a prospect before", never_null=True),
    Column("after", "boolean", "it is a prospect after", never_null=True),
    Column("reason", "text", "what made or ended the gap; null while it stays open"),
    Column("rivals_before", "integer", "how many rivals it linked to before", never_null=True),
    Column("rivals_after", "integer", "how many rivals it links to after", never_null=True),
    Column("rank_before", "integer", "its rank before; null when it was not a prospect"),
    Column("rank_after", "integer", "its rank after; null when it is not a prospect"),
    Column("moved", "integer", "places up, or down when negative, among the prospects of both states"),
    Column("priority_before", "number", "0 to 100, before"),
    Column("priority_after", "number", "0 to 100, after"),
    Column("authority", "number", "provider's latest metric of the domain, see authority_metric"),
    Column("authority_metric", "text", "which metric the authority is"),
    Column("authority_percentile", "number", "0 to 1 among the domains of either state with the same metric"),
)
"""One row per domain that is a prospect in either state; new ones first, then closed, unverified and open, by rank."""

CHANGED_OUTREACH = (
    Column("domain", "text", "registrable domain", never_null=True),
    Column("status", "text", "its status in the outreach file", never_null=True),
    Column("outcome", "text", "confirmed, lost again, not seen; or not marked: it links now", never_null=True),
    Column("flagged", "boolean", "somebody should look: the links and the status disagree", never_null=True),
    Column("change", "text", "its link to the site: kept, new, lost or unverified; null when neither state shows one"),
    _ABSENCE,
)
"""One row per domain that is marked won, or that was contacted and links now. Flagged ones first."""
