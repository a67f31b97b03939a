"""Every report that linkgap knows: recognised however it was re-saved, and read to the values worked by hand."""

import csv
import itertools
import random
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import duckdb
import pytest

from linkgap.engine import literal, quoted, statement
from linkgap.loaders import (
    ahrefs,
    bing,
    commoncrawl,
    dataforseo,
    majestic,
    moz,
    openseo,
    own,
    plain,
    screaming_frog,
    se_ranking,
    search_console,
    semrush,
    serpstat,
    ubersuggest,
    yandex,
)
from linkgap.loaders.exporters import REPORTS, known_heading_score, recognise
from linkgap.loaders.mappings import checked_report
from linkgap.loaders.reports import EXTRA_COLUMNS, KINDS, Report, folded, sql_for
from linkgap.schema import LINKS

FIXTURES = Path(__file__).parent / "fixtures"

LISTS = {
    "ahrefs-backlinks.csv": ahrefs.BACKLINKS,
    "ahrefs-backlinks-fewer-columns.csv": ahrefs.BACKLINKS,
    "ahrefs-backlinks-without-target.csv": ahrefs.BACKLINKS,
    "ahrefs-backlinks-reasons-of-loss.csv": ahrefs.BACKLINKS,
    "ahrefs-broken-backlinks.csv": ahrefs.BROKEN_BACKLINKS,
    "ahrefs-backlinks-2020.csv": ahrefs.BACKLINKS_2020,
    "ahrefs-api-backlinks.csv": ahrefs.API_BACKLINKS,
    "ahrefs-api-broken-backlinks.csv": ahrefs.API_BROKEN_BACKLINKS,
    "ahrefs-api-backlinks-kinds-by-flags.csv": ahrefs.API_BACKLINKS,
    "ahrefs-api-backlinks-dofollow-only.csv": ahrefs.API_BACKLINKS,
    "ahrefs-api-backlinks-nofollow-only.csv": ahrefs.API_BACKLINKS,
    "ahrefs-api-backlinks-without-target.csv": ahrefs.API_BACKLINKS,
    "ahrefs-api-backlinks-all-time.csv": ahrefs.API_BACKLINKS,
    "ahrefs-api-backlinks-reasons-of-loss.csv": ahrefs.API_BACKLINKS,
    "ahrefs-free-checker.csv": ahrefs.FREE_BACKLINKS,
    "ahrefs-api-v2-backlinks.csv": ahrefs.API_V2_BACKLINKS,
    "ahrefs-api-v2-new-lost-backlinks.csv": ahrefs.API_V2_BACKLINKS_HISTORY,
    "ahrefs-referring-domains.csv": ahrefs.REFERRING_DOMAINS,
    "ahrefs-api-referring-domains.csv": ahrefs.REFERRING_DOMAINS,
    "ahrefs-api-referring-domains-all-time.csv": ahrefs.REFERRING_DOMAINS,
    "ahrefs-api-v2-referring-domains.csv": ahrefs.API_V2_REFERRING_DOMAINS,
    "ahrefs-api-v2-new-lost-referring-domains.csv": ahrefs.API_V2_REFERRING_DOMAINS_HISTORY,
    "ahrefs-link-intersect.csv": ahrefs.LINK_INTERSECT,
    "ahrefs-link-intersect-list.csv": ahrefs.LINK_INTERSECT_LIST,
    "semrush-backlinks.csv": semrush.BACKLINKS,
    "semrush-backlinks-fewer-columns.csv": semrush.BACKLINKS_WITHOUT_SCORE,
    "semrush-backlinks-2018.csv": semrush.BACKLINKS,
    "semrush-api-backlinks.csv": semrush.BACKLINKS,
    "semrush-api-backlinks-fewer-columns.csv": semrush.BACKLINKS,
    "semrush-referring-domains.csv": semrush.REFERRING_DOMAINS,
    "semrush-referring-domains-2018.csv": semrush.REFERRING_DOMAINS_2018,
    "semrush-api-referring-domains.csv": semrush.REFERRING_DOMAINS,
    "semrush-backlink-audit.csv": semrush.BACKLINK_AUDIT,
    "semrush-backlink-audit-toxicity.csv": semrush.BACKLINK_AUDIT,
    "semrush-backlink-gap.csv": semrush.BACKLINK_GAP,
    "semrush-api-backlink-gap.csv": semrush.BACKLINK_GAP,
    "semrush-api-backlink-gap-with-sums.csv": semrush.BACKLINK_GAP_WITH_SUMS,
    "moz-inbound-links.csv": moz.INBOUND_LINKS,
    "moz-inbound-links-older.csv": moz.INBOUND_LINKS,
    "moz-inbound-links-open-site-explorer.csv": moz.INBOUND_LINKS,
    "moz-api-links.csv": moz.API_LINKS,
    "moz-api-linking-domains.csv": moz.API_LINKING_DOMAINS,
    "moz-linking-domains.csv": moz.LINKING_DOMAINS,
    "majestic-backlinks.csv": majestic.BACKLINKS,
    "majestic-backlinks-words-parted.csv": majestic.BACKLINKS,
    "majestic-raw-backlinks.csv": majestic.RAW_BACKLINKS,
    "majestic-referring-domains.csv": majestic.REFERRING_DOMAINS,
    "search-console-top-linking-sites.csv": search_console.TOP_LINKING_SITES,
    "search-console-latest-links.csv": search_console.LATEST_LINKS,
    "search-console-more-sample-links.csv": search_console.MORE_SAMPLE_LINKS,
    "bing-referring-domains.csv": bing.REFERRING_DOMAINS,
    "bing-referring-pages.csv": bing.REFERRING_PAGES,
    "bing-api-url-links.csv": bing.URL_LINKS,
    "screaming-frog-all-inlinks.csv": screaming_frog.LINKS,
    "screaming-frog-all-inlinks-older.csv": screaming_frog.LINKS,
    "screaming-frog-inlinks-tab.csv": screaming_frog.LINKS,
    "dataforseo-backlinks.csv": dataforseo.BACKLINKS,
    "dataforseo-backlinks-fewer-columns.csv": dataforseo.BACKLINKS,
    "dataforseo-referring-domains.csv": dataforseo.REFERRING_DOMAINS,
    "se-ranking-backlinks.csv": se_ranking.BACKLINKS,
    "se-ranking-backlinks-with-lost.csv": se_ranking.BACKLINKS,
    "se-ranking-backlinks-history.csv": se_ranking.BACKLINKS_HISTORY,
    "se-ranking-referring-domains-history.csv": se_ranking.REFERRING_DOMAINS_HISTORY,
    "se-ranking-referring-domains.csv": se_ranking.REFERRING_DOMAINS,
    "ubersuggest-backlinks.csv": ubersuggest.BACKLINKS,
    "openseo-backlinks.csv": openseo.BACKLINKS,
    "openseo-referring-domains.csv": openseo.REFERRING_DOMAINS,
    "serpstat-backlinks.csv": serpstat.BACKLINKS,
    "serpstat-lost-backlinks.csv": serpstat.BACKLINKS,
    "serpstat-referring-domains.csv": serpstat.REFERRING_DOMAINS,
    "serpstat-links-intersect.csv": serpstat.LINKS_INTERSECT,
    "yandex-external-links.csv": yandex.EXTERNAL_LINKS,
    "commoncrawl-centrality.csv": commoncrawl.BY_METRIC["commoncrawl_hc"],
    "commoncrawl-page-rank.csv": commoncrawl.BY_METRIC["commoncrawl_pr"],
    "commoncrawl-without-ranks.csv": commoncrawl.BY_METRIC[None],
    "linkgap-links.csv": own.LINKS,
}
"""Told by their headings."""

