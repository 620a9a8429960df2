"""Weeks of one team as rows of tokens per merged pull request: pure, and remembered by what they are made of."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import Any

from schema.contracts.metrics import TokensPerPullRequest
from schema.intervals import Calibration
from schema.tokens import TOKEN_KINDS, TokenCounts
from service.api.ledger.merged_cost_rows import certainty_of, figures, withheld, withheld_certainty
from service.queries.ledger.calibrations import TeamCalibrations
from service.queries.ledger.merged_costs import Pooled
from service.queries.teams.comparisons import Thresholds, is_small

# A few hundred bytes each. Weeks that have ended hardly change, and are asked for again and again.
REMEMBERED_ROWS = 20_000

_columns = itemgetter(
    *("week", "size", "has_others", "merged_pull_requests", "received", "cost_nano_usd"),
    *("repository_tokens", "cohort_tokens", *TOKEN_KINDS),
)


class Known:
    """A team's calibrations, told apart by being the same and not by what they hold, which takes longer to look at."""

    __slots__ = ("calibrations",)

    def __init__(self, calibrations: TeamCalibrations) -> None:
        self.calibrations = calibrations


@lru_cache(REMEMBERED_ROWS)
def known(calibrations: tuple[tuple[str, Calibration], ...]) -> Known:
    """The one that stands for calibrations by evidence."""
    return Known(dict(calibrations))


def show_weeks(
    team: str, rows: Sequence[Mapping[str, Any]], calibrations: TeamCalibrations, thresholds: Thresholds
) -> list[TokensPerPullRequest]:
    """Rows of `read_weeks` as they are shown; a team of too few people is withheld where there are others.

    However little it merged, a team that was asked for by name stands beside nobody.
    """
    team_known = known(tuple(sorted(calibrations.items())))
    return [show_week(team, team_known, thresholds, *_columns(row)) for row in rows if row["week"] is not None]


@lru_cache(REMEMBERED_ROWS)
def show_week(
    team: str,
    team_known: Known,
    thresholds: Thresholds,
    week: date,
    size: int | None,
    has_others: bool,
    merged: int,
    received: int,
    nano_usd: int,
    repository_tokens: int,
    cohort_tokens: int,
    *kinds: int,
) -> TokensPerPullRequest:
    """One week from its Monday; `kinds` are tokens in the order of TOKEN_KINDS."""
    if has_others and is_small(size, thresholds):
        shown = {**withheld(thresholds.too_few_people), **withheld_certainty()}
    else:
        pooled = Pooled(repository_tokens, cohort_tokens)
        certain = certainty_of(merged, sum(kinds), pooled, team_known.calibrations)
        shown = {**figures(merged, TokenCounts(*kinds), nano_usd, received), **certain}
    return TokensPerPullRequest(period_start=week, team=team, size=size, **shown)
