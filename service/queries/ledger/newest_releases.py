"""The newest releases of a period: found first, and then read, because whose they are takes a look-up each."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from schema.database import Tenant
from schema.team_of import TEAM_OF_RELEASE
from service.queries.ledger.releases import read_these

_NEWEST = """
    SELECT artifact_id FROM release
    WHERE organization_id = $1 AND released_at >= $2 AND released_at < $3
    ORDER BY released_at DESC, artifact_id DESC LIMIT $4
"""
# In their order, so that look-ups end with the last that is wanted.
_OF_TEAM = f"""
    SELECT release.artifact_id
    FROM (SELECT artifact_id, repository_id, released_at FROM release
           WHERE organization_id = $1 AND released_at >= $2 AND released_at < $3
           ORDER BY released_at DESC, artifact_id DESC OFFSET 0) AS release
    WHERE $5 = (SELECT {TEAM_OF_RELEASE} FROM repository
                 WHERE repository.organization_id = $1 AND repository.artifact_id = release.repository_id)
    LIMIT $4
"""  # noqa: S608 - composed of constants


async def read_newest_releases(
    tenant: Tenant, begins: datetime, ends: datetime, *, team_id: int | None, limit: int
) -> Sequence[asyncpg.Record]:
    """Return releases with the columns of `read_releases`, newest first, from `begins` to before `ends`."""
    if team_id is None:
        newest = await tenant.fetch(_NEWEST, begins, ends, limit)
    else:
        newest = await tenant.fetch(_OF_TEAM, begins, ends, limit, team_id)
    return await read_these(tenant, [row["artifact_id"] for row in newest])