SHAPED = {
    "search-console-top-linking-sites-hebrew.csv": search_console.TOP_LINKING_SITES,
    "search-console-latest-links-hebrew.csv": search_console.LATEST_LINKS,
    "search-console-top-target-pages-hebrew.csv": search_console.TOP_TARGET_PAGES,
    "screaming-frog-all-inlinks-french.csv": screaming_frog.TRANSLATED_LINKS,
    "screaming-frog-all-inlinks-german.csv": screaming_frog.TRANSLATED_LINKS,
    "google-disavow-file.txt": plain.DISAVOW_FILE,
    "plain-list-of-competitors.csv": plain.LIST_OF_OTHERS,
    "plain-list.txt": plain.LIST,
    "plain-list-with-heading.txt": plain.LIST,
}
"""Told by what their cells look like."""

REFUSED = {
    "ahrefs-link-intersect-pages.csv": ahrefs.LINK_INTERSECT_PAGES,
    "ahrefs-referring-ips.csv": ahrefs.REFERRING_IPS,
    "ahrefs-anchors.csv": ahrefs.ANCHORS,
    "ahrefs-anchors-under-another-heading.csv": ahrefs.ANCHORS,
    "ahrefs-best-by-links.csv": ahrefs.BEST_BY_LINKS,
    "ahrefs-top-pages.csv": ahrefs.TOP_PAGES,
    "ahrefs-organic-keywords.csv": ahrefs.ORGANIC_KEYWORDS,
    "ahrefs-linked-domains.csv": ahrefs.LINKED_DOMAINS,
    "ahrefs-api-linked-domains.csv": ahrefs.LINKED_DOMAINS,
    "ahrefs-api-linked-domains-fewer-columns.csv": ahrefs.LINKED_DOMAINS,
    "ahrefs-api-anchors.csv": ahrefs.ANCHORS,
    "ahrefs-api-best-by-links.csv": ahrefs.BEST_BY_LINKS,
    "ahrefs-api-top-pages.csv": ahrefs.TOP_PAGES,
    "ahrefs-api-organic-keywords.csv": ahrefs.ORGANIC_KEYWORDS,
    "ahrefs-batch-analysis.csv": ahrefs.BATCH_ANALYSIS,
    "ahrefs-organic-competitors.csv": ahrefs.ORGANIC_COMPETITORS,
    "ahrefs-api-organic-competitors.csv": ahrefs.ORGANIC_COMPETITORS,
    "semrush-anchors.csv": semrush.ANCHORS,
    "semrush-referring-ips.csv": semrush.REFERRING_IPS,
    "semrush-indexed-pages.csv": semrush.INDEXED_PAGES,
    "semrush-outbound-domains.csv": semrush.OUTBOUND_DOMAINS,
    "semrush-organic-positions.csv": semrush.ORGANIC_POSITIONS,
    "semrush-search-competitors.csv": semrush.SEARCH_COMPETITORS,
    "semrush-api-competitors.csv": semrush.COMPETITORS,
    "semrush-bulk-analysis.csv": semrush.BULK_ANALYSIS,
    "semrush-api-bulk-analysis.csv": semrush.BULK_ANALYSIS,
    "moz-anchor-text.csv": moz.ANCHOR_TEXT,
    "moz-top-pages.csv": moz.TOP_PAGES,
    "moz-top-pages-of-link-explorer.csv": moz.TOP_PAGES,
    "moz-metrics-of-domains.csv": moz.DOMAIN_METRICS,
    "moz-metrics-of-rivals.csv": moz.DOMAIN_METRICS,
    "majestic-anchor-text.csv": majestic.ANCHOR_TEXT,
    "majestic-pages.csv": majestic.PAGES,
    "majestic-bulk-backlinks.csv": majestic.BULK_BACKLINKS,
    "majestic-api-domains-info.csv": majestic.DOMAINS_INFO,
    "search-console-top-target-pages.csv": search_console.TOP_TARGET_PAGES,
    "search-console-top-target-pages-internal.csv": search_console.TOP_TARGET_PAGES,
    "search-console-top-linking-text.csv": search_console.TOP_LINKING_TEXT,
    "search-console-performance-queries.csv": search_console.PERFORMANCE,
    "bing-anchor-texts.csv": bing.ANCHOR_TEXTS,
    "bing-api-link-counts.csv": bing.LINK_COUNTS,
    "screaming-frog-internal-all.csv": screaming_frog.INTERNAL_PAGES,
    "screaming-frog-internal-all-spanish.csv": screaming_frog.INTERNAL_PAGES,
    "dataforseo-anchors.csv": dataforseo.ANCHORS,
    "dataforseo-summary.csv": dataforseo.SUMMARY,
    "dataforseo-pages.csv": dataforseo.PAGES,
    "dataforseo-domain-intersection.csv": dataforseo.DOMAIN_INTERSECTION,
    "se-ranking-anchors.csv": se_ranking.ANCHORS,
    "se-ranking-summary.csv": se_ranking.SUMMARY,
    "ubersuggest-top-pages.csv": ubersuggest.TOP_PAGES,
    "ubersuggest-keywords.csv": ubersuggest.KEYWORDS,
    "openseo-top-pages.csv": openseo.TOP_PAGES,
    "plain-list-of-redirects.csv": plain.REDIRECTS,
}
"""No backlink lists; told by their headings."""

