"""One writer per format: headings, encoding, line ends and spellings are those of the exporter."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Literal

import xlsxwriter

from generator.exports import Export
from generator.links import EXPORTED, Link
from generator.providers import AHREFS, DATAFORSEO, MOZ, Sighting, metric, says_spam, spam_score
from generator.world import Domain, stream

Cells = Sequence[object]


def _columns(heading: str, *, separator: str = ",") -> tuple[str, ...]:
    return tuple(heading.split(separator))


AHREFS_BACKLINKS = _columns(
    "Referring page title, Referring page URL, Language, Platform, Referring page HTTP code, Domain rating, UR, "
    "Domain traffic, Referring domains, Linked domains, External links, Page traffic, Keywords, Target URL, "
    "Left context, Anchor, Right context, Redirect Chain URLs, Redirect Chain status codes, Type, Is spam, "
    "Content, Nofollow, UGC, Sponsored, Rendered, Raw, Lost status, Drop reason, Discovered status, First seen, "
    "Last seen, Lost, Author, Page type, Page category, Links in group",
    separator=", ",
)

AHREFS_REFERRING_DOMAINS = _columns(
    "Domain,Is spam,DR,Dofollow ref. domains,Dofollow linked domains,Traffic ,Keywords ,Links to target,New links,"
    "Lost links,Dofollow links,First seen,Lost"
)

AHREFS_REFERRING_IPS = ("Subnet", "Ref. domains", "Top DR", "Backlinks", "First seen")

SEMRUSH_BACKLINKS = _columns(
    "Page ascore,Source title,Source url,Target url,Anchor,External links,Internal links,Nofollow,Sponsored,Ugc,Text,"
    "Frame,Form,Image,Sitewide,First seen,Last seen,New link,Lost link"
)

SEMRUSH_REFERRING_DOMAINS = _columns("Domain ascore,Domain,Backlinks,IP Address,Country,First seen,Last seen")

MOZ_INBOUND_LINKS = _columns(
    "URL,Title,Anchor Text,Spam Score,Page Authority,Domain Authority,Number of Domains Linking to this Page,"
    "Number of Domains Linking to Domain,Origin,Target URL,Link Equity,No Link Equity,Only rel=nofollow,Only follow,301"
)

MOZ_PREAMBLE = (
    "Moz Link Explorer\r\n"
    "Inbound links for workhaven.example (root domain)\r\n"
    '"Link type: all, link state: all, from any page on the linking domain"\r\n'
    '"Exported October 22, 2026"\r\n'
    "\r\n"
)

MAJESTIC_BACKLINKS = _columns(
    "SourceURL,AnchorText,SourceTrustFlow,SourceCitationFlow,Domain,DomainTrustFlow,DomainCitationFlow,FirstIndexedDate,"
    "LinkType,LinkSubType,TargetURL,TargetTrustFlow,TargetCitationFlow,FlagRedirect,FlagFrame,FlagNoFollow,FlagImages,"
    "FlagDeleted,FlagAltText,LastSeenDate,FlagMention,DateLost,ReasonLost,SourceTopicalTrustFlow_Topic_0,"
    "SourceTopicalTrustFlow_Value_0"
)

_MAJESTIC_TYPES = {"image": "ImageLink", "redirect": "Redirect", "frame": "Frame", "mention": "Mention"}
_NEW_DAYS = 30
_LOST_STATUSES = ("linkremoved", "notfound", "redirected", "noindex")


def write(export: Export) -> bytes:
    """Return the bytes of one file."""
    return _WRITERS[export.provider.name, export.report](export)


def referring_ips(exports: Iterable[Export]) -> bytes:
    """Return an Ahrefs Referring IPs report: it names no referring pages or domains, so it is no backlink list."""
    subnets: dict[str, list[Sighting]] = {}
    for record in next(one.records for one in exports if one.cut == "authority"):
        if record.domain:
            subnets.setdefault(record.domain.ip.rpartition(".")[0] + ".0/24", []).append(record)
    rows = [
        (
            subnet,
            len({record.domain.key for record in found if record.domain}),
            f"{max(metric('ahrefs_dr', record.domain) for record in found if record.domain):g}",
            len(found),
            _time(min(record.link.first_seen for record in found)),
        )
        for subnet, found in sorted(subnets.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    return _ahrefs_table(AHREFS_REFERRING_IPS, rows[:250])


def _write_ahrefs_backlinks(export: Export) -> bytes:
    """Return UTF-16 with byte order mark, tabs as delimiter, every cell quoted, LF as line end."""
    return _ahrefs_table(AHREFS_BACKLINKS, [_ahrefs_backlink(record) for record in export.records])


def _ahrefs_backlink(record: Sighting) -> Cells:
    link, domain = record.link, _domain(record)
    rating = metric("ahrefs_dr", domain)
    passed = (*link.via, link.target_url)
    random = stream("ahrefs page", link.source_url())
    lost = record.lost
    return (
        link.title,
        link.source_url(),
        domain.language,
        domain.platform,
        404 if lost and random.random() < 0.3 else 200,
        f"{rating:g}",
        f"{rating * link.strength * 0.6:.2g}",
        domain.traffic,
        int(domain.referring_domains * link.strength * 0.02),
        int(link.external_links * 0.7),
        link.external_links,
        int(domain.traffic * link.strength * 0.01),
        int(domain.traffic * link.strength * 0.002),
        passed[0],
        link.left,
        link.anchor,
        link.right,
        ",".join(passed[1:]),
        ",".join(random.choice(("301", "301", "302")) for _ in passed[1:]),
        link.kind,
        _word(says_spam(AHREFS, domain)),
        _word(link.kind == "text" and not link.sitewide),
        _word(link.nofollow),
        _word(link.ugc),
        _word(link.sponsored),
        "false",
        "true",
        random.choice(_LOST_STATUSES) if lost else "",
        random.choice(("", "", "canonical", "broken")) if lost else "",
        random.choice(("pagefound", "linkfound", "linkrestored")),
        _time(link.first_seen),
        _time(lost or link.last_seen),
        _time(lost),
        domain.author,
        domain.topic.page_type,
        domain.topic.category if random.random() < 0.5 else "",
        random.choice((1, 1, 1, 1, 1, 2, 2, 3)),
    )


def _write_ahrefs_referring_domains(export: Export) -> bytes:
    """Return a workbook as a user saves it: real numbers, dates and booleans, and a fixed time of creation."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": "Referring domains", "created": EXPORTED})
    sheet = book.add_worksheet("Referring domains")
    date = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet.write_row(0, 0, AHREFS_REFERRING_DOMAINS)
    for row, record in enumerate(export.records, start=1):
        for column, value in enumerate(_ahrefs_referring_domain(record)):
            sheet.write(row, column, value, date if isinstance(value, datetime) else None)
    book.close()
    return buffer.getvalue()


