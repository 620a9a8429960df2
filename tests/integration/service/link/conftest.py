"""A home with the link installed, and a receiver of what it sends."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.evidence_receiver import Receiver, receiving
from tests.harness.linked_home import Home, make_home


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as started:
        yield started


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with a clone; the installation in this process takes place there."""
    home = make_home(tmp_path / "home")
    environment = home.environment()
    for name in ("HOME", "TMPDIR", "GIT_CONFIG_NOSYSTEM", "PATH"):
        monkeypatch.setenv(name, environment[name])
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    return home


@pytest.fixture
def linked(home: Home, receiver: Receiver) -> Home:
    home.install(receiver.url)
    return home
