"""Measurement layers. Agents, gateways and providers see the same tokens; each token counts in the best layer only.

An agent knows session, branch and commit; a gateway knows the key that sent the request; a provider knows what it
charged. So agents come before gateways, and gateways before providers, unless an organization changes the order.
A counted event keeps its own team, links and tags; nothing is merged into it from its copies.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Layer(StrEnum):
    """Where a model request was measured."""

    AGENT = "agent"
    GATEWAY = "gateway"
    PROVIDER = "provider"


ORDER: Final = (Layer.AGENT, Layer.GATEWAY, Layer.PROVIDER)

# All other sources are agents: coding agents and instrumented applications.
LAYERS: Final[Mapping[str, Layer]] = {
    **dict.fromkeys(
        (
            *("litellm", "gateway", "openrouter", "portkey", "helicone", "kong"),
            *("vercel-ai-gateway", "cloudflare-ai-gateway", "envoy-ai-gateway"),
        ),
        Layer.GATEWAY,
    ),
    # Usage reports of providers.
    **dict.fromkeys(("anthropic", "openai", "cursor", "github-copilot", "bedrock", "aws"), Layer.PROVIDER),
}

# Agent sources that may see requests of another agent, or of each other, most detailed first: hosts of agents, and
# instrumentations in the process of one. The other agents report their own requests only.
HOSTS: Final = ("copilot", "opencode", "vercel-ai", "openinference", "genai", "codeburn")

# In a rule, stands for every team; no team has this id.
EVERY_TEAM: Final = 0


@dataclass(frozen=True, slots=True)
class LayerPolicy:
    """An organization's choices: the order of layers, the layers of its own sources, and what never counts.

    `superseded` holds pairs of a source and a team id or EVERY_TEAM. Their tokens never count, because another layer
    reports all of them.
    """

    order: tuple[Layer, ...] = ORDER
    sources: Mapping[str, Layer] = field(default_factory=dict)
    superseded: frozenset[tuple[str, int]] = frozenset()

    def layer_of(self, source: str) -> Layer:
        """Return the layer of a source."""
        return self.sources.get(source) or LAYERS.get(source, Layer.AGENT)

    def group_of(self, source: str) -> str:
        """Return a name that is greater for a less detailed group of sources; requests of one group are all different.

        Gateways may forward to each other, so each is a group of its own.
        """
        if self.layer_of(source) is Layer.GATEWAY:
            return source
        return f"{HOSTS.index(source)} {source}" if source in HOSTS else ""

    def counts(self, source: str, team_id: int) -> bool:
        """Return whether tokens of a team from a source count at all."""
        return self.superseded.isdisjoint({(source, team_id), (source, EVERY_TEAM)})
