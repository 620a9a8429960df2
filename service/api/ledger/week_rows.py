"""Weeks of one team as rows of tokens per merged pull request: pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from schema.contracts.metrics import TokensPerPullRequest
from schema.tokens import TOKEN_KINDS, TokenCounts
from service.api.ledger.merged_cost_rows import certainty_of, figures, withheld, withheld_certainty
from service.queries.ledger.calibrations import TeamCalibrations
from service.queries.ledger.merged_costs import Pooled
from service.queries.teams.comparisons import Thresholds, is_small


def show_weeks(
    team: str, rows: Sequence[Mapping[str, Any]], calibrations: TeamCalibrations, thresholds: Thresholds
) -> list[TokensPerPullRequest]:
    """Rows of `read_weeks` as they are shown; a team of too few people is withheld where there are others.

    However little it merged, a team that was asked for by name stands beside nobody.
    """
    return [show_week(team, row, calibrations, thresholds) for row in rows if row["week"] is not None]


def show_week(
    team: str, row: Mapping[str, Any], calibrations: TeamCalibrations, thresholds: Thresholds
) -> TokensPerPullRequest:
    """One week from its Monday."""
    size, merged = row["size"], row["merged_pull_requests"]
    if row["has_others"] and is_small(size, thresholds):
        shown = {**withheld(thresholds.too_few_people), **withheld_certainty()}
    else:
        tokens = TokenCounts(*(row[kind] for kind in TOKEN_KINDS))
        pooled = Pooled(row["repository_tokens"], row["cohort_tokens"])
        certain = certainty_of(merged, tokens.total, pooled, calibrations)
        shown = {**figures(merged, tokens, row["cost_nano_usd"], row["received"]), **certain}
    return TokensPerPullRequest(period_start=row["week"], team=team, size=size, **shown)
