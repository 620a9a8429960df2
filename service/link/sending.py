"""Sends what waits, once, sooner or later: one process sends, one more may wait. Part of the one file (Python 3.8)."""

from __future__ import annotations

import fcntl
import http.client
import json
import random
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime, timezone
from http import HTTPStatus
from pathlib import Path
from typing import Any

from service.link.agent_events import items_of
from service.link.places import is_private, settings, state_folder
from service.link.waiting import keep, note, take_incoming, waiting, write_file

AGENT = "shipledger-link"
PATH = "/api/v1/session-evidence"
BATCH = 500
REQUEST_SECONDS = 10
# How long a process in the background tries again. After that, the next hook does.
PATIENCE_SECONDS = 15 * 60
LONGEST_WAIT_SECONDS = 30.0
# The service understood and refused the items. Other errors of a client mean that the settings are wrong.
REFUSED = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY})
BUSY = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follow no redirect: it would take the key to another server."""

    def redirect_request(self, *_arguments: Any, **_named: Any) -> None:
        return None


def main(arguments: list[str]) -> None:
    """Read what an agent's hook says, if one called, and send what waits."""
    folder = state_folder()
    if arguments[0] == "agent":
        body = json.loads(sys.stdin.read())
        keep_locked(folder, arguments[1], arguments[2], body)
    deliver(folder, PATIENCE_SECONDS)


def keep_locked(folder: Path, agent: str, kind: str, body: dict[str, Any]) -> None:
    """Add what an agent's hook says to what waits."""
    with (folder / "keeping").open("a") as keeping:
        fcntl.flock(keeping, fcntl.LOCK_EX)
        take_incoming(folder)
        keep(folder, [json.dumps(item) for item in items_of(folder, agent, kind, body)])


def deliver(folder: Path, patience: float) -> bool:
    """Send everything that waits, also what arrives meanwhile; return whether it all arrived.

    Who finds another process waiting for its turn leaves: that one will find what was just left.
    """
    with (folder / "next").open("a") as following, (folder / "sending").open("a") as sending:
        try:
            fcntl.flock(following, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        fcntl.flock(sending, fcntl.LOCK_EX)
        fcntl.flock(following, fcntl.LOCK_UN)
        return _send_all(folder, settings(), time.monotonic() + patience)


def _send_all(folder: Path, service: dict[str, str], end: float) -> bool:
    wait = 1.0
    while True:
        with (folder / "keeping").open("a") as keeping:
            fcntl.flock(keeping, fcntl.LOCK_EX)
            take_incoming(folder)
        lines = waiting(folder)[:BATCH]
        if not lines:
            return True
        status, refused = _post(service, lines)
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            _remove(folder, lines)
            note(folder, sent=len(lines) - refused, refused=refused, last_sent_at=_now(), last_error="")
            wait = 1.0
        elif status in REFUSED:
            _send_singly(folder, service, lines)
        elif status and status not in BUSY and status < HTTPStatus.INTERNAL_SERVER_ERROR:
            note(folder, last_error=f"HTTP {status}" if status > 1 else "settings")
            return False
        else:
            note(folder, last_error=f"HTTP {status}" if status else "no connection")
            if time.monotonic() + wait > end:
                return False
            time.sleep(wait * (0.5 + random.random() / 2))
            wait = min(2 * wait, LONGEST_WAIT_SECONDS)


def _send_singly(folder: Path, service: dict[str, str], lines: list[str]) -> None:
    """Find the items that the service refuses, and drop only those."""
    for line in lines:
        status = _post(service, [line])[0] if len(lines) > 1 else int(HTTPStatus.BAD_REQUEST)
        if status in REFUSED:
            note(folder, refused=1, last_error=f"HTTP {int(status)}")
        elif not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return
        else:
            note(folder, sent=1, last_sent_at=_now())
        _remove(folder, [line])


def _remove(folder: Path, lines: list[str]) -> None:
    with (folder / "keeping").open("a") as keeping:
        fcntl.flock(keeping, fcntl.LOCK_EX)
        gone = set(lines)
        write_file(folder / "waiting.jsonl", "".join(f"{line}\n" for line in waiting(folder) if line not in gone))


def _post(service: dict[str, str], lines: list[str]) -> tuple[int, int]:
    """Return the status of the response and how many items it refuses.

    The status is 0 without a response, and 1 if the settings do not allow a request.
    """
    if not service["key"] or not is_private(service["url"]):
        return 1, 0
    body = '{"items": [' + ", ".join(lines) + "]}"
    headers = {"Authorization": f"Bearer {service['key']}", "Content-Type": "application/json", "User-Agent": AGENT}
    request = urllib.request.Request(service["url"] + PATH, body.encode(), headers)
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=REQUEST_SECONDS) as response:
            answer = json.loads(response.read() or b"{}")
            return int(response.status), len(answer.get("refused", ()))
    except urllib.error.HTTPError as error:
        return error.code, 0
    except (OSError, ValueError, http.client.HTTPException):
        return 0, 0


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")


if __name__ == "__main__":
    main(sys.argv[1:])
