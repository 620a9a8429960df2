"""Rows of tokens per merged pull request for the weeks of one team. Pure, and cached: past weeks hardly ever change.

service/http/README.md shows what the cache gains.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from service.api.ledger.merged_cost_rows import certainty_of, figures, withheld, withheld_certainty
from service.contracts.metrics import TokensPerPullRequest
from service.queries.ledger.calibrations import TeamCalibrations
from service.queries.ledger.merged_costs import Pooled
from service.queries.teams.comparisons import Thresholds, is_small
from vocabulary.intervals import Calibration
from vocabulary.tokens import TokenCounts

# A few hundred bytes each.
CACHED_ROWS = 20_000


class Week(NamedTuple):
    """The columns of `read_weeks` that make up a row."""

    week: date
    size: int | None
    has_others: bool
    merged_pull_requests: int
    received: int
    cost_nano_usd: int
    repository_tokens: int
    cohort_tokens: int
    input_uncached: int
    cache_read: int
    cache_write: int
    output_visible: int
    output_reasoning: int


_columns = itemgetter(*Week._fields)


class Calibrated:
    """A team's calibrations, compared by identity: comparing their contents takes longer than building a row."""

    __slots__ = ("calibrations",)

    def __init__(self, calibrations: TeamCalibrations) -> None:
        self.calibrations = calibrations


@lru_cache(CACHED_ROWS)
def calibrated(calibrations: tuple[tuple[str, Calibration], ...]) -> Calibrated:
    """Return the same object for equal calibrations."""
    return Calibrated(dict(calibrations))


def show_weeks(
    team: str, rows: Sequence[Mapping[str, Any]], calibrations: TeamCalibrations, thresholds: Thresholds
) -> list[TokensPerPullRequest]:
    """Convert rows of `read_weeks`; a team with too few people is withheld if there are other teams.

    The threshold of merged pull requests does not apply, as a single team is not compared.
    """
    of_team = calibrated(tuple(sorted(calibrations.items())))
    return [show_week(team, of_team, thresholds, Week(*_columns(row))) for row in rows if row["week"] is not None]


@lru_cache(CACHED_ROWS)
def show_week(team: str, of_team: Calibrated, thresholds: Thresholds, week: Week) -> TokensPerPullRequest:
    """Return the row of one week, which starts on its Monday."""
    if week.has_others and is_small(week.size, thresholds):
        shown = {**withheld(thresholds.too_few_people), **withheld_certainty()}
    else:
        tokens = TokenCounts(
            week.input_uncached, week.cache_read, week.cache_write, week.output_visible, week.output_reasoning
        )
        pooled = Pooled(week.repository_tokens, week.cohort_tokens)
        certain = certainty_of(week.merged_pull_requests, tokens.total, pooled, of_team.calibrations)
        shown = {**figures(week.merged_pull_requests, tokens, week.cost_nano_usd, week.received), **certain}
    return TokensPerPullRequest(period_start=week.week, team=team, size=week.size, **shown)
