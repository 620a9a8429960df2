"""A release as the API shows it."""

from typing import Any

from service.api.releases.release_figures import by_team
from service.queries.teams.comparisons import WOULD_REVEAL, Thresholds
from vocabulary.tokens import TOKEN_KINDS

THRESHOLDS = Thresholds()
TOO_SMALL = THRESHOLDS.too_few_people


def row(team: str, tokens: int) -> dict[str, Any]:
    return {**dict.fromkeys(TOKEN_KINDS, 0), "input_uncached": tokens, "cost_nano_usd": tokens, "team": team}


def shown(rows: list[dict[str, Any]], sizes: dict[str, int | None], only: str | None = None) -> list[Any]:
    return [
        (share.team, share.tokens and share.tokens.total, share.withheld_reason)
        for share in by_team(rows, sizes, THRESHOLDS, only)
    ]


SIZES: dict[str, int | None] = {"large": 20, "other": 9, "small": 2, "tiny": 1, "unsized": None}


def test_teams_are_shown_the_largest_share_first_each_once() -> None:
    rows = [row("other", 3), row("large", 1), row("large", 4), row("unsized", 3)]
    assert shown(rows, SIZES) == [("large", 5, None), ("other", 3, None), ("unsized", 3, None)]


def test_small_teams_are_not_compared() -> None:
    rows = [row("small", 9), row("large", 5), row("tiny", 1)]
    assert shown(rows, SIZES) == [("small", None, TOO_SMALL), ("large", 5, None), ("tiny", None, TOO_SMALL)]


def test_a_small_teams_figure_cannot_be_derived_from_the_total() -> None:
    rows = [row("small", 9), row("large", 5), row("other", 3)]
    assert shown(rows, SIZES) == [("small", None, TOO_SMALL), ("large", 5, None), ("other", None, WOULD_REVEAL)]


def test_a_team_alone_is_no_comparison() -> None:
    assert shown([row("small", 9)], SIZES) == [("small", 9, None)]


def test_a_key_pinned_to_a_team_sees_its_own_share() -> None:
    rows = [row("large", 5), row("other", 3)]
    assert shown(rows, SIZES, "other") == [("other", 3, None)]
    assert shown(rows, SIZES, "absent") == []
