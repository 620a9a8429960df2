"""Web addresses: what is taken, and how a mistake is named."""

import pytest

from vocabulary.web_addresses import AddressError, is_host, local_address, read_web_address


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (" https://Ledger.Example.com/sub/ ", "https://ledger.example.com/sub"),
        ("HTTPS://ledger.example.com", "https://ledger.example.com"),
        ("http://ledger:8787", "http://ledger:8787"),
        ("http://10.0.0.7:8787/", "http://10.0.0.7:8787"),
        ("http://[::1]:8787", "http://[::1]:8787"),
        ("https://[2001:DB8:0:0::7]/v1", "https://[2001:db8::7]/v1"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://ledger.example.com.", "https://ledger.example.com"),
        ("http://ledger_1.internal", "http://ledger_1.internal"),
    ],
)
def test_an_address_is_read_into_one_form(text: str, read: str) -> None:
    assert read_web_address(text).text == read


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "begins with https://"),
        ("ledger.example.com", "begins with https://"),
        ("ftp://ledger.example.com", "begins with https://"),
        ("file:///etc/passwd", "begins with https://"),
        ("javascript:alert(1)", "begins with https://"),
        ("https:ledger.example.com", "begins with https://"),
        ("https://", "with a host"),
        ("https://:8787", "with a host"),
        ("https://me:secret@ledger.example.com", "without a user"),
        ("https://@ledger.example.com", "without a user"),
        ("https://ledger.example.com?x=1", "without a query"),
        ("https://ledger.example.com/?", "without a query"),
        ("https://ledger.example.com#x", "without a fragment"),
        ("https://ledger.example.com:99999", "valid host and port"),
        ("https://ledger.example.com:x", "valid host and port"),
        ("https://ledger.example.com:0", "port from 1"),
        ("https://ledger.example.com:", "port from 1"),
        ("https://b\u00fccher.example", "valid host"),
        ("https://-a.example", "valid host"),
        ("https://a..example", "valid host"),
        ("https://1.2.3", "valid host"),
        ("https://0x7f.1", "valid host"),
        ("https://256.1.1.1", "valid host"),
        ("https://a;b", "valid host"),
        ("https://a\\b", "valid host"),
        ("http://::1:8787", "valid host"),
        ("http://[::1", "valid host"),
        ("http://[::g]", "valid host"),
        ("http://[127.0.0.1]", "valid host"),
        ("http://[fe80::1%25eth0]", "without a zone"),
        ("https://ledger.example.com/a b", "without spaces"),
        ("https://ledger\n.example.com", "web address"),
        ("https://ledger.example.com/\x00", "web address"),
    ],
)
def test_anything_else_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(AddressError, match=reason) as refused:
        read_web_address(text)
    assert str(refused.value).startswith("must be a web address")
    assert "secret" not in str(refused.value)


def test_an_address_that_another_program_generated_may_have_a_query() -> None:
    text = "https://prod-1.example.com:443/workflows/a%2Fb/run?sig=x_y&sv=1.0"
    assert read_web_address(text, takes_query=True).host == "prod-1.example.com"
    with pytest.raises(AddressError, match="begins with https://, for example"):
        read_web_address("http://a.example.com", schemes=("https",))


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8787"),
        ("0.0.0.0", "http://127.0.0.1:8787"),
        ("::", "http://[::1]:8787"),
        ("::1", "http://[::1]:8787"),
        ("fe80::1%eth0", "http://[fe80::1%25eth0]:8787"),
        ("ledger", "http://ledger:8787"),
    ],
)
def test_a_listener_has_a_url_for_programs_on_this_machine(host: str, url: str) -> None:
    assert local_address(host, 8787) == url


def test_a_host_is_a_name_or_an_address() -> None:
    assert is_host("db-1.internal")
    assert is_host("[2001:db8::7]")
    assert not is_host("2001:db8::7")
    assert not is_host("a b")
    assert not is_host("a" * 64)
