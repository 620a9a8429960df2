"""Each world breaks one assumption of attribution and leaves the truth of the tokens as it was."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from service.simulation.company import Team
from service.simulation.plans import plan_varied_company
from service.simulation.simulator import simulate_team
from service.simulation.truth import TeamTruth, team_truth
from service.simulation.worlds import BASE, WORLDS

SUNDAY_NIGHT = datetime(2026, 3, 15, 23, 59, tzinfo=UTC)


@cache
def team(world: str) -> Team:
    plan = plan_varied_company(seed=3, ends_at=SUNDAY_NIGHT, weeks=4, teams=1, world=world)
    return simulate_team(plan, plan.teams[0])


@cache
def truth(world: str) -> TeamTruth:
    return team_truth(0, team(world), SUNDAY_NIGHT - timedelta(weeks=4))


def spent(known: TeamTruth) -> int:
    return sum(each.tokens for each in known.token_events)


def link_ranks(known: TeamTruth, share: float) -> float:
    """The part of the tokens that is linked if this share of the sessions is."""
    return sum(each.tokens for each in known.token_events if each.link_rank < share) / spent(known)


@pytest.mark.parametrize("world", WORLDS)
def test_a_world_is_the_same_again_and_tokens_of_pull_requests_are_those_of_their_events(world: str) -> None:
    plan = plan_varied_company(seed=3, ends_at=SUNDAY_NIGHT, weeks=4, teams=1, world=world)
    assert simulate_team(plan, plan.teams[0]) == team(world)
    tokens = defaultdict[int | None, int](int)
    for event in truth(world).token_events:
        tokens[event.pull_request] += event.tokens
    assert all(tokens[each.pull_request] == each.tokens for each in truth(world).pull_requests)


def test_who_spends_most_links_first() -> None:
    assert link_ranks(truth("heavy_users_link"), 0.3) > link_ranks(truth(BASE), 0.3) + 0.1


def test_whole_days_are_linked_or_not() -> None:
    days = defaultdict[int, set[float]](set)
    for session in team("linked_days").sessions:
        days[session.requests[0].at.toordinal()].add(session.link_rank)
    assert {len(ranks) for ranks in days.values()} == {1}


def test_bots_have_most_merged_pull_requests_and_no_tokens() -> None:
    known = truth("bots").pull_requests
    bots = [each for each in known if each.is_bot]
    assert sum(each.merged for each in bots) == pytest.approx(0.6 * sum(each.merged for each in known), rel=0.1)
    assert not any(each.tokens for each in bots)
    assert len(truth("bots").merged) == len(truth(BASE).merged)


def test_a_few_sessions_use_a_billion_tokens() -> None:
    huge = [each for each in team("huge_sessions").sessions if each.tokens > 500_000_000]
    assert len(huge) == 3


def test_commits_are_pushed_as_one_after_the_work() -> None:
    tidy, late = truth(BASE), {each.pull_request: each for each in truth("late_pushes").pull_requests}
    assert all(len(each.commit_hours) <= 1 for each in late.values())
    assert len(late) == len(tidy.pull_requests)
    lags = [
        each.commit_hours[0] - max(event.hour for event in truth("late_pushes").token_events if event.pull_request == n)
        for n, each in late.items()
        if each.tokens and each.commit_hours
    ]
    assert sum(lag > 3 for lag in lags) > 0.5 * len(lags)


def test_more_than_half_of_the_sessions_are_exploration() -> None:
    sessions = team("exploration_60").sessions
    assert sum(each.pull_request is None for each in sessions) / len(sessions) == pytest.approx(0.6, abs=0.12)


def test_a_third_of_the_work_is_at_any_hour() -> None:
    known = team("night_runs").pull_requests
    assert sum(each.background for each in known) / len(known) == pytest.approx(0.35, abs=0.15)


def test_one_hour_holds_more_than_a_tenth() -> None:
    hours = defaultdict[int, int](int)
    for event in truth("bursts").token_events:
        hours[event.hour] += event.tokens
    assert max(hours.values()) > 0.1 * spent(truth("bursts"))


def test_tokens_are_known_by_day_only() -> None:
    assert {event.hour % 24 for event in truth("day_sums").token_events} == {0}
    assert spent(truth("day_sums")) == spent(truth(BASE))


def test_a_session_goes_on_and_keeps_its_first_stamp() -> None:
    events = truth("stale_stamps").token_events
    stale = [each for each in events if each.stale]
    assert 0.05 < len(stale) / len(events) < 0.6
    assert all(each.named != each.pull_request for each in stale)
    sessions = defaultdict[int, set[int | None]](set)
    for each in events:
        sessions[each.session].add(each.pull_request)
    assert any(len(pull_requests) > 1 for pull_requests in sessions.values())
