"""Reading the facts of the repairs page with the queries of the REST endpoints."""

from schema.database import Tenant
from service.api.forge.repairs import repair_shown
from service.connections.names import ConnectionName
from service.dashboard.repairs.page import CheckedFacts, RepairFacts, WithoutAccess
from service.queries.forge.connections import read_without_access
from service.queries.forge.repair_limits import read_repair_limits
from service.queries.forge.repair_sentences import limits_of
from service.queries.forge.repairs import read_repairs

MOST = 100


async def read_repair_facts(tenant: Tenant) -> RepairFacts:
    """Read the organization's checks, and the connections without access to their forge."""
    checks = await read_repairs(tenant)
    without_access = await read_without_access(tenant, limit=MOST)
    limits = await read_repair_limits(tenant.connection, tenant.organization_id)
    return RepairFacts(
        limits.connections,
        tuple(CheckedFacts(row["forge"], row["host"], repair_shown(tenant.organization_id, row)) for row in checks),
        tuple(
            WithoutAccess(row["forge"], row["host"], str(ConnectionName(tenant.organization_id, row["connection_id"])))
            for row in without_access
        ),
        tuple(limits_of(limits)),
    )
