from collections.abc import Callable
from pathlib import Path

import pytest

from service.imports.stores.problems import Problems
from service.imports.stores.registry import STORES
from service.imports.stores.stored_request import StoredRequest, each_once

Read = Callable[..., list[StoredRequest]]


@pytest.fixture
def problems() -> Problems:
    return Problems()


@pytest.fixture
def read(problems: Problems) -> Read:
    """Read a store, each request once."""

    def read_store(name: str, folder: Path | None = None) -> list[StoredRequest]:
        files = [file.path for file in STORES[name].find(folder)]
        found = STORES[name].read(files, files, problems)
        return list(each_once(each for each in found if isinstance(each, StoredRequest)))

    return read_store


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder, in which agents are looked for."""
    for variable in ("CODEX_HOME", "GEMINI_CLI_HOME", "OPENCODE_DATA_DIR", "COPILOT_HOME", "AMP_DATA_DIR", "CLINE_DIR"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("QWEN_DATA_DIR", "KIMI_SHARE_DIR", "KIMI_CODE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path