EXPECTED = [
    (
        "commoncrawl-centrality.csv",
        1,
        {"site": "oakdesk.example", "source_domain": "deskblog.test", "authority": "19876543.5"},
    ),
    ("commoncrawl-page-rank.csv", 1, {"source_domain": "deskblog.test", "authority": "1.5e-07"}),
    (
        "ahrefs-backlinks.csv",
        1,
        {
            "source_url": "https://review.example/desks/?a=1,2",
            "target_url": "http://oldsite.test/desks",
            "landing_url": "https://www.rival.example/desks/?sort=a,b",
            "anchor": "the “Oak” desk",
            "nofollow": "false",
            "ugc": "false",
            "sponsored": "true",
            "kind": "text",
            "no_link": None,
            "links": "3",
            "first_seen": "2023-10-12 21:53:15",
            "last_seen": "2026-10-20 14:36:49",
            "lost": "",
            "authority": "71",
            "page_authority": "12.5",
            "traffic": "15300",
            "page_linked_domains": "9",
            "page_external_links": "14",
            "spam": "false",
            "http_status": "200",
            "language": "en",
            "platform": "wordpress, ecommerce",
            "title": "Ten desks, tested",
            "page_type": "Article",
            "category": "/Home & Garden/Furniture",
            "author": "Ann Author",
        },
    ),
    (
        "ahrefs-backlinks.csv",
        2,
        {"landing_url": "", "kind": None, "no_link": "true", "spam": "true", "lost": "2026-09-15 11:12:13"},
    ),
    (
        "ahrefs-backlinks-fewer-columns.csv",
        1,
        {"source_url": "https://blog.example/post", "target_url": "https://rival.example/desks", "nofollow": "false"},
    ),
    (
        "ahrefs-backlinks-without-target.csv",
        1,
        {"source_url": "https://forum.example/t/1", "authority": "3", "first_seen": "2026-10-01T10:00:00Z"},
    ),
    (
        "ahrefs-broken-backlinks.csv",
        1,
        {
            "source_url": "https://review.example/desks/",
            "target_url": "https://rival.example/gone",
            "nofollow": "true",
            "kind": "text",
            "authority": "71",
            "last_seen": "2026-10-19 01:02:03",
            "http_status": "200",
            "target_status": "404",
        },
    ),
    ("ahrefs-backlinks-reasons-of-loss.csv", 1, {"is_lost": None, "authority": "71", "page_authority": "12"}),
    ("ahrefs-backlinks-reasons-of-loss.csv", 2, {"is_lost": "true"}),
    ("ahrefs-backlinks-reasons-of-loss.csv", 3, {"is_lost": "true"}),
    ("se-ranking-backlinks-with-lost.csv", 1, {"lost": "", "spam_score": "16", "authority": "94"}),
    ("se-ranking-backlinks-with-lost.csv", 2, {"lost": "2025-04-05", "nofollow": "true"}),
    ("ahrefs-api-backlinks-reasons-of-loss.csv", 1, {"is_lost": None}),
    ("ahrefs-api-backlinks-reasons-of-loss.csv", 2, {"is_lost": "true"}),
    ("ahrefs-api-backlinks-reasons-of-loss.csv", 3, {"is_lost": "true"}),
    ("ahrefs-api-broken-backlinks.csv", 1, {"http_status": "200", "target_status": "410", "nofollow": "false"}),
    (
        "ahrefs-backlinks-2020.csv",
        1,
        {
            "source_url": "https://blog.example/post",
            "target_url": "http://rival.example/shop",
            "anchor": "shop",
            "nofollow": "true",
            "kind": None,
            "first_seen": "28/03/2018 07:07",
            "last_seen": "05/11/2020 18:00",
            "lost": "",
            "is_lost": None,
            "authority": "64",
            "page_authority": "21",
            "page_linked_domains": "7",
            "page_external_links": "12",
        },
    ),
    (
        "ahrefs-backlinks-2020.csv",
        2,
        {
            "landing_url": "https://rival.example/x",
            "nofollow": "false",
            "kind": "redirect",
            "lost": "04/10/2020",
            "is_lost": "true",
        },
    ),
    (
        "ahrefs-api-backlinks.csv",
        1,
        {
            "source_url": "https://forum.example/t/9",
            "nofollow": "true",
            "ugc": "true",
            "sponsored": "false",
            "is_lost": "false",
            "first_seen": "2021-05-06T07:08:09Z",
            "last_seen": "2026-10-01T00:00:00Z",
            "authority": "55.0",
        },
    ),
    ("ahrefs-api-backlinks-all-time.csv", 1, {"last_seen": "2026-10-01T00:00:00Z", "lost": ""}),
    (
        "ahrefs-api-backlinks-all-time.csv",
        2,
        {"last_seen": "2025-10-01T00:00:00Z", "lost": "2025-11-02T00:00:00Z"},
    ),
    ("ahrefs-api-backlinks-kinds-by-flags.csv", 1, {"kind": "image", "no_link": None}),
    ("ahrefs-api-backlinks-kinds-by-flags.csv", 2, {"kind": "redirect", "no_link": None}),
    ("ahrefs-api-backlinks-kinds-by-flags.csv", 3, {"kind": "text", "no_link": None}),
    ("ahrefs-api-backlinks-kinds-by-flags.csv", 4, {"kind": None, "no_link": "true"}),
    ("ahrefs-api-backlinks-kinds-by-flags.csv", 5, {"kind": None, "no_link": "true"}),
    ("ahrefs-api-backlinks-kinds-by-flags.csv", 6, {"kind": "text", "no_link": None}),
    ("ahrefs-api-backlinks-nofollow-only.csv", 1, {"nofollow": "false", "ugc": "false"}),
    ("ahrefs-api-backlinks-nofollow-only.csv", 2, {"nofollow": "true", "ugc": "true"}),
    (
        "ahrefs-api-backlinks-without-target.csv",
        1,
        {"source_url": "https://mag.test/a", "nofollow": "false", "authority": "80.0", "traffic": "1200"},
    ),
    ("ahrefs-api-backlinks-without-target.csv", 2, {"first_seen": "2024-05-06T07:08:09Z", "is_lost": "true"}),
    (
        "dataforseo-backlinks-fewer-columns.csv",
        2,
        {"source_url": "https://forum.example/t/9", "nofollow": "true", "authority": "120", "page_authority": "0"},
    ),
    (
        "ahrefs-free-checker.csv",
        2,
        {"source_url": "https://forum.example/t/9", "target_url": "https://rival.example/", "authority": "55"},
    ),
    ("ahrefs-api-backlinks-dofollow-only.csv", 1, {"nofollow": "false", "kind": "image", "title": "Mag"}),
    ("ahrefs-api-backlinks-dofollow-only.csv", 2, {"nofollow": "true", "kind": None, "no_link": "true"}),
    (
        "ahrefs-referring-domains.csv",
        1,
        {
            "source_domain": "magazine.example",
            "links": "14",
            "follow_links": "0",
            "first_seen": "2019-09-28 17:38:24",
            "lost": "",
            "authority": "78",
            "traffic": "120500",
            "referring_domains": "5120",
            "linked_domains": "940",
            "spam": "false",
        },
    ),
    (
        "ahrefs-api-referring-domains.csv",
        1,
        {"source_domain": "paper.example", "links": "0", "follow_links": "0", "authority": "93.0"},
    ),
    ("ahrefs-api-referring-domains-all-time.csv", 1, {"links": "3", "lost": ""}),
    ("ahrefs-api-referring-domains-all-time.csv", 2, {"source_domain": "wiki.test", "lost": "2026-02-03T04:05:06Z"}),
    (
        "ahrefs-api-v2-backlinks.csv",
        1,
        {
            "source_url": "https://forum.example/t/9",
            "target_url": "https://rival.example/desks",
            "anchor": "Oak desk",
            "nofollow": "true",
            "ugc": "true",
            "sponsored": "false",
            "kind": None,
            "no_link": None,
            "links": "7",
            "first_seen": "2019-10-26T20:19:04Z",
            "last_seen": "2021-11-08T19:25:22Z",
            "authority": "48",
            "page_authority": "21",
            "page_external_links": "14",
            "target_status": "200",
            "language": "en",
            "title": "Desks, old and new",
            "ip": "198.51.100.7",
        },
    ),
    ("ahrefs-api-v2-backlinks.csv", 2, {"kind": "redirect", "nofollow": "false", "target_status": "404"}),
    ("ahrefs-api-v2-backlinks.csv", 3, {"anchor": "Feed", "no_link": "true"}),
    ("ahrefs-api-v2-new-lost-backlinks.csv", 1, {"lost": None, "is_lost": "false", "no_link": None, "authority": "33"}),
    (
        "ahrefs-api-v2-new-lost-backlinks.csv",
        2,
        {"nofollow": "true", "lost": "2021-09-28T00:00:00Z", "is_lost": "true", "http_status": "404"},
    ),
    (
        "ahrefs-api-v2-referring-domains.csv",
        1,
        {
            "source_domain": "news.paper.example",
            "links": "4",
            "follow_links": "1",
            "first_seen": "2020-01-14T05:16:39Z",
            "last_seen": "2021-12-09T09:54:58Z",
            "authority": "98",
            "traffic": "163250.5",
            "referring_domains": "8724",
            "linked_domains": "903",
        },
    ),
    ("ahrefs-api-v2-new-lost-referring-domains.csv", 1, {"source_domain": "maps.example", "is_lost": "false"}),
    (
        "ahrefs-api-v2-new-lost-referring-domains.csv",
        2,
        {"lost": "2021-09-28T00:00:00Z", "is_lost": "true", "authority": "21"},
    ),
    ("ahrefs-link-intersect.csv", 2, {"source_domain": "paper.example", "authority": "93", "traffic": "900000"}),
    ("ahrefs-link-intersect-list.csv", 1, {"source_domain": "magazine.example", "authority": "78.0"}),
    (
        "semrush-backlinks.csv",
        1,
        {
            "source_url": "https://sit.example/guide",
            "target_url": "https://rival.example/chairs/",
            "anchor": "chairs",
            "nofollow": "true",
            "ugc": "true",
            "sponsored": "false",
            "kind": "text",
            "first_seen": "2021-11-27 23:33:56",
            "last_seen": "2026-10-18 12:10:57",
            "is_lost": "true",
            "page_authority": "34",
            "page_external_links": "8",
            "title": "Where to sit, and why",
        },
    ),
    ("semrush-backlinks.csv", 2, {"kind": "image", "is_lost": "false", "nofollow": "false"}),
    (
        "semrush-backlinks-2018.csv",
        1,
        {"source_url": "https://list.example/all", "kind": "frame", "page_authority": "21", "nofollow": "false"},
    ),
    (
        "semrush-api-backlinks.csv",
        1,
        {
            "source_url": "https://mag.example/x",
            "first_seen": "2019-01-01 00:00:00",
            "last_seen": "2026-01-01 00:00:00",
            "page_external_links": "4",
            "title": "Mag",
        },
    ),
    (
        "semrush-api-backlinks-fewer-columns.csv",
        1,
        {"first_seen": "2019-01-01 00:00:00", "last_seen": "2026-01-01 00:00:00", "nofollow": "true"},
    ),
    (
        "semrush-referring-domains.csv",
        1,
        {
            "source_domain": "slides.example",
            "links": "1,210",
            "first_seen": "2017-12-14 22:13:49",
            "authority": "77",
            "ip": "198.51.100.8",
            "country": "CA",
        },
    ),
    ("semrush-referring-domains-2018.csv", 1, {"source_domain": "slides.example", "links": "12", "authority": "48"}),
    (
        "semrush-api-referring-domains.csv",
        1,
        {"source_domain": "paper.example", "links": "9", "first_seen": "2019-01-01 00:00:00", "authority": "61"},
    ),
    (
        "semrush-backlink-audit.csv",
        1,
        {
            "source_url": "http://links4u.example/p?id=1",
            "source_domain": "links4u.example",
            "target_url": "https://rival.example/",
            "nofollow": "false",
            "kind": "image",
            "authority": "12",
            "page_authority": "3",
            "spam_score": "86",
            "first_seen": "2024-02-03",
        },
    ),
    (
        "semrush-backlink-audit-toxicity.csv",
        1,
        {"source_url": "https://links4u.example/p", "nofollow": "FALSE", "page_authority": "3", "spam_score": "87"},
    ),
    ("semrush-backlinks-fewer-columns.csv", 1, {"source_url": "https://sit.example/guide", "nofollow": "TRUE"}),
    ("semrush-backlink-gap.csv", 1, {"source_domain": "paper.example", "authority": "61"}),
    ("semrush-api-backlink-gap.csv", 1, {"source_domain": "paper.example", "authority": "61"}),
    ("semrush-api-backlink-gap-with-sums.csv", 1, {"source_domain": "paper.example", "authority": "61"}),
    (
        "moz-inbound-links.csv",
        1,
        {
            "source_url": "www.garden.example/benches",
            "target_url": "rival.example/benches",
            "anchor": "oak bench",
            "nofollow": "true",
            "first_seen": "2026-03-04",
            "authority": "52",
            "page_authority": "38",
            "spam_score": "12",
        },
    ),
    (
        "moz-inbound-links-older.csv",
        1,
        {
            "source_url": "paper.example/2026/small-room",
            "target_url": "www.rival.example/ideas/",
            "nofollow": "yes",
            "kind": None,
            "authority": "91",
            "page_authority": "49",
            "referring_domains": "1,922",
        },
    ),
    ("moz-inbound-links-older.csv", 2, {"nofollow": "no", "kind": "redirect", "spam_score": "-"}),
    (
        "moz-inbound-links-open-site-explorer.csv",
        1,
        {"nofollow": "true", "authority": "40", "referring_domains": "220"},
    ),
    (
        "moz-api-links.csv",
        1,
        {
            "source_url": "garden.example/benches",
            "target_url": "rival.example/desks",
            "anchor": "oak desk",
            "nofollow": "true",
            "kind": None,
            "first_seen": "2026-01-01",
            "last_seen": "2026-09-20",
            "lost": "2026-02-01",
            "authority": "52",
            "page_authority": "38",
            "spam_score": "5",
            "title": "Benches",
        },
    ),
    ("moz-api-links.csv", 2, {"kind": "redirect", "lost": "2026-09-21"}),
    ("moz-api-linking-domains.csv", 1, {"links": "14", "follow_links": "10", "authority": "52"}),
    (
        "moz-linking-domains.csv",
        1,
        {"source_domain": "paper.example", "authority": "91", "referring_domains": "88,120", "spam_score": "2"},
    ),
    (
        "majestic-backlinks.csv",
        1,
        {
            "source_url": "https://uni.example/tools",
            "source_domain": "uni.example",
            "target_url": "https://www.rival.example/",
            "anchor": "here",
            "nofollow": "true",
            "kind": "image",
            "first_seen": "2022-09-07",
            "last_seen": "2026-10-10",
            "lost": "2026-10-12",
            "is_lost": "true",
            "authority": "72",
            "citation_flow": "70",
            "page_authority": "14",
            "category": "Reference/Education",
        },
    ),
    (
        "majestic-backlinks-words-parted.csv",
        1,
        {
            "source_url": "https://uni.example/tools",
            "target_url": "https://www.rival.example/",
            "anchor": "here",
            "first_seen": "2022-09-07",
            "authority": "72",
            "citation_flow": "70",
            "page_authority": "14",
        },
    ),
    ("majestic-backlinks.csv", 2, {"nofollow": "false", "kind": "mention", "lost": "", "is_lost": "false"}),
    (
        "majestic-raw-backlinks.csv",
        1,
        {
            "source_url": "http://hop.example/go",
            "target_url": "http://rival.example/",
            "nofollow": "false",
            "kind": "redirect",
            "first_seen": "2015-04-05",
            "last_seen": "2018-02-01",
            "page_authority": "9",
        },
    ),
    (
        "majestic-referring-domains.csv",
        1,
        {
            "source_domain": "uni.example",
            "links": "23",
            "authority": "72",
            "citation_flow": "70",
            "referring_domains": "51200",
            "ip": "192.0.2.7",
            "country": "US",
        },
    ),
    ("search-console-top-linking-sites.csv", 1, {"source_domain": "bigblog.example", "links": "1,240"}),
    ("search-console-top-linking-sites-hebrew.csv", 2, {"source_domain": "קטן.example", "links": "3"}),
    ("search-console-latest-links.csv", 1, {"source_url": "https://news.example/a,b", "last_seen": "2026-10-02"}),
    ("search-console-latest-links-hebrew.csv", 1, {"source_url": "https://news.example/a", "last_seen": "28/09/2026"}),
    ("search-console-more-sample-links.csv", 2, {"source_url": "https://blog.test/c"}),
    ("bing-referring-domains.csv", 1, {"source_domain": "https://ref.example", "links": "22"}),
    (
        "bing-referring-pages.csv",
        1,
        {"source_url": "https://ref.example/a", "target_url": "https://rival.example/page", "anchor": "Our, rival"},
    ),
    ("bing-api-url-links.csv", 1, {"source_url": "https://blog.example/desks", "anchor": "an oak desk"}),
    (
        "screaming-frog-all-inlinks.csv",
        1,
        {
            "source_url": "https://partner.example/friends",
            "target_url": "https://rival.example/",
            "anchor": "Rival logo",
            "nofollow": "true",
            "ugc": "false",
            "sponsored": "true",
            "kind": "image",
            "no_link": "false",
            "target_status": "200",
        },
    ),
    ("screaming-frog-all-inlinks.csv", 2, {"no_link": "true"}),
    (
        "screaming-frog-inlinks-tab.csv",
        1,
        {"source_url": "https://partner.example/friends", "anchor": "a rival", "nofollow": "true", "no_link": "false"},
    ),
    ("screaming-frog-all-inlinks-older.csv", 1, {"anchor": "a rival", "nofollow": "false", "no_link": "false"}),
    ("screaming-frog-all-inlinks-older.csv", 2, {"nofollow": "true", "no_link": "false"}),
    ("screaming-frog-all-inlinks-older.csv", 3, {"no_link": "true"}),
    (
        "screaming-frog-all-inlinks-german.csv",
        1,
        {
            "source_url": "https://partner.example/freunde",
            "target_url": "https://rival.example/",
            "anchor": "ein Rivale",
            "nofollow": "true",
            "ugc": "false",
            "sponsored": "true",
            "no_link": "false",
        },
    ),
    ("screaming-frog-all-inlinks-german.csv", 2, {"nofollow": "false", "sponsored": "false", "no_link": "true"}),
    (
        "screaming-frog-all-inlinks-french.csv",
        1,
        {
            "source_url": "https://partenaire.example/amis",
            "target_url": "https://rival.example/",
            "anchor": "un rival",
            "nofollow": "false",
            "ugc": "true",
            "sponsored": "false",
            "kind": "text",
            "no_link": "false",
            "target_status": "200",
        },
    ),
    ("screaming-frog-all-inlinks-french.csv", 2, {"no_link": "true"}),
    (
        "dataforseo-backlinks.csv",
        1,
        {
            "source_url": "https://paper.example/x",
            "source_domain": "paper.example",
            "target_url": "https://rival.example/",
            "anchor": "read more",
            "nofollow": "true",
            "ugc": "true",
            "sponsored": "false",
            "kind": "text",
            "no_link": None,
            "links": "2",
            "is_lost": "true",
            "authority": "780",
            "page_authority": "189",
            "spam_score": "8",
            "http_status": "200",
            "target_status": "200",
            "first_seen": "2023-06-18 02:00:23 +00:00",
        },
    ),
    ("dataforseo-backlinks.csv", 2, {"nofollow": "false", "ugc": "false", "kind": None, "no_link": "true"}),
    (
        "dataforseo-referring-domains.csv",
        1,
        {"source_domain": "paper.example", "links": "12", "follow_links": "7", "lost": "", "authority": "780"},
    ),
    ("dataforseo-referring-domains.csv", 2, {"follow_links": "1", "lost": "2026-01-02 03:04:05 +00:00"}),
    (
        "se-ranking-backlinks.csv",
        1,
        {
            "source_url": "https://maps.example/p",
            "anchor": "Rival map",
            "nofollow": "true",
            "kind": "image",
            "first_seen": "2024-04-05",
            "last_seen": "2026-10-06",
            "authority": "66",
            "page_authority": "12",
        },
    ),
    ("se-ranking-backlinks-history.csv", 1, {"first_seen": "2026-09-01", "lost": None, "is_lost": "false"}),
    ("se-ranking-backlinks-history.csv", 2, {"nofollow": "true", "lost": "2026-09-28", "is_lost": "true"}),
    (
        "se-ranking-referring-domains-history.csv",
        1,
        {"source_domain": "maps.example", "links": "2", "lost": "2026-09-28", "is_lost": "true", "authority": "44"},
    ),
    ("se-ranking-referring-domains.csv", 1, {"source_domain": "maps.example", "links": "31", "follow_links": "4"}),
    (
        "openseo-backlinks.csv",
        1,
        {
            "source_url": "https://paper.example/x",
            "source_domain": "paper.example",
            "target_url": "https://rival.example/",
            "anchor": "read more",
            "nofollow": "true",
            "ugc": "true",
            "sponsored": "false",
            "kind": "text",
            "no_link": None,
            "links": "2",
            "first_seen": "2023-06-18 02:00:23 +00:00",
            "last_seen": "2026-06-18 02:00:23 +00:00",
            "is_lost": "false",
            "authority": "45",
            "page_authority": "12",
            "spam_score": "8",
        },
    ),
    ("openseo-backlinks.csv", 2, {"nofollow": "false", "ugc": "false", "kind": "redirect", "is_lost": "true"}),
    ("openseo-backlinks.csv", 3, {"no_link": "true"}),
    (
        "openseo-referring-domains.csv",
        1,
        {"source_domain": "paper.example", "links": "12", "authority": "45", "spam_score": "4"},
    ),
    (
        "ubersuggest-backlinks.csv",
        1,
        {
            "source_url": "https://films.example/x",
            "target_url": "https://rival.example/",
            "anchor": "review",
            "authority": "95",
            "page_authority": "69",
            "spam_score": "5",
            "last_seen": "2026-06-30",
        },
    ),
    (
        "serpstat-backlinks.csv",
        1,
        {
            "source_url": "https://agency.example/",
            "target_url": "https://rival.example/desks",
            "anchor": "oak desk",
            "nofollow": "false",
            "ugc": "false",
            "kind": "text",
            "first_seen": "2023-07-02",
            "last_seen": "2026-09-23 21:32:02",
            "authority": "25",
            "page_external_links": "92",
        },
    ),
    ("serpstat-backlinks.csv", 2, {"nofollow": None, "ugc": "true", "kind": "redirect"}),
    ("serpstat-lost-backlinks.csv", 1, {"nofollow": "true", "kind": "image", "lost": "2025-02-02 07:33:53"}),
    ("serpstat-links-intersect.csv", 1, {"source_domain": "paper.example", "authority": "61"}),
    ("serpstat-referring-domains.csv", 1, {"source_domain": "agency.example", "links": "2", "authority": "47"}),
    (
        "yandex-external-links.csv",
        1,
        {
            "source_url": "https://forum.example/t/9",
            "target_url": "https://rival.example/desks",
            "first_seen": "2019-01-02",
            "last_seen": "2026-02-03",
        },
    ),
    (
        "linkgap-links.csv",
        1,
        {
            "site": "rival.example",
            "source_url": "https://notes.example/a",
            "links": "2",
            "authority": "40",
            "authority_metric": "our_score",
        },
    ),
    ("plain-list.txt", 1, {"source_url": None, "source_domain": "# asked in October", "no_link": "true"}),
    ("plain-list.txt", 2, {"source_url": None, "source_domain": "news.example", "no_link": None}),
    ("plain-list.txt", 3, {"source_url": "https://blog.test/post?a=1", "no_link": None}),
    ("plain-list-with-heading.txt", 1, {"source_url": None, "source_domain": "news.example"}),
]
"""Fixture, number of the record, and the text that columns of the links table must have."""


