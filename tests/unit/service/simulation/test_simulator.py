from service.simulation.company import Agent, Company, Link
from service.simulation.github_payloads import company_webhooks
from service.simulation.otlp_bodies import company_bodies
from service.simulation.plans import plan_company
from service.simulation.simulator import simulate_company


def test_equal_plans_give_equal_companies_and_equal_bodies(company: Company) -> None:
    again = simulate_company(plan_company(seed=1, ends_at=company.plan.ends_at, weeks=8))
    assert again == company
    assert company_webhooks(again) == company_webhooks(company)
    assert company_bodies(again) == company_bodies(company)


def test_another_seed_gives_another_company(company: Company) -> None:
    assert simulate_company(plan_company(seed=2, ends_at=company.plan.ends_at, weeks=8)).tokens != company.tokens


def test_one_team_more_leaves_the_others_as_they_were(company: Company) -> None:
    larger = simulate_company(plan_company(seed=1, ends_at=company.plan.ends_at, weeks=8, teams=4))
    assert larger.teams[:3] == company.teams
    assert larger.teams[3].plan.name == "checkout-2"


def test_a_company_has_the_size_that_a_demo_needs(company: Company) -> None:
    assert 100 <= company.merged_pull_requests <= 150
    assert 5_000 <= company.requests <= 8_000
    for team in company.teams:
        assert team.plan.size >= 5
        assert sum(pull_request.merged for pull_request in team.pull_requests) >= 20


def test_a_company_has_every_kind_of_work(company: Company) -> None:
    pull_requests = [pull_request for team in company.teams for pull_request in team.pull_requests]
    sessions = [session for team in company.teams for session in team.sessions]
    assert any(pull_request.closed_at is None for pull_request in pull_requests)
    assert any(pull_request.closed_at and not pull_request.merged for pull_request in pull_requests)
    assert {session.agent for session in sessions} == set(Agent)
    assert {session.link for session in sessions} == set(Link)
    assert any(session.pull_request is None for session in sessions)
    assert {request.model for session in sessions for request in session.requests} == {
        "claude-sonnet-4-5",
        "claude-haiku-4-5",
        "gpt-5.1-codex",
        "gemini-2.5-pro",
    }
    assert all(team.releases for team in company.teams)


def test_life_cycles_are_in_order_and_end_with_the_simulation(company: Company) -> None:
    for team in company.teams:
        for pull_request in team.pull_requests:
            instants = [commit.at for commit in pull_request.commits]
            assert instants == sorted(instants)
            assert instants[0] <= pull_request.opened_at < company.plan.ends_at
            end = pull_request.closed_at or company.plan.ends_at
            assert end <= company.plan.ends_at
            assert all(instant <= end for instant in [*instants, *pull_request.reviewed_at, pull_request.opened_at])


def test_requests_are_in_order_within_the_simulation(company: Company) -> None:
    for team in company.teams:
        for session in team.sessions:
            instants = [request.at for request in session.requests]
            assert instants == sorted(instants)
            assert company.plan.starts_at <= instants[0]
            assert instants[-1] < company.plan.ends_at
            assert all(request.tokens.total > 0 for request in session.requests)


def test_no_request_id_is_drawn_twice(company: Company) -> None:
    ids = [request.request_id for team in company.teams for session in team.sessions for request in session.requests]
    assert len(ids) == len(set(ids)) == company.requests
