"""Where Claude Code keeps transcripts: one or several folders, also behind links."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from schema.errors import SetUpError

VARIABLE = "CLAUDE_CONFIG_DIR"
SUFFIX = ".jsonl"
# No path is longer.
LONGEST_LINK = 4_096


class TranscriptFile(NamedTuple):
    """A transcript, its size in bytes and when it was last written, in nanoseconds."""

    path: Path
    size: int
    written_at: int


def find_folders(path: Path | None) -> list[Path]:
    """Return folders of transcripts: `path`, or those of CLAUDE_CONFIG_DIR, or the usual ones, as far as they exist.

    Raises SetUpError if none exists.
    """
    if path is not None:
        wanted = [path]
    elif configured := os.environ.get(VARIABLE, "").strip():
        wanted = _listed(configured)
    else:
        wanted = [Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "claude", _home(".claude")]
    found = [_projects(folder) for folder in wanted if folder.is_dir()]
    if not found:
        raise SetUpError("the folder of transcripts was not found; pass it: shipledger import claude-code DIR")
    return found


def find_files(folders: Iterable[Path]) -> list[TranscriptFile]:
    """Return every transcript below the folders once, sorted by path; raises SetUpError if there is none."""
    seen: set[tuple[int, int]] = set()
    files = sorted(file for folder in folders for file in _below(folder, seen))
    if not files:
        raise SetUpError("the folder holds no transcripts (*.jsonl); pass another: shipledger import claude-code DIR")
    return files


def _listed(configured: str) -> list[Path]:
    """Return the folders of a list with commas, or with the separator of paths, unless the text is one folder."""
    whole = Path(configured).expanduser()
    if whole.is_dir():
        return [whole]
    separator = "," if "," in configured else os.pathsep
    return [Path(part.strip()).expanduser() for part in configured.split(separator) if part.strip()]


def _home(name: str) -> Path:
    return Path("~").expanduser() / name


def _projects(folder: Path) -> Path:
    return folder / "projects" if (folder / "projects").is_dir() else folder


def _below(folder: Path, seen: set[tuple[int, int]]) -> Iterator[TranscriptFile]:
    """Yield files below a folder, following links; what was seen before, such as a link to a parent, is left out."""
    try:
        entries = list(os.scandir(folder))
        place = folder.stat()
    except OSError:
        return
    if (place.st_dev, place.st_ino) in seen:
        return
    seen.add((place.st_dev, place.st_ino))
    for entry in entries:
        try:
            if entry.is_dir():
                yield from _below(Path(entry.path), seen)
            elif entry.name.endswith(SUFFIX) and entry.is_file():
                found = entry.stat()
                if (found.st_dev, found.st_ino) not in seen:
                    seen.add((found.st_dev, found.st_ino))
                    yield TranscriptFile(Path(entry.path), found.st_size, found.st_mtime_ns)
            elif "." not in entry.name and (target := _written_link(entry)):
                yield from _below(target, seen)
        except OSError:
            continue


def _written_link(entry: "os.DirEntry[str]") -> Path | None:
    """Return the folder that a small file names: Git writes one in place of a link where links are turned off."""
    if not entry.is_file() or not 0 < entry.stat().st_size <= LONGEST_LINK:
        return None
    path = Path(entry.path)
    try:
        target = path.parent / path.read_text().strip()
        return target if target.is_dir() else None
    except (UnicodeError, ValueError):
        return None
