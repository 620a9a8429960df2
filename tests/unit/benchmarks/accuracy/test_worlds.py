"""Worlds: what is asked of the engine in each, how answers are scored, and which bars a row misses."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.simulation.reference_files import write_reference
from tests.benchmarks.accuracy.__main__ import main
from tests.benchmarks.accuracy.reference import read_reference
from tests.benchmarks.accuracy.settings import REFERENCE_SETTINGS
from tests.benchmarks.accuracy.world_answers import Answer, Answers
from tests.benchmarks.accuracy.world_scores import team_line, world_line
from tests.benchmarks.accuracy.world_tables import misses
from tests.benchmarks.accuracy.worlds import KERNEL, ORACLE, PEERS, SHIPLEDGER, UNIFORM, simulated_worlds


def answers(*single: Answer) -> Answers:
    truth, estimate = (sum(column) for column in zip(*(each[:2] for each in single), strict=True))
    total = Answer(truth, estimate, 0.9 * estimate, 1.1 * estimate, reliable=False)
    return Answers(list(single), [total._replace(reliable=True)], total, 0)


RIGHT, WRONG = Answer(100, 100, 90, 110, reliable=True), Answer(100, 200, 150, 250, reliable=True)


def test_a_team_s_line_counts_what_holds_and_what_is_off_although_called_reliable() -> None:
    line = team_line(answers(RIGHT, WRONG))
    assert (line.weighted_error, line.median_error, line.bias) == pytest.approx((0.5, 0.5, 0.5))
    assert (line.single, line.sums, line.total) == (0.5, 0.0, 0.0)
    assert (line.reliable, line.off, line.reliable_sums, line.held_sums) == (2, 1, 1, 0)


def test_lines_of_teams_are_medians_means_and_the_worst() -> None:
    line = world_line([team_line(answers(RIGHT, RIGHT)), team_line(answers(RIGHT, WRONG))])
    assert (line.single, line.single_worst, line.bias_worst) == pytest.approx((0.75, 0.5, 0.5))
    assert (line.total, line.sums_reliable, line.off_reliable) == pytest.approx((0.5, 0.5, 0.25))


def test_the_bars_that_a_row_misses_are_named() -> None:
    line = world_line([team_line(answers(RIGHT, WRONG))])
    assert misses(line, 0.6, 1.2) == ["single", "worst", "sums", "totals", "bias", "kernel", "off"]
    assert misses(world_line([team_line(answers(RIGHT))]), 0.0, 0.9) == ["single"], "100 % is too wide"


def test_folders_of_worlds_are_scored_beside_simple_rules_and_peers(tmp_path: Path) -> None:
    for world in simulated_worlds(seed=1, teams=1, weeks=2, names=["bots", "stale_stamps"]):
        write_reference(tmp_path / world.name, [team.truth() for team in world.teams])  # type: ignore[union-attr]
    result = CliRunner().invoke(main, ["--worlds", str(tmp_path), "--teams", "1", "--peers", "--json"])
    assert result.exit_code == 0, result.output
    rows = json.loads(result.output)
    assert {row["world"] for row in rows} == {"bots", "stale_stamps"}
    assert {row["entrant"] for row in rows} == {SHIPLEDGER, KERNEL, UNIFORM, ORACLE, *PEERS}
    assert {row["setting"] for row in rows} == {each.name for each in REFERENCE_SETTINGS}
    assert not any(row["scores"]["conservation_error"] for row in rows)


def test_bots_and_stale_stamps_are_read_as_they_were_written(tmp_path: Path) -> None:
    for world in simulated_worlds(seed=1, teams=1, weeks=2, names=["bots", "stale_stamps"]):
        (known,) = (team.truth() for team in world.teams)  # type: ignore[union-attr]
        write_reference(tmp_path / world.name, [known])
        (found,) = read_reference(tmp_path / world.name)
        assert found.token_events == known.token_events
        assert [each.is_bot for each in found.pull_requests] == [each.is_bot for each in known.pull_requests]


def test_a_folder_without_worlds_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--worlds", str(tmp_path)])
    assert result.exit_code != 0
    assert "contains no folders of worlds" in result.output
