"""The simulation: turn a plan into a company with known truth. Pure and deterministic."""

import zlib

from service.simulation.company import Company, CompanyPlan, Repository, Session, Team, TeamPlan
from service.simulation.developers import draw_developers
from service.simulation.draws import Draws
from service.simulation.explorations import draw_explorations
from service.simulation.life_cycles import LifeCycles, ModelledLifeCycles
from service.simulation.pull_requests import draw_pull_requests
from service.simulation.releases import draw_releases
from service.simulation.sessions import draw_work
from service.simulation.worlds import WORLDS

MODEL = ModelledLifeCycles()


def simulate_company(plan: CompanyPlan, life_cycles: LifeCycles = MODEL) -> Company:
    """Simulate each team from its own random source, so that adding a team does not change the others."""
    return Company(plan, tuple(simulate_team(plan, team, life_cycles) for team in plan.teams))


def simulate_team(plan: CompanyPlan, team: TeamPlan, life_cycles: LifeCycles = MODEL) -> Team:
    """Simulate one team."""
    draws = Draws(f"{plan.seed}/{team.name}")
    repositories = tuple(_repository(f"{plan.owner}/{name}") for name in team.repositories)
    developers = draw_developers(draws, team)
    opened, unopened = draw_pull_requests(draws, plan, team, developers, repositories, life_cycles)
    sessions: list[Session] = []
    for pull_request in (*opened, *unopened):
        sessions += draw_work(draws, plan, team, developers[pull_request.developer], pull_request)
    sessions += draw_explorations(draws, plan, team, developers, repositories, len(sessions))
    begun = sorted((each for each in sessions if each.requests), key=lambda session: session.requests[0].at)
    tidy = Team(team, repositories, opened, unopened, tuple(begun), draw_releases(draws, plan, opened))
    return WORLDS[plan.world].disturb(Draws(f"{plan.seed}/{team.name}/{plan.world}"), plan, tidy)


def _repository(path: str) -> Repository:
    return Repository(forge_id=700_000_000 + zlib.crc32(path.encode()) % 100_000_000, path=path)
