"""Where the link keeps what waits, and to whom it sends. Standard library of Python 3.8: part of the one file."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit


def state_folder() -> Path:
    """Return the folder of what waits, private to the user: the usual one, else the one that a sandbox allows.

    Ends the process where neither can be written.
    """
    for folder in state_folders():
        with contextlib.suppress(OSError):
            (folder / "incoming").mkdir(mode=0o700, parents=True, exist_ok=True)
            with (folder / "keeping").open("a"):
                if folder.stat().st_uid == os.getuid() and not folder.is_symlink():
                    return folder
    sys.exit(0)


def state_folders() -> list[Path]:
    """Return the folders in which the shell part may leave records."""
    user = os.environ.get("USER") or os.environ.get("LOGNAME") or "agent"
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state")
    return [state / "shipledger/link", Path(os.environ.get("TMPDIR") or "/tmp") / f"shipledger-link.{user}"]


def settings_file() -> Path:
    """Return this user's file of settings."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "shipledger/link.json"


def settings() -> dict[str, str]:
    """Return the service's `url` and an intake `key`: of the user, else of the machine, else of the environment."""
    for file in (settings_file(), Path("/etc/shipledger/link.json")):
        with contextlib.suppress(OSError, ValueError):
            found = json.loads(file.read_text())
            if found["url"] and found["key"]:
                return {"url": found["url"].rstrip("/"), "key": found["key"]}
    variables = os.environ.get
    url = variables("CLAUDE_PLUGIN_OPTION_URL") or variables("SHIPLEDGER_URL") or ""
    key = variables("CLAUDE_PLUGIN_OPTION_KEY") or variables("SHIPLEDGER_API_KEY") or ""
    return {"url": url.rstrip("/"), "key": key}


def is_private(url: str) -> bool:
    """Return whether names of branches may go to a URL: encrypted, or to this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1", "localhost"})
