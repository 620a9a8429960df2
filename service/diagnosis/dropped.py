"""Check that what holds tokens is counted, and name what is dropped by source and reason."""

from datetime import UTC, datetime, timedelta

import asyncpg

from schema.database import Tenant
from service.diagnosis.finding import Finding, ok, warning
from service.queries.tokens.dropped import DroppedTotal, read_dropped
from service.queries.tokens.dropped_sentences import is_repetition, remedy_of, why_dropped
from service.queries.tokens.layer_amounts import read_layer_amounts

LOOK_BACK = timedelta(days=14)


async def check_dropped(connection: asyncpg.Connection) -> Finding:
    """Check the last two weeks of all organizations; needs an operator's transaction."""
    first_day = datetime.now(UTC).date() - LOOK_BACK
    lost: list[DroppedTotal] = []
    repeated = 0
    for row in await connection.fetch("SELECT organization_id FROM organization ORDER BY organization_id"):
        tenant = Tenant(connection, row["organization_id"])
        amounts, _ = await read_layer_amounts(tenant, first_day=first_day)
        counted = {amount.source for amount in amounts}
        for each in await read_dropped(tenant, first_day=first_day):
            if is_repetition(each, counted):
                repeated += each.records
            else:
                lost.append(each)
    if lost:
        named = "; ".join(f"{each.source or 'unknown source'}, {each.signal}: {why_dropped(each)}" for each in lost)
        return warning("uncounted telemetry", named, remedy_of(lost[0]))
    if repeated:
        return ok("uncounted telemetry", f"{repeated:,} records repeat what another signal reported")
    return ok("uncounted telemetry", "none")
