"""From an address to the registrable domain, which is the key of every table.

The rules are those of the Public Suffix List with its private section, in the copy that the `publicsuffixlist` package
bundles: `me.blogspot.com` and `you.blogspot.com` are two domains. Nothing here uses the network.
"""

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from string import whitespace
from typing import NamedTuple

import idna

from linkgap.errors import InvalidArgumentError

_INVISIBLE = (*range(0x2000, 0x2010), *range(0x2028, 0x2030), *range(0x205F, 0x2070))
_BLANKS = "\x85\xa0\xad\u061c\u1680\u180e\u3000\ufeff" + "".join(map(chr, _INVISIBLE))
"""Blanks and marks that nobody sees, and that come along when an address is copied from a page: no-break blanks,
zero-width ones, marks of writing direction. The engine's `\\s` knows none of them.
"""

BLANKS_BEFORE = rf"^[\s{_BLANKS}]*"
BEFORE_HOST = rf"{BLANKS_BEFORE}(?:(?:[A-Za-z][A-Za-z0-9+.\-]*:)?[/\\]{{2,}}|[Hh][Tt][Tt][Pp][Ss]?:[/\\]*)?"
HOST_PATTERN = rf"{BEFORE_HOST}([^/#\\]*)"
"""Captures the part of an address between scheme and path; SQL and Python use the same pattern.

A question mark is part of it: it may begin the query, or replace a letter of the host that an encoding lacks.
"""

_HOST = re.compile(HOST_PATTERN)
_AFTER_HOST = re.compile(r"[/?#\\]")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_PLAIN_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_HYPHENATED_HOST = re.compile(rf"(?:-*[a-z0-9_][a-z0-9_-]*\.)+{_LABEL}\.{_LABEL}")
"""Hyphens at the ends of a label break the rule for hosts (RFC 1123), but platforms gave such names to their users."""

_MARKED_HOST = re.compile(r"[\w.-]*\?[\w.?-]*")
_NOT_WEB = re.compile(
    r"(?:about|blob|cid|data|file|javascript|mailto|sms|tel|urn|view-source|whatsapp):", re.IGNORECASE
)
_DOTS = str.maketrans("。．｡", "...")  # noqa: RUF001 - the ideographic dots that IDNA folds into a full stop
_MOST_HOST_CHARACTERS = 253
_MOST_LABEL_CHARACTERS = 63


class PublicSuffixes(NamedTuple):
    """Rules of the Public Suffix List in punycode: plain ones, parents of `*.` ones, and `!` exceptions."""

    plain: frozenset[str]
    wildcard: frozenset[str]
    exception: frozenset[str]


@lru_cache(maxsize=1)
def public_suffixes() -> PublicSuffixes:
    """Return the rules of the bundled Public Suffix List, private section included."""
    rules = [line.split()[0] for line in _list_of_suffixes().splitlines() if line.strip() and not line.startswith("//")]
    return PublicSuffixes(
        plain=frozenset(_punycode(rule) for rule in rules if rule[0] not in "!*"),
        wildcard=frozenset(_punycode(rule[2:]) for rule in rules if rule.startswith("*.")),
        exception=frozenset(_punycode(rule[1:]) for rule in rules if rule.startswith("!")),
    )


@lru_cache(maxsize=1)
def private_suffixes() -> frozenset[str]:
    """Return the plain suffixes of the list's private section: domains below which anybody may have a site.

    Examples
    --------
    >>> "blogspot.com" in private_suffixes(), "co.uk" in private_suffixes()
    (True, False)
    """
    private = _list_of_suffixes().partition("===BEGIN PRIVATE DOMAINS===")[2]
    lines = (line.split()[0] for line in private.splitlines() if line.strip() and not line.startswith("//"))
    return frozenset(_punycode(rule) for rule in lines if rule[0] not in "!*")


@lru_cache(maxsize=1)
def platform_names() -> frozenset[str]:
    """Return the names into which providers may fold all hosts below: private suffixes, and their last two labels.

    Examples
    --------
    >>> {"blogspot.com", "s3.amazonaws.com", "amazonaws.com"} <= platform_names(), "co.uk" in platform_names()
    (True, False)
    """
    shortened = {".".join(suffix.split(".")[-2:]) for suffix in private_suffixes()}
    return (private_suffixes() | shortened) - (public_suffixes().plain - private_suffixes())


