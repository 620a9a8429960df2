"""What a backup says of itself: `manifest.json`, written last, so that half a backup has none."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from schema.errors import BadInputError
from service.embedded.data_folder import write_private

FORMAT = 1
MANIFEST, DUMP, KEYS = "manifest.json", "database", "secret-key"
CHUNK = 1024 * 1024


class Ledger(msgspec.Struct, frozen=True):
    """Sums of one organization: tokens of windows and of the ledger, and nano-USD of the ledger."""

    organization_id: int
    window_tokens: int
    attributed_tokens: int
    attributed_nano_usd: int


class Contents(msgspec.Struct, frozen=True):
    """What a database held at one instant: its revision, the rows of each table, and the sums of each ledger."""

    revision: str
    rows: Mapping[str, int]
    ledgers: list[Ledger]


class Manifest(msgspec.Struct, frozen=True):
    """A backup: when and by which versions it was made, what it holds, and the SHA-256 of each file.

    `keys` are the ids of the secret keys that its sealed values need.
    """

    format: int
    made_at: str
    version: str
    postgresql: int
    contents: Contents
    keys: list[str]
    includes_keys: bool
    files: Mapping[str, str]


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, readable only by its owner."""
    write_private(folder / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)).decode())


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a whole backup. Raises BadInputError if it is missing, damaged, or of a newer version."""
    try:
        content = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise BadInputError(
            f"{folder} holds no whole backup: {MANIFEST} cannot be read ({error.strerror}); choose another folder",
            field="FOLDER",
        ) from error
    try:
        if msgspec.json.decode(content, type=_Format).format != FORMAT:
            raise BadInputError(
                f"{folder} was made by a newer version of shipledger; install that version or a later one",
                field="FOLDER",
            )
        return msgspec.json.decode(content, type=Manifest)
    except msgspec.DecodeError as error:
        raise BadInputError(f"{folder / MANIFEST} is damaged; choose another backup", field="FOLDER") from error


class _Format(msgspec.Struct):
    format: int


def hash_files(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a backup but the manifest, by its path in the folder."""
    return {str(path.relative_to(folder)): _digest(path) for path in _files(folder)}


def require_whole(folder: Path, manifest: Manifest) -> None:
    """Raise BadInputError if a file of the backup is missing, or is not what was written."""
    found = hash_files(folder)
    for name, digest in manifest.files.items():
        if found.get(name) != digest:
            state = "is damaged" if name in found else "is missing"
            raise BadInputError(f"{folder / name} {state}; choose another backup", field="FOLDER")


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