def _ahrefs_referring_domain(record: Sighting) -> Cells:
    domain, links = _domain(record), record.links
    return (
        domain.key,
        says_spam(AHREFS, domain),
        metric("ahrefs_dr", domain),
        int(domain.referring_domains * 0.8),
        int(domain.linked_domains * 0.8),
        domain.traffic,
        domain.traffic // 5,
        0 if record.lost else len(links),
        sum(_is_new(link) for link in links),
        len(links) if record.lost else 0,
        0 if record.lost else sum(not (link.nofollow or link.ugc or link.sponsored) for link in links),
        min(link.first_seen for link in links).replace(microsecond=0),
        record.lost.replace(microsecond=0) if record.lost else None,
    )


def _write_semrush_backlinks(export: Export) -> bytes:
    """Return UTF-8, commas as delimiter, CRLF as line end; without columns for domain and domain score."""
    return _csv(SEMRUSH_BACKLINKS, [_semrush_backlink(record) for record in export.records], end="\r\n").encode()


def _semrush_backlink(record: Sighting) -> Cells:
    link, domain = record.link, record.domain
    score = int(metric("semrush_as", domain) * (0.4 + link.strength * 0.6)) if domain else 0
    return (
        score,
        link.title,
        link.source_url(unicode=True),
        link.target_url,
        link.anchor,
        link.external_links,
        int(link.external_links * 2.5) + 8,
        *(_word(flag) for flag in (link.nofollow, link.sponsored, link.ugc)),
        *(_word(link.kind == kind) for kind in ("text", "frame", "form", "image")),
        _word(link.sitewide),
        _time(link.first_seen),
        _time(record.lost or link.last_seen),
        _word(_is_new(link)),
        _word(record.lost is not None),
    )


