"""What matters on a page before writing to its owner: links to rivals, contacts, dates, and whether it is indexed."""

from __future__ import annotations

import datetime as dt
import email.utils
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from linkgap.domains import has_known_suffix, host_of, parse_site, registrable_domain
from linkgap.gap.tactics import judge
from linkgap.web.decoding import decode_page
from linkgap.web.elements import read_elements, shortened_text
from linkgap.web.marks import has_mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from linkgap.domains import Site
    from linkgap.schema import LinkPlace
    from linkgap.web.elements import Elements
    from linkgap.web.fetching import Answer

_NOT_FOLLOWED = {"nofollow", "ugc", "sponsored"}
_FOR_ROBOT = re.compile(r"\s*([\w.*-]+)\s*:(.*)", re.DOTALL)
_SEARCH_ENGINES = {"googlebot", "bingbot", "robots", "*"}
_WITH_VALUES = {"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"}
_CANONICAL = re.compile(r"<([^<>]{1,2000})>[^,]{0,200}\brel\s*=\s*\"?canonical", re.IGNORECASE)
_DAY = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})(?!\d)")
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}(?![\w-])", re.IGNORECASE)
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg|avif)$", re.IGNORECASE)
_PUBLISHED = (
    "article:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dc.date.issued",
    "dcterms.created",
    "pubdate",
)
_CHANGED = ("article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified", "revised")
_MOST_EMAILS = 5
_MOST_DESCRIPTION = 200_000
_FIRST_YEAR = 1990
_LAST_MODIFIED_SLACK = 60
_HTML = re.compile(r"text/html|application/xhtml", re.IGNORECASE)
_TAG = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype html|html|head|body)", re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True)
class PageLink:
    """A link on a page to a compared site."""

    site: str
    target: str
    anchor: str
    rel: str
    place: LinkPlace
    follow: bool


@dataclass(frozen=True)
class PageFacts:
    """What a page says about itself; None or empty where it says nothing.

    Attributes
    ----------
    compared_site
        The compared site that the page belongs to, as when a prospect's page redirects there; else None. The links of
        such a page are not a prospect's, so `links` is empty.
    is_cut
        Whether the page has more links than are looked at.
    """

    compared_site: str | None
    links: tuple[PageLink, ...]
    external_links: int
    title: str
    language: str
    noindex: bool
    canonical: str
    published: dt.date | None
    changed: dt.date | None
    contact_page: str
    emails: tuple[str, ...]
    write_for_us: str
    resource_page: bool
    is_cut: bool = False


class Compared:
    """The compared sites; tells which of them an address belongs to."""

    def __init__(self, names: Iterable[str]) -> None:
        self._sites: list[tuple[Site, str]] = sorted(
            ((parse_site(name), name) for name in names), key=lambda each: -len(str(each[0]))
        )

    def site_of(self, host: str, path: str) -> str | None:
        """Return the compared site that an address belongs to, the longest where several match; None if none does."""
        below = f"{path.rstrip('/')}/"
        return next((name for site, name in self._sites if site.covers(host) and below.startswith(site.path)), None)


def is_page(answer: Answer) -> bool:
    """Tell whether an answer is an HTML page: by its Content-Type, or by how the body begins when there is none."""
    kind = answer.headers.get("Content-Type", "")
    return bool(_HTML.search(kind) if kind.strip() else _TAG.search(answer.body[:4096]))


def read_page(answer: Answer, compared: Compared) -> PageFacts:
    """Return the facts that a page states."""
    elements = read_elements(decode_page(answer.body, answer.headers.get("Content-Type", "")))
    url = answer.final_url
    base = _joined(url, elements.base) if elements.base else url
    directives = _robots_directives(elements.meta, answer.headers.get("X-Robots-Tag", ""))
    page_links = _PageLinks(url, base or url, elements, compared)
    description = "\n".join(elements.scripts)[:_MOST_DESCRIPTION]
    today = (answer.asked_at or dt.datetime.now(dt.UTC)).date()
    return PageFacts(
        compared_site=page_links.compared_site,
        links=tuple(page_links.compared_links(unfollowed=bool(directives & {"nofollow", "none"}))),
        external_links=page_links.external,
        title=elements.title,
        language=(elements.language or answer.headers.get("Content-Language", ""))[:35].lower(),
        noindex=bool(directives & {"noindex", "none"}),
        canonical=_canonical(elements, answer.headers, base or url),
        published=_day(elements, description, _PUBLISHED, "datePublished", today),
        changed=_day(elements, description, _CHANGED, "dateModified", today) or _last_modified(answer.headers),
        contact_page=page_links.contact,
        emails=_emails(elements, registrable_domain(host_of(url) or "")),
        write_for_us=page_links.write_for_us,
        resource_page=_is_link_list(url, elements),
        is_cut=elements.is_cut,
    )


