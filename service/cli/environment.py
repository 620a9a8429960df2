"""Which database a command on this machine means: the environment's, or that of the stack that runs here."""

import json
import os
from pathlib import Path

from schema.errors import SetUpError
from schema.settings import Settings, load_settings
from service.client import running_file


def find_settings(data: Path | None = None) -> Settings:
    """Settings from the environment; without DATABASE_URL, those of a running `shipledger up`, if there is one.

    Raises SetUpError when a setting cannot be used, or nothing runs on the folder asked for.
    """
    if data is not None:
        if not (told := _told_by_stack(data)):
            raise SetUpError(f"nothing runs on {data}; start it with: shipledger up --data {data}")
        return load_settings(**told)
    folder = None if "DATABASE_URL" in os.environ else _running_folder()
    return load_settings(**(_told_by_stack(folder) if folder else {}))


def _running_folder() -> Path | None:
    try:
        return Path(json.loads(running_file().read_text())["data"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _told_by_stack(folder: Path) -> dict[str, str]:
    """What a stack wrote down for its own command line; empty when it does not run or belongs to another user."""
    try:
        written: dict[str, str] = json.loads((folder / "settings.json").read_text())
    except (OSError, ValueError):
        return {}
    return written
