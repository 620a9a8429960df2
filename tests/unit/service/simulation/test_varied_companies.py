"""What busy teams do, seen on a few of them over ten weeks."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

import pytest

from service.simulation.company import Company, PullRequest, Team
from service.simulation.plans import plan_varied_company
from service.simulation.simulator import simulate_company

SUNDAY_NIGHT = datetime(2026, 3, 15, 23, 59, tzinfo=UTC)


@pytest.fixture(scope="module")
def varied() -> Company:
    return simulate_company(plan_varied_company(seed=1, ends_at=SUNDAY_NIGHT, weeks=10, teams=8))


def pull_requests(company: Company) -> list[PullRequest]:
    return [each for team in company.teams for each in team.pull_requests]


def tokens_by_pull_request(team: Team) -> dict[tuple[str, int | None], int]:
    tokens = defaultdict[tuple[str, int | None], int](int)
    for session in team.sessions:
        tokens[session.repository.path, session.pull_request] += session.tokens
    return tokens


def test_equal_seeds_give_equal_companies_and_other_seeds_others() -> None:
    first, again, other = (
        simulate_company(plan_varied_company(seed=seed, ends_at=SUNDAY_NIGHT, weeks=2, teams=2)) for seed in (4, 4, 5)
    )
    assert first == again
    assert first.tokens != other.tokens


def test_one_team_more_leaves_the_others_as_they_were() -> None:
    fewer, more = (plan_varied_company(seed=4, ends_at=SUNDAY_NIGHT, weeks=2, teams=teams) for teams in (2, 3))
    assert more.teams[:2] == fewer.teams
    assert simulate_company(more).teams[:2] == simulate_company(fewer).teams


def test_teams_are_of_five_to_thirty_people_in_several_zones() -> None:
    teams = plan_varied_company(seed=1, ends_at=SUNDAY_NIGHT, weeks=1, teams=100).teams
    sizes = [team.size for team in teams]
    assert min(sizes) >= 5
    assert max(sizes) <= 30
    assert max(sizes) - min(sizes) > 15
    assert {len(team.zones) for team in teams} == {1, 2, 3}
    assert len({zone for team in teams for zone in team.zones}) > 5
    assert len({repository for team in teams for repository in team.repositories}) > 200


def test_no_pull_request_shares_its_number_with_another_of_its_repository(varied: Company) -> None:
    for team in varied.teams:
        numbers = [(each.repository, each.number) for each in (*team.pull_requests, *team.unopened)]
        assert len(set(numbers)) == len(numbers)


def test_work_goes_on_at_night_and_on_weekends(varied: Company) -> None:
    weekend = sum(
        request.at.weekday() >= 5 for team in varied.teams for each in team.sessions for request in each.requests
    )
    assert 0.01 < weekend / varied.requests < 0.2
    for team in varied.teams:
        hours = {request.at.hour for session in team.sessions for request in session.requests}
        assert len(hours) > 18


def test_pull_requests_overlap_and_some_live_for_weeks(varied: Company) -> None:
    for team in varied.teams:
        middle = varied.plan.starts_at + timedelta(weeks=5, days=2)
        alive = [each for each in team.pull_requests if each.commits[0].at < middle < (each.closed_at or SUNDAY_NIGHT)]
        assert len(alive) > 3
    lives = [each.closed_at - each.commits[0].at for each in pull_requests(varied) if each.closed_at]
    assert sum(life > timedelta(weeks=2) for life in lives) > 20
    assert median(lives) < timedelta(days=4)


def test_some_are_abandoned_open_unopened_in_the_background_or_without_tokens(varied: Company) -> None:
    known = pull_requests(varied)
    assert 0.6 < sum(each.merged for each in known) / len(known) < 0.85
    assert any(each.closed_at and not each.merged for each in known)
    assert any(each.closed_at is None for each in known)
    assert any(team.unopened for team in varied.teams)
    assert 0.02 < sum(each.background for each in known) / len(known) < 0.12
    for team in varied.teams:
        tokens = tokens_by_pull_request(team)
        without = [each for each in team.pull_requests if (each.repository.path, each.number) not in tokens]
        assert 0 < len(without) / len(team.pull_requests) < 0.3


def test_tokens_of_pull_requests_have_a_heavy_tail(varied: Company) -> None:
    for team in varied.teams:
        tokens = sorted(amount for (_, number), amount in tokens_by_pull_request(team).items() if number is not None)
        tenth = len(tokens) // 10
        assert sum(tokens[-tenth:]) > 0.4 * sum(tokens)


def test_a_sixth_of_the_tokens_or_so_is_exploration(varied: Company) -> None:
    exploration = sum(
        session.tokens for team in varied.teams for session in team.sessions if session.pull_request is None
    )
    assert 0.1 < exploration / varied.tokens < 0.25


def test_a_branch_is_used_again_only_after_its_last_pull_request_was_closed(varied: Company) -> None:
    again = 0
    for team in varied.teams:
        lives = defaultdict[tuple[str, str], list[PullRequest]](list)
        for each in sorted((*team.pull_requests, *team.unopened), key=lambda each: each.commits[0].at):
            lives[each.repository.path, each.branch].append(each)
        for before, after in (pair for branch in lives.values() for pair in pairwise(branch)):
            again += 1
            assert before.closed_at is not None
            assert before.closed_at < after.commits[0].at
            assert before.developer == after.developer
    assert again > 20
