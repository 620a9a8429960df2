import pytest

from schema.encryption import Vault
from schema.errors import SetUpError

MASTER = "a master secret that is long enough"


def test_sealed_values_can_be_opened_and_hide_their_content() -> None:
    vault = Vault(MASTER, "body")
    sealed = vault.seal(1, b"CANARY" * 100)
    assert b"CANARY" not in sealed
    assert vault.open(1, sealed) == b"CANARY" * 100


def test_a_row_copied_into_another_organization_cannot_be_read_there() -> None:
    vault = Vault(MASTER, "body")
    with pytest.raises(SetUpError):
        vault.open(2, vault.seal(1, b"x"))


def test_another_master_secret_or_purpose_opens_nothing() -> None:
    sealed = Vault(MASTER, "body").seal(1, b"x")
    for vault in (Vault(MASTER + "!", "body"), Vault(MASTER, "secret")):
        with pytest.raises(SetUpError, match="SHIPLEDGER_SECRET_KEY"):
            vault.open(1, sealed)


def test_without_a_master_secret_nothing_is_sealed() -> None:
    with pytest.raises(SetUpError, match="openssl rand"):
        Vault("", "body")
