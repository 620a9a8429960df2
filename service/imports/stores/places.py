"""Where agents keep their sessions: folders of variables, of the system, or one that is named."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from service.imports.transcripts.folders import TranscriptFile

DATABASE = ".db"


def home(*parts: str) -> Path:
    """Return a folder below the user's own."""
    return Path("~").expanduser().joinpath(*parts)


def data_folder(name: str) -> Path:
    """Return an agent's folder below the user's folder for data."""
    return Path(os.environ.get("XDG_DATA_HOME") or home(".local", "share")) / name


def variable_folders(variable: str, *parts: str) -> list[Path]:
    """Return the folders of an environment variable, which commas separate, with the same parts below each."""
    listed = os.environ.get(variable, "").split(",")
    return [Path(each.strip()).expanduser().joinpath(*parts) for each in listed if each.strip()]


def editor_storages() -> list[Path]:
    """Return the folders in which VS Code and its kin keep what extensions store."""
    if sys.platform == "darwin":
        base = home("Library", "Application Support")
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or home(".config"))
    editors = ("Code", "Code - Insiders", "VSCodium", "Cursor", "Windsurf")
    servers = (home(".vscode-server", "data"), home(".vscode-server-insiders", "data"), home(".cursor-server", "data"))
    return [
        *(base / editor / "User" / "globalStorage" for editor in editors),
        *(server / "User" / "globalStorage" for server in servers),
    ]


def files_in(folders: Iterable[Path], *patterns: str) -> list[TranscriptFile]:
    """Return the files below folders that match one of the patterns, each once, in the order of folders and paths."""
    return list(_each_once(path for folder in folders for pattern in patterns for path in _matching(folder, pattern)))


def _matching(folder: Path, pattern: str) -> list[Path]:
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        return []


def _each_once(paths: Iterable[Path]) -> Iterator[TranscriptFile]:
    seen: set[tuple[int, int]] = set()
    for path in paths:
        try:
            found = path.stat()
            is_file = path.is_file()
        except OSError:
            continue
        if is_file and (found.st_dev, found.st_ino) not in seen:
            seen.add((found.st_dev, found.st_ino))
            yield _with_log(TranscriptFile(path, found.st_size, found.st_mtime_ns))


def _with_log(file: TranscriptFile) -> TranscriptFile:
    """Return a database with the size and time of what is written ahead to it; any other file unchanged."""
    if file.path.suffix != DATABASE:
        return file
    try:
        log = file.path.with_name(f"{file.path.name}-wal").stat()
    except OSError:
        return file
    return TranscriptFile(file.path, file.size + log.st_size, max(file.written_at, log.st_mtime_ns))
