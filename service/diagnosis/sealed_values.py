"""Check of sealed values: which secret keys encrypt them."""

import asyncpg

from key_services.configured import has_keys, ring_of
from schema.database import Tenant
from schema.settings import Settings
from service.administration.key_rotation import SealedStatus
from service.diagnosis.finding import Finding, missing, ok, skipped, warning


async def check_sealed_values(connection: asyncpg.Connection, settings: Settings) -> Finding:
    """Check that the present key encrypts all values; needs an operator's transaction."""
    name = "encrypted values"
    if not has_keys(settings):
        return skipped(name, "secret key")
    found = SealedStatus(ring_of(settings))
    for row in await connection.fetch("SELECT organization_id FROM organization ORDER BY organization_id"):
        await found.add(Tenant(connection, row["organization_id"]))
    lost = sum(each.values for each in found.keys if each.state == "not set")
    if lost:
        detail = f"{lost} were encrypted with a key that is not set"
        return missing(name, detail, "add that key to SHIPLEDGER_OTHER_SECRET_KEYS, see: shipledger keys status")
    if found.left:
        detail = f"{found.left} are still encrypted with an earlier key"
        return warning(name, detail, "encrypt them with the present key: shipledger keys rotate")
    return ok(name, "the present key encrypts all of them")
