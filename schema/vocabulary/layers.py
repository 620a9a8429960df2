"""Layers: agents, gateways and providers see the same tokens, and each is counted once, where it is seen best.

An agent knows session, branch and commit; a gateway knows which key asked; a provider knows what it was paid for. So
agents come before gateways and gateways before providers, unless an organization says otherwise. What counts does so
with its own team, links and tags: nothing of its copies is mixed into it, so that no figure depends on two tellers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Layer(StrEnum):
    """Where on its way a model request was seen."""

    AGENT = "agent"
    GATEWAY = "gateway"
    PROVIDER = "provider"


ORDER: Final = (Layer.AGENT, Layer.GATEWAY, Layer.PROVIDER)

# Whatever is not named here runs beside the work itself: coding agents, and applications with an instrumentation.
LAYERS: Final[Mapping[str, Layer]] = {
    **dict.fromkeys(
        (
            *("litellm", "gateway", "openrouter", "portkey", "helicone", "kong"),
            *("vercel-ai-gateway", "cloudflare-ai-gateway", "envoy-ai-gateway"),
        ),
        Layer.GATEWAY,
    ),
    # Whose own reports tell.
    **dict.fromkeys(("anthropic", "openai", "cursor", "github-copilot", "bedrock", "aws"), Layer.PROVIDER),
}

# Stands for every team where a rule may name one; no team has this id.
EVERY_TEAM: Final = 0


@dataclass(frozen=True, slots=True)
class LayerPolicy:
    """What an organization decided: the order of layers, the layer of sources of its own, and what never counts.

    `superseded` holds pairs of a source and a team's id, or EVERY_TEAM: their tokens count nowhere, since another layer
    tells all of them.
    """

    order: tuple[Layer, ...] = ORDER
    sources: Mapping[str, Layer] = field(default_factory=dict)
    superseded: frozenset[tuple[str, int]] = frozenset()

    def layer_of(self, source: str) -> Layer:
        """The layer that a source belongs to."""
        return self.sources.get(source) or LAYERS.get(source, Layer.AGENT)

    def counts(self, source: str, team_id: int) -> bool:
        """Whether what a source tells of a team counts at all."""
        return self.superseded.isdisjoint({(source, team_id), (source, EVERY_TEAM)})
