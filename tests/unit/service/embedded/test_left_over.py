import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from service.embedded.left_over import ProcessRecord


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def test_a_process_of_ours_is_ended(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    record = ProcessRecord(tmp_path / "processes.json")
    record.remember("redis", sleeper.pid)
    ProcessRecord(tmp_path / "processes.json").end_left_over()
    assert not psutil.pid_exists(sleeper.pid)
    assert not (tmp_path / "processes.json").exists()


def test_a_stranger_that_has_the_noted_id_by_chance_is_left_alone(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    born = psutil.Process(sleeper.pid).create_time() - 3600
    (tmp_path / "processes.json").write_text(json.dumps({"redis": {"pid": sleeper.pid, "born": born}}))
    ProcessRecord(tmp_path / "processes.json").end_left_over()
    assert sleeper.poll() is None


@pytest.mark.parametrize("content", ["", "not json", '{"redis": {"pid": 999999999, "born": 1.0}}'])
def test_an_unreadable_process_record_stops_no_process(tmp_path: Path, content: str) -> None:
    (tmp_path / "processes.json").write_text(content)
    ProcessRecord(tmp_path / "processes.json").end_left_over()
