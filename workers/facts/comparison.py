"""Finds what webhooks missed among a forge's answers."""

from collections.abc import Sequence

from workers.facts.record import repositories_of
from workers.facts.repositories import find_repositories
from workers.facts.scope import ForgeScope
from workers.forge_events.model import PullRequestFacts, ReleaseFacts
from workers.outcomes.life_cycle import ReleaseState

_RELEASES = """
SELECT artifact_id, state, commit IS NOT NULL AS has_commit FROM release
 WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[])
"""

_PULL_REQUESTS = """
SELECT artifact_id, state, forge_updated_at FROM pull_request
 WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[])
"""


async def find_missed_releases(scope: ForgeScope, reported: Sequence[ReleaseFacts]) -> list[ReleaseFacts]:
    """Return missed releases: unknown ones, ones known only as a tag, and ones without their commit."""
    await _meet(scope, reported)
    ids = [scope.hasher.release(scope.anchors[each.repository.name], each.tag) for each in reported]
    rows = await scope.tenant.fetch(_RELEASES, ids)
    known = {row["artifact_id"]: row for row in rows}

    def is_missed(facts: ReleaseFacts, artifact_id: bytes) -> bool:
        row = known.get(artifact_id)
        if row is None:
            return True
        is_more = not facts.is_tag and row["state"] == ReleaseState.TAG
        return is_more or (facts.commit is not None and not row["has_commit"])

    return [facts for facts, artifact_id in zip(reported, ids, strict=True) if is_missed(facts, artifact_id)]


async def find_differing_pull_requests(
    scope: ForgeScope, reported: Sequence[PullRequestFacts]
) -> tuple[list[PullRequestFacts], int]:
    """Return pull requests that changed at the forge since stored, and how many are missing or in another state.

    Many changes send no webhook that Shipledger receives, so a later time alone does not count as missed.
    """
    await _meet(scope, reported)
    ids = [scope.hasher.pull_request(scope.anchors[each.repository.name], each.number) for each in reported]
    rows = await scope.tenant.fetch(_PULL_REQUESTS, ids)
    known = {row["artifact_id"]: row for row in rows}
    differing, missed = [], 0
    for facts, artifact_id in zip(reported, ids, strict=True):
        row = known.get(artifact_id)
        is_later = row is None or facts.updated_at > row["forge_updated_at"]
        is_other = row is None or facts.state != row["state"]
        # When the stored row is newer, a webhook arrived meanwhile.
        if is_later or (row is not None and is_other and facts.updated_at == row["forge_updated_at"]):
            differing.append(facts)
            missed += is_other
    return differing, missed


async def _meet(scope: ForgeScope, reported: Sequence[PullRequestFacts | ReleaseFacts]) -> None:
    await find_repositories(scope, repositories_of(reported))
