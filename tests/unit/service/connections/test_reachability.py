"""Whether GitHub can reach an address, as far as the address itself tells."""

import pytest

from schema.errors import BadInputError
from service.connections.reachability import is_reachable, web_address


@pytest.mark.parametrize(
    "url",
    ["http://localhost:8787", "http://127.0.0.1:8787", "http://[::1]", "http://0.0.0.0", "http://a.localhost"],
)
def test_this_machine_is_reached_by_no_forge(url: str) -> None:
    assert not is_reachable(url, "github.com")
    assert not is_reachable(url, "github.example.com")


@pytest.mark.parametrize("url", ["http://10.0.0.5", "http://192.168.1.2:8787", "http://ledger", "http://[fd00::1]"])
def test_a_private_network_is_reached_by_its_own_server_alone(url: str) -> None:
    assert not is_reachable(url, "github.com")
    assert is_reachable(url, "github.example.com")


@pytest.mark.parametrize("url", ["https://ledger.example.com", "https://93.184.216.34"])
def test_the_internet_is_reached_by_all(url: str) -> None:
    assert is_reachable(url, "github.com")


def test_a_trailing_slash_of_an_address_is_removed() -> None:
    assert web_address(" https://Ledger.example.com:8443/sub/ ", "x") == "https://ledger.example.com:8443/sub"
    assert web_address("http://[::1]:80", "x") == "http://[::1]:80"


@pytest.mark.parametrize(
    "reported",
    [
        "",
        "ledger.example.com",
        "ftp://a.example",
        "https://",
        "https://u:p@a.example",
        "https://a.example?x=1",
        "http://a:b",
        "https://a;b",
        "https://a\0b",
        "https://a.example/x y",
        "https://b\u00fccher.example",
        "https://a.example:99999",
        "https://[",
    ],
)
def test_anything_else_is_refused_by_the_name_of_its_field(reported: str) -> None:
    with pytest.raises(BadInputError) as refused:
        web_address(reported, "public_url")
    assert refused.value.field == "public_url"
