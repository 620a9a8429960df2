"""Off loopback, the service does not start without its public address."""

import pytest

from schema.errors import SetUpError
from service.connections.public_address import require_public_url
from vocabulary.ip_addresses import is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "shipledger.localhost"])
def test_on_loopback_the_address_is_known(host: str) -> None:
    require_public_url(host, None)
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "shipledger.example.com", "localhost.evil.example", ""])
def test_off_loopback_the_public_url_is_required(host: str) -> None:
    with pytest.raises(SetUpError, match="SHIPLEDGER_PUBLIC_URL"):
        require_public_url(host, None)
    require_public_url(host, "https://shipledger.example.com")