def read(name: str) -> tuple[list[str], list[list[str]]]:
    """Return the heading of a fixture and its records; a list without heading gets one, as the reader gives it."""
    content = (FIXTURES / name).read_bytes()
    text = content.decode("utf-16" if content.startswith(b"\xff\xfe") else "utf-8-sig")
    delimiter = max("\t;,", key=text.count)
    records = [record for record in csv.reader(text.splitlines(), delimiter=delimiter) if record]
    scores = [known_heading_score(record) for record in records]
    if name.endswith(".txt") and not max(scores):
        return ["column 1"], records
    place = scores.index(max(scores)) if max(scores) else 0
    return records[place], records[place + 1 :]


def names_of(headings: list[str]) -> dict[str, str]:
    positions = {f"#{place}": heading for place, heading in enumerate(headings, start=1)}
    return positions | {folded(heading): heading for heading in headings}


@cache
def connection_with_macros() -> duckdb.DuckDBPyConnection:
    """Open one connection for all questions, none of which leaves anything behind."""
    connection = duckdb.connect(config={"autoload_known_extensions": False})
    connection.execute(statement("linkgap.loaders", "macros"))
    return connection


def select(report: Report, headings: list[str], records: list[list[str]]) -> list[dict[str, object]]:
    """Run the SQL of all columns that a file with these headings has, all cells being text."""
    names = names_of(headings)
    found = {column: sql for column, source in report.columns.items() if (sql := sql_for(source, names)) is not None}
    rows = ", ".join("(" + ", ".join(map(literal, record)) + ")" for record in records)
    given = ", ".join(map(quoted, headings))
    selected = ", ".join(f"{sql} AS {column}" for column, sql in found.items())
    cells = ", ".join(f"CAST({quoted(heading)} AS VARCHAR) AS {quoted(heading)}" for heading in headings)
    result = connection_with_macros().execute(
        f"WITH given({given}) AS (VALUES {rows}), cells AS (SELECT {cells} FROM given) SELECT {selected} FROM cells"
    )
    return [dict(zip(found, record, strict=True)) for record in result.fetchall()]


