"""Which team the handles in CODEOWNERS files mean; kept as keyed hashes."""

from collections.abc import Sequence

from schema.code_ownership import hash_owner
from schema.database import Tenant
from schema.errors import BadInputError
from schema.identifiers import Hasher
from schema.team_of import TEAM_OF_PULL_REQUEST
from workers.stores.ledger.invalidate_days import days_touched, invalidate_days
from workers.stores.ledger.invalidate_weeks import WEEK

_OWNED = """
    SELECT owner FROM code_owner WHERE organization_id = $1 AND owner = ANY($2::bytea[]) AND team_id = $3
"""

_LET_MEAN = """
    INSERT INTO code_owner (organization_id, owner, team_id)
    SELECT $1::bigint, reported, $3::bigint FROM unnest($2::bytea[]) AS reported
    ON CONFLICT (organization_id, owner) DO UPDATE SET team_id = excluded.team_id
"""

_FORGET = "DELETE FROM code_owner WHERE organization_id = $1 AND owner = ANY($2::bytea[])"

# The teams of what these own, before a change and after it.
_TEAMS = f"""
    SELECT DISTINCT {TEAM_OF_PULL_REQUEST} AS team_id
    FROM pull_request
    JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
    WHERE pull_request.organization_id = $1 AND pull_request.owner = ANY($2::bytea[])
"""  # noqa: S608 - composed of constants

_SPAN = """
    SELECT min(opened_at) AS first, max(coalesce(closed_at, merged_at, now())) AS last
    FROM pull_request WHERE organization_id = $1 AND owner = ANY($2::bytea[])
"""

_NOTE_WEEKS = f"""
    INSERT INTO stale_week (organization_id, team_id, week)
    SELECT DISTINCT $1::bigint, concerned.team_id, {WEEK.format("pull_request.merged_at")}
    FROM pull_request CROSS JOIN unnest($3::bigint[]) AS concerned (team_id)
    WHERE organization_id = $1 AND owner = ANY($2::bytea[]) AND state = 'merged'
"""  # noqa: S608 - composed of constants


async def give_code_owners(tenant: Tenant, hasher: Hasher, team_id: int, handles: Sequence[str]) -> bool:
    """Let handles mean a team, all along; True when there are days to settle again."""
    return await let_mean(tenant, [hash_owner(hasher, each) for each in handles], team_id)


async def take_code_owners(tenant: Tenant, hasher: Hasher, team_id: int, handles: Sequence[str]) -> bool:
    """Let handles of a team mean none; raises BadInputError for one that means another, or none."""
    hashes = [hash_owner(hasher, each) for each in handles]
    owned = {row["owner"] for row in await tenant.fetch(_OWNED, hashes, team_id)}
    for index, each in enumerate(hashes):
        if each not in owned:
            raise BadInputError("does not belong to this team", field=f"remove_code_owners[{index}]")
    return await let_mean(tenant, hashes, None)


async def let_mean(tenant: Tenant, owners: Sequence[bytes], team_id: int | None) -> bool:
    """Let hashed handles mean a team, or none any more; True when there are days to settle again."""
    if not owners:
        return False
    key = (sorted(set(owners)),)
    teams = {row["team_id"] for row in await tenant.fetch(_TEAMS, *key)}
    if team_id is None:
        await tenant.execute(_FORGET, *key)
    else:
        await tenant.execute(_LET_MEAN, *key, team_id)
    teams |= {row["team_id"] for row in await tenant.fetch(_TEAMS, *key)}
    span = await tenant.fetchrow(_SPAN, *key)
    if span["first"] is None:
        return False
    await tenant.execute(_NOTE_WEEKS, *key, sorted(teams))
    first, last = days_touched(span["first"], span["last"])
    return await invalidate_days(tenant, from_day=first, to_day=last, team_ids=teams)
