"""No page, name or redirect leads into the user's own network: each way in is tried, and none gets through."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkgap.web.addresses import why_refused
from linkgap.web.dialing import Dialer, resolve_name
from linkgap.web.manners import Limits

PUBLIC, OTHER_PUBLIC = "93.184.215.14", "2606:4700::1"


@given(st.one_of(st.integers(0, 2**32 - 1).map(IPv4Address), st.integers(0, 2**128 - 1).map(IPv6Address)))
def test_what_python_takes_for_not_public_is_refused(address):
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_loopback:
        assert why_refused(str(address)) is not None


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_an_address_inside_another_is_no_more_public_than_itself(inner):
    number, refused = int(inner), why_refused(str(inner)) is not None
    for prefix in (0, 0xFFFF << 32, 0xFFFF << 48, 0x2002 << 112 | number << 80):
        assert why_refused(str(IPv6Address(prefix | number))) is not None
    nat64 = IPv6Address(0x64_FF9B << 96 | number)
    isatap = [IPv6Address(0x2001_0470 << 96 | upper << 32 | number) for upper in (0x5EFE, 0x0200_5EFE)]
    for address in (nat64, *isatap):
        assert (why_refused(str(address)) is not None) is refused


RANGES = """
10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24
192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 2001::/23 2001:db8::/32 2002::/16 3fff::/20
"""
"""What is not the public internet's, by IANA's registries, and has public addresses before and behind it."""


@pytest.mark.parametrize("written", RANGES.split())
def test_a_range_is_refused_from_its_first_to_its_last_address_and_no_further(written):
    first, last = ip_network(written)[0], ip_network(written)[-1]
    assert None not in (why_refused(str(first)), why_refused(str(last)))
    assert why_refused(str(first - 1)) is why_refused(str(last + 1)) is None


@pytest.mark.parametrize("public", ["1.0.0.0", "223.255.255.255", "2000::", IPv6Address("4000::") - 1])
def test_what_stands_at_the_ends_is_refused_and_what_is_next_to_it_is_not(public):
    beside = [why_refused(str(ip_address(public) + step)) is not None for step in (-1, 0, 1)]
    assert beside.count(True) == 1
    assert not beside[1]


@pytest.mark.parametrize(
    "address", [PUBLIC, OTHER_PUBLIC, "1.1.1.1", "172.32.0.1", "100.128.0.1", "11.0.0.0", "2a00:1450::1"]
)
def test_public_addresses_are_let_through(address):
    assert ip_address(address).is_global
    assert why_refused(address) is None


NAMES = {
    "inside.test": ["10.1.2.3"],
    "loop.test": ["127.0.0.1"],
    "six.test": ["::1"],
    "mapped.test": ["::ffff:127.0.0.1"],
    "mixed.test": [PUBLIC, "192.168.1.1"],
    "mixed-back.test": ["169.254.169.254", PUBLIC],
    "mixed-six.test": [PUBLIC, OTHER_PUBLIC, "fd00::7"],
    "localhost": ["127.0.0.1", "::1"],
    "app.localhost": ["127.0.0.1"],
    "empty.test": [],
}
TYPED = r"""
http://127.0.0.1/ http://127.0.0.1./ http://127.1/ http://127.0.1/ http://2130706433/ http://0x7f000001/
http://0x7f.0.0.1/ http://0X7F.1/ http://0177.0.0.1/ http://017700000001/ http://127.0.0.01/ http://0/ http://0.0.0.0/
http://[::1]/ http://[::]/ http://[0:0:0:0:0:0:0:1]/ http://[::ffff:127.0.0.1]/ http://[::ffff:7f00:1]/
http://[::127.0.0.1]/ http://[64:ff9b::7f00:1]/ http://[64:ff9b::10.0.0.1]/ http://[2002:7f00:1::]/
http://[2002:a00:1::1]/ http://[2001:0:7f00:1::]/ http://[fe80::1]/ http://[fe80::1%25lo]/ http://[fe80::1%lo]/
http://[fd00::1]/ http://[ff02::1]/ http://[2001:470::5efe:10.0.0.1]/ http://[::ffff:0:127.0.0.1]/
http://[64:ff9b:1::1]/ http://10.0.0.1/ http://172.16.5.4/ http://192.168.0.1/
http://169.254.169.254/latest/meta-data/ http://100.64.0.1/ http://224.0.0.1/ http://255.255.255.255/
http://240.0.0.1/ http://192.0.0.1/ http://LOOP.TEST/ http://loop.test./ http://loop.test.:80/ http://loop%2Etest/
http://site.test@127.0.0.1/ http://site.test:80@loop.test/ http://127.0.0.1:80\@site.test/
http://site.test#@127.0.0.1/ http://site.test\@127.0.0.1/ http://127.0.0.1%00.site.test/ http://127.0.0.1%09/
http://[127.0.0.1]/ http:127.0.0.1/ http:///127.0.0.1/ http:\\127.0.0.1\ //127.0.0.1/ file:///etc/passwd
ftp://127.0.0.1/ gopher://127.0.0.1:70/_ data:text/html,x unix:/run/docker.sock https://127.0.0.1/ https://loop.test/
https://[::1]:8443/
"""
WAYS_IN = TYPED.split()
WAYS_IN += ["http://\t127.0.0.1/", "ht\ntp://127.0.0.1/", "http://127.0.0.1\r\nHost: site.test/"]
WAYS_IN += [f"http://{name}/" for name in NAMES]
# In letters of other scripts, which IDNA folds into digits, dots and letters of ours: circled, wide and bold.
ZEROS = (0x245F, 0xFF10, 0x1D7CE)
SCRIPTS = [{ord(str(digit)): chr(zero + digit) for digit in range(10)} | {ord("."): "."} for zero in ZEROS]
SCRIPTS[0][ord("0")] = "\u24ea"
WAYS_IN += [f"http://{'127.0.0.1'.translate(digits)}/" for digits in SCRIPTS]
WAYS_IN += ["http://127\u30020\u30020\u30021/", "http://loop\u3002test/", "http://\u24dboop.test/"]


def without_asking_the_network(host, port):
    """Find the addresses of a host as the system does, with our own names in place of the network's."""
    name = host.rstrip(".").lower()
    if name in NAMES:
        return NAMES[name]
    if name in {"site.test", "public.test"}:
        return [PUBLIC]
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    return [str(address[0]) for *_, address in found]


