"""Asks the engine itself, for the whole period of a team, and compares what went in with what came out."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from schema.tokens import TokenCounts, sum_tokens
from service.simulation.truth import TeamTruth
from tests.benchmarks.accuracy.engine_inputs import artifact_id, facts, windows
from tests.benchmarks.accuracy.scores import Interval, TeamScores, score_team
from tests.benchmarks.accuracy.settings import Setting
from workers.attribution.ledger import Ledger
from workers.attribution.model import Window
from workers.attribution.settle import settle

EXPLORATORY_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Estimate:
    """Tokens by pull request, intervals where the engine gives them, and what did not come out again."""

    tokens: Mapping[int, int]
    intervals: Mapping[int, Interval] | None
    conservation_error: int


def score(team: TeamTruth, setting: Setting) -> TeamScores:
    """The engine's scores for a team in a setting."""
    estimate = estimate_tokens(team, setting)
    merged = team.merged
    return score_team(
        [each.tokens for each in merged],
        [estimate.tokens.get(each.pull_request, 0) for each in merged],
        None if estimate.intervals is None else [estimate.intervals[each.pull_request] for each in merged],
        estimate.conservation_error,
    )


def estimate_tokens(team: TeamTruth, setting: Setting) -> Estimate:
    """What the engine attributes to each pull request of the team."""
    given = windows(team, setting)
    ledger = settle(given, facts(team), EXPLORATORY_SHARE)
    attributed = defaultdict[bytes, int](int)
    for row in ledger.rollup:
        attributed[row.artifact_id] += row.tokens.total
    return Estimate(
        tokens={
            each.pull_request: attributed[artifact_id(team.team, each.pull_request)] for each in team.pull_requests
        },
        intervals=None,
        conservation_error=_conservation_error(given, ledger),
    )


def _conservation_error(given: list[Window], ledger: Ledger) -> int:
    """Tokens of any kind and nano-USD by which windows differ from rows or from the rollup, added up."""
    tokens, cost = sum_tokens(window.tokens for window in given), sum(window.cost_nano_usd for window in given)
    error = 0
    for rows in (ledger.rows, ledger.rollup):
        error += _difference(tokens, sum_tokens(row.tokens for row in rows))
        error += abs(cost - sum(row.cost_nano_usd for row in rows))
    return error


def _difference(given: TokenCounts, out: TokenCounts) -> int:
    return sum(abs(difference) for difference in given.minus(out))
