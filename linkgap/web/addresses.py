"""Which IP addresses belong to the public internet: strangers' pages must not lead into the user's own network.

The ranges are those of IANA's registries of special-purpose addresses (RFC 6890 and its updates). They are listed here
and not taken from Python's `ipaddress`, whose answers changed between versions.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_RANGES_4 = {
    "this network": ("0.0.0.0/8",),
    "a private network": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
    "a provider's internal network": ("100.64.0.0/10",),
    "this computer": ("127.0.0.0/8",),
    "link-local": ("169.254.0.0/16",),
    "reserved for protocols": ("192.0.0.0/24", "192.88.99.0/24"),
    "reserved for examples": ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"),
    "reserved for measurements": ("198.18.0.0/15",),
    "multicast": ("224.0.0.0/4",),
    "reserved": ("240.0.0.0/4",),
}
_RANGES_6 = {
    "this computer": ("::1/128",),
    "the unspecified address": ("::/128",),
    "an embedded IPv4 address": ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "2002::/16"),
    "a private network": ("fc00::/7", "fec0::/10"),
    "link-local": ("fe80::/10",),
    "multicast": ("ff00::/8",),
    "reserved for protocols": ("2001::/23",),
    "reserved for examples": ("2001:db8::/32", "3fff::/20"),
}
_NETWORKS_4 = [(IPv4Network(each), words) for words, ranges in _RANGES_4.items() for each in ranges]
_NETWORKS_6 = [(IPv6Network(each), words) for words, ranges in _RANGES_6.items() for each in ranges]
_GLOBAL_6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_LAST_32_BITS = 0xFFFF_FFFF
_ISATAP = 0x0000_5EFE
"""The upper half of an interface identifier that embeds an IPv4 address (RFC 5214); the bit 0x0200_0000 may be set."""


def why_refused(address: str) -> str | None:
    """Return why an IP address does not belong to the public internet, or None when it does.

    A network with IPv6 only reaches IPv4 hosts through addresses that embed theirs (NAT64). Those with the well-known
    prefix 64:ff9b::/96 are judged by the embedded address; a network's own prefix looks like an ordinary address.

    Examples
    --------
    >>> why_refused("8.8.8.8"), why_refused("10.1.2.3"), why_refused("::ffff:127.0.0.1")
    (None, 'a private network', 'an embedded IPv4 address')
    >>> why_refused("64:ff9b::7f00:1"), why_refused("64:ff9b::808:808"), why_refused("localhost")
    ('this computer', None, 'not an IP address')
    """
    try:
        found = ip_address(address)
    except ValueError:
        return "not an IP address"
    return _why_refused_4(found) if isinstance(found, IPv4Address) else _why_refused_6(found)


def _why_refused_4(address: IPv4Address) -> str | None:
    return next((words for network, words in _NETWORKS_4 if address in network), None)


def _why_refused_6(address: IPv6Address) -> str | None:
    plain = IPv6Address(int(address))  # without the network interface after %
    if plain in _NAT64:
        return _why_refused_4(IPv4Address(int(plain) & _LAST_32_BITS))
    words = next((words for network, words in _NETWORKS_6 if plain in network), None)
    if words is None and plain not in _GLOBAL_6:
        return "outside the public range"
    if words is None and int(plain) >> 32 & _LAST_32_BITS & ~0x0200_0000 == _ISATAP:
        return _why_refused_4(IPv4Address(int(plain) & _LAST_32_BITS))
    return words