@pytest.mark.once
@pytest.mark.parametrize(("name", "report"), [*LISTS.items(), *SHAPED.items(), *REFUSED.items()])
def test_each_report_is_recognised_and_no_other_fits_as_well(name, report):
    headings, records = read(name)
    names = names_of(headings)

    assert recognise(headings, records) is report

    def fit(other):
        has_all = all(any(part in names for part in heading.split("|")) for heading in other.required)
        return (len(other.required), len(other.headings & names.keys())) if has_all and other.required else (0, 0)

    if report.required and name not in SHAPED:
        assert [other for other in REPORTS if fit(other) >= fit(report)] == [report]


@pytest.mark.parametrize(
    ("name", "report"), [each for each in (*LISTS.items(), *SHAPED.items()) if each[1].instead is None]
)
def test_what_an_exporter_writes_is_read_as_its_report_says_also_where_that_counts_columns(name, report):
    headings, records = read(name)
    assert checked_report(report, name, headings, None, records).columns == report.columns


@pytest.mark.once
@pytest.mark.parametrize(("name", "report"), [*LISTS.items(), *REFUSED.items()])
def test_reports_are_recognised_in_any_letter_case_with_stray_blanks_and_more_columns(name, report):
    headings, records = read(name)
    shuffled = list(range(len(headings)))
    random.Random(1).shuffle(shuffled)  # noqa: S311 - any other order will do

    variants = {
        "upper case": ([heading.upper() for heading in headings], records),
        "lower case": ([heading.lower() for heading in headings], records),
        "stray blanks": ([f"  {heading.replace(' ', '  ')} " for heading in headings], records),
        "numbered": (["#", *headings], [[str(row), *record] for row, record in enumerate(records, start=1)]),
        "another order": ([headings[k] for k in shuffled], [[record[k] for k in shuffled] for record in records]),
        "a new column": ([*headings, "Our own notes"], [[*record, "ask Ann"] for record in records]),
        "no records": (headings, []),
    }

    assert {variant: recognise(*given) for variant, given in variants.items()} == dict.fromkeys(variants, report)


