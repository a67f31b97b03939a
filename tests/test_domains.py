"""Hosts and registrable domains, against the package whose list is used and tables worked by hand."""

import idna
import pytest
from publicsuffixlist import PublicSuffixList

from linkgap import domains
from linkgap.domains import Site, clean_host, has_known_suffix, host_of, parse_site, public_suffixes, registrable_domain
from linkgap.errors import InvalidArgumentError


def test_every_rule_gives_what_the_packages_own_lookup_gives():
    rules, theirs = public_suffixes(), PublicSuffixList()
    suffixes = [*rules.plain, *(f"any.{parent}" for parent in rules.wildcard), *rules.exception]
    hosts = [f"{before}{suffix}" for suffix in suffixes for before in ("", "one.", "two.one.", "three.two.one.")]
    wrong = [host for host in hosts if registrable_domain(host) != (theirs.privatesuffix(host) or host)]
    assert len(hosts) > 40_000
    assert wrong == []


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://www.Example.com/page", "www.example.com"),
        ("//example.com/page", "example.com"),
        ("example.com:8080/page", "example.com"),
        ("example.com:page", None),
        ("example.com?q=https://other.example/", "example.com"),
        ("http://user:secret@example.com.:443/", "example.com"),
        ("http:\\\\example.com\\page", "example.com"),
        ("https://example.com?redirect=/x", "example.com"),
        ("https://example.com?other.example", "example.com"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("https://XN--BCHER-KVA.example/", "xn--bcher-kva.example"),
        ("https://例え。example/", "xn--r8jz45g.example"),
        ("https://😀.example/", "xn--e28h.example"),
        ("http://192.0.2.1:80/", "192.0.2.1"),
        ("http://[2001:DB8::1]:80/", "2001:db8::1"),
        ("::1", "::1"),
        ("http://localhost/", "localhost"),
        ("https://under_score.example/", "under_score.example"),
        ("https://-me-.blogspot.com/", "-me-.blogspot.com"),
        ("--.example.com", None),
        ("-example.com", None),
        ("-example.co.uk", None),
        ("www.example-.co.uk", None),
        ("-www.example.co.uk", "-www.example.co.uk"),
        ("example.com-", None),
        ("-5", None),
        ("-", None),
        ("javascript:alert(1)", None),
        ("mailto:me@example.com", None),
        ("data:text/html,<p>", None),
        ("http://two words.example/", None),
        ("http://a..b.example/", None),
        ("https://", None),
        ("", None),
        ("http://" + "a" * 64 + ".example/", None),
        ("a." * 124 + "btest", "a." * 124 + "btest"),
        ("a." * 124 + "bctest", None),
    ],
)
def test_the_host_of_an_address(address, host):
    assert host_of(address) == host


def test_a_clean_host_stays_as_it_is():
    for host in ("example.com", "xn--bcher-kva.example", "2001:db8::1", "192.0.2.1", "localhost"):
        assert clean_host(host if ":" not in host else f"[{host}]") == host


@pytest.mark.parametrize(
    ("text", "site"),
    [
        ("example.com", "example.com"),
        ("https://www.example.com/", "example.com"),
        ("Blog.Example.com", "blog.example.com"),
        ("example.com/shop", "example.com/shop/"),
        ("https://example.com/shop/?a=b#c", "example.com/shop/"),
        ("www.gov.uk", "www.gov.uk"),
    ],
)
def test_a_site_is_read_from_what_a_user_types(text, site):
    assert str(parse_site(text)) == site


def test_what_is_no_site_is_refused_with_what_is_allowed():
    with pytest.raises(InvalidArgumentError, match=r"'a\.com,b\.com' is .* prefix\. Name several one by one, without"):
        parse_site("a.com,b.com")
    with pytest.raises(InvalidArgumentError, match=r"'two words' is not a site\. Allowed: a domain \(example\.com\)"):
        parse_site("two words")


def test_a_site_covers_its_host_and_what_is_below_it():
    site = Site("example.com")
    assert site.covers("example.com")
    assert site.covers("blog.example.com")
    assert not site.covers("notexample.com")
    assert not site.covers(None)


def test_reserved_names_count_as_known():
    assert has_known_suffix("rival.example")
    assert not has_known_suffix("links.csv")


def test_labels_are_encoded_as_idna_does():
    characters = map(chr, [*range(0x80, 0xD800, 11), *range(0xE000, 0x30000, 97), 0xDF, 0x3C2, 0x115F, 0x1160, 0x3164])
    labels = [label for each in characters for label in (f"a{each}", f"{each}b-{each}", f"x{each}日")]
    assert len(labels) > 5_000
    assert [domains._punycode_label(label) for label in labels] == [encoded_by_idna(label) for label in labels]


def encoded_by_idna(label):
    try:
        return idna.encode(label, uts46=True, transitional=False).decode("ascii")
    except idna.IDNAError:
        return "xn--" + label.encode("punycode").decode("ascii")
