"""What a store holds that could not be read: files, and records in them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# Places that a summary names; the rest are counted.
NAMED_PLACES = 20


@dataclass
class Problems:
    """Files that could not be opened, and places of records that could not be read."""

    unreadable_files: int = 0
    broken_records: int = 0
    places: list[str] = field(default_factory=list)

    def add_file(self, path: Path) -> None:
        """Count a file that could not be opened."""
        self.unreadable_files += 1
        self._name(f"{path.name}: could not be opened")

    def add_record(self, path: Path, place: int | str, reason: str = "an incomplete or broken record") -> None:
        """Count a record that could not be read; `place` is its line or its id."""
        self.broken_records += 1
        self._name(f"{path.name}:{place}: {reason}")

    def _name(self, place: str) -> None:
        if len(self.places) < NAMED_PLACES:
            self.places.append(place)


def read_bytes(path: Path, problems: Problems) -> bytes | None:
    """Return what a file holds, or None if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        problems.add_file(path)
        return None


def read_lines(path: Path, problems: Problems) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file with their numbers, without holding all of it."""
    try:
        with path.open("rb") as file:
            yield from enumerate(file, start=1)
    except OSError:
        problems.add_file(path)
