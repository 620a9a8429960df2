"""Releases of a period in the order of their time or cost, page by page, and their sums."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import asyncpg

from schema.database import Tenant
from schema.team_of import TEAM_OF_RELEASE
from service.contracts.reconciliation import CostKind
from service.queries.ledger.conditions import Condition, where

# Of a period, the first this many by cost are looked at, so that an early one takes no longer.
MOST_LOOKED_AT = 5_000

# Drafts and deleted ones ship nothing.
_COUNTED = "release.state IN ('published', 'prerelease', 'tag')"
_TEAM = f"""
    {{}} = (SELECT {TEAM_OF_RELEASE} FROM repository
            WHERE repository.organization_id = $1 AND repository.artifact_id = release.repository_id)
"""  # noqa: S608 - composed of constants
# In their order, so that look-ups of teams end with the last that is wanted.
_NEWEST = f"""
    SELECT release.artifact_id
    FROM (SELECT * FROM release
          WHERE organization_id = $1 AND {_COUNTED} AND released_at >= $2 AND released_at < $3
          ORDER BY released_at DESC, artifact_id DESC OFFSET 0) AS release
    WHERE true {{conditions}}
    LIMIT $4 OFFSET $5
"""  # noqa: S608 - composed of constants
_DEAREST = f"""
    SELECT spent.artifact_id, spent.nano_usd
    FROM (SELECT artifact_id, {{cost}} AS nano_usd FROM release_spend
          WHERE organization_id = $1 ORDER BY {{cost}} DESC, artifact_id DESC LIMIT {MOST_LOOKED_AT}) AS spent
    CROSS JOIN LATERAL (SELECT * FROM release
                        WHERE organization_id = $1 AND artifact_id = spent.artifact_id LIMIT 1) AS release
    WHERE {_COUNTED} AND released_at >= $2 AND released_at < $3 {{conditions}}
    ORDER BY spent.nano_usd DESC, spent.artifact_id DESC LIMIT $4
"""  # noqa: S608 - composed of constants
_SUMS = f"""
    SELECT count(*) AS releases, coalesce(sum(release_spend.{{cost}}), 0)::bigint AS nano_usd,
           count(release_fix.fix_id) AS fixed
    FROM release
    LEFT JOIN release_spend
      ON release_spend.organization_id = $1 AND release_spend.artifact_id = release.artifact_id
    LEFT JOIN release_fix ON release_fix.organization_id = $1 AND release_fix.release_id = release.artifact_id
    WHERE release.organization_id = $1 AND {_COUNTED} AND released_at >= $2 AND released_at < $3 {{conditions}}
"""  # noqa: S608 - composed of constants
# Whether a tag moves depends on the others of its family.
_FAMILIES = """
    SELECT release.artifact_id, release.repository_id, release.family, release.version, release.commit,
           release.is_prerelease, coalesce(release.tagged_at, release.released_at) AS at
    FROM (SELECT DISTINCT repository_id, family FROM release
          WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[]) AND family IS NOT NULL) AS wanted
    JOIN release ON release.organization_id = $1 AND release.repository_id = wanted.repository_id
     AND release.family = wanted.family AND release.state IN ('published', 'prerelease', 'tag')
"""


@dataclass(frozen=True, slots=True)
class ReleasesWanted:
    """Releases from `begins` to before `ends`, of a team or repositories; None matches all."""

    begins: datetime
    ends: datetime
    team_id: int | None = None
    repository_ids: Sequence[bytes] | None = None


class ReleasesSum(NamedTuple):
    """How many releases there are, what they cost, and how many were followed by a fix release."""

    releases: int
    nano_usd: int
    fixed: int


async def list_newest(tenant: Tenant, wanted: ReleasesWanted, *, limit: int, offset: int) -> list[bytes]:
    """Return the artifact ids of releases, the newest first."""
    conditions, arguments = where(_scope(wanted), taken=5)
    statement = _NEWEST.format(conditions=conditions)
    rows = await tenant.fetch(statement, wanted.begins, wanted.ends, limit, offset, *arguments)
    return [row["artifact_id"] for row in rows]


async def list_dearest(
    tenant: Tenant, wanted: ReleasesWanted, cost_kind: CostKind, limit: int
) -> list[tuple[bytes, int]]:
    """Return artifact ids and nano-USD, the dearest first."""
    conditions, arguments = where(_scope(wanted), taken=4)
    statement = _DEAREST.format(cost=f"{cost_kind}_nano_usd", conditions=conditions)
    rows = await tenant.fetch(statement, wanted.begins, wanted.ends, limit, *arguments)
    return [(row["artifact_id"], row["nano_usd"]) for row in rows]


async def sum_releases(tenant: Tenant, wanted: ReleasesWanted, cost_kind: CostKind) -> ReleasesSum:
    """Return the sums. What releases of two families ship counts in both."""
    conditions, arguments = where(_scope(wanted), taken=3)
    statement = _SUMS.format(cost=f"{cost_kind}_nano_usd", conditions=conditions)
    return ReleasesSum(*await tenant.fetchrow(statement, wanted.begins, wanted.ends, *arguments))


async def read_families(tenant: Tenant, release_ids: Sequence[bytes]) -> list[asyncpg.Record]:
    """Return all releases of the families of some: artifact_id, repository_id, family, version, commit, at."""
    return await tenant.fetch(_FAMILIES, list(release_ids))


def _scope(wanted: ReleasesWanted) -> list[Condition]:
    return [(_TEAM, (wanted.team_id,)), ("release.repository_id = ANY({})", (wanted.repository_ids,))]