def _write_semrush_referring_domains(export: Export) -> bytes:
    rows = [_semrush_referring_domain(record) for record in export.records]
    return _csv(SEMRUSH_REFERRING_DOMAINS, rows, end="\r\n").encode()


def _semrush_referring_domain(record: Sighting) -> Cells:
    domain, links = _domain(record), record.links
    score = int(metric("semrush_as", domain))
    times = _time(min(link.first_seen for link in links)), _time(max(link.last_seen for link in links))
    return (score, domain.shown, len(links), domain.ip, domain.country, *times)


def _write_moz_inbound_links(export: Export) -> bytes:
    """Return CSV with five lines above the heading, addresses without scheme, and commas between thousands."""
    rows = [_moz_inbound_link(record) for record in export.records]
    return (MOZ_PREAMBLE + _csv(MOZ_INBOUND_LINKS, rows, end="\r\n")).encode()


def _moz_inbound_link(record: Sighting) -> Cells:
    link, domain = record.link, _domain(record)
    authority = metric("moz_da", domain)
    follow = not link.nofollow
    return (
        link.source_url(unicode=True, scheme=False),
        link.title,
        link.anchor,
        "" if domain.authority < 3 else spam_score(MOZ, domain),  # Moz has no score for tiny sites
        int(authority * (0.3 + 0.7 * link.strength)),
        round(authority),
        f"{int(domain.referring_domains * link.strength * 0.02):,}",
        f"{domain.referring_domains:,}",
        "Internal" if record.reason == "self link" else "External",
        link.target_url.removeprefix("https://"),
        *(_yes(flag) for flag in (follow, not follow, not follow, follow, link.kind == "redirect")),
    )


def _write_majestic_backlinks(export: Export) -> bytes:
    """Return UTF-8 with byte order mark, every cell quoted, CRLF as line end."""
    rows = [_majestic_backlink(record) for record in export.records]
    return _csv(MAJESTIC_BACKLINKS, rows, end="\r\n", quoting=csv.QUOTE_ALL).encode("utf-8-sig")


def _majestic_backlink(record: Sighting) -> Cells:
    link, domain = record.link, record.domain
    trust, citation = (metric(name, domain) if domain else 0 for name in ("majestic_tf", "majestic_cf"))
    random = stream("majestic page", link.source_url())
    kind = _MAJESTIC_TYPES.get(link.kind, "TextLink")
    return (
        link.source_url(),
        link.anchor,
        round(trust * link.strength),
        round(citation * link.strength),
        domain.key if domain else "",
        round(trust),
        round(citation),
        f"{link.first_seen:%Y-%m-%d}",
        kind,
        f"{kind}_Normal",
        link.target_url,
        random.randint(12, 34),
        random.randint(20, 41),
        int(link.kind == "redirect"),
        int(link.kind == "frame"),
        int(link.nofollow),
        int(link.kind == "image"),
        int(record.lost is not None),
        int(link.kind == "image" and bool(link.anchor)),
        f"{record.lost or link.last_seen:%Y-%m-%d}",
        int(link.kind == "mention"),
        f"{record.lost:%Y-%m-%d}" if record.lost else "",
        random.choice(("LinkGone", "PageGone", "DomainGone")) if record.lost else "",
        domain.topic.trust_topic if domain else "",
        round(trust * 0.8),
    )


def _write_search_console(export: Export) -> bytes:
    rows = [(record.link.source_url(unicode=True), f"{record.link.last_seen:%Y-%m-%d}") for record in export.records]
    return _csv(("Linking page", "Last crawled"), rows, end="\r\n").encode()


def _write_dataforseo(export: Export) -> bytes:
    """Return an answer of the backlinks endpoint as JSON; neither slashes nor letters beyond ASCII are escaped."""
    items = [_dataforseo_item(record) for record in export.records]
    result = {"target": export.site.key, "mode": "as_is", "total_count": len(items), "items_count": len(items)}
    task = {
        "id": "10221938-0000-0000-0000-000000000000",
        "status_code": 20000,
        "status_message": "Ok.",
        "path": ["v3", "backlinks", "backlinks", "live"],
        "data": {"api": "backlinks", "function": "backlinks", "target": export.site.key, "mode": "as_is"},
        "result": [{**result, "items": items}],
    }
    answer = {
        "version": "0.1.20261001",
        "status_code": 20000,
        "status_message": "Ok.",
        "tasks_count": 1,
        "tasks": [task],
    }
    return (json.dumps(answer, ensure_ascii=False, indent=0) + "\n").encode()


