"""Servers on loopback that speak the services' documented formats, charge as they do, and fail when told to."""

import base64
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from linkgap.web.services import catalogue, sending

KEY = "pl4nted-k3y/with+signs=0123456789"
Answer = tuple[int, dict[str, str], bytes]


def as_json(found: object, status: int = 200, **headers: str) -> Answer:
    return status, {"Content-Type": "application/json", **headers}, json.dumps(found).encode()


class Vendor:
    """A service's stand-in: the lists it has, what it was asked, sent and charged, and how it is to fail."""

    name: str
    key = KEY
    lists = ("referring_domains", "backlinks")
    pages = ("referring_domains", "backlinks")
    """The lists that are sent in pages."""

    def __init__(self) -> None:
        self.sites: dict[str, int] = {}
        self.asked: list[dict[str, Any]] = []
        self.sent: list[tuple[str, str, int]] = []
        self.charged = Decimal(0)
        self.left: Decimal | None = None
        self.faults: list[str] = []
        self.fails_after = 0

    def hold(self, **sites: int) -> None:
        """Set how many referring domains each site has; `__` in a name stands for a dot."""
        self.sites = {name.replace("__", "."): number for name, number in sites.items()}

    def fail(self, fault: str, *, after: int = 0, times: int = 1) -> None:
        """Fail `times` times, after `after` more good answers."""
        self.faults, self.fails_after = [fault] * times, len(self.asked) + after

    def row(self, what: str, site: str, place: int) -> dict[str, Any]:
        raise NotImplementedError

    def rows(self, what: str, site: str, start: int, number: int) -> list[dict[str, Any]]:
        places = range(start, min(start + number, self.sites.get(site, 0)))
        self.sent += [(what, site, place) for place in places]
        return [self.row(what, site, place) for place in places]

    def charge(self, units: Decimal | int) -> Decimal:
        self.charged += units
        if self.left is not None:
            self.left -= units
        return Decimal(units)

    def answer(self, asked: dict[str, Any]) -> Answer:
        raise NotImplementedError

    def is_signed(self, asked: dict[str, Any]) -> bool:
        raise NotImplementedError

    def no_key(self) -> Answer:
        raise NotImplementedError

    def no_units(self) -> Answer:
        raise NotImplementedError

    def malformed(self) -> Answer:
        """Return an answer whose rows lack the name of the domain."""
        raise NotImplementedError