@pytest.fixture
def dialled():
    return []


@pytest.fixture
def guarded(dialled):
    """A dialer that notes to which addresses it would have connected, and connects to none."""

    def note(address, *_):
        dialled.append(address)
        raise ConnectionRefusedError

    return Dialer(resolve=without_asking_the_network, connect=note)


def test_there_are_enough_ways_in():
    assert len(set(WAYS_IN)) == len(WAYS_IN) > 80


NOT_IN = {"not public", "invalid URL", "gone", "failed"}


def test_no_way_in(guarded, dialled, begin):
    with begin(dialer=guarded) as look:
        answers = look.at_targets(WAYS_IN)
        assert look.sent == 0
    assert {url: answer.ending for url, answer in answers.items() if answer.ending not in NOT_IN} == {}
    assert set(dialled) <= {PUBLIC}


def test_no_way_in_by_a_redirect(server, begin):
    """The first hop is allowed by name; where it leads to is judged by itself."""
    dialled = []

    def connect(address, port, timeout):
        dialled.append((address, port))
        if (address, port) != ("127.0.0.1", server.port):
            raise ConnectionRefusedError
        return socket.create_connection((address, port), timeout)

    def resolve(host, port):
        return ["127.0.0.1"] if host == "start.test" else without_asking_the_network(host, port)

    for number, url in enumerate(WAYS_IN):
        server.routes[f"/{number}"] = lambda asked, url=url: asked.moved(url)
    with begin(dialer=Dialer(allow=frozenset({"start.test"}), resolve=resolve, connect=connect)) as look:
        answers = look.at_targets([server.url(f"/{number}", "start.test") for number in range(len(WAYS_IN))])
    # An address without a scheme of its own is one of start.test's, which answers that there is no such page.
    assert {url: answer.ending for url, answer in answers.items() if answer.ending not in NOT_IN} == {}
    assert {asked.host for asked in server.asked} == {"start.test"}
    assert {address for address, port in dialled if port != server.port} <= {PUBLIC}


