"""The model requests of a session and their tokens."""

from collections.abc import Iterable
from datetime import datetime

from service.simulation.company import Agent, CompanyPlan, ModelRequest, TeamPlan
from service.simulation.draws import Draws
from vocabulary.tokens import TokenCounts

MODELS = {
    Agent.CLAUDE_CODE: {"claude-sonnet-4-5": 0.82, "claude-haiku-4-5": 0.18},
    Agent.CODEX: {"gpt-5.1-codex": 1.0},
    Agent.GEMINI_CLI: {"gemini-2.5-pro": 1.0},
}
CONTEXT_LIMIT = 300_000
# A heavier session has more and larger requests; this exponent is the part of its weight that goes into their size.
BY_SIZE = 0.45


def draw_requests(
    draws: Draws, plan: CompanyPlan, team: TeamPlan, agent: Agent, instants: Iterable[datetime], weight: float
) -> tuple[ModelRequest, ...]:
    """Draw one request per instant within the simulation; the context, and with it cache reads, grows."""
    requests = []
    for position, instant in enumerate(instants):
        if not plan.starts_at <= instant < plan.ends_at:
            continue
        model = draws.weighted(MODELS[agent])
        elapsed = (instant - plan.starts_at) / (plan.ends_at - plan.starts_at)
        growth = (1.0 + team.drift * elapsed) * weight**BY_SIZE
        tokens = _draw_tokens(draws, agent, position, growth)
        request_id = f"req_{draws.getrandbits(96):024x}"
        requests.append(ModelRequest(instant, request_id, model, tokens, round(draws.heavy(6_000, 0.7))))
    return tuple(requests)


def request_count(median: float, weight: float) -> int:
    """Return the number of requests, at least one, for work with `weight` times the median's."""
    more: float = weight ** (1.0 - BY_SIZE)
    return max(1, round(median * more))


def _draw_tokens(draws: Draws, agent: Agent, position: int, growth: float) -> TokenCounts:
    context = min(CONTEXT_LIMIT, growth * (16_000 + 5_000 * position) * draws.heavy(1.0, 0.3))
    fresh = growth * draws.heavy(3_200, 0.9)
    written = round(growth * draws.heavy(620, 1.0)) + 1
    if agent is Agent.CLAUDE_CODE:
        # Its visible output includes thinking, and new context is written to the cache.
        return TokenCounts(round(draws.heavy(60, 1.0)), round(context), round(fresh), written, 0)
    return TokenCounts(round(fresh), round(context), 0, written, round(written * draws.uniform(0.2, 1.5)))
