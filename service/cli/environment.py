"""Settings of a command: from the environment, or from the `shipledger up` on this machine."""

import json
import os
from pathlib import Path

from schema.errors import SetUpError
from schema.settings import Settings, load_settings
from service.client import read_running
from vocabulary.web_addresses import local_address


def find_settings(data: Path | None = None) -> Settings:
    """Load settings from the environment, or without DATABASE_URL from a running `shipledger up`.

    `data` names the data folder of `shipledger up`. Raises SetUpError if a setting is invalid or nothing uses `data`.

    """
    if data is not None:
        if not (values := _stack_settings(data)):
            raise SetUpError(f"Shipledger does not run on {data}; start it with: shipledger up --data {data}")
        return load_settings(**values)
    folder = None if "DATABASE_URL" in os.environ else _running_folder()
    return load_settings(**(_stack_settings(folder) if folder else {}))


def find_folder(data: Path | None = None) -> Path | None:
    """Return the data folder of the `shipledger up` whose settings `find_settings` takes; None without one."""
    return data or (None if "DATABASE_URL" in os.environ else _running_folder())


def find_url(settings: Settings, data: Path | None = None) -> str:
    """Return the URL of the service on this machine."""
    folder = find_folder(data)
    if folder is not None and (url := _read(folder / "credentials.json").get("url")):
        return url
    return local_address(settings.host, settings.port)


def has_database(url: str | None) -> bool:
    """Return whether the database of the service is known here: by DATABASE_URL, or by the stack that runs here.

    `url` is the address of the service, None for the one on this machine.
    """
    if "DATABASE_URL" in os.environ:
        return True
    running = read_running()
    return bool(running.data) and (url is None or url.rstrip("/") == running.url)


def _running_folder() -> Path | None:
    running = read_running()
    return Path(running.data) if running.data else None


def _stack_settings(folder: Path) -> dict[str, str]:
    """Read the settings of a running stack; empty if it does not run or belongs to another user."""
    return _read(folder / "settings.json")


def _read(file: Path) -> dict[str, str]:
    try:
        content = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