def test_the_port_of_the_server_itself_is_no_way_in(server, begin):
    """As above, with addresses behind which a server really is."""
    hosts = ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "localhost", "loop.test", "[::ffff:127.0.0.1]"]
    server.routes |= {
        f"/{n}": lambda asked, host=host: asked.moved(server.url("/secret", host)) for n, host in enumerate(hosts)
    }
    server.routes["/secret"] = lambda asked: asked.page("<p>secret")

    def resolve(host, port):
        return ["127.0.0.1"] if host == "start.test" else without_asking_the_network(host, port)

    with begin(dialer=Dialer(allow=frozenset({"start.test"}), resolve=resolve)) as look:
        answers = look.at_targets([server.url(f"/{number}", "start.test") for number in range(len(hosts))])
    assert {answer.ending for answer in answers.values()} == {"not public"}
    assert "/secret" not in server.paths


def test_a_name_that_changes_between_check_and_connection_gains_nothing(dialled, look_at):
    answers = iter([[PUBLIC]] + [["127.0.0.1"]] * 99)
    asked = []

    def resolve(host, port):  # noqa: ARG001
        asked.append(host)
        return next(answers)

    def note(address, *_):
        dialled.append(address)
        raise ConnectionRefusedError

    look_at("http://rebinding.test/", dialer=Dialer(resolve=resolve, connect=note))
    assert (dialled, asked) == ([PUBLIC], ["rebinding.test"])


def test_a_name_that_changes_between_robots_and_page_gains_nothing(server, look_at):
    answers = iter([["127.0.0.1"], ["10.0.0.1"], ["127.0.0.1"]])
    dialled = []

    def connect(address, port, timeout):
        dialled.append(address)
        return socket.create_connection((address, port), timeout)

    server.routes["/page"] = lambda asked: asked.page("inside")
    dialer = Dialer(resolve=lambda *_: next(answers), connect=connect)
    allowed_once = Dialer(allow=dialer.allow, resolve=dialer.resolve, connect=connect)
    assert look_at(server.url("/page"), dialer=allowed_once).answer.ending == "not public"
    assert (dialled, server.asked) == ([], [])


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "loop.test", "127.0.0.1.nip.test"])
def test_allowing_an_address_allows_no_other_name_for_it(host, server, look_at):
    def resolve(*_):
        return ["127.0.0.1"]

    server.routes["/page"] = lambda asked: asked.page("<p>inside")
    dialer = Dialer(allow=frozenset({"127.0.0.1"}), resolve=resolve)
    assert look_at(server.url("/page", host), dialer=dialer).answer.ending == "not public"
    assert server.asked == []
    assert look_at(server.url("/page", "127.0.0.1"), dialer=dialer).answer.ending == "answered"


def test_what_was_refused_is_looked_at_again_once_it_is_allowed(server, look_at):
    server.routes["/page"] = lambda asked: asked.page("<p>inside")
    url = server.url("/page", "127.0.0.1")
    assert look_at(url, dialer=Dialer()).answer.ending == "not public"
    assert look_at(url, dialer=Dialer(allow=frozenset({"127.0.0.1"}))).answer.ending == "answered"


def test_no_proxy_is_taken_from_the_environment(server, look_at, monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, server.url("", "127.0.0.1"))
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    def note(*_):
        raise ConnectionRefusedError

    look_at("http://public.test/", dialer=Dialer(resolve=without_asking_the_network, connect=note))
    assert server.asked == []


def test_several_addresses_are_tried_one_after_the_other(server, look_at):
    dialled = []

    def connect(address, port, timeout):
        dialled.append(address)
        if address == PUBLIC:
            raise ConnectionRefusedError
        return socket.create_connection(("127.0.0.1", port), timeout)

    server.routes["/page"] = lambda asked: asked.page("<p>there")
    dialer = Dialer(resolve=lambda *_: [PUBLIC, OTHER_PUBLIC], connect=connect)
    assert look_at(server.url("/page"), dialer=dialer, limits=Limits()).answer.ending == "answered"
    assert dialled == [PUBLIC, OTHER_PUBLIC] * 2


def test_the_system_finds_addresses_as_numbers():
    assert resolve_name("127.1", 80) == ["127.0.0.1"]
