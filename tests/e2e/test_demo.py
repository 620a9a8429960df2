"""`shipledger demo --once` as a newcomer runs it: a process of its own, an empty home, the real endpoints."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

RECEIVED = re.compile(r"Received ([0-9,]+) tokens = merged ([0-9,]+)")


def run_demo(folder: Path) -> subprocess.CompletedProcess[str]:
    """In a home of its own; the terminal is wide enough for a table of eight weeks."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("SHIPLEDGER_", "XDG_"))},
        "HOME": str(folder / "home"),
        "COLUMNS": "160",
    }
    command = [
        sys.executable,
        "-m",
        "service.cli.main",
        "demo",
        "--once",
        "--port",
        "0",
        "--data",
        str(folder / "data"),
    ]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)


@pytest.mark.timeout(240)
def test_the_demo_shows_a_balanced_ledger_and_a_second_run_adds_nothing(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    first = run_demo(tmp_path)
    assert first.returncode == 0, first.stderr
    assert "Tokens and dollars per merged pull request" in first.stdout
    for team in ("checkout", "platform", "mobile", "All teams"):
        assert team in first.stdout
    assert "difference 0" in first.stdout
    # A link would open nothing: the service ends with the command.
    assert "/sign-in/" not in first.stdout
    assert first.stdout.endswith("See its dashboard with: make demo (or shipledger demo)\n")
    assert "Traceback" not in first.stderr
    received = RECEIVED.search(first.stdout)
    assert received is not None
    assert int(received[2].replace(",", "")) > 100_000_000

    record = tmp_path / "data" / "demo.json"
    assert json.loads(record.read_text())["is_sent"]
    second = run_demo(tmp_path)
    assert second.returncode == 0, second.stderr
    assert "Sending" in first.stdout
    assert "Sending" not in second.stdout
    again = RECEIVED.search(second.stdout)
    assert again is not None
    assert again[0] == received[0]

    # Even when the record was lost half-way, what was sent before is recognised and counts once.
    record.write_text(json.dumps({**json.loads(record.read_text()), "is_sent": False}))
    third = run_demo(tmp_path)
    assert third.returncode == 0, third.stderr
    repeated = RECEIVED.search(third.stdout)
    assert repeated is not None
    assert repeated[0] == received[0]
