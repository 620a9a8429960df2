"""Which database a command uses: that of the environment, or that of the stack on this machine."""

import json
import os
from pathlib import Path

from schema.errors import SetUpError
from schema.settings import Settings, load_settings
from service.client import running_file


def find_settings(data: Path | None = None) -> Settings:
    """Settings from the environment; without DATABASE_URL, those of a running `shipledger up`, if there is one.

    Raises SetUpError if a setting is invalid, or if nothing runs on the folder.

    """
    if data is not None:
        if not (reported := _reported_by_stack(data)):
            raise SetUpError(f"nothing runs on {data}; start it with: shipledger up --data {data}")
        return load_settings(**reported)
    folder = None if "DATABASE_URL" in os.environ else _running_folder()
    return load_settings(**(_reported_by_stack(folder) if folder else {}))


def find_url(settings: Settings, data: Path | None = None) -> str:
    """The address of the service of these settings on this machine."""
    folder = data or (None if "DATABASE_URL" in os.environ else _running_folder())
    if folder is not None and (url := _read(folder / "credentials.json").get("url")):
        return url
    return f"http://{settings.host}:{settings.port}"


def _running_folder() -> Path | None:
    folder = _read(running_file()).get("data")
    return Path(folder) if folder else None


def _reported_by_stack(folder: Path) -> dict[str, str]:
    """What a running stack left for its owner's commands; empty if it does not run or belongs to another user."""
    return _read(folder / "settings.json")


def _read(file: Path) -> dict[str, str]:
    try:
        content = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
