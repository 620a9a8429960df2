"""Check that tokens reported by agents, gateways and providers are counted only once."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import asyncpg

from schema.database import Tenant
from schema.layer_policies import read_policy
from service.diagnosis.finding import Finding, ok, warning
from service.queries.tokens.double_counted import read_double_counting
from service.queries.tokens.double_counting import DoubleCounting
from service.queries.tokens.layer_amounts import read_layer_amounts
from vocabulary.layers import ORDER, Layer

LOOK_BACK = timedelta(days=14)


async def check_layers(connection: asyncpg.Connection) -> Finding:
    """Check the last two weeks of all organizations; needs an operator's transaction."""
    sources: defaultdict[Layer, set[str]] = defaultdict(set)
    suspects: list[DoubleCounting] = []
    copies = 0
    for row in await connection.fetch("SELECT organization_id FROM organization ORDER BY organization_id"):
        policy = await read_policy(Tenant(connection, row["organization_id"]))
        counted, superseded = await _amounts(Tenant(connection, row["organization_id"]))
        for source in {*counted, *superseded}:
            sources[policy.layer_of(source)].add(source)
        copies += sum(superseded.values())
        suspects += await read_double_counting(Tenant(connection, row["organization_id"]), policy)
    if suspects:
        return warning("layers", suspects[0].detail, suspects[0].remedy)
    if not sources:
        return ok("layers", "no tokens yet")
    seen = "; ".join(f"{layer}: {', '.join(sorted(sources[layer]))}" for layer in ORDER if sources[layer])
    return ok("layers", f"{seen}; {copies:,} requests were reported twice and count once" if copies else seen)


async def _amounts(tenant: Tenant) -> tuple[dict[str, int], dict[str, int]]:
    """Read counted and superseded requests by source."""
    first_day = datetime.now(UTC).date() - LOOK_BACK
    amounts, copies = await read_layer_amounts(tenant, first_day=first_day)
    superseded: defaultdict[str, int] = defaultdict(int)
    for copy in copies:
        superseded[copy.source] += copy.requests
    return {amount.source: amount.requests for amount in amounts if amount.source}, dict(superseded)
