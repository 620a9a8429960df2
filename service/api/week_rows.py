"""Weeks of one team as rows of tokens per merged pull request: pure, and remembered by what they are made of."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import Any

from schema.contracts.metrics import TokensPerPullRequest
from schema.tokens import TOKEN_KINDS, TokenCounts
from service.api.merged_cost_rows import figures, is_small, withheld

# A few hundred bytes each. Weeks that have ended hardly change, and are asked for again and again.
REMEMBERED_ROWS = 20_000

_columns = itemgetter("week", "size", "has_others", "merged_pull_requests", "received", "cost_nano_usd", *TOKEN_KINDS)


def show_weeks(team: str, rows: Sequence[Mapping[str, Any]]) -> list[TokensPerPullRequest]:
    """Rows of `read_weeks` as they are shown; a team known to be too small is withheld where there are others."""
    return [show_week(team, *_columns(row)) for row in rows if row["week"] is not None]


@lru_cache(REMEMBERED_ROWS)
def show_week(
    team: str,
    week: date,
    size: int | None,
    has_others: bool,
    merged: int,
    received: int,
    nano_usd: int,
    *kinds: int,
) -> TokensPerPullRequest:
    """One week from its Monday; `kinds` are tokens in the order of TOKEN_KINDS."""
    shown = withheld() if has_others and is_small(size) else figures(merged, TokenCounts(*kinds), nano_usd, received)
    return TokensPerPullRequest(period_start=week, team=team, size=size, **shown)
