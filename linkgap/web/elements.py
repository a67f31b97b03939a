"""The elements of a page, collected from parser events without a tree: work grows with length, not with nesting."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from linkgap.schema import LINK_PLACES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linkgap.schema import LinkPlace

_MOST_LINKS = 20_000
_MOST_TEXT = 500
_MOST_SCRIPT = 200_000
_ADDED_UP = {"robots", "googlebot"}
_UNSEEN = {"script", "style", "noscript", "template", "svg", "title"}
_INLINE = {"a", "abbr", "b", "em", "font", "i", "mark", "small", "span", "strong", "u", "wbr"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_COMMENTS, _FOOTER, _NAVIGATION, _SIDEBAR, _ARTICLE, _TEMPLATE, _UNREAD = (1 << bit for bit in range(7))
_BY_TAG = {
    **dict.fromkeys(("script", "style", "noscript"), _UNREAD),
    "template": _TEMPLATE | _UNREAD,
    "nav": _NAVIGATION,
    "aside": _SIDEBAR,
    "article": _ARTICLE,
    "main": _ARTICLE,
    "blockquote": _ARTICLE,
}
_BY_ROLE = {"navigation": _NAVIGATION, "contentinfo": _FOOTER, "complementary": _SIDEBAR, "main": _ARTICLE}
_BY_NAME = (
    (
        re.compile(
            r"comments?|comment-?(?:list|body|content|text|area|author|section|thread)|comments-(?:area|list|section)"
            r"|disqus_thread|respond"
        ),
        _COMMENTS,
    ),
    (re.compile(r"(?:(?:site|page|main|global)[-_]?)?footer(?:[-_].*)?|colophon"), _FOOTER),
    (
        re.compile(r"nav|navbar|navigation|menu|breadcrumbs?|(?:main|site|top|primary)[-_]?(?:nav|menu|navigation)"),
        _NAVIGATION,
    ),
    (re.compile(r"sidebar(?:[-_].*)?|widget(?:[-_]area)?|blogroll"), _SIDEBAR),
)
"""Patterns for the classes and ids that reveal a place; each must match the whole name."""

_PLACES: tuple[tuple[int, LinkPlace], ...] = (
    (_COMMENTS, "comments"),
    (_FOOTER, "footer"),
    (_NAVIGATION, "navigation"),
    (_SIDEBAR, "sidebar"),
)


@dataclass
class Link:
    """A link as the page has it."""

    href: str
    rel: str
    place: LinkPlace
    anchor: str = ""


@dataclass
class Elements:
    """Collects what linkgap looks at while lxml parses a page: the target of `lxml.etree.HTMLParser`.

    Attributes
    ----------
    meta
        Contents of the meta elements by lower-case name, property, itemprop or http-equiv. Of several elements with one
        name, the first counts; those of `robots` and `googlebot` are joined.
    times
        Dates by itemprop, from `time` and other elements.
    scripts
        Texts of the JSON-LD scripts, which describe the page to search engines.
    is_cut
        Whether there are more links than are collected (20,000).
    """

    links: list[Link] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    times: dict[str, str] = field(default_factory=dict)
    scripts: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    base: str = ""
    canonical: str = ""
    language: str = ""
    title: str = ""
    is_cut: bool = False
    _text: list[str] = field(default_factory=list)
    _open: list[tuple[str, int, bool]] = field(default_factory=list)
    _link: Link | None = None
    _around_link: int = 0
    _taking: str = ""
    _taken: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text that a reader sees, with line breaks between blocks."""
        return "".join(self._text)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take in the beginning of an element."""
        _, place, unseen = self._open[-1] if self._open else ("", 0, False)
        if tag not in _VOID:
            self._open.append((tag, place | _place_of(tag, attributes, place), unseen or tag in _UNSEEN))
        if tag not in _INLINE:
            self._text.append("\n")
        if place & _TEMPLATE:
            return  # the contents of a <template> are not part of the page
        if tag in _TAKEN_IN:
            _TAKEN_IN[tag](self, attributes)
        if "itemprop" in attributes and ("datetime" in attributes or "content" in attributes):
            when = attributes.get("datetime") or attributes.get("content", "")
            self.times.setdefault(attributes["itemprop"].strip().lower(), when)

    def end(self, tag: str) -> None:
        """Take in the end of an element."""
        if self._open and tag not in _VOID:
            self._open.pop()
        if tag not in _INLINE:
            self._text.append("\n")
        if tag == "a":
            self._link = None
        if tag == self._taking:
            self._keep_taken(tag)

    def data(self, text: str) -> None:
        """Take in text."""
        self._add_to_anchor(text)
        if self._taking and not (self._taking == "h1" and self._place & _UNREAD):
            self._taken.append(text)
        if not (self._open and self._open[-1][2]):
            self._text.append(text)

    def comment(self, text: str) -> None:
        """Ignore a comment."""

    def close(self) -> Elements:
        """Return what was collected."""
        return self

    @property
    def _place(self) -> int:
        return self._open[-1][1] if self._open else 0

    def _add_to_anchor(self, text: str) -> None:
        """Add visible text to the open link's anchor: no script, no style, and no noscript, which repeats pictures."""
        if self._link is None or self._place & ~self._around_link & _UNREAD:
            return
        if len(self._link.anchor) < _MOST_TEXT:
            self._link.anchor += text

    def _keep_taken(self, tag: str) -> None:
        text = "".join(self._taken)
        if tag == "script":
            self.scripts.append(text[:_MOST_SCRIPT])
        elif tag == "title":
            self.title = self.title or shortened_text(text)
        else:
            self.headings.append(shortened_text(text))
        self._taking, self._taken = "", []

    def _take(self, tag: str) -> None:
        self._taking, self._taken = tag, []

    def _take_link(self, attributes: Mapping[str, str]) -> None:
        self._link = None
        href, place = attributes.get("href") or attributes.get("xlink:href"), self._place
        if not href:
            return
        self.is_cut = len(self.links) == _MOST_LINKS
        if not self.is_cut:
            rel = " ".join(sorted(set(attributes.get("rel", "").lower().replace(",", " ").split())))
            self._link = Link(_as_browsers_read(href), rel, _place_in_words(place))
            self._around_link = place
            self.links.append(self._link)

    def _take_picture(self, attributes: Mapping[str, str]) -> None:
        self._add_to_anchor(f" {attributes.get('alt', '')} ")

    def _take_meta(self, attributes: Mapping[str, str]) -> None:
        names = (attributes.get(each, "") for each in ("name", "property", "itemprop", "http-equiv"))
        name = next(filter(None, names), "").strip().lower()
        content = attributes.get("content", "")
        if name in _ADDED_UP and name in self.meta:
            content = f"{self.meta[name]}, {content}"[:_MOST_TEXT]
        elif name in self.meta:
            return
        if name:
            self.meta[name] = content

    def _take_relation(self, attributes: Mapping[str, str]) -> None:
        if "canonical" in attributes.get("rel", "").lower().split() and not self.canonical:
            self.canonical = attributes.get("href", "").strip()

    def _take_base(self, attributes: Mapping[str, str]) -> None:
        self.base = self.base or attributes.get("href", "").strip()

    def _take_language(self, attributes: Mapping[str, str]) -> None:
        self.language = self.language or (attributes.get("lang") or attributes.get("xml:lang", "")).strip().lower()

    def _take_script(self, attributes: Mapping[str, str]) -> None:
        if attributes.get("type", "").strip().lower() == "application/ld+json":
            self._take("script")

    def _take_title(self, _: Mapping[str, str]) -> None:
        if not any(tag == "svg" for tag, *_ in self._open[-8:]):
            self._take("title")

    def _take_heading(self, _: Mapping[str, str]) -> None:
        self._take("h1")


