"""Logs: lines for people on a terminal, JSON elsewhere, and a problem once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from schema.logs import REPEAT_SECONDS, LossyStream, Once, line_for_people

TIME = "2026-11-30T12:03:41.123456Z"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_lasting_problem_is_logged_once_and_again_after_an_hour_with_its_number() -> None:
    clock = Clock()
    once = Once(clock)
    problem = {"event": "forge_away", "level": "warning", "host": "github.com"}
    assert once(None, "warning", {**problem, "rows": 3}) == {**problem, "rows": 3}
    for rows in (4, 5):
        clock.now += 60
        with pytest.raises(structlog.DropEvent):
            once(None, "warning", {**problem, "rows": rows})
    clock.now += REPEAT_SECONDS
    assert once(None, "warning", {**problem, "rows": 6})["repeated"] == 2


def test_another_place_organization_or_level_is_another_problem() -> None:
    once = Once(Clock())
    first = {"event": "forge_away", "host": "github.com", "organization_id": 1}
    for changes in ({}, {"host": "gitlab.com"}, {"organization_id": 2}, {"event": "key_refused"}):
        assert once(None, "warning", {**first, **changes})
    assert once(None, "info", first) == once(None, "info", first)


def test_a_line_for_people_has_words_instead_of_names() -> None:
    event = {
        "event": "process_ended",
        "level": "warning",
        "timestamp": TIME,
        "process": "worker",
        "status": -9,
    }
    line = line_for_people(None, "", {**event, "cause": None})
    assert line.endswith(" warning: process ended (process worker, status -9)")
    assert line_for_people(None, "", {"event": "started", "level": "info", "timestamp": TIME}).endswith("info: started")


def test_without_a_terminal_each_line_is_json() -> None:
    program = (
        "from schema.logs import configure_logs; import structlog; configure_logs();"
        "log = structlog.get_logger(); log.warning('away', host='a'); log.warning('away', host='a'); log.info('done')"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert [json.loads(line)["event"] for line in finished.stderr.splitlines()] == ["away", "done"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_log_on_a_full_disk_loses_lines_and_raises_nothing() -> None:
    full = Path("/dev/full").open("w")  # noqa: SIM115 - closing it would raise, as writing does
    stream = LossyStream(full)
    for _ in range(10_000):
        print("a line that does not fit", file=stream, flush=True)
    with pytest.raises(OSError, match="No space left"):
        full.close()
