"""What keeps the tokens of an agent from being linked, each with the one command or setting that mends it. Pure."""

from typing import NamedTuple

from service.queries.tokens.agent_links import AgentLinks

# Below this share, something is wrong; nearly all sessions can be linked.
GOOD = 0.9
# Fewer tokens say little.
FEW_TOKENS = 10_000
# The agent's name on the command line, where it is another than that of its telemetry.
COMMANDS = {"gemini-cli": "gemini", "qwen-code": "qwen", "vercel-ai": "opencode"}
CONFIGURED = ("claude-code", "codex", "gemini", "copilot", "opencode", "qwen")


class LinkGap(NamedTuple):
    """Why tokens of an agent are not linked, or may be missing, and what to do."""

    agent: str
    says: str
    remedy: str


def gaps_of(links: AgentLinks) -> list[LinkGap]:
    """Return what can be mended, most important first."""
    if links.tokens < FEW_TOKENS:
        return []
    gaps = []
    if links.without_session > (1 - GOOD) * links.tokens:
        says = f"{_share(links.without_session, links.tokens)} of the tokens name no session"
        gaps.append((says, f"paste the settings of the agent: {_settings(links.agent)}"))
    unlinked = links.tokens_by_link["none"] - links.without_session
    if unlinked > (1 - GOOD) * links.tokens:
        says = f"nothing says where sessions with {_share(unlinked, links.tokens)} of the tokens worked"
        gaps.append((says, "install the Git hooks on the machines of the agent: shipledger link install"))
    if links.tokens_by_link["start"] > (1 - GOOD) * links.tokens:
        share = _share(links.tokens_by_link["start"], links.tokens)
        says = f"{share} of the tokens are linked only by the branch that their session began on"
        gaps.append((says, "install the Git hooks on the machines of the agent: shipledger link install"))
    if links.cut_off:
        number = "1 session" if links.cut_off == 1 else f"{links.cut_off:,} sessions"
        says = f"{number} worked on after the last request that arrived, so requests were lost"
        gaps.append((says, "send through a local collector with a queue: deploy/otel-collector"))
    return [LinkGap(links.agent, *gap) for gap in gaps]


def _settings(agent: str) -> str:
    name = COMMANDS.get(agent, agent)
    return f"shipledger agent-config {name}" if name in CONFIGURED else "set session.id on its log records and spans"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %"
