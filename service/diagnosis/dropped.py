"""Check that what holds tokens is counted, and name what is dropped by source and reason."""

from datetime import UTC, datetime, timedelta

import asyncpg

from schema.database import Tenant
from service.diagnosis.finding import Finding, ok, warning
from service.queries.tokens.dropped import DroppedTotal, read_dropped
from service.queries.tokens.layer_amounts import read_layer_amounts

LOOK_BACK = timedelta(days=14)
REPEATED, NO_SESSION, NOT_READ = "repeated", "no_session", "not_read"
REMEDIES = {
    REPEATED: "let this agent send its logs, too; see: shipledger agent-config",
    NO_SESSION: "let this agent send its logs, or its session with its metrics; see: shipledger agent-config",
    NOT_READ: "send spans or metrics that follow the GenAI semantic conventions or OpenInference",
}
UNREADABLE = "unreadable"
IMPORTED = ("import", "report")
INVALID = "correct the counts and clocks of the sender"
ROWS = "see the rows that the import or the worker's log lists, and correct them at their source"


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
            if each.reason == REPEATED and (not each.source or each.source in counted):
                repeated += each.records
            else:
                lost.append(each)
    if lost:
        named = "; ".join(f"{each.source or 'unknown source'}, {each.signal}: {_why(each)}" for each in lost)
        return warning("uncounted telemetry", named, _remedy(lost[0]))
    if repeated:
        return ok("uncounted telemetry", f"{repeated:,} records repeat what another signal reported")
    return ok("uncounted telemetry", "none")


def _remedy(dropped: DroppedTotal) -> str:
    return ROWS if dropped.signal in IMPORTED else REMEDIES.get(dropped.reason, INVALID)


def _why(dropped: DroppedTotal) -> str:
    reasons = {
        REPEATED: "would repeat logs that never came",
        NO_SESSION: "name no session, so that they cannot be compared with logs",
        NOT_READ: "hold tokens that no source reads",
    }
    held = f" with {dropped.tokens:,} tokens" if dropped.tokens else ""
    if dropped.signal in IMPORTED:
        problem = "cannot be read" if dropped.reason == UNREADABLE else f"have invalid {dropped.reason}"
        return f"{dropped.records:,} rows{held} {problem}"
    return f"{dropped.records:,} records {reasons.get(dropped.reason, f'have invalid {dropped.reason}')}"
