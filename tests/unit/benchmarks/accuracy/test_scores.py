import pytest

from tests.benchmarks.accuracy.scores import Interval, TeamScores, over_teams, score_team, spearman


def test_scores_of_a_team_are_those_worked_out_by_hand() -> None:
    # Errors 50, 100, 300 and 150; relative ones 0.5, 0.5, 0.75, and none where the truth is 0.
    scores = score_team(
        [100, 200, 400, 0],
        [150, 100, 100, 150],
        [Interval(100, 200), Interval(0, 199), Interval(50, 400), Interval(1, 300)],
        conservation_error=3,
    )
    assert scores.weighted_error == pytest.approx(600 / 700)
    assert scores.median_relative_error == pytest.approx(0.5)
    # Ranks 1, 2, 3, 0 against 2.5, 0.5, 0.5, 2.5: products of what they are off their means sum to -4, squares to 5, 4.
    assert scores.rank_correlation == pytest.approx(-4 / 20**0.5)
    assert scores.team_bias == pytest.approx(500 / 700 - 1)
    assert scores.p50_bias == pytest.approx(125 / 150 - 1)
    assert scores.coverage_80 == pytest.approx(0.5)
    assert scores.conservation_error == 3
    assert scores.pull_requests == 4


def test_without_intervals_there_is_no_coverage() -> None:
    assert score_team([1], [1], None, 0).coverage_80 is None


def test_a_team_without_tokens_has_no_relative_scores() -> None:
    scores = score_team([0, 0], [1, 2], None, 0)
    assert scores.weighted_error is None
    assert scores.median_relative_error is None
    assert scores.team_bias is None
    assert scores.rank_correlation is None


def test_equal_values_share_their_rank() -> None:
    assert spearman([1, 1, 2, 3], [5, 5, 6, 7]) == pytest.approx(1.0)
    assert spearman([1, 2, 3], [9, 5, 1]) == pytest.approx(-1.0)
    assert spearman([1], [1]) is None


def test_over_teams_errors_are_medians_and_coverage_is_mean_and_worst() -> None:
    teams = [
        TeamScores(error, error, None, error, error, coverage, conservation_error=1, pull_requests=10)
        for error, coverage in ((0.1, 0.9), (0.2, 0.5), (0.9, 0.7))
    ]
    scores = over_teams(teams)
    assert scores.weighted_error == scores.median_relative_error == scores.team_bias == scores.p50_bias == 0.2
    assert scores.rank_correlation is None
    assert scores.coverage_80 == pytest.approx(0.7)
    assert scores.coverage_80_worst_team == scores.coverage_80_p10 == 0.5
    assert scores.coverage_80_worst_by_chance == pytest.approx(0.7), "7 of 10 of the worst of three"
    assert scores.conservation_error == 3


def test_the_tenth_percentile_of_coverage_is_not_the_worst_team_when_there_are_many() -> None:
    teams = [TeamScores(0.1, 0.1, 0.1, 0.1, 0.1, position / 20, 0, 10) for position in range(20)]
    assert over_teams(teams).coverage_80_p10 == pytest.approx(0.1)
    assert over_teams(teams).coverage_80_worst_team == 0
