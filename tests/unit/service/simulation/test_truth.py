from collections import Counter
from datetime import UTC, datetime

import pytest

from service.simulation.company import Team
from service.simulation.plans import plan_varied_company
from service.simulation.simulator import simulate_company
from service.simulation.truth import TeamTruth, team_truth

PLAN = plan_varied_company(seed=2, ends_at=datetime(2026, 3, 12, 15, tzinfo=UTC), weeks=4, teams=1)


@pytest.fixture(scope="module")
def team() -> Team:
    return simulate_company(PLAN).teams[0]


@pytest.fixture(scope="module")
def truth(team: Team) -> TeamTruth:
    return team_truth(3, team, PLAN.starts_at)


def test_every_token_of_the_sessions_is_in_it_once(team: Team, truth: TeamTruth) -> None:
    assert truth.team == 3
    assert sum(event.tokens for event in truth.token_events) == sum(session.tokens for session in team.sessions) > 0


def test_tokens_of_pull_requests_are_those_of_their_events(truth: TeamTruth) -> None:
    tokens = Counter[int | None]()
    for event in truth.token_events:
        tokens[event.pull_request] += event.tokens
    assert tokens[None] > 0
    assert len(truth.pull_requests) > 10
    for each in truth.pull_requests:
        assert each.tokens == tokens[each.pull_request]


def test_a_session_has_one_rank_one_repository_and_one_pull_request(truth: TeamTruth) -> None:
    seen = {(each.session, each.link_rank, each.repository, each.pull_request) for each in truth.token_events}
    sessions = {each.session for each in truth.token_events}
    assert len(seen) == len(sessions) > 10
    assert 0.4 < sum(rank < 0.5 for _, rank, _, _ in seen) / len(seen) < 0.6


def test_hours_are_counted_from_the_monday_on_which_it_begins(team: Team, truth: TeamTruth) -> None:
    assert PLAN.starts_at.weekday() == 0
    first = min(session.requests[0].at for session in team.sessions)
    assert min(event.hour for event in truth.token_events) == (first - PLAN.starts_at).total_seconds() // 3600
    assert all(0 <= event.hour < 4 * 7 * 24 for event in truth.token_events)


def test_a_pull_request_has_no_hour_for_events_that_have_not_happened(team: Team, truth: TeamTruth) -> None:
    unopened = [each for each in truth.pull_requests if each.opened_hour is None]
    assert len(unopened) == len(team.unopened)
    assert len(truth.pull_requests) == len(team.unopened) + len(team.pull_requests)
    assert all(each.closed_hour is None and not each.merged for each in unopened)
    still_open = sum(each.closed_at is None for each in team.pull_requests)
    assert sum(each.closed_hour is None for each in truth.pull_requests) == len(unopened) + still_open


def test_pull_requests_with_the_same_branch_are_distinguished_by_number(team: Team, truth: TeamTruth) -> None:
    names = {(each.repository, each.branch) for each in (*team.pull_requests, *team.unopened)}
    assert len({each.branch for each in truth.pull_requests}) == len(names) < len(truth.pull_requests)
