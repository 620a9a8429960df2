"""The data folder: its paths, its lock, and private files."""

import contextlib
import fcntl
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schema.errors import SetUpError

PRIVATE = 0o600
PRIVATE_FOLDER = 0o700
# A socket path may have 108 bytes on Linux and 104 on macOS; PostgreSQL adds 16 to its folder.
LONGEST_SOCKET_FOLDER = 80
# PostgreSQL needs two segments of its log to start and to accept rows.
NEEDED_BYTES = 32 * 1024 * 1024
# As settings ask for.
LEAST_KEY = 32
SOCKET_FOLDER_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-")


class DataFolder:
    """Paths in the folder, and the lock that one running stack holds on it."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()
        self.lock_file = self.path / "shipledger.lock"
        self.processes = self.path / "processes.json"
        self.secret_key_file = self.path / "secret-key"
        self.credentials = self.path / "credentials.json"
        self.settings = self.path / "settings.json"
        self.running = self.path / "running.json"
        self.postgres = self.path / "postgres"
        self.postgres_log = self.path / "postgres.log"
        self.redis_log = self.path / "redis.log"

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Lock the folder, and create it if it does not exist.

        Raises SetUpError if it is not writable, contains other files, or is used by another stack.
        """
        try:
            self.path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            if not self.lock_file.exists() and any(self.path.iterdir()):
                raise SetUpError(f"{self.path} contains other files; choose an empty folder with --data")
            lock = os.open(self.lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
        except OSError as error:
            raise SetUpError(
                f"cannot write to {self.path} ({error.strerror}); choose another folder with --data"
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            raise SetUpError(
                f"Shipledger is already running on {self.path}; stop it, or choose another folder with --data"
            ) from error
        try:
            yield
        finally:
            os.close(lock)

    def has_room(self) -> bool:
        """Return whether the disk has room for PostgreSQL to start; True if that cannot be found out."""
        try:
            disk = os.statvfs(self.path)
        except OSError:
            return True
        return disk.f_bavail * disk.f_frsize >= NEEDED_BYTES

    def secret_keys(self) -> list[str]:
        """Read the secret keys, one a line, the one that encrypts first; create one at the first start.

        Raises SetUpError if the file is missing or damaged although data was encrypted with its key.
        """
        with contextlib.suppress(FileNotFoundError):
            keys = read_secret_keys(self.secret_key_file)
            if not keys or min(map(len, keys)) < LEAST_KEY:
                raise SetUpError(
                    f"{self.secret_key_file} is damaged; restore it, because the stored data is encrypted with it"
                )
            return keys
        if self.postgres.exists():
            raise SetUpError(
                f"{self.secret_key_file} is missing; restore it, because the stored data is encrypted with it"
            )
        write_private(self.secret_key_file, secrets.token_hex(32))
        return read_secret_keys(self.secret_key_file)


def read_secret_keys(file: Path) -> list[str]:
    """Read secret keys, one a line, the one that encrypts first. Raises FileNotFoundError."""
    return [key for line in file.read_text().splitlines() if (key := line.strip())]


def write_private(path: Path, text: str) -> None:
    """Write a file atomically, readable only by its owner."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)


@contextmanager
def socket_folder(preferred: Path) -> Iterator[Path]:
    """Yield a folder with a path short enough for a socket: the preferred one, or else a temporary one."""
    text = str(preferred)
    if len(os.fsencode(text)) <= LONGEST_SOCKET_FOLDER and set(text) <= SOCKET_FOLDER_CHARACTERS:
        yield preferred
        return
    temporary = tempfile.gettempdir() if len(tempfile.gettempdir()) <= LONGEST_SOCKET_FOLDER // 2 else "/tmp"  # noqa: S108 - mkdtemp creates a private folder in it
    with tempfile.TemporaryDirectory(prefix="shipledger-", dir=temporary, ignore_cleanup_errors=True) as folder:
        yield Path(folder)
