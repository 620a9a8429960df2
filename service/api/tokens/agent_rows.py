"""Conversion of the links of an agent's sessions to `GET /api/v1/coverage`."""

from service.contracts.coverage import AgentCoverage, LinkGapShown, LinkShares, SourceShare
from service.queries.tokens.agent_links import AgentLinks
from service.queries.tokens.agent_sentences import gaps_of


def agent_coverage(agent: AgentLinks) -> AgentCoverage:
    """Return the shares of an agent's tokens by link and by source of evidence."""
    whole = agent.tokens
    by_size = sorted(agent.tokens_by_source.items(), key=lambda item: (-item[1], item[0]))
    return AgentCoverage(
        agent=agent.agent,
        requests=agent.requests,
        tokens=whole,
        linked_share=agent.linked_tokens / whole if whole else None,
        links=LinkShares(**{link: part / whole for link, part in agent.tokens_by_link.items()}) if whole else None,
        sources=[SourceShare(source=source, share=tokens / whole) for source, tokens in by_size] if whole else [],
        sessions=agent.sessions,
        sessions_without_commit=agent.without_commit,
        sessions_cut_off=agent.cut_off,
        gaps=[LinkGapShown(detail=gap.says, remedy=gap.remedy) for gap in gaps_of(agent)],
    )
