"""What waits to be sent: left by hooks as small files, kept as one bounded file. Part of the one file (Python 3.8)."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

from service.link.git_facts import repository_of
from service.link.places import state_folders

MOST_WAITING = 10_000
MOST_PLACES = 200
UNFINISHED_SECONDS = 60
# Who says so: git, or the agent itself.
HOOK, PLUGIN = "hook", "plugin"


class Seen(NamedTuple):
    """Where a session was and what it did there."""

    event: str
    repository: str
    branch: str = ""
    commit: str = ""
    pull_request: int = 0


def take_incoming(folder: Path) -> None:
    """Move what hooks left into the file of what waits. A record that is being written stays until the next time."""
    taken, items = [], []
    for instant, file in sorted(pair for each in state_folders() for pair in _files(each / "incoming")):
        with contextlib.suppress(OSError, ValueError):
            text = file.read_text()
            if text.endswith("\n") or time.time() - instant > UNFINISHED_SECONDS:
                taken.append(file)
                items += [item for line in text.splitlines() if (item := _item(line, instant, folder))]
    keep(folder, [line for each in state_folders() if each != folder for line in _adopted(each)])
    keep(folder, [json.dumps(item) for item in items])
    for file in taken:
        with contextlib.suppress(OSError):
            file.unlink()


def _adopted(other: Path) -> list[str]:
    """Take over what waits in another folder, as after a command outside of the sandbox."""
    with contextlib.suppress(OSError):
        if other.stat().st_uid == os.getuid():
            (other / "waiting.jsonl").replace(other / "adopted.jsonl")
            return (other / "adopted.jsonl").read_text().splitlines()
    return []


def _files(folder: Path) -> list[tuple[float, Path]]:
    """Return the times and paths of the files of a folder, if it belongs to this user."""
    try:
        owned = folder.stat().st_uid == os.getuid()
        return [(file.stat().st_mtime, file) for file in folder.iterdir()] if owned else []
    except OSError:
        return []


def _item(line: str, instant: float, folder: Path) -> dict[str, Any] | None:
    agent, session, event, branch, commit, remote, place = line.split("\t", 6)
    session = str(_read(folder / "names.json").get(session, session))
    remember(folder, session, place, branch, commit)
    # After a checkout, the commit is only where the session stands.
    made = commit if event == "commit" else ""
    seen = Seen(event, repository_of(place, remote, branch), branch, made)
    return evidence(HOOK, agent, session, instant, seen)


def evidence(source: str, agent: str, session: str, instant: float, seen: Seen) -> dict[str, Any] | None:
    """Return an item of `POST /api/v1/session-evidence`, or None if it would name nothing to link to."""
    if not seen.repository or not (seen.branch or seen.commit or seen.pull_request):
        return None
    if not re.fullmatch(r"[A-Za-z0-9._:@-]{1,200}", session):
        return None
    occurred = datetime.fromtimestamp(instant, timezone.utc).isoformat(timespec="microseconds")
    item = {
        "session": session,
        "occurred_at": occurred.replace("+00:00", "Z"),
        "agent": agent if re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,49}", agent) else "",
        "source": source,
        "event": seen.event,
        "repository": seen.repository,
        "branch": seen.branch,
        "commit": seen.commit if re.fullmatch(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", seen.commit) else "",
        "pull_request": seen.pull_request,
    }
    return {name: value for name, value in item.items() if value}


def keep(folder: Path, items: list[str]) -> None:
    """Add items, a JSON object each, to the file of what waits; the oldest make room."""
    if not items:
        return
    lines = waiting(folder) + items
    if len(lines) > MOST_WAITING:
        note(folder, dropped=len(lines) - MOST_WAITING)
    write_file(folder / "waiting.jsonl", "".join(f"{line}\n" for line in lines[-MOST_WAITING:]))


def waiting(folder: Path) -> list[str]:
    """Return what waits, a JSON object a line, oldest first."""
    try:
        return (folder / "waiting.jsonl").read_text().splitlines()
    except OSError:
        return []


def note(folder: Path, **changes: Any) -> None:
    """Keep what `link status` shows; numbers are added up."""
    known = read_notes(folder)
    for name, value in changes.items():
        known[name] = known.get(name, 0) + value if isinstance(value, int) else value
    write_file(folder / "notes.json", json.dumps(known))


def read_notes(folder: Path) -> dict[str, Any]:
    """Return `sent`, `dropped`, `refused`, `last_sent_at`, `last_error`, as far as they are known."""
    return _read(folder / "notes.json")


def write_file(file: Path, text: str) -> None:
    """Write a file that only this user reads, whole or not at all."""
    beside = file.with_suffix(".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(text)
    beside.replace(file)


def remember(folder: Path, session: str, place: str, branch: str, commit: str) -> None:
    """Keep in which git folder a session was last seen, so that the end of a turn is reported from there."""
    known = _read(folder / "places.json")
    known.pop(_hidden(session), None)
    known[_hidden(session)] = [place, branch, commit]
    write_file(folder / "places.json", json.dumps(dict(list(known.items())[-MOST_PLACES:])))


def rename(folder: Path, made: str, session: str) -> None:
    """Keep that a session for which a shell function made an id is known by another one to its agent."""
    known = _read(folder / "names.json")
    known.pop(made, None)
    known[made] = session
    write_file(folder / "names.json", json.dumps(dict(list(known.items())[-MOST_PLACES:])))


def last_place(folder: Path, session: str) -> tuple[str, str, str] | None:
    """Return git folder, branch and commit of a session's last record."""
    place = _read(folder / "places.json").get(_hidden(session))
    return (place[0], place[1], place[2]) if place else None


def _read(file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(file.read_text()))
    except (OSError, ValueError):
        return {}


def _hidden(session: str) -> str:
    return hashlib.sha256(session.encode()).hexdigest()[:16]
