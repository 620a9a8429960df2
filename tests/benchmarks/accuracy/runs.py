"""Runs every entrant on every team, several teams in parallel."""

from collections.abc import Sequence
from functools import partial
from multiprocessing import get_context

from service.simulation.truth import TeamTruth
from tests.benchmarks.accuracy.entrants import Entrant
from tests.benchmarks.accuracy.scores import Scores, TeamScores, over_teams
from tests.benchmarks.accuracy.simulated import SimulatedTeam


def run(teams: Sequence[TeamTruth | SimulatedTeam], entrants: Sequence[Entrant], processes: int) -> list[Scores]:
    """Return the scores of each entrant over all teams."""
    work = partial(_score_team, entrants=entrants)
    if processes == 1:
        by_team = [work(team) for team in teams]
    else:
        with get_context("spawn").Pool(processes) as pool:
            by_team = pool.map(work, teams, chunksize=1)
    return [over_teams(scores) for scores in zip(*by_team, strict=True)]


def _score_team(team: TeamTruth | SimulatedTeam, entrants: Sequence[Entrant]) -> list[TeamScores]:
    truth = team.truth() if isinstance(team, SimulatedTeam) else team
    return [entrant.estimate(truth, entrant.setting).score(truth) for entrant in entrants]
