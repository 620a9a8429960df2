"""The simulation itself: a plan goes in, a company with known truth comes out. Pure and deterministic."""

import zlib
from datetime import datetime

from service.simulation.company import Company, CompanyPlan, Repository, Team, TeamPlan
from service.simulation.draws import Draws
from service.simulation.life_cycles import draw_pull_requests, draw_releases
from service.simulation.sessions import draw_sessions

# Three teams that differ: one grows its use of tokens, one lowers it, one stays.
TEAMS = (
    TeamPlan("checkout", 12, ("storefront", "payments"), 7.4, drift=-0.35),
    TeamPlan("platform", 9, ("deploy-tools", "identity"), 5.9, drift=0.6),
    TeamPlan("mobile", 7, ("mobile-app",), 4.5),
)


def plan_company(*, seed: int, ends_at: datetime, weeks: int, teams: int = len(TEAMS)) -> CompanyPlan:
    """A company of the teams above; beyond the third, teams like them under other names."""
    chosen = []
    for position in range(teams):
        model, copy = TEAMS[position % len(TEAMS)], position // len(TEAMS)
        suffix = f"-{copy + 1}" if copy else ""
        repositories = tuple(name + suffix for name in model.repositories)
        chosen.append(
            TeamPlan(model.name + suffix, model.size, repositories, model.pull_requests_a_week, drift=model.drift)
        )
    return CompanyPlan(seed, ends_at, weeks, "example-shop", tuple(chosen))


def simulate_company(plan: CompanyPlan) -> Company:
    """Simulate each team from its own random source, so that one team more leaves the others as they were."""
    return Company(plan, tuple(_simulate_team(plan, team) for team in plan.teams))


def _simulate_team(plan: CompanyPlan, team: TeamPlan) -> Team:
    draws = Draws(f"{plan.seed}/{team.name}")
    repositories = tuple(_repository(f"{plan.owner}/{name}") for name in team.repositories)
    pull_requests = draw_pull_requests(draws, plan, team, repositories)
    sessions = draw_sessions(draws, plan, team, repositories, pull_requests)
    return Team(team, repositories, pull_requests, sessions, draw_releases(draws, plan, pull_requests))


def _repository(path: str) -> Repository:
    return Repository(forge_id=700_000_000 + zlib.crc32(path.encode()) % 100_000_000, path=path)
