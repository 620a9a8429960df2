"""Check that the sessions of each agent can be linked to pull requests."""

import asyncpg

from schema.database import Tenant
from service.diagnosis.finding import Finding, ok, warning
from service.queries.tokens.agent_links import read_agent_links
from service.queries.tokens.agent_sentences import gaps_of

CHECK = "links"


async def check_links(connection: asyncpg.Connection) -> Finding:
    """Check the stored token events of all organizations; needs an operator's transaction."""
    linked = whole = 0
    gaps = []
    for row in await connection.fetch("SELECT organization_id FROM organization ORDER BY organization_id"):
        for agent in await read_agent_links(Tenant(connection, row["organization_id"])):
            linked, whole = linked + agent.linked_tokens, whole + agent.tokens
            gaps += gaps_of(agent)
    if gaps:
        return warning(CHECK, "; ".join(f"{gap.agent}: {gap.says}" for gap in gaps), gaps[0].remedy)
    return ok(CHECK, f"{100 * linked / whole:.0f} % of the stored tokens" if whole else "no tokens yet")
