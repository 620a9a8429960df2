"""Plans of the small company in the demo, and of varied companies."""

from datetime import datetime

from service.simulation.company import CompanyPlan, TeamPlan
from service.simulation.draws import Draws
from service.simulation.habits import BUSY, QUIET, Habits
from service.simulation.worlds import BASE, WORLDS

OWNER = "example-shop"
# One team uses fewer tokens over time, one uses more, one stays the same.
TEAMS = (
    TeamPlan("checkout", 12, ("storefront", "payments"), 7.4, QUIET, drift=-0.35),
    TeamPlan("platform", 9, ("deploy-tools", "identity"), 5.9, QUIET, drift=0.6),
    TeamPlan("mobile", 7, ("mobile-app",), 4.5, QUIET),
)

SMALLEST, LARGEST = 5, 30
PEOPLE_A_REPOSITORY = 6
PULL_REQUESTS_A_DEVELOPER_WEEK = 1.9
# Offsets of offices from UTC in hours, and the shares of teams by their number of zones.
ZONES = (-8.0, -5.0, -3.0, 0.0, 1.0, 2.0, 5.5, 8.0, 9.0)
ZONES_OF_A_TEAM = {1: 0.6, 2: 0.3, 3: 0.1}


def plan_company(*, seed: int, ends_at: datetime, weeks: int, teams: int = len(TEAMS)) -> CompanyPlan:
    """Plan a small company with the teams above; more than three teams repeat them under other names."""
    chosen = []
    for position in range(teams):
        model, copy = TEAMS[position % len(TEAMS)], position // len(TEAMS)
        suffix = f"-{copy + 1}" if copy else ""
        repositories = tuple(name + suffix for name in model.repositories)
        chosen.append(
            TeamPlan(model.name + suffix, model.size, repositories, model.pull_requests_a_week, QUIET, model.drift)
        )
    return CompanyPlan(seed, ends_at, weeks, OWNER, tuple(chosen))


def plan_varied_company(*, seed: int, ends_at: datetime, weeks: int, teams: int, world: str = BASE) -> CompanyPlan:
    """Plan busy teams of 5 to 30 people that differ in size, pace, repositories, zones and drift.

    `world` names the untidiness of their work.
    """
    habits = WORLDS[world].habits(BUSY)
    drawn = (_draw_team(Draws(f"{seed}/plan/{number}"), number, habits) for number in range(1, teams + 1))
    return CompanyPlan(seed, ends_at, weeks, OWNER, tuple(drawn), world)


def _draw_team(draws: Draws, number: int, habits: Habits) -> TeamPlan:
    name = f"team-{number:02d}"
    size = round(draws.triangular(SMALLEST, LARGEST, 9))
    repositories = max(1, round(size / PEOPLE_A_REPOSITORY * draws.heavy(1.0, 0.3)))
    return TeamPlan(
        name=name,
        size=size,
        repositories=tuple(f"{name}-repository-{position}" for position in range(1, repositories + 1)),
        pull_requests_a_week=size * PULL_REQUESTS_A_DEVELOPER_WEEK * draws.heavy(1.0, 0.2),
        habits=habits,
        drift=draws.uniform(-0.4, 0.8),
        zones=tuple(draws.sample(ZONES, draws.weighted(ZONES_OF_A_TEAM))),
    )
