import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.embedded.child import ChildPlan
from service.embedded.left_over import ProcessRecord
from service.embedded.supervisor import Supervisor

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(ProcessRecord(tmp_path / "processes.json"))
    yield supervisor
    supervisor.stop()


def sleeping(name: str = "sleeper") -> ChildPlan:
    return ChildPlan(name=name, command=["sleep", "60"])


def test_a_child_that_dies_is_started_again(supervisor: Supervisor) -> None:
    first = supervisor.start(sleeping())
    supervisor.watch()
    first.kill()
    deadline = time.monotonic() + 10
    while supervisor.process("sleeper").pid == first.pid:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert supervisor.process("sleeper").poll() is None


def test_processes_stop_in_reverse_order_and_are_not_restarted(supervisor: Supervisor, tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = "import signal,sys,time; signal.signal(15, lambda *_: (print({!r}, flush=True), sys.exit()));"
    for name in ("postgres", "service"):
        code = script.format(name) + "print('up', flush=True); time.sleep(60)"
        supervisor.start(ChildPlan(name=name, command=[sys.executable, "-c", code], log=log))
    deadline = time.monotonic() + 10
    while not log.exists() or log.read_text().count("up") < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    supervisor.watch()
    supervisor.stop()
    assert log.read_text().split() == ["up", "up", "service", "postgres"]
    assert not (tmp_path / "processes.json").exists()


def test_a_child_that_does_not_listen_is_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    log = tmp_path / "log"
    plan = ChildPlan(name="deaf", command=[sys.executable, "-c", DEAF], grace=0.2, log=log)
    process = supervisor.start(plan)
    deadline = time.monotonic() + 10
    while not log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    supervisor.stop()
    assert process.returncode == -signal.SIGKILL


def test_ctrl_c_in_the_terminal_reaches_no_child(supervisor: Supervisor) -> None:
    process = supervisor.start(sleeping())
    assert os.getpgid(process.pid) != os.getpgid(0)


def test_what_a_full_disk_does_not_take_is_written_later_and_supervision_goes_on(
    tmp_path: Path,
) -> None:
    """The folder of the record is missing, as its disk could be full: writing fails with the same class of error."""
    folder = tmp_path / "data"
    supervisor = Supervisor(ProcessRecord(folder / "processes.json"))
    try:
        first = supervisor.start(sleeping())
        supervisor.watch()
        first.kill()
        wait_until(lambda: supervisor.process("sleeper").pid != first.pid)
        folder.mkdir()
        wait_until((folder / "processes.json").exists)
        assert str(supervisor.process("sleeper").pid) in (folder / "processes.json").read_text()
    finally:
        supervisor.stop()


def test_what_ended_on_a_full_disk_starts_at_once_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.embedded.supervisor.DELAYS", (0.1, 60.0))
    monkeypatch.setattr("service.embedded.supervisor.FULL_DISK_DELAY", 60.0)
    room, log = threading.Event(), tmp_path / "log"
    script = f"echo tried; test -e {tmp_path}/may-run && exec sleep 60; exit 1"
    supervisor = Supervisor(ProcessRecord(tmp_path / "processes.json"), room.is_set)
    try:
        supervisor.start(ChildPlan(name="postgres", command=["sh", "-c", script], log=log))
        supervisor.watch()
        wait_until(lambda: log.read_text().count("tried") == 2)
        (tmp_path / "may-run").touch()
        room.set()
        wait_until(lambda: log.read_text().count("tried") == 3)
    finally:
        supervisor.stop()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