@pytest.mark.parametrize(("name", "row", "expected"), EXPECTED, ids=lambda value: str(value)[:60])
def test_columns_get_the_values_worked_by_hand(name, row, expected):
    headings, records = read(name)
    report = {**LISTS, **SHAPED}[name]

    found = select(report, headings, records)[row - 1]

    assert {column: found[column] for column in expected} == expected


@pytest.mark.parametrize(("name", "report"), LISTS.items())
def test_columns_get_the_same_values_in_another_order_and_numbered(name, report):
    headings, records = read(name)
    numbered = select(report, ["#", *headings[::-1]], [["7", *record[::-1]] for record in records])

    assert numbered == select(report, headings, records)


@pytest.mark.parametrize("language", ["french", "german"])
def test_a_translated_crawl_is_not_read_by_position_where_a_users_own_column_moved_these(language):
    def follow_and_rel(headings, records):
        rows = select(screaming_frog.TRANSLATED_LINKS, headings, records)
        return [(row["nofollow"], row["ugc"], row["sponsored"]) for row in rows]

    headings, records = read(f"screaming-frog-all-inlinks-{language}.csv")
    told = follow_and_rel(headings, records)
    for place, note in itertools.product(range(3, 13), ("", "ask Ann", "TRUE")):
        noted = [
            [*row[:place], cell, *row[place:]] for cell, row in [("Notes", headings), *((note, row) for row in records)]
        ]
        if recognise(noted[0], noted[1:]) is not None:
            assert follow_and_rel(noted[0], noted[1:]) == told, (place, note)