_TAKEN_IN = {
    "a": Elements._take_link,  # noqa: SLF001 - the class's own table
    "area": Elements._take_link,  # noqa: SLF001
    "base": Elements._take_base,  # noqa: SLF001
    "h1": Elements._take_heading,  # noqa: SLF001
    "html": Elements._take_language,  # noqa: SLF001
    "img": Elements._take_picture,  # noqa: SLF001
    "link": Elements._take_relation,  # noqa: SLF001
    "meta": Elements._take_meta,  # noqa: SLF001
    "script": Elements._take_script,  # noqa: SLF001
    "title": Elements._take_title,  # noqa: SLF001
}


def read_elements(text: str) -> Elements:
    """Return the elements of a page that linkgap looks at, read as browsers would where it matters here."""
    from lxml import etree

    elements = Elements()
    # Fed as UTF-8 bytes, so that the encoding which the page declares is ignored.
    parser = etree.HTMLParser(target=elements, encoding="utf-8", huge_tree=True)
    try:
        parser.feed(text.replace("\x00", "").encode("utf-8", "replace"))
        parser.close()
    except etree.LxmlError:
        pass  # return what was collected so far
    return elements


def _as_browsers_read(href: str) -> str:
    r"""Return an address without tabs and line breaks, and with slashes for backslashes before `?` or `#`.

    Examples
    --------
    >>> _as_browsers_read("https:\\\\rival.exa\nmple\\a?b=\\")
    'https://rival.example/a?b=\\'
    """
    text = re.sub(r"[\t\r\n]", "", href.strip())
    address = re.split(r"[?#]", text, maxsplit=1)[0]
    return address.replace("\\", "/") + text[len(address) :]


def shortened_text(text: str) -> str:
    r"""Return a text on one line, cut to 500 characters.

    Examples
    --------
    >>> shortened_text(" Ten  desks\nto sit at ")
    'Ten desks to sit at'
    """
    return " ".join(text[: 4 * _MOST_TEXT].split())[:_MOST_TEXT]


def _place_of(tag: str, attributes: Mapping[str, str], around: int) -> int:
    """Return the bits that an element adds to those of the place `around` it; an article may have its own footer."""
    found = _BY_TAG.get(tag, 0) | _BY_ROLE.get(attributes.get("role", "").strip().lower(), 0)
    if tag == "footer" and not around & _ARTICLE:
        found |= _FOOTER
    if not attributes or tag in {"html", "body", "article", "main"}:
        return found
    for name in f"{attributes.get('id', '')} {attributes.get('class', '')}".lower().split()[:20]:
        found |= next((place for pattern, place in _BY_NAME if pattern.fullmatch(name)), 0)
    return found


def _place_in_words(place: int) -> LinkPlace:
    return next((words for bit, words in _PLACES if place & bit), LINK_PLACES[0])
