"""Runs every team through every setting, some at a time."""

from collections.abc import Sequence
from functools import partial
from multiprocessing import get_context

from service.simulation.truth import TeamTruth
from tests.benchmarks.accuracy.engine import score
from tests.benchmarks.accuracy.scores import Scores, TeamScores, over_teams
from tests.benchmarks.accuracy.settings import Setting


def engine_scores(teams: Sequence[TeamTruth], settings: Sequence[Setting], processes: int) -> dict[str, Scores]:
    """The engine's scores by setting."""
    work = partial(_score_team, settings=settings)
    if processes == 1:
        by_team = [work(team) for team in teams]
    else:
        with get_context("spawn").Pool(processes) as pool:
            by_team = pool.map(work, teams, chunksize=1)
    return {
        setting.name: over_teams([scores[position] for scores in by_team]) for position, setting in enumerate(settings)
    }


def _score_team(team: TeamTruth, settings: Sequence[Setting]) -> list[TeamScores]:
    return [score(team, setting) for setting in settings]