@pytest.mark.parametrize("language", ["french", "german"])
def test_a_translated_crawl_is_told_where_a_spreadsheet_filled_short_records_with_blanks(language):
    headings, records = read(f"screaming-frog-all-inlinks-{language}.csv")
    sheets = [[*row[:8], *[""] * (len(headings) - 8)] for row in records]
    assert recognise(headings, [*records, *sheets]) is screaming_frog.TRANSLATED_LINKS


def test_a_users_own_type_of_a_link_does_not_hide_that_a_record_is_no_link():
    headings, records = read("ahrefs-api-backlinks-dofollow-only.csv")
    noted = select(ahrefs.API_BACKLINKS, ["Type", *headings], [["guest post", *record] for record in records])
    assert [row["no_link"] for row in noted] == [None, "true"]


@pytest.mark.parametrize("report", [report for report in REPORTS if report.columns], ids=lambda report: report.title)
def test_all_sql_compiles_with_every_heading_and_with_the_required_ones_only(report):
    every = sorted(report.headings | {f"column {place}" for place in range(12)})
    fewest = [heading.split("|")[0] for heading in report.required] or every

    assert set(select(report, every, [[""] * len(every)])[0]) == set(report.columns)
    assert select(report, fewest, [[""] * len(fewest)])[0].keys() & {"source_url", "source_domain"}


ODD_NUMBERS = [
    *("9223372036854775807", "-9223372036854775808", "2147483647", "-2147483648", "9" * 400, "1e308", "-1", "nan"),
    *("9999999999", "99999999999", "-99999999", "0000000001", "1/1/0001", "9999-99-99", "12:99", "0x1F", "\u0663", ""),
]