class _PageLinks:
    """The links of a page by purpose: to compared sites, to other domains, to a contact page, to a call for guests."""

    def __init__(self, url: str, base: str, elements: Elements, compared: Compared) -> None:
        self.external, self.contact, self.write_for_us = 0, "", ""
        self._to_compared: list[PageLink] = []
        own = _registrable(host_of(url) or "")
        self.compared_site = compared.site_of(host_of(url) or "", urlsplit(url).path)
        if any(has_mark("write for us", each) for each in [elements.title, *elements.headings[:1]]):
            self.write_for_us = url
        for link in elements.links:
            target = _joined(base, link.href)
            host = host_of(target) if target.lower().startswith(("http://", "https://")) else None
            if host is None:
                continue
            anchor = shortened_text(link.anchor)
            site = compared.site_of(host, urlsplit(target).path)
            if site is not None and self.compared_site is None:
                follow = not _NOT_FOLLOWED & set(link.rel.split())
                self._to_compared.append(PageLink(site, target, anchor, link.rel, link.place, follow))
            if _registrable(host) != own:
                self.external += 1
            else:
                self._look_inside(target, anchor)

    def _look_inside(self, target: str, anchor: str) -> None:
        """Keep an internal link that leads to a contact page or invites guest authors, the first of each."""
        path = urlsplit(target).path.rstrip("/").rpartition("/")[2]
        page = re.sub(r"\.\w{2,5}$", "", unquote(path))
        if not self.contact and (has_mark("contact", anchor) or has_mark("contact", page)):
            self.contact = target
        if not self.write_for_us and (has_mark("write for us", anchor) or has_mark("write for us", page)):
            self.write_for_us = target

    def compared_links(self, *, unfollowed: bool) -> Iterator[PageLink]:
        """Yield the links to compared sites; none counts as followed when the page as a whole is `unfollowed`."""
        for link in self._to_compared:
            yield PageLink(link.site, link.target, link.anchor, link.rel, link.place, link.follow and not unfollowed)


def _joined(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:
        return ""


@lru_cache(maxsize=10_000)
def _registrable(host: str) -> str:
    return registrable_domain(host)


def _robots_directives(meta: Mapping[str, str], header: str) -> set[str]:
    """Return the robots directives for search engines, from meta elements and the X-Robots-Tag header.

    In the header, directives that come after the name of a robot are for that robot only.

    Examples
    --------
    >>> sorted(_robots_directives({"robots": "noindex nofollow"}, "otherbot: none, noarchive"))
    ['nofollow', 'noindex']
    """
    directives = [meta.get("robots", ""), meta.get("googlebot", "")]
    robot = "*"
    for part in header.lower().split(","):
        named = _FOR_ROBOT.fullmatch(part)
        is_named = named is not None and named[1] not in _WITH_VALUES
        robot, words = (named[1], named[2]) if named is not None and is_named else (robot, part)
        directives += [words] if robot in _SEARCH_ENGINES else []
    return {word for text in directives for word in text.lower().replace(",", " ").split()}


def _canonical(elements: Elements, headers: Mapping[str, str], base: str) -> str:
    if elements.canonical:
        return _joined(base, elements.canonical)
    found = _CANONICAL.search(headers.get("Link", "")[:8000])
    return _joined(base, found[1]) if found else ""


def _day(elements: Elements, description: str, names: Sequence[str], described: str, today: dt.date) -> dt.date | None:
    """Return the first plausible date under any of the names: from 1990 on, and not in the future (a day's slack)."""
    dates = [elements.meta.get(name, "") for name in names] + [elements.times.get(names[1], "")]
    dates += re.findall(rf'"{described}"\s*:\s*"([^"]{{8,40}})"', description)[:1]
    days = (_as_day(found) for text in dates for found in [_DAY.search(text[:100])] if found)
    return next((day for day in days if day and day.year >= _FIRST_YEAR and day <= today + dt.timedelta(days=1)), None)


def _as_day(found: re.Match[str]) -> dt.date | None:
    try:
        return dt.date(*map(int, found.groups()))
    except ValueError:
        return None


def _last_modified(headers: Mapping[str, str]) -> dt.date | None:
    """Return the day of Last-Modified, unless that is within a minute of Date, as for pages generated on request."""
    try:
        dates = [email.utils.parsedate_to_datetime(headers.get(name, "")) for name in ("Last-Modified", "Date")]
        changed, now = (each.replace(tzinfo=each.tzinfo or dt.UTC) for each in dates)
        is_old = (now - changed).total_seconds() > _LAST_MODIFIED_SLACK
    except (ValueError, OverflowError):
        return None
    return changed.date() if is_old and changed.year >= _FIRST_YEAR else None


def _emails(elements: Elements, own: str) -> tuple[str, ...]:
    """Return the e-mail addresses that a reader sees or can click on, those of the page's own domain first."""
    linked = [unquote(link.href[7:].partition("?")[0]) for link in elements.links if link.href[:7].lower() == "mailto:"]
    found = [each.lower() for text in [*linked, elements.text] for each in _EMAIL.findall(text)]
    known = [
        each for each in dict.fromkeys(found) if not _PICTURE.search(each) and has_known_suffix(each.partition("@")[2])
    ]
    known.sort(key=lambda each: registrable_domain(each.partition("@")[2]) != own)
    return tuple(known[:_MOST_EMAILS])


def _is_link_list(url: str, elements: Elements) -> bool:
    """Tell whether the page is a list of links, by its title, first heading or address."""
    names = [elements.title, *elements.headings[:1]]
    if any(has_mark("resource list", part) for name in names for part in [name, *re.split(r"\s[-–—|·:]\s", name)]):
        return True
    return judge({"sample_url": url, "title": elements.title})[0] == "resource page"
