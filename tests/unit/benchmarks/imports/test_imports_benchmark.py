"""The benchmark of tests/benchmarks/imports, small: what it measures must hold at any size."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.imports.transcripts.folders import find_files
from service.imports.transcripts.reader import Answers
from tests.benchmarks.imports import __main__ as benchmark
from tests.benchmarks.imports.transcripts import write_folder


def test_generated_transcripts_repeat_records_and_are_read_whole(tmp_path: Path) -> None:
    written = write_folder(tmp_path, 300_000, 3)
    files = find_files([tmp_path])
    assert sum(file.size for file in files) >= written
    with Answers() as answers:
        answers.read([file.path for file in files], lambda _: None)
        assert 0 < len(answers) < answers.found.answers
        assert not answers.found.problems


def test_the_same_seed_writes_the_same_transcripts(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_folder(tmp_path / name, 50_000, 2)
    one, other = ([file.path.read_bytes() for file in find_files([tmp_path / name])] for name in ("one", "other"))
    assert one == other


def test_it_reports_medians_and_that_all_runs_agree(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(benchmark, "ccusage_command", lambda: None)
    arguments = ["--runs", "1", "--scale", "0.001", "--place", str(tmp_path), "--json"]
    result = CliRunner().invoke(benchmark.main, arguments)
    assert result.exit_code == 0, result.output
    for each in json.loads(result.stdout):
        assert each["tokens_agree"]
        assert each["import"]["tokens"] == each["second_import"]["tokens"] > 0