@pytest.mark.parametrize("report", [report for report in REPORTS if report.columns], ids=lambda report: report.title)
def test_no_number_is_too_large_for_what_columns_are_worked_out_from(report):
    every = sorted(report.headings | {f"column {place}" for place in range(12)})
    count = len(ODD_NUMBERS)
    pairs = [
        [ODD_NUMBERS[(row + row // count * place) % count] for place in range(len(every))] for row in range(3 * count)
    ]
    assert len(select(report, every, pairs)) == 3 * count


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("1704844800", "2024-01-10 00:00:00"),
        ("20240110", "20240110"),
        ("2024-01-10", "2024-01-10"),
        ("9" * 19, "9" * 19),
    ],
)
def test_semrush_writes_days_as_seconds_or_as_days(written, day):
    headings, records = read("semrush-referring-domains.csv")
    record = [written if heading == "First seen" else cell for heading, cell in zip(headings, records[0], strict=True)]
    assert select(semrush.REFERRING_DOMAINS, headings, [record])[0]["first_seen"] == day


@pytest.mark.parametrize(
    ("backlinks", "nofollow", "followed"),
    [("7", "3", "4"), ("3", "7", "0"), ("7", "", "7"), ("", "3", None), ("x", "", None), ("1,240", "1.200", "40")],
)
def test_followed_links_are_those_that_are_not_nofollow_if_it_is_told_how_many_there_are(backlinks, nofollow, followed):
    headings = ["domain", "backlinks", "referring_links_attributes.nofollow"]
    found = select(dataforseo.REFERRING_DOMAINS, headings, [["a.example", backlinks, nofollow]])
    assert found[0]["follow_links"] == followed


def test_kinds_are_those_of_the_links_table():
    found = {
        row["kind"]
        for name, report in {**LISTS, **SHAPED}.items()
        for row in (select(report, *read(name)) if report.columns else [])
        if row.get("kind") is not None
    }
    assert found <= set(KINDS)
    assert {"text", "image", "redirect", "frame", "mention"} <= found


def test_reports_of_one_name_are_samples_alike_and_list_the_same():
    """A table of links names them, and so tells whether it is a sample of the links or lists domains."""
    kinds = defaultdict(set)
    for report in REPORTS:
        kinds[report.provider, report.name].add((report.sample is not None, report.lists))
    assert [name for name, found in kinds.items() if len(found) > 1] == []


def test_tables_name_columns_that_exist_and_headings_that_can_be_found():
    allowed = {column.name for column in LINKS} | set(EXTRA_COLUMNS)
    for report in REPORTS:
        assert report.columns.keys() <= allowed, report.title
        assert report.headings == {folded(heading) for heading in report.headings}, report.title
        assert report.required or report.shape, report.title
        assert (report.instead is None) == bool(report.columns), report.title
        assert ("authority" in report.columns) <= bool(report.authority_metric or report.provider == "linkgap")


def test_every_report_has_a_fixture():
    shown = [*LISTS.values(), *SHAPED.values(), *REFUSED.values()]
    assert [report.title for report in REPORTS if report not in shown] == []
    assert {path.name for path in FIXTURES.iterdir()} == {*LISTS, *SHAPED, *REFUSED}


def test_site_columns_are_the_headings_that_name_sites():
    def sites(report, headings):
        return [
            found[1] for heading in headings if (found := re.fullmatch(report.site_columns, heading, re.IGNORECASE))
        ]

    assert "rival.example/" in sites(ahrefs.LINK_INTERSECT, read("ahrefs-link-intersect.csv")[0])
    assert "mysite.example" in sites(semrush.BACKLINK_GAP, read("semrush-backlink-gap.csv")[0])
    assert sites(majestic.REFERRING_DOMAINS, read("majestic-referring-domains.csv")[0]) == ["https://www.rival.example"]


@pytest.mark.once
@pytest.mark.parametrize(
    ("headings", "records"),
    [
        (["Partner URL", "Contact Email"], [["https://a.example/", "ann@a.example"]]),
        (["Domain", "DR", "Backlinks"], [["a.example", "40", "3"], ["b.test", "20", "1"]]),
        (["URL", "Date"], [["https://a.example/", "2026-01-02"], ["https://b.test/", "2026-01-02"]]),
        (["loc", "lastmod"], [["https://a.example/", "2026-01-02"], ["https://a.example/b", "2026-01-02"]]),
        (
            ["Referring page URL", "Backlink destination", "Link text", "Link type", "DoFollow", "First check"],
            [["https://a.example/", "https://rival.example/", "desks", "text", "yes", "2026-01-02"]],
        ),
        (["Domain", "DA", "Spam Score", "Price"], [["a.example", "40", "3%", "120"], ["b.test", "20", "1%", "80"]]),
        (["URL", "DA", "PA", "SS", "TB", "QB"], [["https://a.example/", "98", "82", "1%", "234", "190"]]),
        (["Link text", "Status", "Owner"], [["desks", "open", "Ann"]]),
        (["Source URL", "Anchor text", "Target URL", "Link status"], [["https://a.example/", "x", "b.test", "Lost"]]),
        (["Source URL", "Anchor text", "Target URL", "Follow type"], [["https://a.example/", "x", "b.test", "No"]]),
        (["Source URL", "Source title", "Target URL", "Deleted"], [["https://a.example/", "x", "b.test", "yes"]]),
        (["Source URL", "Anchor text", "Target URL", "Domain trust"], [["https://a.example/", "x", "b.test", "40"]]),
        (["Source URL", "Anchor text", "Target URL", "First indexed"], [["https://a.example/", "x", "b.test", "2026"]]),
        (["Linking page", "Removed"], [["https://a.example/", "yes"]]),
        (["Session source", "Sessions", "Users"], [["a.example", "40", "30"], ["b.test", "20", "19"]]),
        (["linkDomain", "eventCount", "totalUsers"], [["a.example", "40", "30"], ["b.test", "20", "19"]]),
        (["Sitzungsquelle", "Sitzungen", "Aktive Nutzer"], [["a.example", "40", "30"], ["b.test", "20", "19"]]),
        (["Quelle", "Besuche", "Aktionen"], [["a.example", "40", "30"], ["b.test", "20", "19"]]),
        (["Website", "Trust Flow", "Citation Flow"], [["a.example", "40", "30"], ["b.test", "20", "19"]]),
        (["Website", "Outgoing links", "Pages"], [["a.example", "40", "30"], ["b.test", "20", "19"]]),
        (["Company", "Employees", "Funding"], [["a.example", "40", "30"], ["b.test", "20", "19"]]),
        (["Blog", "Followers", "Posts"], [["a.example", "40", "30"], ["b.test", "20", "19"]]),
        (["Źródło sesji", "Sesje", "Aktywni użytkownicy"], [["a.example", "40", "30"], ["b.test", "20", "19"]]),
        (["Partner", "Sales", "Commission"], [["a.example", "40", "30"], ["b.test", "20", "19"]]),
        (["Portal", "Netto", "Brutto"], [["a.example", "40", "48"], ["b.test", "90", "107"]]),
        (["Webseite", "Notiert"], [[f"https://a{n}.example/", f"2026-01-{n}"] for n in range(10, 21)]),
        (["Site", "Expires"], [["https://a.example/", "2027-01-02"], ["https://b.test/", "2027-01-03"]]),
        (["Site", "Prix", "Mots"], [["a.example", "40", "30"], ["b.test", "20", "19"]]),
        (["Domain", "Citations", "SERP Mentions"], [["a.example", "40", "30"], ["b.test", "20", "19"]]),
        (["Competitor", "Common keywords", "SE keywords"], [["a.example", "40", "900"], ["b.test", "20", "190"]]),
        (["Referrer", "Last visit"], [["https://a.example/1", "2026-01-02"], ["https://b.test/2", "2026-01-03"]]),
        (["name"], [["Ann"], ["Bob"]]),
        (["mail"], [["ann@a.example"], ["bob@b.test"]]),
        (["price"], [["3.50"], ["12.00"]]),
        (["subnet"], [["198.51.100.0/24"]]),
        (["column 1"], []),
        ([], []),
        ([""], [[""]]),
    ],
)
def test_other_tables_are_not_recognised(headings, records):
    assert recognise(headings, records) is None


@pytest.mark.parametrize(
    "planned", ["Follow-up", "Follow up date", "Followup", "Followed up?", "Owner", "Notes", "Last contact"]
)
def test_what_users_plan_beside_their_links_leaves_a_list_as_it_was(planned):
    assert recognise(["Source URL", "Anchor text", "Target URL", planned], []) is bing.REFERRING_PAGES
    assert recognise(["Linking page", planned], []) is search_console.MORE_SAMPLE_LINKS


@pytest.mark.parametrize(
    "days",
    [
        ["2026-10-02", "2026-09-28"],
        ["28.09.2026", "01.10.2026"],
        ["28. 9. 2026", "2026. 10. 1."],
        ["Sep 28, 2026", "Oct 1, 2026"],
        ["28 sept. 2026", "1 oct. 2026"],
        ["28 de septiembre de 2026", "1 de octubre de 2026"],
        ["2026年9月28日", "2026年10月1日"],
        ["2026년 9월 28일", "2026년 10월 1일"],
        ["28 сент. 2026 г.", "1 окт. 2026 г."],  # noqa: RUF001 - Cyrillic
        ["28 septembre 2026", "1er octobre 2026"],
    ],
)
def test_latest_links_are_told_by_dates_as_languages_write_them(days):
    pages = ["https://news.example/a", "https://blog.test/c"]
    assert recognise(["Seite", "Tag"], list(map(list, zip(pages, days, strict=True)))) is search_console.LATEST_LINKS


@pytest.mark.parametrize("mark", [",", ".", " ", "\u202f", "'", "\u2019"])
def test_top_linking_sites_are_told_by_numbers_as_spreadsheets_write_them(mark):
    records = [["news.example", f"1{mark}240", "12"], ["blog.test", "3", "1"]]
    assert recognise(["Seite", "Von", "Nach"], records) is search_console.TOP_LINKING_SITES


@pytest.mark.parametrize(
    "headings",
    [
        ["Website", "Verweisende Seiten", "Zielseiten"],
        ["サイト", "リンク元ページ", "ターゲット ページ"],
        ["网站", "链接页面", "目标页面"],
        ["אתר", "דפים מקשרים", "דפי יעד"],
    ],
)
def test_top_linking_sites_in_any_order_are_told_by_what_both_their_numbers_count(headings):
    records = [["blog.test", "3", "1"], ["news.example", "1.240", "12"]]
    assert recognise(headings, records) is search_console.TOP_LINKING_SITES


@pytest.mark.parametrize(
    "heading",
    [
        *("Domain", "Linked from", "Competitor backlinks", "Links to our client", "competitorRefDomains"),
        *("Competitors' links", "Inbound links of rivals", "Sites linking to customers"),
    ],
)
def test_plain_lists_of_what_links_are_told_whoever_it_links_to(heading):
    assert recognise([heading], [["news.example"], ["blog.test"]]) is plain.LIST


@pytest.mark.parametrize(
    "heading",
    [
        *("Competitors", "Wettbewerber", "Target URL", "linkedDomain", "Lost backlinks", "Disavowed domains"),
        *("Backlink gap opportunities", "Unlinked mentions", "Domains not linking to us"),
    ],
)
def test_plain_lists_of_what_does_not_link_are_told_by_their_heading(heading):
    assert recognise([heading], [["news.example"], ["blog.test"]]) is plain.LIST_OF_OTHERS


def test_a_few_odd_records_do_not_hide_a_shape():
    records = [[f"https://site{number}.example/post", "2026-10-02"] for number in range(50)]
    assert (
        recognise(["Seite", "Tag"], [*records, ["https://x.example/", ""], ["broken"]]) is search_console.LATEST_LINKS
    )


def test_a_disavow_file_is_told_with_and_without_a_first_line_taken_for_its_heading():
    lines = [["domain:spam.example"], ["http://bad.test/page"]]
    assert recognise(["column 1"], lines) is plain.DISAVOW_FILE
    assert recognise(["domain:first.example"], lines) is plain.DISAVOW_FILE


def test_a_heading_row_scores_higher_than_preamble_and_records():
    assert known_heading_score(["Inbound links for rival.example (root domain)"]) == 0
    assert known_heading_score(["https://a.example/", "text", "true", ""]) < known_heading_score(["URL", "Title"])
