"""`shipledger simulate --write-reference`: the truth as files, without any service."""

from pathlib import Path

from click.testing import CliRunner, Result

from service.cli.main import main
from tests.benchmarks.accuracy.reference import read_reference

ENDS = ("--ends", "2026-11-20T15:00", "--weeks", "2")


def simulate(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["simulate", *ENDS, *arguments])


def test_equal_seeds_write_equal_files_that_the_benchmark_reads(tmp_path: Path) -> None:
    for name in ("first", "again"):
        result = simulate("--teams", "2", "--seed", "7", "--write-reference", str(tmp_path / name))
        assert result.exit_code == 0, result.output
        assert "2 teams over 2 weeks" in result.output
        assert f"wrote the true attribution to {tmp_path / name}" in result.output
    files = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert files == ["pull_requests.csv.gz", "token_events.csv.gz"]
    for name in files:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    assert [len(team.pull_requests) > 5 for team in read_reference(tmp_path / "first")] == [True, True]


def test_life_cycles_may_be_those_of_a_real_history(tmp_path: Path, shared: Path) -> None:
    history = shared / "history" / "github-api.json"
    options = ("--teams", "1", "--life-cycles", str(history), "--write-reference", str(tmp_path / "real"))
    assert simulate(*options).exit_code == 0
    assert simulate("--teams", "1", "--write-reference", str(tmp_path / "modelled")).exit_code == 0
    assert read_reference(tmp_path / "real") != read_reference(tmp_path / "modelled")


def test_life_cycles_that_cannot_be_read_are_one_clear_line(tmp_path: Path) -> None:
    history = tmp_path / "history.json"
    history.write_text("{}")
    result = simulate("--life-cycles", str(history), "--dry-run")
    assert result.exit_code == 1
    assert result.output.startswith("error: life-cycles: must contain pull_requests")


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = simulate("--teams", "1", "--write-reference", str(tmp_path / "file" / "folder"))
    assert result.exit_code == 1
    assert "error: write-reference: " in result.output
    assert "Traceback" not in result.output
