"""A short run of the fuzzer, with the same inputs each time; `make fuzz` runs millions."""

import json
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

import pytest

from tests.fuzz.targets import TARGETS

EXPLORED = ("code_owners", "github", "otlp_protobuf", "transcripts")


def figures(*arguments: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.fuzz", *arguments]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return [json.loads(line) for line in finished.stdout.splitlines() if line.startswith("{")]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_input_crashes_hangs_or_bloats_a_parser() -> None:
    found = figures("--inputs", "700")
    assert {each["target"] for each in found} == set(TARGETS)
    for each in found:
        assert each["inputs"] >= 700
        assert each["slowest_milliseconds"] < 1000
        assert each["memory_mebibytes"] < 600


@pytest.mark.slow
@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris has no wheel for this platform")
@pytest.mark.timeout(300)
def test_nor_does_one_that_was_looked_for_by_coverage() -> None:
    found = figures(*EXPLORED, "--inputs", "300", "--engine", "atheris")
    assert [each["target"] for each in found] == list(EXPLORED)


def test_a_parser_that_raises_or_hangs_is_found() -> None:
    program = """
import sys
from tests.fuzz import run_one
from tests.fuzz.target import Target, watch
def raises(data): 1 / 0
def hangs(data):
    while True: pass
run_one.targets = lambda: {each.__name__: Target(each.__name__, each, lambda: iter([b"x"])) for each in (raises, hangs)}
sys.exit(run_one.main())
"""
    for name, says in (("raises", "ZeroDivisionError"), ("hangs", "TooSlowError")):
        finished = subprocess.run([sys.executable, "-c", program, name], capture_output=True, text=True, check=False)
        assert finished.returncode == 1
        assert says in finished.stderr
        assert json.loads(finished.stdout)["failed"]
