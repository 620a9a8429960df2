"""Finds pull requests that were merged by a push, though their forge calls them closed.

Merge bots and people push the work to the base branch themselves. Its commit there is certain; a message that names its
number about when it was closed is weaker, and `landed_by` says so.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from schema.database import rows_as_columns
from schema.kinds import LandedBy, PullRequestState
from workers.facts.scope import ForgeScope
from workers.forge_events.model import PushFacts
from workers.outcomes.life_cycle import PullRequestRow
from workers.stores.forge.pull_requests import NAMES, Change, pull_request_from_record, store_pull_requests

_STORE = """
INSERT INTO landing AS known (organization_id, repository_id, branch, kind, reference, landed_at)
SELECT $1::bigint, landed.* FROM unnest($2::bytea[], $3::bytea[], $4::text[], $5::bytea[], $6::timestamptz[]) AS landed
    ON CONFLICT (organization_id, repository_id, branch, kind, reference)
    DO UPDATE SET landed_at = excluded.landed_at
 WHERE known.organization_id = $1 AND known.landed_at > excluded.landed_at
"""

_ABANDONED_BY_COMMIT = """
SELECT abandoned.artifact_id FROM unnest($2::bytea[], $3::bytea[], $4::bytea[])
       AS landed (repository_id, branch, commit)
  JOIN pull_request AS abandoned
    ON abandoned.organization_id = $1 AND abandoned.head_commit = landed.commit AND abandoned.state = 'abandoned'
   AND abandoned.repository_id = landed.repository_id AND abandoned.base_branch = landed.branch
"""

_ABANDONED_BY_NUMBER = """
SELECT abandoned.artifact_id FROM unnest($2::bytea[], $3::bytea[], $4::bytea[])
       AS landed (repository_id, branch, number)
  JOIN pull_request AS abandoned
    ON abandoned.organization_id = $1 AND abandoned.repository_id = landed.repository_id
   AND abandoned.number = landed.number AND abandoned.state = 'abandoned' AND abandoned.base_branch = landed.branch
"""

# A number may be named again later, such as by a revert.
_LANDED = f"""
SELECT {", ".join(f"abandoned.{name}" for name in NAMES if not name.startswith("landed_"))},
       found.landed_at, found.kind AS landed_by
  FROM pull_request AS abandoned
  JOIN LATERAL (
       SELECT landing.kind, landing.landed_at FROM landing
        WHERE landing.organization_id = $1 AND landing.repository_id = abandoned.repository_id
          AND landing.branch = abandoned.base_branch AND landing.landed_at >= abandoned.opened_at
          AND (landing.kind = 'commit' AND landing.reference = abandoned.head_commit
               OR landing.kind = 'number' AND landing.reference = abandoned.number
                  AND landing.landed_at BETWEEN abandoned.closed_at - interval '1 day'
                                            AND abandoned.closed_at + interval '1 day')
        ORDER BY landing.kind, landing.landed_at LIMIT 1) AS found ON true
 WHERE abandoned.organization_id = $1 AND abandoned.artifact_id = ANY($2::bytea[]) AND abandoned.state = 'abandoned'
"""  # noqa: S608 - fixed column names


class _Row(NamedTuple):
    """A row of `landing`."""

    repository_id: bytes
    branch: bytes
    kind: LandedBy
    reference: bytes


async def store_landings(scope: ForgeScope, pushes: Iterable[PushFacts]) -> set[bytes]:
    """Record what pushes brought to their branches; return closed pull requests that they may have merged."""
    hasher = scope.hasher
    landed: dict[_Row, datetime] = {}
    for facts in pushes:
        place = scope.anchors[facts.repository.name], hasher.branch(facts.branch)
        for each in facts.landed:
            rows = [_Row(*place, LandedBy.COMMIT, hasher.commit(each.sha))]
            rows += [_Row(*place, LandedBy.NUMBER, hasher.number(number)) for number in each.numbers]
            for row in rows:
                landed[row] = min(landed.get(row, facts.pushed_at), facts.pushed_at)
    if not landed:
        return set()
    await scope.tenant.execute(_STORE, *rows_as_columns([(*row, at) for row, at in sorted(landed.items())]))
    by_commit, by_number = (
        [(row.repository_id, row.branch, row.reference) for row in sorted(landed) if row.kind is kind]
        for kind in LandedBy
    )
    found = await scope.tenant.fetch(_ABANDONED_BY_COMMIT, *rows_as_columns(by_commit))
    if by_number:
        found += await scope.tenant.fetch(_ABANDONED_BY_NUMBER, *rows_as_columns(by_number))
    return {row["artifact_id"] for row in found}


async def merge_landed(scope: ForgeScope, artifact_ids: Collection[bytes]) -> Sequence[Change]:
    """Merge the closed ones of these pull requests that a push brought to their base branch; return the changes."""
    if not artifact_ids:
        return []
    rows = await scope.tenant.fetch(_LANDED, sorted(artifact_ids))
    return await store_pull_requests(scope.tenant, [pull_request_from_record(row) for row in rows])


def is_closed(row: PullRequestRow) -> bool:
    """Return whether a pull request was closed without a merge, as far as is known."""
    return row.state is PullRequestState.ABANDONED
