"""When a team is too small to stand beside others."""

import pytest

from schema.errors import SetUpError
from schema.settings import load_settings
from service.queries.teams.comparisons import (
    WOULD_REVEAL,
    Thresholds,
    thresholds_of,
    too_small,
    withheld_cells,
    withheld_teams,
)

DEFAULTS = Thresholds()
SIZES: dict[str, int | None] = {"web": 9, "mobile": 4, "data": None}


def test_teams_with_too_few_people_or_merges_are_withheld_with_the_reason() -> None:
    reasons = withheld_teams({"web": 19, "mobile": 400, "data": 20}, SIZES, DEFAULTS)
    assert reasons == {
        "web": "the team merged fewer than 20 pull requests in this period",
        "mobile": "the team has fewer than 5 people",
    }


def test_the_only_team_with_merges_is_not_compared() -> None:
    assert withheld_teams({"web": 3}, {"web": 9, "data": None}, DEFAULTS) == {}
    assert withheld_teams({"web": 3, "data": 0}, {"web": 9, "data": None}, DEFAULTS) == {}


def test_the_only_team_may_be_as_small_as_it_is() -> None:
    assert withheld_teams({"web": 1}, {"web": 1}, DEFAULTS) == {}
    assert too_small("web", {"web": 1}, DEFAULTS) is None


def test_a_team_beside_teams_without_any_data_is_not_compared() -> None:
    assert withheld_teams({"web": 1}, {"web": 1, "default": None}, DEFAULTS, active={"web"}) == {}
    beside = withheld_teams({"web": 1}, {"web": 1, "default": None}, DEFAULTS, active={"web", "default"})
    assert beside == {"web": DEFAULTS.too_few_people}


def test_one_team_is_never_withheld_alone_so_the_next_smallest_joins_it() -> None:
    sizes: dict[str, int | None] = {"web": 9, "mobile": 2, "data": 7}
    reasons = withheld_teams({"web": 90, "mobile": 100, "data": 30}, sizes, DEFAULTS)
    assert reasons == {"mobile": DEFAULTS.too_few_people, "data": WOULD_REVEAL}
    assert set(withheld_teams({"web": 90, "data": 3}, sizes, DEFAULTS)) == {"web", "data", "mobile"}


def test_an_operator_may_raise_both() -> None:
    settings = load_settings(comparison_people=10, comparison_pull_requests=50)
    reasons = withheld_teams({"web": 100, "data": 49}, SIZES, thresholds_of(settings))
    assert reasons == {
        "web": "the team has fewer than 10 people",
        "mobile": "the team has fewer than 10 people",
        "data": "the team merged fewer than 50 pull requests in this period",
    }


def test_fewer_than_three_people_are_never_compared() -> None:
    assert thresholds_of(load_settings(comparison_people=3)).people == 3
    with pytest.raises(SetUpError, match="SHIPLEDGER_COMPARISON_PEOPLE"):
        load_settings(comparison_people=2)


def test_a_withheld_team_is_never_alone_at_a_place() -> None:
    amounts = {(1, "tiny"): 5, (1, "big"): 20, (1, "huge"): 90, (2, "huge"): 70, (3, "tiny"): 1, (3, "small"): 2}
    amounts |= {(3, "huge"): 50}
    teams = {"tiny": "too few people", "small": "too few people"}

    assert withheld_cells(amounts, teams) == {
        (1, "tiny"): "too few people",
        (1, "big"): WOULD_REVEAL,
        (3, "tiny"): "too few people",
        (3, "small"): "too few people",
    }
    assert withheld_cells(amounts, {}) == {}