def _dataforseo_item(record: Sighting) -> dict[str, object]:
    link, domain = record.link, _domain(record)
    rank = round(metric("dataforseo_rank", domain) * 10)
    named = (("nofollow", link.nofollow), ("ugc", link.ugc), ("sponsored", link.sponsored))
    rel = [name for name, there in named if there]
    return {
        "type": "backlink",
        "domain_from": _bare(link),
        "url_from": link.source_url(),
        "domain_to": link.site.key,
        "url_to": link.target_url,
        "is_new": _is_new(link),
        "is_lost": record.lost is not None,
        "backlink_spam_score": spam_score(DATAFORSEO, domain),
        "rank": int(rank * link.strength * 0.5),
        "page_from_rank": int(rank * link.strength),
        "domain_from_rank": rank,
        "page_from_title": link.title,
        "page_from_status_code": 200,
        "first_seen": f"{link.first_seen:%Y-%m-%d %H:%M:%S} +00:00",
        "last_seen": f"{record.lost or link.last_seen:%Y-%m-%d %H:%M:%S} +00:00",
        "item_type": {"text": "anchor", "frame": "anchor", "form": "anchor"}.get(link.kind, link.kind),
        "attributes": rel or None,
        "dofollow": not link.nofollow,
        "anchor": link.anchor,
        "is_broken": False,
        "url_to_status_code": 200,
        "links_count": 1,
        "is_indirect_link": False,
    }


def _write_plain_list(export: Export) -> bytes:
    """Return a client's notes: comments after `#`, blank lines, no heading."""
    remarks = {
        0: "# Who links to Sitwell? From our own notes, newest below.",
        40: "\n# podcasts and newsletters",
        97: "\n",
    }
    lines = ["# checked by hand, ask before you write to them", ""]
    for row, record in enumerate(export.records):
        lines += [remarks[row]] if row in remarks else []
        lines.append(record.spelling)
    return ("\n".join(lines) + "\n").encode()


_WRITERS = {
    ("ahrefs", "backlinks"): _write_ahrefs_backlinks,
    ("ahrefs", "referring domains"): _write_ahrefs_referring_domains,
    ("semrush", "backlinks"): _write_semrush_backlinks,
    ("semrush", "referring domains"): _write_semrush_referring_domains,
    ("moz", "inbound links"): _write_moz_inbound_links,
    ("majestic", "backlinks"): _write_majestic_backlinks,
    ("search_console", "latest links"): _write_search_console,
    ("dataforseo", "backlinks"): _write_dataforseo,
    ("plain", "list"): _write_plain_list,
}


def _csv(
    heading: Cells, rows: Iterable[Cells], *, end: str, delimiter: str = ",", quoting: Literal[0, 1] = csv.QUOTE_MINIMAL
) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerow(heading)
    writer.writerows(rows)
    return buffer.getvalue()


def _ahrefs_table(heading: Cells, rows: Iterable[Cells]) -> bytes:
    return ("\ufeff" + _csv(heading, rows, end="\n", delimiter="\t", quoting=csv.QUOTE_ALL)).encode("utf-16-le")


def _domain(record: Sighting) -> Domain:
    """Return the domain of a record that must have one."""
    if record.domain is None:
        message = f"{record.link.source_url()} has no domain, and this format lists none without."
        raise ValueError(message)
    return record.domain


def _bare(link: Link) -> str:
    """Return the host of a link without `www.`, port and trailing dot."""
    host = link.source_url().split("/")[2].rpartition("@")[2].lower().rstrip(".")
    host = host.partition(":")[0].rstrip(".")
    try:
        return str(ip_address(host))
    except ValueError:
        return host.removeprefix("www.")


def _is_new(link: Link) -> bool:
    return link.first_seen > EXPORTED - timedelta(days=_NEW_DAYS)


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""


def _word(flag: bool) -> str:  # noqa: FBT001
    return "true" if flag else "false"


def _yes(flag: bool) -> str:  # noqa: FBT001
    return "Yes" if flag else "No"