def _list_of_suffixes() -> str:
    return files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text(encoding="utf-8")


def host_of(address: str) -> str | None:
    """Return the host of a web address, lower case and in punycode, or None when there is none.

    Parameters
    ----------
    address
        A URL with or without scheme, or a bare host. User info, port and trailing dots are dropped.

    Examples
    --------
    >>> host_of("HTTPS://user:pass@Blog.BÜCHER.example.:8080/page?q=1")
    'blog.xn--bcher-kva.example'
    >>> host_of("http://[2001:db8::1]/"), host_of("localhost"), host_of("javascript:alert(1)")
    ('2001:db8::1', 'localhost', None)
    """
    found = _HOST.match(address)
    return clean_host(found[1]) if found else None


def clean_host(text: str) -> str | None:
    """Return the part of an address between scheme and path as a host, or None when it is not one.

    Examples
    --------
    >>> clean_host("WWW.Example.COM:443"), clean_host("two words.example"), clean_host("mailto:me@example.com")
    ('www.example.com', None, None)
    >>> clean_host("example.com?page=2"), clean_host("b?cher.example"), clean_host("-me-.blogspot.com"), clean_host("-")
    ('example.com', None, '-me-.blogspot.com', None)
    """
    if _PLAIN_HOST.fullmatch(text) and len(text) <= _MOST_LABEL_CHARACTERS:
        return _name_or_ip_address(text)
    text = text.strip(_BLANKS + whitespace).lower()
    if _NOT_WEB.match(text) or _has_lost_letters(text):
        return None
    text = _AFTER_HOST.split(text, maxsplit=1)[0].rpartition("@")[2]
    if text.startswith("["):
        return _ip_address(text[1:].partition("]")[0])
    if text.count(":") > 1:
        return _ip_address(text)
    text, _, port = text.partition(":")
    if port and not port.isdecimal():
        return None
    text = text.translate(_DOTS).strip(".")
    text = _punycode(text)
    return _name_or_ip_address(text) if _is_host(text) else None


def _has_lost_letters(text: str) -> bool:
    """Tell whether letters of a host were lost in an encoding that lacks them: `b?cher.example` is not the host `b`."""
    before = _AFTER_HOST.split(text, maxsplit=1)[0]
    if "\ufffd" in before:
        return True
    return _MARKED_HOST.fullmatch(text) is not None and has_known_suffix(text) and not has_known_suffix(before)


def _is_host(text: str) -> bool:
    fits = len(text) <= _MOST_HOST_CHARACTERS and all(len(part) <= _MOST_LABEL_CHARACTERS for part in text.split("."))
    return fits and (_PLAIN_HOST.fullmatch(text) is not None or _is_below_a_domain(text))


def _is_below_a_domain(host: str) -> bool:
    """Tell whether a host with hyphens at the ends of its labels is below a domain or a platform's name.

    No registry gives out such a domain: `-example.co.uk` is `example.co.uk` in a list with hyphens before its lines.
    """
    if _HYPHENATED_HOST.fullmatch(host) is None:
        return False
    domain = registrable_domain(host)
    return domain.partition(".")[2] in private_suffixes() or _PLAIN_HOST.fullmatch(domain) is not None


def _punycode(host: str) -> str:
    """Return `host` in punycode, label by label: those of a domain, which its hosts share, are encoded once."""
    return host if host.isascii() else ".".join(_punycode_label(label) for label in host.split("."))


def in_own_letters(host: str) -> str:
    """Return a host that is in punycode in the letters that it stands for.

    Examples
    --------
    >>> in_own_letters("www.xn--bcher-kva.example"), in_own_letters("xn--!.example")
    ('www.bücher.example', 'xn--!.example')
    """
    return ".".join(map(_label_in_own_letters, host.split(".")))


def _label_in_own_letters(label: str) -> str:
    try:
        return label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label
    except UnicodeError:
        return label


_IS_MAPPED = re.compile(r"[^\w-]|[_\u115f\u1160]")
"""Finds what IDNA may map besides what case folding and NFKC change: marks, and Korean fillers, which count as letters
and are dropped."""


