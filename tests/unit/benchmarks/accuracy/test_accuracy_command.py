import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.simulation.plans import plan_varied_company
from service.simulation.reference_files import write_reference
from service.simulation.simulator import simulate_company
from service.simulation.truth import team_truth
from tests.benchmarks.accuracy.__main__ import main

SCORES = {
    *("weighted_error", "median_relative_error", "rank_correlation", "team_bias"),
    *("coverage_80", "coverage_80_worst_team", "conservation_error"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    plan = plan_varied_company(seed=5, ends_at=datetime(2026, 2, 1, tzinfo=UTC), weeks=2, teams=2)
    write_reference(
        tmp_path,
        [team_truth(number, team, plan.starts_at) for number, team in enumerate(simulate_company(plan).teams)],
    )
    return tmp_path


def test_a_reference_folder_gives_one_json_object_of_six_settings(folder: Path) -> None:
    result = CliRunner().invoke(main, ["--reference", str(folder), "--json", "--processes", "1"])
    assert result.exit_code == 0, result.output
    scores = json.loads(result.output)
    assert list(scores) == ["cohort", "repository", "links_30", "links_60", "links_90", "repository_links_60"]
    assert all(set(each) == SCORES for each in scores.values())
    assert all(each["conservation_error"] == 0 for each in scores.values())
    assert scores["links_90"]["weighted_error"] < scores["links_30"]["weighted_error"] < 1.5


def test_simulated_teams_are_scored_beside_peers_rules_and_two_processes_say_the_same() -> None:
    arguments = ["--teams", "2", "--weeks", "2", "--seed", "1", "--json"]
    one, two = (CliRunner().invoke(main, [*arguments, "--processes", count]) for count in ("1", "2"))
    assert one.exit_code == 0, one.output
    assert one.output == two.output
    scores = json.loads(one.output)
    assert any("DevLake" in label for label in scores)
    engine = next(scores[label] for label in scores if label.startswith("Shipledger"))
    assert set(engine) == {
        *("cohort", "links_30", "links_60", "links_90"),
        *("repository", "repository_links_30", "repository_links_60", "repository_links_90"),
    }
    assert all(line["conservation_error"] == 0 for lines in scores.values() for line in lines.values())


def test_without_json_there_is_a_table(folder: Path) -> None:
    result = CliRunner().invoke(main, ["--reference", str(folder), "--processes", "1"])
    assert result.exit_code == 0, result.output
    assert f"2 teams of {folder}" in result.output
    for text in ("Shipledger", "repository + links on 60%", "as LangWatch describes", "conservation"):
        assert text in result.output


@pytest.mark.parametrize("arguments", [["--reference", "nowhere"], ["--life-cycles", __file__]])
def test_what_cannot_be_read_is_one_line(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code != 0
    assert result.output.splitlines()[-1].startswith("Error: ")
    assert "Traceback" not in result.output
