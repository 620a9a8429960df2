"""The people of a simulated team, as far as their work differs."""

from dataclasses import dataclass

from service.simulation.company import Agent, TeamPlan
from service.simulation.draws import Draws

AGENTS = {Agent.CLAUDE_CODE: 0.64, Agent.CODEX: 0.2, Agent.GEMINI_CLI: 0.16}


@dataclass(frozen=True, slots=True)
class Developer:
    """`zone` is in hours ahead of UTC, `pace` the weight in who begins the next pull request."""

    number: int
    zone: float
    agent: Agent
    pace: float


def draw_developers(draws: Draws, team: TeamPlan) -> tuple[Developer, ...]:
    """The team's developers: an agent each, in the shares above as nearly as the team's size allows."""
    agents: list[Agent] = []
    reached = 0.0
    for agent, share in AGENTS.items():
        reached += share
        agents += [agent] * (round(reached * team.size) - len(agents))
    draws.shuffle(agents)
    return tuple(
        Developer(number, draws.choice(team.zones), agent, draws.heavy(1.0, 0.4)) for number, agent in enumerate(agents)
    )
