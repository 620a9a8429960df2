"""A method's estimate for one team."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.simulation.truth import TeamTruth
from tests.benchmarks.accuracy.scores import Interval, TeamScores, score_team


@dataclass(frozen=True, slots=True)
class Estimate:
    """Tokens by pull request, intervals if the method has them, and the conservation error."""

    tokens: Mapping[int, int]
    intervals: Mapping[int, Interval] | None
    conservation_error: int

    def score(self, team: TeamTruth) -> TeamScores:
        """Return the scores over the merged pull requests of the team."""
        merged = team.merged
        return score_team(
            [each.tokens for each in merged],
            [self.tokens.get(each.pull_request, 0) for each in merged],
            None if self.intervals is None else [self.intervals[each.pull_request] for each in merged],
            self.conservation_error,
        )
