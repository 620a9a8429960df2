"""Which files an import has read, by size and time, so that the next one reads only what changed.

A file of this user's on this machine holds hashes of paths, never paths, for each service, key and choice of options.
"""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field
from platformdirs import user_state_dir

from service.imports.transcripts.folders import TranscriptFile

# To be raised when readers find more in the same files.
READERS = 2


class _Memory(Struct):
    """Size and time of each file by the hash of its path; the summary of an import that read all of them."""

    files: dict[str, tuple[int, int]] = field(default_factory=dict)
    summary: dict[str, Any] | None = None


class RememberedFiles:
    """What an import of one kind to one place has read."""

    def __init__(self, *target: str) -> None:
        name = _digest("\0".join((str(READERS), *target)))
        self._path = Path(user_state_dir("shipledger")) / "imports" / f"{name}.json"
        try:
            self._memory = msgspec.json.decode(self._path.read_bytes(), type=_Memory)
        except (OSError, msgspec.DecodeError):
            self._memory = _Memory()

    @property
    def summary(self) -> dict[str, Any] | None:
        """The summary of the last import that read every file."""
        return self._memory.summary

    def changed(self, files: Iterable[TranscriptFile]) -> list[TranscriptFile]:
        """Return files that are new or have another size or time."""
        known = self._memory.files
        return [file for file in files if known.get(_digest(str(file.path))) != (file.size, file.written_at)]

    def holds(self, files: Sequence[TranscriptFile]) -> bool:
        """Return whether these files, and no others, were read as they are."""
        return len(files) == len(self._memory.files) and not self.changed(files)

    def keep(self, files: Iterable[TranscriptFile], summary: dict[str, Any] | None = None) -> None:
        """Remember these files and no others; where nothing can be written, the next import reads all of them."""
        seen = {_digest(str(file.path)): (file.size, file.written_at) for file in files}
        raw = msgspec.json.encode(_Memory(seen, summary))
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._path.with_suffix(".new")
            fresh.write_bytes(raw)
            fresh.replace(self._path)
        except OSError:
            return


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]
