"""Data keys of a key file, unwrapped by a key service and kept in memory for a limited time."""

import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
import structlog

from key_services.services import KeyService, key_service
from schema.errors import SetUpError, ShipledgerError, UnavailableError
from schema.key_ring import key_id_of

logger = structlog.get_logger()

# A service that does not answer is asked again after this time.
RETRY_SECONDS = 10.0


class KeyEntry(msgspec.Struct, frozen=True):
    """A data key in a file: its id, the address of the key that wraps it, and the wrapped key in base64."""

    id: str
    service: str
    wrapped: str


class KeyFile(msgspec.Struct, frozen=True):
    """A key file. The first key encrypts, unless a secret key is set; all of them decrypt."""

    keys: list[KeyEntry]


def read_key_file(path: Path) -> KeyFile:
    """Read a key file; raises SetUpError if it is missing or malformed."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=KeyFile)
    except (OSError, msgspec.DecodeError) as error:
        raise SetUpError(
            f"cannot read the key file {path} ({type(error).__name__}); create it with: shipledger keys create"
        ) from error


def write_key_file(path: Path, content: KeyFile) -> None:
    """Replace a key file, readable by its owner and, if its folder allows, by others: the keys in it are encrypted."""
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")
    unfinished.replace(path)


def new_entry(secret: str, address: str) -> KeyEntry:
    """Wrap a data key, and check that the service unwraps it again; raises what the service raises."""
    service = key_service(address)
    wrapped = service.wrap(secret.encode())
    entry = KeyEntry(key_id_of(secret).hex(), address, b64encode(wrapped).decode())
    WrappedKey(entry, service, timedelta()).unwrap()
    return entry


class WrappedKey:
    """A data key that is unwrapped at the start and, in the background, again after half of its lifetime.

    While the service does not answer, the key works until the end of its lifetime. If the service refuses, the key
    stops at once.
    """

    def __init__(
        self,
        entry: KeyEntry,
        service: KeyService,
        lifetime: timedelta,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.key_id = bytes.fromhex(entry.id)
        self._entry, self._service, self._clock = entry, service, clock
        self._lifetime = lifetime.total_seconds()
        self._secret: str | None = None
        self._unwrapped_at = self._tried_at = float("-inf")
        self._trying = threading.Lock()

    def secret(self) -> str:
        """Return the key; raises UnavailableError if it could not be unwrapped for longer than its lifetime."""
        age = self._clock() - self._unwrapped_at
        if age >= self._lifetime / 2 and self._clock() - self._tried_at >= RETRY_SECONDS:
            self._tried_at = self._clock()
            threading.Thread(target=self.try_again, daemon=True).start()
        secret = self._secret
        if secret is None or age >= self._lifetime:
            self._secret = None
            raise UnavailableError("a key service does not unwrap a data key; try again in a moment")
        return secret

    def unwrap(self) -> None:
        """Unwrap the key now; raises what the service raises, and SetUpError for another key."""
        self._tried_at = self._clock()
        secret = self._service.unwrap(b64decode(self._entry.wrapped)).decode()
        if key_id_of(secret) != self.key_id:
            raise SetUpError(f"the data key {self._entry.id} of the key file is not the one that was wrapped")
        self._secret, self._unwrapped_at = secret, self._clock()

    def try_again(self) -> None:
        """Unwrap the key again, and log why it fails."""
        if not self._trying.acquire(blocking=False):
            return
        try:
            self.unwrap()
        except UnavailableError as error:
            logger.warning("data_key_not_unwrapped", key=self._entry.id, reason=error.detail)
        except ShipledgerError as error:
            self._secret = None
            logger.warning("data_key_refused", key=self._entry.id, reason=error.detail)
        finally:
            self._trying.release()


def wrapped_keys(path: Path, lifetime: timedelta, *, encrypts: bool) -> Sequence[WrappedKey]:
    """Return the data keys of a file, unwrapped; if the first one `encrypts` and cannot be, raises what prevents it.

    Another key that cannot be unwrapped is logged, and tried again when it is needed.
    """
    keys = [WrappedKey(entry, key_service(entry.service), lifetime) for entry in read_key_file(path).keys]
    for number, key in enumerate(keys):
        if encrypts and number == 0:
            key.unwrap()
        else:
            key.try_again()
    return keys