def strength(place: int) -> float:
    """Return the authority of a row; seven consecutive rows share the same."""
    return round(90 - place // 7 * 0.5, 1)


def domain(place: int) -> str:
    return f"d{place:05}.test"


DEAR_FIELDS = {"traffic_domain": 10, "dofollow_refdomains": 5}


class Ahrefs(Vendor):
    name = "ahrefs"
    most_rows: int | None = None

    def is_signed(self, asked):
        return asked["headers"].get("authorization") == f"Bearer {self.key}"

    def row(self, what, site, place):
        if what == "referring_domains":
            return {
                "domain": domain(place),
                "domain_rating": strength(place),
                "links_to_target": 3,
                "dofollow_links": 2,
                "dofollow_linked_domains": 40,
                "is_spam": place == 1,
                "ip_source": "192.0.2.7",
                "first_seen": "2024-05-06T07:08:09Z",
            }
        return {
            "url_from": f"https://www.{domain(place)}/page",
            "url_to": f"https://{site}/",
            "url_redirect": [],
            "title": f"Page; {place}",
            "anchor": "here",
            "is_nofollow": place % 2 == 1,
            "is_ugc": False,
            "is_sponsored": False,
            "is_spam": False,
            "link_type": "text",
            "link_group_count": 4,
            "first_seen_link": "2024-05-06T07:08:09Z",
            "last_visited": "2026-05-06T07:08:09Z",
            "domain_rating_source": strength(place),
            "root_name_source": domain(place),
            "url_rating_source": 11.0,
            "links_external": 12,
            "http_code": 200,
            "languages": ["en", "de"],
        }

    def answer(self, asked):
        given = asked["query"]
        whole = asked["path"] == "/site-explorer/refdomains"
        assert whole or (asked["path"], given["aggregation"]) == ("/site-explorer/all-backlinks", "1_per_domain")
        what = "referring_domains" if whole else "backlinks"
        rating, name = ("domain_rating", "domain") if whole else ("domain_rating_source", "root_name_source")
        assert given["order_by"] == f"{rating}:desc,{name}:asc"
        assert given["history"] == "live"
        assert given["mode"] == ("prefix" if "/" in given["target"] else "subdomains")
        fields = given["select"].split(",")
        wanted = json.loads(given["where"]) if "where" in given else {"and": []}
        places = [
            place
            for place in range(self.sites.get(given["target"], 0))
            if holds(wanted, self.row(what, given["target"], place))
        ]
        places = places[: min(int(given["limit"]), self.most_rows or 10**9)]
        self.sent += [(what, given["target"], place) for place in places]
        rows = [{field: self.row(what, given["target"], place)[field] for field in fields} for place in places]
        cost = max(50, len(rows) * sum(DEAR_FIELDS.get(field, 1) for field in fields))
        if self.left is not None and self.left < cost:
            return self.no_units()
        self.charge(cost)
        result = {"refdomains" if what == "referring_domains" else "backlinks": rows}
        return as_json(result, **{"x-api-units-cost-total-actual": str(cost), "Vary": "*", "Cache-Control": "no-store"})

    def no_key(self):
        return as_json(["Error", "Unauthorized"], 401)

    def no_units(self):
        return as_json({"error": "API units limit reached"}, 403)

    def malformed(self):
        return as_json({"refdomains": [{"host": "a.test"}], "backlinks": [{"page": "a.test"}]})


def holds(condition: dict[str, Any], row: dict[str, Any]) -> bool:
    """Tell whether a row passes a filter, as Ahrefs documents it."""
    if "and" in condition:
        return all(holds(each, row) for each in condition["and"])
    if "or" in condition:
        return any(holds(each, row) for each in condition["or"])
    value = row[condition["field"]]
    if condition["is"] == "is_null":
        return value is None
    relation, other = condition["is"]
    return {"eq": value == other, "lt": value < other, "gt": value > other}[relation]


class Semrush(Vendor):
    name = "semrush"

    def is_signed(self, asked):
        return asked["query"].get("key") == self.key

    def row(self, what, site, place):
        if what == "referring_domains":
            cells = {
                "domain_ascore": int(strength(place)),
                "domain": domain(place),
                "backlinks_num": 5,
                "ip": "192.0.2.9",
                "country": "us",
                "first_seen": 1495338484,
                "last_seen": 1580410670,
            }
        else:
            cells = {
                "page_ascore": int(strength(place)),
                "response_code": 200,
                "external_num": 7,
                "nofollow": "false",
                "form": "false",
                "frame": "false",
                "image": "false",
                "lostlink": "false",
                "first_seen": 1495338484,
                "last_seen": 1580410670,
                "source_url": f"https://www.{domain(place)}/page",
                "target_url": f"https://{site}/",
                "anchor": "here",
                "source_title": '"Desks"; chairs; and more' if place == 0 else "Desks",
            }
        return cells

    def answer(self, asked):
        given = asked["query"]
        assert given["type"] in {"backlinks_refdomains", "backlinks"}
        what = "referring_domains" if given["type"] == "backlinks_refdomains" else "backlinks"
        assert given["target_type"] == ("domain" if given["target"].count(".") > 1 else "root_domain")
        start, end = int(given["display_offset"]), int(given["display_limit"])
        fits = end - start if self.left is None else min(end - start, int(self.left // 40))
        if start >= self.sites.get(given["target"], 0):
            return 200, {}, b"ERROR 50 :: NOTHING FOUND"
        if fits == 0:
            return self.no_units()
        rows = self.rows(what, given["target"], start, fits)
        self.charge(40 * len(rows))
        names = given["export_columns"].split(",")
        lines = [";".join(names), *(";".join(str(row[name]) for name in names) for row in rows)]
        return 200, {"Content-Type": "text/csv"}, "\r\n".join(lines).encode()

    def no_key(self):
        return 200, {}, b"ERROR 120 :: WRONG KEY - ID PAIR"

    def no_units(self):
        return 200, {}, b"ERROR 132 :: API UNITS BALANCE IS ZERO"

    def malformed(self):
        return 200, {}, b"host;number\r\na.test;1"


class Moz(Vendor):
    name = "moz"

    def is_signed(self, asked):
        return asked["headers"].get("x-moz-token") == self.key

    def row(self, what, site, place):
        metrics = {
            "page": f"www.{domain(place)}/page",
            "root_domain": domain(place),
            "title": f"Page {place}",
            "http_code": 200,
            "root_domains_to_root_domain": 9,
            "root_domains_from_root_domain": 30,
            "page_authority": 20,
            "domain_authority": int(strength(place)),
            "spam_score": 3,
        }
        if what == "referring_domains":
            return {"site_metrics": metrics, "targeted_pages": 6, "targeted_nofollow_pages": 2}
        return {
            "source_site_metrics": metrics,
            "target_site_metrics": {**metrics, "page": f"{site}/"},
            "anchor_text": "here",
            "date_first_seen": "2020-01-01",
            "date_last_seen": "2025-05-02",
            "date_disappeared": ["", "2023-01-13", "2025-06-01"][place] if place < 3 else None,
            "nofollow": False,
            "redirect": False,
            "rel_canonical": False,
        }

    def answer(self, asked):
        call = asked["body"]
        assert (asked["path"], call["jsonrpc"], len(call["id"]) >= 24) == ("/jsonrpc", "2.0", True)
        data = call["params"]["data"]
        what = {"data.site.linking-domain.list": "referring_domains", "data.site.link.list": "backlinks"}[
            call["method"]
        ]
        assert data["options"]["filters"] == ["external", "not_deleted"]
        limit, token = data["offset"]["limit"], data["offset"].get("token")
        assert 1 <= limit <= 50
        start = int(base64.b64decode(token)) if token else 0
        site = data["site_query"]["query"]
        if self.left is not None and self.left < min(limit, self.sites.get(site, 0) - start):
            return self.no_units()
        rows = self.rows(what, site, start, limit)
        self.charge(len(rows))
        end = start + len(rows)
        following = base64.b64encode(str(end).encode()).decode() if end < self.sites.get(site, 0) else None
        name = "linking_domains" if what == "referring_domains" else "links"
        result = {"offset": {"provided_token": token, "token": following, "limit": limit}, name: rows}
        return as_json({"id": call["id"], "jsonrpc": "2.0", "result": result})

    def error(self, status, code, message):
        return as_json(
            {"id": "0" * 24, "jsonrpc": "2.0", "error": {"code": code, "status": status, "message": message}}, status
        )

    def no_key(self):
        return self.error(401, -32651, "Missing or invalid authentication")

    def no_units(self):
        return self.error(403, -32655, "Quota exceeded for api.limits.data.rows")

    def malformed(self):
        return as_json(
            {"jsonrpc": "2.0", "result": {"offset": {"token": None}, "linking_domains": [{}], "links": [{}]}}
        )


class Majestic(Vendor):
    name = "majestic"
    pages = ("backlinks",)

    def is_signed(self, asked):
        return asked["query"].get("app_api_key") == self.key

    def row(self, what, site, place):
        if what == "referring_domains":
            return {
                "Position": place,
                "Domain": domain(place),
                "RefDomains": 9,
                "TrustFlow": int(strength(place)),
                "CitationFlow": 30,
                "ExtBackLinks": 77,
                f"BackLinks_{site}": 8,
                "IP": "192.0.2.5",
                "CountryCode": "US",
                "TopicalTrustFlow_Topic_0": "Home/Furniture",
            }
        return {
            "SourceURL": f"https://www.{domain(place)}/page",
            "AnchorText": "here",
            "TargetURL": f"https://{site}/",
            "FlagRedirect": 0,
            "FlagFrame": 0,
            "FlagNoFollow": place % 2,
            "FlagImages": 0,
            "FlagDeleted": 0,
            "FlagMention": 0,
            "SourceTrustFlow": int(strength(place)),
            "SourceTopicalTrustFlow_Topic_0": "Home",
            "FirstIndexedDate": "2020-02-03",
            "LastSeenDate": "2026-02-03",
            "DateLost": "",
        }

    def answer(self, asked):
        given = asked["query"]
        assert given["datasource"] == "fresh"
        what = {"GetRefDomains": "referring_domains", "GetBackLinkData": "backlinks"}[given["cmd"]]
        site = given["item0"] if what == "referring_domains" else given["item"]
        cost = max(1000, int(given["AnalysisDepth"])) if what == "referring_domains" else 5000
        if self.left is not None and self.left < cost:
            return self.no_units()
        rows = self.rows(what, site, int(given.get("From", 0)), int(given["Count"]))
        charged = {"ChargedAnalysisResUnits": str(self.charge(cost))}
        table = {"Results" if what == "referring_domains" else "BackLinks": {"Headers": {}, "Data": rows}}
        return as_json({"Code": "OK", "ErrorMessage": "", "FullError": "", **charged, "DataTables": table})

    def no_key(self):
        return as_json({"Code": "InvalidKey", "ErrorMessage": "The API key is not valid", "FullError": ""})

    def no_units(self):
        return as_json({"Code": "NotEnough", "ErrorMessage": "Insufficient AnalysisResUnits", "FullError": ""})

    def malformed(self):
        return as_json({"Code": "OK", "DataTables": {"Results": {"Data": [{"Host": 1}]}, "BackLinks": {"Data": [{}]}}})


class DataForSEO(Vendor):
    name = "dataforseo"
    key = f"me@example.com:{KEY}"

    def is_signed(self, asked):
        return asked["headers"].get("authorization") == "Basic " + base64.b64encode(self.key.encode()).decode()

    def row(self, what, site, place):
        if what == "referring_domains":
            return {
                "type": "backlinks_referring_domain",
                "domain": domain(place),
                "rank": int(10 * strength(place)),
                "backlinks": 9,
                "first_seen": "2021-03-03 10:13:50 +00:00",
                "lost_date": None,
                "backlinks_spam_score": 4,
                "referring_pages": 8,
                "referring_links_attributes": {"nofollow": 2, "noopener": 3},
            }
        return {
            "type": "backlink",
            "url_from": f"https://www.{domain(place)}/page",
            "domain_from": domain(place),
            "url_to": f"https://{site}/",
            "anchor": "here",
            "dofollow": place % 2 == 0,
            "attributes": None if place % 2 == 0 else ["nofollow"],
            "item_type": "anchor",
            "links_count": 2,
            "first_seen": "2021-03-03 10:13:50 +00:00",
            "last_seen": "2026-03-03 10:13:50 +00:00",
            "is_lost": False,
            "domain_from_rank": int(10 * strength(place)),
            "page_from_rank": 5,
            "page_from_external_links": 6,
            "backlink_spam_score": 7,
            "page_from_status_code": 200,
            "url_to_status_code": 200,
            "page_from_language": "en",
            "domain_from_platform_type": ["blogs", "cms"],
            "page_from_title": "Page",
            "domain_from_ip": "192.0.2.4",
            "domain_from_country": "US",
        }

    def answer(self, asked):
        (task,) = asked["body"]
        what = {
            "/v3/backlinks/referring_domains/live": "referring_domains",
            "/v3/backlinks/backlinks/live": "backlinks",
        }[asked["path"]]
        assert task["backlinks_status_type"] == "live"
        assert 1 <= task["limit"] <= 1000
        start = int(task["search_after_token"][1:]) if "search_after_token" in task else task.get("offset", 0)
        number = min(task["limit"], max(self.sites.get(task["target"], 0) - start, 0))
        cost = Decimal("0.024") + number * Decimal("0.000036")
        if self.left is not None and self.left < cost:
            return self.no_units()
        rows = self.rows(what, task["target"], start, task["limit"])
        total = self.sites.get(task["target"], 0)
        result = {"target": task["target"], "total_count": total, "items_count": len(rows), "items": rows or None}
        if what == "backlinks" and start + len(rows) < total:
            result["search_after_token"] = f"t{start + len(rows)}"
        return self.task(20000, "Ok.", [result], cost=self.charge(cost))

    def task(self, code, message, result=None, *, cost=Decimal(0)):
        task = {"id": "1", "status_code": code, "status_message": message, "cost": float(cost), "result": result}
        return as_json({"status_code": 20000, "status_message": "Ok.", "cost": float(cost), "tasks": [task]})

    def no_key(self):
        return as_json({"status_code": 40100, "status_message": "You are not authorized.", "tasks": None}, 401)

    def no_units(self):
        return self.task(40200, "Payment Required.")

    def malformed(self):
        return self.task(20000, "Ok.", [{"total_count": 1, "items": [{"host": "a.test"}]}])


class SERanking(Vendor):
    name = "se_ranking"
    pages = ("backlinks",)

    def is_signed(self, asked):
        return asked["headers"].get("authorization") == f"Token {self.key}"

    def row(self, what, site, place):
        if what == "referring_domains":
            return {
                "refdomain": domain(place),
                "backlinks": 7,
                "dofollow_backlinks": 5,
                "first_seen": "2024-05-18",
                "domain_inlink_rank": int(strength(place)),
            }
        return {
            "url_from": f"https://www.{domain(place)}/page",
            "url_to": f"https://{site}/",
            "title": "Page",
            "anchor": "" if place == 0 else "here",
            "alt": "a picture" if place == 0 else "",
            "nofollow": False,
            "image": place == 0,
            "inlink_rank": 15,
            "domain_inlink_rank": int(strength(place)),
            "first_seen": "2024-05-18",
            "last_visited": "2026-05-18",
        }

    def answer(self, asked):
        given = asked["query"]
        what = {"/v1/backlinks/refdomains": "referring_domains", "/v1/backlinks/raw": "backlinks"}[asked["path"]]
        start, limit = int(given.get("next", "at0")[2:]), int(given["limit"])
        number = min(limit, max(self.sites.get(given["target"], 0) - start, 0))
        if self.left is not None and self.left < number:
            return self.no_units()
        rows = self.rows(what, given["target"], start, limit)
        self.charge(len(rows))
        if what == "referring_domains":
            return as_json({"refdomains": rows})
        end = start + len(rows)
        more = {"next": f"at{end}"} if end < self.sites.get(given["target"], 0) else {}
        return as_json({"backlinks": rows, **more})

    def error(self, status, message):
        return as_json({"error": {"code": status, "message": message, "description": "See the dashboard."}}, status)

    def no_key(self):
        return self.error(401, "Unauthorized")

    def no_units(self):
        return self.error(403, "Insufficient funds")

    def malformed(self):
        return as_json({"refdomains": [{"host": 1}], "backlinks": [{"host": 1}]})


class Bing(Vendor):
    name = "bing"
    lists = pages = ("backlinks",)
    links_a_page = 10

    def is_signed(self, asked):
        return asked["query"].get("apikey") == self.key

    def row(self, what, site, place):  # noqa: ARG002 - the same arguments for all vendors
        return {"Url": f"https://www.{domain(place)}/page", "AnchorText": "here"}

    def answer(self, asked):
        given, method = asked["query"], asked["path"].rpartition("/")[2]
        if method == "GetUserSites":
            sites = [{"Url": f"https://www.{site}/", "IsVerified": True} for site in self.sites]
            return as_json({"d": [*sites, {"Url": "https://unverified.test/", "IsVerified": False}]})
        site = urlsplit(given["siteUrl"]).hostname.removeprefix("www.")
        pages = -(-self.sites[site] // self.links_a_page)
        if method == "GetLinkCounts":
            urls = [f"https://www.{site}/{page}" for page in range(pages)]
            part = urls[2 * int(given["page"]) :][:2]
            return as_json({"d": {"Links": [{"Url": url, "Count": 3} for url in part], "TotalPages": -(-pages // 2)}})
        assert method == "GetUrlLinks"
        first = int(given["link"].rpartition("/")[2]) * self.links_a_page
        half = self.links_a_page // 2
        number = min(self.links_a_page, self.sites[site] - first) - half * int(given["page"])
        rows = self.rows("backlinks", site, first + half * int(given["page"]), min(number, half))
        return as_json({"d": {"Details": rows, "TotalPages": 2 if number > half or given["page"] == "1" else 1}})

    def no_key(self):
        return as_json({"ErrorCode": 3, "Message": "ERROR!!! InvalidApiKey"}, 400)

    def no_units(self):
        return as_json({"ErrorCode": 4, "Message": "ERROR!!! ThrottleUser"}, 400)

    def malformed(self):
        return as_json({"d": {"Rows": []}})


class OpenPageRank(Vendor):
    """Returns figures of domains, and has no lists; the domains set by `hold` are those it knows."""

    name = "open_pagerank"
    lists = pages = ()

    def is_signed(self, asked):
        return asked["headers"].get("api-opr") == self.key

    def answer(self, asked):
        assert asked["path"] == "/getPageRank"
        names = [text for name, text in asked["query"].items() if re.fullmatch(r"domains\[\d+\]", name)]
        assert 1 <= len(names) == len(asked["query"]) <= 100
        self.sent += [("authority", name, 0) for name in names]
        return as_json({"status_code": 200, "response": [self.figures(name) for name in names], "last_updated": "1st"})

    def figures(self, name):
        if name in self.sites:
            rank = str(self.sites[name])
            found = {"page_rank_integer": 5, "page_rank_decimal": 4.71, "rank": rank, "domain": name}
            return {"status_code": 200, "error": "", **found}
        nothing = {"page_rank_integer": 0, "page_rank_decimal": 0, "rank": None, "domain": name}
        return {"status_code": 404, "error": "Domain not found", **nothing}

    def no_key(self):
        return as_json({"error": "Invalid API key"}, 403)

    def malformed(self):
        return as_json({"status_code": 200, "response": [{"page_rank_decimal": 1}]})


VENDORS = {each.name: each for each in (Ahrefs, Bing, DataForSEO, Majestic, Moz, OpenPageRank, SERanking, Semrush)}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.handle_any(None)

    def do_POST(self) -> None:
        self.handle_any(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def handle_any(self, body: object) -> None:
        vendor: Vendor = self.server.vendor
        parts = urlsplit(self.path)
        asked = {
            "path": parts.path,
            "query": dict(parse_qsl(parts.query, keep_blank_values=True)),
            "headers": {name.lower(): text for name, text in self.headers.items()},
            "body": body,
        }
        assert not [name for name in asked["headers"] if name.startswith("linkgap")]
        good = len(vendor.asked) < vendor.fails_after or not vendor.faults
        vendor.asked.append(asked)
        if not vendor.is_signed(asked):
            return self.send(vendor.no_key())
        return self.send(vendor.answer(asked)) if good else self.fail(vendor.faults.pop(0), vendor, asked)

    def fail(self, fault: str, vendor: Vendor, asked: dict[str, Any]) -> None:
        if fault == "cut":
            self.send(vendor.answer(asked), cut=True)
        elif fault == "hang up":
            self.close_connection = True
        elif fault == "echo":
            told = {"error": f"not allowed: {self.path} {dict(self.headers)}", "key": vendor.key}
            self.send(as_json(told, 400, **{"Set-Cookie": f"key={vendor.key}", "X-Key": vendor.key}))
        elif fault == "elsewhere":
            self.send((302, {"Location": vendor.elsewhere}, b""))
        elif fault == "html":
            self.send((200, {"Content-Type": "text/html"}, b"<html><body>We are <b>down</b></body></html>"))
        elif fault.startswith("status"):
            _, status, *more = fault.split(" ", 2)
            self.send((int(status), {"Retry-After": more[0]} if more else {}, b'{"error": "slow down"}'))
        else:
            self.send(getattr(vendor, fault)())

    def send(self, answer: Answer, *, cut: bool = False) -> None:
        status, headers, body = answer
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = cut or self.close_connection

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, vendor: Vendor) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.vendor = vendor
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        self.vendor.broken = True


@pytest.fixture(scope="session")
def vendors() -> dict[str, type[Vendor]]:
    """All vendors, by the service's name."""
    return VENDORS


@pytest.fixture
def serve(monkeypatch) -> Iterator[Any]:
    """Start a vendor by name: `serve(name)`; linkgap gets its address and key, and its pages are short."""
    servers = []

    def start(name: str, *, page_rows: int = 20) -> Vendor:
        vendor = VENDORS[name]()
        servers.append(Server(vendor))
        threading.Thread(target=servers[-1].serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv(f"LINKGAP_{name.upper()}_URL", servers[-1].url)
        monkeypatch.setenv(f"LINKGAP_{name.upper()}_KEY", vendor.key)
        vendor.url = servers[-1].url
        if name in catalogue.SERVICES:
            listings = catalogue.SERVICES[name].listings
            shorter = {what: replace(listings[what], page_rows=page_rows) for what in vendor.pages}
            monkeypatch.setattr(catalogue.SERVICES[name], "listings", {**listings, **shorter}, raising=False)
        return vendor

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
        assert not getattr(server.vendor, "broken", False)


@pytest.fixture(autouse=True)
def waits(monkeypatch) -> list[float]:
    """The seconds of each pause that linkgap would have made; the tests don't wait."""
    found: list[float] = []
    monkeypatch.setattr(sending, "_sleep", found.append)
    return found