@lru_cache(maxsize=100_000)
def _punycode_label(label: str) -> str:
    """Return a label in punycode; what IDNA 2008 refuses, such as emoji, is encoded as it is."""
    if label.isascii():
        return label
    if _IS_MAPPED.search(label) is None and unicodedata.normalize("NFKC", label.casefold()) == label:
        # IDNA would map nothing, so the label itself is encoded, whether IDNA allows it or not, at half the cost.
        return "xn--" + label.encode("punycode").decode("ascii")
    try:
        return idna.encode(label, uts46=True, transitional=False).decode("ascii")
    except idna.IDNAError:
        return "xn--" + label.encode("punycode").decode("ascii")


def _name_or_ip_address(host: str) -> str | None:
    """Return a host, or None when it ends in a number but is not an IP address: host names don't, so it is a figure."""
    return host if not host[-1:].isdigit() or not host.rpartition(".")[2].isdecimal() else _ip_address(host)


def _ip_address(text: str) -> str | None:
    """Return an IP address in its canonical form, or None when `text` is not one."""
    if not text[-1:].isdigit() and ":" not in text:
        return None
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def registrable_domain(host: str) -> str:
    """Return the domain that somebody registered, for a host as `host_of` returns it.

    IP addresses, single labels and public suffixes themselves are returned as they are.

    Examples
    --------
    >>> registrable_domain("www.news.example.co.uk"), registrable_domain("me.blogspot.com")
    ('example.co.uk', 'me.blogspot.com')
    >>> registrable_domain("co.uk"), registrable_domain("192.0.2.1"), registrable_domain("localhost")
    ('co.uk', '192.0.2.1', 'localhost')
    """
    if ":" in host or (host[-1:].isdigit() and _ip_address(host)):
        return host
    plain, wildcard, exception = public_suffixes()
    before, rest = "", host
    while True:
        head, dot, tail = rest.partition(".")
        if rest in exception:
            return rest
        if rest in plain or tail in wildcard or not dot:
            return f"{before}.{rest}" if before else rest
        before, rest = head, tail


def has_known_suffix(host: str) -> bool:
    """Tell whether a host ends in a listed public suffix or in a name reserved for examples (RFC 2606).

    Examples
    --------
    >>> has_known_suffix("shop.example.co.uk"), has_known_suffix("rival.example"), has_known_suffix("links.csv")
    (True, True, False)
    """
    last = host.rpartition(".")[2]
    return last in {"example", "test", "invalid", "localhost"} or last in public_suffixes().plain


@dataclass(frozen=True, order=True)
class Site:
    """What links are counted for: a domain, a host or a URL prefix.

    Parameters
    ----------
    host
        Without `www.`; a link to it or to any of its subdomains counts.
    path
        With slashes at both ends for a URL prefix, else empty.
    """

    host: str
    path: str = ""

    def __str__(self) -> str:
        """Return the site as the user writes it."""
        return self.host + self.path

    @property
    def domain(self) -> str:
        """The registrable domain of the site's host."""
        return registrable_domain(self.host)

    def covers(self, host: str | None) -> bool:
        """Tell whether `host` is the site's host or a subdomain of it; paths are ignored."""
        return host is not None and (host == self.host or host.endswith("." + self.host))


def parse_site(text: str) -> Site:
    """Parse a site from a domain, a host or a URL.

    Raises
    ------
    InvalidArgumentError
        When the text holds no host.

    Examples
    --------
    >>> str(parse_site("https://www.Example.com/")), str(parse_site("example.com/shop"))
    ('example.com', 'example.com/shop/')
    """
    host = host_of(text)
    if host is None:
        several = " Name several one by one, without commas." if "," in str(text) else ""
        allowed = "Allowed: a domain (example.com), a host (blog.example.com) or a URL prefix."
        message = f"{text!r} is not a site. {allowed}{several}"
        raise InvalidArgumentError(message)
    path = _HOST.sub("", re.split(r"[?#]", text.strip())[0], count=1).strip("/")
    bare = host.removeprefix("www.")
    return Site(host if bare in public_suffixes().plain else bare, f"/{path}/" if path else "")
