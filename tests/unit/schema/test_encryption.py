import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from isal import isal_zlib

from schema.encryption import HEAD_BYTES, MARK, Vault, present_head
from schema.errors import SetUpError
from schema.key_ring import KeyRing, derive_key, key_id_of

MASTER = "a master secret that is long enough"
NEXT = "the next master secret, long enough as well"


def sealed_before_key_ids(master: str, purpose: str, organization_id: int, plain: bytes, nonce: bytes) -> bytes:
    """Seal as the first version did: without the id of the key."""
    cipher = AESGCM(derive_key(master, purpose))
    return nonce + cipher.encrypt(nonce, isal_zlib.compress(plain, 0), f"{purpose}/{organization_id}".encode())


def test_sealed_values_can_be_opened_and_hide_their_content() -> None:
    vault = Vault(KeyRing.of(MASTER), "body")
    sealed = vault.seal(1, b"CANARY" * 100)
    assert b"CANARY" not in sealed
    assert vault.open(1, sealed) == b"CANARY" * 100


def test_a_row_copied_into_another_organization_cannot_be_read_there() -> None:
    vault = Vault(KeyRing.of(MASTER), "body")
    with pytest.raises(SetUpError):
        vault.open(2, vault.seal(1, b"x"))


def test_another_master_secret_or_purpose_opens_nothing() -> None:
    sealed = Vault(KeyRing.of(MASTER), "body").seal(1, b"x")
    for vault in (Vault(KeyRing.of(MASTER + "!"), "body"), Vault(KeyRing.of(MASTER), "secret")):
        with pytest.raises(SetUpError, match="SHIPLEDGER_SECRET_KEY"):
            vault.open(1, sealed)


def test_without_a_master_secret_nothing_is_sealed() -> None:
    with pytest.raises(SetUpError, match="openssl rand"):
        Vault(KeyRing.of(""), "body")


def test_a_sealed_value_names_its_key() -> None:
    ring = KeyRing.of(NEXT, MASTER)
    sealed = Vault(ring, "body").seal(1, b"x")
    assert sealed[:HEAD_BYTES] == present_head(ring) == MARK + key_id_of(NEXT)
    assert key_id_of(NEXT) != key_id_of(MASTER)


def test_the_name_of_the_key_cannot_be_changed() -> None:
    vault = Vault(KeyRing.of(NEXT, MASTER), "body")
    sealed = vault.seal(1, b"x")
    with pytest.raises(SetUpError):
        vault.open(1, MARK + key_id_of(MASTER) + sealed[HEAD_BYTES:])


def test_a_ring_opens_what_any_of_its_keys_sealed_in_any_order() -> None:
    sealed = {key: Vault(KeyRing.of(key), "body").seal(1, key.encode()) for key in (MASTER, NEXT)}
    for ring in (KeyRing.of(MASTER, NEXT), KeyRing.of(NEXT, MASTER)):
        for key, value in sealed.items():
            assert Vault(ring, "body").open(1, value) == key.encode()


def test_a_value_that_is_sealed_again_needs_the_earlier_key_no_longer() -> None:
    earlier = Vault(KeyRing.of(MASTER), "body").seal(1, b"x")
    again = Vault(KeyRing.of(NEXT, MASTER), "body").seal_again(1, earlier)
    assert Vault(KeyRing.of(NEXT), "body").open(1, again) == b"x"
    with pytest.raises(SetUpError):
        Vault(KeyRing.of(MASTER), "body").open(1, again)


@pytest.mark.parametrize("nonce", [b"twelve bytes", MARK + key_id_of(MASTER), MARK + key_id_of(NEXT), MARK + bytes(8)])
def test_values_from_before_key_ids_are_opened_by_any_key_of_the_ring(nonce: bytes) -> None:
    value = sealed_before_key_ids(MASTER, "body", 1, b"x", nonce)
    for ring in (KeyRing.of(MASTER), KeyRing.of(NEXT, MASTER)):
        assert Vault(ring, "body").open(1, value) == b"x"
    with pytest.raises(SetUpError):
        Vault(KeyRing.of(NEXT), "body").open(1, value)


@pytest.mark.parametrize("value", [b"", b"x", MARK, MARK + key_id_of(MASTER)])
def test_a_value_that_was_cut_off_is_refused(value: bytes) -> None:
    with pytest.raises(SetUpError):
        Vault(KeyRing.of(MASTER), "body").open(1, value)
