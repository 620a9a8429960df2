"""Nothing is lost while the service is away, and what it refuses holds up nothing else."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from service.link.places import state_folder
from service.link.sending import deliver
from service.link.waiting import MOST_WAITING, keep, read_notes, waiting
from tests.harness.evidence_receiver import Receiver, receiving
from tests.harness.linked_home import AGENT, Home

LONG = os.environ.get("SHIPLEDGER_TEST_OUTAGE_SECONDS")


def until(condition: object, seconds: float = 20.0) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    assert condition()


def item(number: int) -> str:
    return json.dumps({"session": f"session-{number}", "occurred_at": "2026-11-22T01:45:52Z", "source": "hook"})


def test_records_of_an_outage_arrive_after_it(home: Home) -> None:
    with receiving() as first:
        port = int(first.url.rsplit(":", 1)[1])
    home.install(f"http://127.0.0.1:{port}")
    commits = [home.commit(**AGENT) for _ in range(5)]
    until(lambda: len(waiting(home.state)) == 5)
    with receiving(port) as receiver:
        assert {found["commit"] for found in receiver.wait_for(5)} == set(commits)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.skipif(LONG is None, reason="takes as long as an outage: set SHIPLEDGER_TEST_OUTAGE_SECONDS, such as 600")
def test_records_of_a_long_outage_arrive_after_it(home: Home) -> None:
    with receiving() as first:
        port = int(first.url.rsplit(":", 1)[1])
    home.install(f"http://127.0.0.1:{port}")
    end = time.monotonic() + float(LONG or 0)
    commits = []
    while time.monotonic() < end:
        commits.append(home.commit(**AGENT))
        time.sleep(5)
    with receiving(port) as receiver:
        until(lambda: len(receiver.items) >= len(commits), 90)
        assert sorted(found["commit"] for found in receiver.items) == sorted(commits)


def test_an_unfinished_answer_sends_the_same_again(home: Home, receiver: Receiver) -> None:
    home.install(receiver.url)
    receiver.status = 503
    commit = home.commit(**AGENT)
    until(lambda: 503 in receiver.requests)
    receiver.status = 202

    assert [found["commit"] for found in receiver.wait_for(1)] == [commit]


def test_many_hooks_at_once_lose_nothing(linked: Home, receiver: Receiver, tmp_path: Path) -> None:
    clones = [linked.clone(tmp_path / f"clone-{number}") for number in range(4)]

    def work(clone: Path) -> list[str]:
        return [linked.commit(cwd=clone, CLAUDE_CODE_SESSION_ID=clone.name) for _ in range(5)]

    with ThreadPoolExecutor() as agents:
        made = [
            (clone.name, commit)
            for clone, each in zip(clones, agents.map(work, clones), strict=True)
            for commit in each
        ]
    assert sorted((found["session"], found["commit"]) for found in receiver.wait_for(len(made))) == sorted(made)


@pytest.fixture
def folder(home: Home, receiver: Receiver) -> Path:
    home.install(receiver.url)
    return state_folder()


def test_an_item_that_the_service_refuses_is_dropped_alone(folder: Path, receiver: Receiver) -> None:
    receiver.refuse = lambda found: found["session"] == "session-2"
    keep(folder, [item(number) for number in range(4)])

    assert deliver(folder, 0)
    assert [found["session"] for found in receiver.items] == ["session-0", "session-1", "session-3"]
    assert read_notes(folder)["refused"] == 1


@pytest.mark.parametrize("status", [301, 401, 403, 404])
def test_records_wait_while_the_settings_are_wrong(folder: Path, receiver: Receiver, status: int) -> None:
    receiver.status = status
    keep(folder, [item(1)])

    assert not deliver(folder, 60)
    assert (receiver.requests, len(waiting(folder))) == ([status], 1)
    assert read_notes(folder)["last_error"] == f"HTTP {status}"


def test_records_go_nowhere_without_encryption(folder: Path, home: Home) -> None:
    home.install("http://tokens.example.com")
    keep(folder, [item(1)])

    assert not deliver(folder, 60)
    assert len(waiting(folder)) == 1


def test_the_oldest_records_make_room(folder: Path) -> None:
    keep(folder, [item(number) for number in range(MOST_WAITING)])
    keep(folder, [item(MOST_WAITING), item(MOST_WAITING + 1)])

    kept = waiting(folder)
    assert (len(kept), json.loads(kept[0])["session"]) == (MOST_WAITING, "session-2")
    assert read_notes(folder)["dropped"] == 2


def test_files_that_wait_are_read_by_nobody_else(folder: Path) -> None:
    keep(folder, [item(1)])

    assert folder.stat().st_mode & 0o077 == 0 or (folder / "waiting.jsonl").stat().st_mode & 0o077 == 0
    assert (folder / "waiting.jsonl").stat().st_mode & 0o077 == 0


def test_where_a_sandbox_forbids_the_home_records_wait_in_the_temporary_folder(home: Home, receiver: Receiver) -> None:
    home.install(receiver.url)
    home.state.parent.mkdir(parents=True)
    home.state.write_text("a file, where no folder can be made")
    commit = home.commit(**AGENT)

    assert [found["commit"] for found in receiver.wait_for(1)] == [commit]
    assert list((home.folder / "tmp").iterdir())


def test_what_waited_in_a_sandbox_is_sent_from_outside(home: Home, receiver: Receiver) -> None:
    home.install(receiver.url)
    inside = (
        home.folder
        / "tmp"
        / f"shipledger-link.{home.environment().get('USER') or home.environment().get('LOGNAME') or 'agent'}"
    )
    (inside / "incoming").mkdir(parents=True)
    keep(inside, [item(7)])
    commit = home.commit(**AGENT)

    assert {found.get("commit") for found in receiver.wait_for(2)} == {None, commit}
