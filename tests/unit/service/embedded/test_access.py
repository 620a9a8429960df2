"""Which of several stacks on a machine the command line finds."""

import os
from pathlib import Path

import pytest

from service import client as client_module
from service.client import Address, Running, find_address, read_running
from service.embedded import access
from service.embedded.access import announce, forget_key, keep, withdraw
from service.embedded.data_folder import DataFolder


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of its own; yields the file of the stack that commands find."""
    place = tmp_path / "state" / "running.json"
    for module in (client_module, access):
        monkeypatch.setattr(module, "running_file", lambda: place)
    monkeypatch.delenv("SHIPLEDGER_URL", raising=False)
    monkeypatch.delenv("SHIPLEDGER_API_KEY", raising=False)
    return place


def a_folder(tmp_path: Path, name: str) -> DataFolder:
    (tmp_path / name).mkdir()
    return DataFolder(tmp_path / name)


def test_a_demo_never_takes_the_command_line_over_from_a_running_up(tmp_path: Path) -> None:
    mine, demo = a_folder(tmp_path, "mine"), a_folder(tmp_path, "demo")
    announce(mine, "http://mine", "key", is_demo=False)
    announce(demo, "http://demo", "other", is_demo=True)
    assert find_address() == Address("http://mine", "key")
    withdraw(demo)
    assert find_address().url == "http://mine"
    withdraw(mine)
    assert read_running() == Running()


def test_up_takes_it_over_from_a_demo_and_a_second_up_does_not(tmp_path: Path) -> None:
    demo, mine, second = (a_folder(tmp_path, name) for name in ("demo", "mine", "second"))
    announce(demo, "http://demo", "other", is_demo=True)
    assert find_address().url == "http://demo"
    announce(mine, "http://mine", "key", is_demo=False)
    announce(second, "http://second", "key", is_demo=False)
    assert find_address().url == "http://mine"


def test_a_stack_that_still_runs_is_found_once_the_other_has_ended(tmp_path: Path) -> None:
    mine, demo = a_folder(tmp_path, "mine"), a_folder(tmp_path, "demo")
    announce(mine, "http://mine", "key", is_demo=False)
    announce(demo, "http://demo", "other", is_demo=True)
    withdraw(mine)
    announce(demo, "http://demo", "other", is_demo=True)
    assert find_address().url == "http://demo"


def test_a_killed_stack_counts_as_nothing_running(tmp_path: Path, machine: Path) -> None:
    mine = a_folder(tmp_path, "mine")
    announce(mine, "http://mine", "key", is_demo=False)
    gone = machine.read_text().replace(f'"pid":{os.getpid()}', '"pid":4194305')
    machine.write_text(gone)
    assert read_running() == Running()
    announce(mine, "http://mine", "key", is_demo=False)
    assert find_address().url == "http://mine"


def test_each_data_folder_keeps_its_own_announcement_for_its_owner_alone(tmp_path: Path) -> None:
    mine, demo = a_folder(tmp_path, "mine"), a_folder(tmp_path, "demo")
    announce(mine, "http://mine", "key", is_demo=False)
    announce(demo, "http://demo", "other", is_demo=True)
    for folder, url in ((mine, "http://mine"), (demo, "http://demo")):
        assert url in folder.running.read_text()
        assert folder.running.stat().st_mode & 0o777 == 0o600
        withdraw(folder)
        assert not folder.running.exists()


def test_the_key_of_an_erased_organization_is_in_no_file(tmp_path: Path, machine: Path) -> None:
    mine, other = a_folder(tmp_path, "mine"), a_folder(tmp_path, "other")
    key = f"sl1_7_{'a' * 43}"
    for folder in (mine, other):
        keep(folder, "http://127.0.0.1:1", key)
        announce(folder, "http://127.0.0.1:1", key, is_demo=False)

    forget_key(mine.path, 8)
    assert key in mine.credentials.read_text()
    forget_key(mine.path, 7)

    assert all(key not in file.read_text() for file in (mine.credentials, mine.running, machine))
    # Another stack counts its organizations for itself.
    assert key in other.credentials.read_text()
