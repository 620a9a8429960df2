"""The developers of a simulated team, and how their work differs."""

from dataclasses import dataclass

from service.simulation.company import Agent, TeamPlan
from service.simulation.draws import Draws

AGENTS = {Agent.CLAUDE_CODE: 0.64, Agent.CODEX: 0.2, Agent.GEMINI_CLI: 0.16}


@dataclass(frozen=True, slots=True)
class Developer:
    """One developer. `zone` is the offset from UTC in hours, `pace` the relative number of pull requests."""

    number: int
    zone: float
    agent: Agent
    pace: float


def draw_developers(draws: Draws, team: TeamPlan) -> tuple[Developer, ...]:
    """Draw the team's developers; the shares of their agents follow AGENTS as closely as the team's size allows."""
    agents: list[Agent] = []
    cumulative = 0.0
    for agent, share in AGENTS.items():
        cumulative += share
        agents += [agent] * (round(cumulative * team.size) - len(agents))
    draws.shuffle(agents)
    return tuple(
        Developer(number, draws.choice(team.zones), agent, draws.heavy(1.0, 0.4)) for number, agent in enumerate(agents)
    )
