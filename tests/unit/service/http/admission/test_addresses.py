import pytest

from service.http.admission.addresses import Proxies, counted_address, networks


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("not an address", "not an address"),
    ],
)
def test_a_client_counts_by_its_address_or_network(host: str, counted: str) -> None:
    assert counted_address(host) == counted


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 10.0.0.7", "203.0.113.9"),
        ("203.0.113.9:4711, 10.0.0.7:80", "203.0.113.9"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("10.0.0.7, 10.0.0.8", "10.0.0.7"),
        ("unknown", "10.0.0.1"),
        ("203.0.113.9, _hidden, 10.0.0.7", "10.0.0.7"),
        ("", "10.0.0.1"),
    ],
)
def test_the_client_is_the_last_address_that_is_not_a_proxys(forwarded: str, client: str) -> None:
    headers = [(b"host", b"x"), (b"x-forwarded-for", forwarded.encode())]
    assert Proxies(networks("10.0.0.0/8")).client_of(headers, "10.0.0.1") == client


def test_headers_of_several_proxies_are_read_in_order() -> None:
    headers = [(b"x-forwarded-for", b"198.51.100.1"), (b"x-forwarded-for", b"203.0.113.9")]
    assert Proxies(networks("10.0.0.0/8")).client_of(headers, "10.0.0.1") == "203.0.113.9"


def test_nobody_is_trusted_unless_named() -> None:
    assert not Proxies().trusts("127.0.0.1")
    assert not Proxies(networks("10.0.0.1")).trusts("10.0.0.2")
    assert Proxies(networks(" 10.0.0.1 , 2001:db8::/32,")).trusts("2001:db8::5")
    assert Proxies(networks("10.0.0.0/8")).trusts("::ffff:10.1.2.3")
    assert not Proxies(networks("10.0.0.0/8")).trusts("a name")
