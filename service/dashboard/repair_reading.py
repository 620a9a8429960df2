"""Reads what the page of repairs is told, by the queries of the REST endpoints."""

from schema.database import Tenant
from service.api.forge.repairs import repair_shown
from service.connections.names import ConnectionName
from service.dashboard.repair_page import CheckedFacts, RepairFacts, UnaskedFacts
from service.queries.forge.connections import read_without_access
from service.queries.forge.repair_limits import read_repair_limits
from service.queries.forge.repair_sentences import limits_of
from service.queries.forge.repairs import read_repairs

MOST = 100


async def read_repair_facts(tenant: Tenant) -> RepairFacts:
    """The organization's checks, and the connections that have none."""
    checks = await read_repairs(tenant)
    unasked = await read_without_access(tenant, limit=MOST)
    limits = await read_repair_limits(tenant.connection, tenant.organization_id)
    return RepairFacts(
        limits.connections,
        tuple(CheckedFacts(row["forge"], row["host"], repair_shown(tenant.organization_id, row)) for row in checks),
        tuple(
            UnaskedFacts(row["forge"], row["host"], str(ConnectionName(tenant.organization_id, row["connection_id"])))
            for row in unasked
        ),
        tuple(limits_of(limits)),
    )
