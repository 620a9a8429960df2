from datetime import UTC, datetime, timedelta

import pytest

from workers.forges.budget import LONGEST_PAUSE, SLACK, Budget

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
RESET = NOW + timedelta(minutes=40)


def reported(left: int, **more: str) -> dict[str, str]:
    return {"x-ratelimit-remaining": str(left), "x-ratelimit-reset": str(int(RESET.timestamp())), **more}


def test_no_request_is_sent_between_the_last_of_a_budget_and_its_reset() -> None:
    budget = Budget()
    assert not budget.observe("core", 200, reported(1), NOW)
    assert budget.open_at("core", NOW) == NOW
    assert not budget.observe("core", 200, reported(0), NOW)
    assert budget.open_at("core", NOW) == RESET + SLACK
    assert budget.open_at("core", RESET + SLACK) == RESET + SLACK


def test_resources_are_counted_apart() -> None:
    budget = Budget()
    budget.observe("graphql", 200, reported(0), NOW)
    assert budget.open_at("core", NOW) == NOW


def test_retry_after_comes_before_the_reset() -> None:
    budget = Budget()
    assert budget.observe("core", 403, reported(0, **{"retry-after": "7"}), NOW)
    assert budget.open_at("graphql", NOW) == NOW + timedelta(seconds=7) + SLACK


def test_a_refusal_with_nothing_left_waits_for_the_reset() -> None:
    budget = Budget()
    assert budget.observe("core", 429, reported(0), NOW)
    assert budget.open_at("graphql", NOW) == RESET + SLACK


def test_a_refusal_without_any_time_waits_a_minute_and_longer_each_time() -> None:
    budget = Budget()
    waits = []
    for _ in range(8):
        assert budget.observe("core", 403, reported(100), NOW, says_limit=True)
        waits.append(budget.open_at("core", NOW) - NOW)
    assert waits[:3] == [timedelta(seconds=seconds) for seconds in (60, 120, 240)]
    assert waits[-1] == LONGEST_PAUSE
    assert not budget.observe("core", 200, reported(99), NOW)
    assert budget.observe("core", 429, {}, NOW)
    assert budget.open_at("core", NOW) >= NOW + timedelta(seconds=60)


def test_a_forbidden_request_is_not_a_rate_limit() -> None:
    budget = Budget()
    assert not budget.observe("core", 403, reported(100), NOW)
    assert not budget.observe("core", 404, {}, NOW)
    assert budget.open_at("core", NOW) == NOW


def test_a_refusal_inside_of_an_answer_waits_for_the_reset_when_nothing_is_left() -> None:
    budget = Budget()
    budget.observe("graphql", 200, reported(0), NOW)
    budget.refuse("graphql", NOW)
    assert budget.open_at("graphql", NOW) == RESET + SLACK
    unknown = Budget()
    unknown.refuse("graphql", NOW)
    assert unknown.open_at("graphql", NOW) == NOW + timedelta(seconds=60)


def test_rate_limit_headers_of_gitlab_have_no_prefix() -> None:
    budget = Budget()
    headers = {"ratelimit-remaining": "0", "ratelimit-reset": str(int(RESET.timestamp()))}
    budget.observe("core", 200, headers, NOW)
    assert budget.open_at("core", NOW) == RESET + SLACK


@pytest.mark.parametrize("odd", ["", "-1", "soon", "9" * 40, "1.5"])
def test_invalid_headers_are_ignored(odd: str) -> None:
    budget = Budget()
    headers = {"x-ratelimit-remaining": odd, "x-ratelimit-reset": odd, "retry-after": odd}
    assert not budget.observe("core", 200, headers, NOW)
    assert budget.observe("core", 429, headers, NOW)
    assert budget.open_at("core", NOW) == NOW + timedelta(seconds=60)
