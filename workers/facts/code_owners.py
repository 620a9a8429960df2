"""Records whose code pull requests change, as forges answer."""

from collections.abc import Collection, Mapping, Sequence

from schema.database import Tenant
from schema.identifiers import Hasher
from workers.facts.changes import Days, Transfer
from workers.facts.scope import ForgeScope
from workers.stores.ledger.invalidate_days import affected_days
from workers.stores.ledger.invalidate_weeks import Merge, mark_merges
from workers.stores.spend.stale import note_pull_requests

_MAPPED = "SELECT owner FROM code_owner WHERE organization_id = $1 AND owner = ANY($2::bytea[])"

_OWN_ANY = "SELECT EXISTS (SELECT FROM code_owner WHERE organization_id = $1)"

_SET = """
WITH reported AS (
    SELECT reported.artifact_id, reported.owner, known.owner AS before, known.author_team_id
      FROM unnest($2::bytea[], $3::bytea[]) AS reported (artifact_id, owner)
      JOIN pull_request AS known ON known.organization_id = $1 AND known.artifact_id = reported.artifact_id
     WHERE known.owner IS DISTINCT FROM reported.owner
)
UPDATE pull_request SET owner = reported.owner FROM reported
 WHERE pull_request.organization_id = $1 AND pull_request.artifact_id = reported.artifact_id
RETURNING pull_request.artifact_id, repository_id, opened_at, merged_at,
          coalesce(merged_at, closed_at, now()) AS ended_at, reported.owner, before, reported.author_team_id
"""


async def has_code_owners(tenant: Tenant) -> bool:
    """Return whether any code owner is mapped to a team; otherwise forges are not asked."""
    return bool(await tenant.fetchval(_OWN_ANY))


async def store_owners(scope: ForgeScope, reported: Mapping[bytes, Sequence[str]]) -> None:
    """Record the code owners of each pull request, the owner of most paths first."""
    handles = {each for owners in reported.values() for each in owners}
    mapped = await find_mapped_owners(scope.tenant, scope.hasher, handles)
    owners = {key: first_owner(scope.hasher, each, mapped) for key, each in reported.items() if each}
    rows = await scope.tenant.fetch(_SET, list(owners), list(owners.values()))
    if not rows:
        return
    scope.changed.update(row["artifact_id"] for row in rows)
    merges = {
        Merge(row["repository_id"], row["merged_at"], owner, row["author_team_id"])
        for row in rows
        if row["merged_at"] is not None
        for owner in (row["owner"], row["before"])
    }
    await mark_merges(scope.tenant, merges)
    await note_pull_requests(scope.tenant, [row["artifact_id"] for row in rows])
    days = affected_days(min(row["opened_at"] for row in rows), max(row["ended_at"] for row in rows))
    scope.changes.transfers.append(Transfer(Days(*days)))


async def find_mapped_owners(tenant: Tenant, hasher: Hasher, handles: Collection[str]) -> set[bytes]:
    """Return the hashes of the handles that map to a team."""
    if not handles:
        return set()
    hashes = sorted(hasher.code_owner(each) for each in handles)
    return {row["owner"] for row in await tenant.fetch(_MAPPED, hashes)}


def first_owner(hasher: Hasher, handles: Sequence[str], mapped: Collection[bytes]) -> bytes | None:
    """Return the hash of the first handle that maps to a team, or else of the first one, which may be mapped later."""
    hashes = [hasher.code_owner(each) for each in handles]
    return next((each for each in hashes if each in mapped), hashes[0] if hashes else None)
