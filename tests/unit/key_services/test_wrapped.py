"""Data keys work while their key service is away, for a limited time, and stop when it refuses."""

import secrets
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from key_services.configured import ring_of
from key_services.services import key_service
from key_services.wrapped import KeyFile, WrappedKey, new_entry, read_key_file, write_key_file
from schema.encryption import Vault
from schema.errors import SetUpError, UnavailableError
from schema.key_ring import KeyRing, key_id_of
from schema.settings import Settings

HOUR = timedelta(hours=1)


class Clock:
    """Hours that pass when a test says so."""

    def __init__(self) -> None:
        self.hours = 0.0

    def __call__(self) -> float:
        return self.hours * 3600


class Service:
    """A real wrapping key behind a line that can break, and an owner who can refuse."""

    def __init__(self, address: str) -> None:
        self.service, self.error = key_service(address), None
        self.calls = 0

    error: Exception | None

    def wrap(self, plain: bytes) -> bytes:
        return self.service.wrap(plain)

    def unwrap(self, wrapped: bytes) -> bytes:
        self.calls += 1
        if self.error is not None:
            raise self.error
        return self.service.unwrap(wrapped)


@pytest.fixture
def address(tmp_path: Path) -> str:
    file = tmp_path / "wrapping-key"
    file.write_text(secrets.token_hex(32))
    return f"file:{file}"


@pytest.fixture
def service(address: str) -> Service:
    return Service(address)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def key(address: str, service: Service, clock: Clock) -> WrappedKey:
    key = WrappedKey(new_entry("a secret of the tests, long enough to be one", address), service, HOUR, clock)
    key.unwrap()
    return key


def test_a_key_works_until_the_end_of_its_lifetime_while_the_service_is_away(
    key: WrappedKey, service: Service, clock: Clock
) -> None:
    service.error = UnavailableError("away")
    vault = Vault(KeyRing([key]), "body")
    sealed = vault.seal(1, b"x")
    for hours in (0.4, 0.6, 0.99):
        clock.hours = hours
        key.try_again()
        assert vault.open(1, sealed) == b"x"
    clock.hours = 1.01
    key.try_again()
    with pytest.raises(UnavailableError, match="key service"):
        vault.open(1, sealed)
    with pytest.raises(UnavailableError, match="key service"):
        vault.seal(1, b"x")
    service.error = None
    key.try_again()
    assert vault.open(1, sealed) == b"x"


def test_a_key_that_the_service_refuses_stops_at_once_and_says_so(key: WrappedKey, service: Service) -> None:
    service.error = SetUpError("access was withdrawn")
    with capture_logs() as logs:
        key.try_again()
    assert [(each["event"], each["reason"]) for each in logs] == [("data_key_refused", "access was withdrawn")]
    with pytest.raises(UnavailableError):
        key.secret()


def test_a_key_is_unwrapped_again_in_the_background_after_half_of_its_lifetime(
    key: WrappedKey, service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("key_services.wrapped.threading.Thread", _AtOnce)
    for hours, calls in ((0.49, 1), (0.51, 2), (0.9, 2), (1.02, 3), (1.5, 3)):
        clock.hours = hours
        key.secret()
        assert service.calls == calls, hours


def test_a_service_that_is_away_is_not_asked_without_a_pause(
    key: WrappedKey, service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("key_services.wrapped.threading.Thread", _AtOnce)
    service.error = UnavailableError("away")
    clock.hours = 0.6
    for _ in range(100):
        key.secret()
    assert service.calls == 2


class _AtOnce:
    """A thread that has run when `start` returns."""

    def __init__(self, target: "object", daemon: bool) -> None:
        assert daemon
        self._target = target

    def start(self) -> None:
        self._target()  # type: ignore[operator]


def a_file(tmp_path: Path, *secrets_of: str, address: str) -> Path:
    file = tmp_path / "keys.json"
    write_key_file(file, KeyFile([new_entry(each, address) for each in secrets_of]))
    return file


def test_a_key_file_decrypts_beside_the_secret_key_and_then_takes_its_place(tmp_path: Path, address: str) -> None:
    before, first, second = ("secret-" * 6, "first-" * 6, "second-" * 6)
    file = a_file(tmp_path, first, second, address=address)
    earlier = Vault(ring_of(Settings(secret_key=before, _env_file=None)), "body").seal(1, b"x")
    beside = ring_of(Settings(secret_key=before, key_file=str(file), _env_file=None))
    after = ring_of(Settings(other_secret_keys=before, key_file=str(file), _env_file=None))
    assert beside.key_ids == [key_id_of(each) for each in (before, first, second)]
    assert after.key_ids == [key_id_of(each) for each in (first, second, before)]
    sealed = Vault(after, "body").seal(1, b"y")
    assert Vault(KeyRing.of(first), "body").open(1, sealed) == Vault(beside, "body").open(1, sealed) == b"y"
    assert Vault(beside, "body").open(1, earlier) == b"x"
    assert first not in file.read_text()


def test_keys_that_only_decrypt_never_encrypt() -> None:
    with pytest.raises(SetUpError, match="openssl rand"):
        ring_of(Settings(other_secret_keys="secret " * 6, _env_file=None))


def test_a_key_file_alone_is_enough(tmp_path: Path, address: str) -> None:
    file = a_file(tmp_path, "first " * 6, address=address)
    assert ring_of(Settings(key_file=str(file), _env_file=None)).present_id == key_id_of("first " * 6)


def test_a_process_does_not_start_without_its_first_key_and_does_without_another(tmp_path: Path, address: str) -> None:
    other = tmp_path / "other-key"
    other.write_text(secrets.token_hex(32))
    entries = [new_entry("first " * 6, address), new_entry("second " * 6, f"file:{other}")]
    other.write_text(secrets.token_hex(32))
    for number, order in enumerate((entries, entries[::-1])):
        write_key_file(tmp_path / f"{number}.json", KeyFile(order))
    with capture_logs() as logs:
        ring_of(Settings(key_file=str(tmp_path / "0.json"), _env_file=None))
    assert [each["event"] for each in logs] == ["data_key_refused"]
    with pytest.raises(SetUpError, match="did not wrap"):
        ring_of(Settings(key_file=str(tmp_path / "1.json"), _env_file=None))


@pytest.mark.parametrize("content", [None, b"", b"{}", b"[1]", b"\x00\xff of no format"])
def test_a_malformed_key_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "keys.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SetUpError, match="keys create"):
        read_key_file(file)


def test_an_entry_under_the_name_of_another_key_is_refused(address: str, service: Service) -> None:
    first, second = new_entry("first " * 6, address), new_entry("second " * 6, address)
    mixed = WrappedKey(type(first)(first.id, first.service, second.wrapped), service, HOUR)
    with pytest.raises(SetUpError, match="is not the one"):
        mixed.unwrap()
