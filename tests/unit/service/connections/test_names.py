from uuid import UUID

import pytest

from schema.errors import NotFoundError
from service.connections.names import ConnectionName, parse_connection_name, webhook_url

NAME = ConnectionName(12, UUID("0123456789abcdef0123456789abcdef"))


def test_a_public_id_reads_back() -> None:
    assert parse_connection_name(str(NAME)) == NAME


@pytest.mark.parametrize(
    "text", ["", "12", "12-", "0-" + "a" * 32, "99999999999999999999-" + "a" * 32, "12-" + "A" * 32, "12-" + "a" * 33]
)
def test_anything_else_is_not_found(text: str) -> None:
    with pytest.raises(NotFoundError):
        parse_connection_name(text)


def test_an_organization_id_beyond_64_bits_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        parse_connection_name("9223372036854775808-" + "a" * 32)


def test_the_webhook_url_names_forge_and_connection() -> None:
    url = webhook_url("https://ledger.example.com/", "gitlab", NAME)
    assert url == f"https://ledger.example.com/webhooks/gitlab/{NAME}"
