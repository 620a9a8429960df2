"""Simulated teams with known truth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from service.simulation.company import CompanyPlan
from service.simulation.life_cycles import LifeCycles
from service.simulation.plans import plan_varied_company
from service.simulation.simulator import simulate_team
from service.simulation.truth import TeamTruth, team_truth
from tests.benchmarks.accuracy.engine_inputs import MONDAY


@dataclass(frozen=True, slots=True)
class SimulatedTeam:
    """One team of a plan, simulated when its truth is needed."""

    plan: CompanyPlan
    number: int
    life_cycles: LifeCycles

    def truth(self) -> TeamTruth:
        """Simulate the team; equal at every call."""
        team = simulate_team(self.plan, self.plan.teams[self.number], self.life_cycles)
        return team_truth(self.number, team, self.plan.starts_at)


def simulated_teams(*, seed: int, teams: int, weeks: int, life_cycles: LifeCycles) -> Sequence[SimulatedTeam]:
    """Return teams over a number of whole weeks."""
    ends_at = MONDAY + timedelta(weeks=weeks, seconds=-1)
    plan = plan_varied_company(seed=seed, ends_at=ends_at, weeks=weeks, teams=teams)
    return [SimulatedTeam(plan, number, life_cycles) for number in range(teams)]
