"""Records hashed labels of pull requests; the newest report counts."""

from collections.abc import Sequence

from schema.database import rows_as_columns
from workers.facts.scope import ForgeScope
from workers.forge_events.model import PullRequestFacts
from workers.outcomes.life_cycle import PullRequestRow
from workers.stores.spend.stale import note_labelled

# `unnest` takes no arrays of different lengths, so each set is passed as text. An empty set is stored, too, because an
# older report may arrive late.
_STORE = """
INSERT INTO pull_request_labels AS known (organization_id, artifact_id, labels, reported_at)
SELECT $1::bigint, reported.artifact_id,
       ARRAY(SELECT decode(each, 'hex') FROM unnest(string_to_array(reported.labels, ',')) AS each),
       reported.reported_at
  FROM unnest($2::bytea[], $3::text[], $4::timestamptz[]) AS reported (artifact_id, labels, reported_at)
    ON CONFLICT (organization_id, artifact_id) DO UPDATE
   SET labels = excluded.labels, reported_at = excluded.reported_at
 WHERE known.organization_id = $1 AND known.reported_at <= excluded.reported_at
"""


async def store_labels(scope: ForgeScope, rows: Sequence[PullRequestRow], reported: Sequence[PullRequestFacts]) -> None:
    """Record the current labels of pull requests, where reported."""
    newest: dict[bytes, PullRequestFacts] = {}
    for row, facts in zip(rows, reported, strict=True):
        known = newest.get(row.artifact_id)
        if facts.labels is not None and (known is None or known.updated_at <= facts.updated_at):
            newest[row.artifact_id] = facts
    stored: list[tuple[object, ...]] = [
        (artifact_id, ",".join(each.hex() for each in scope.hasher.labels(facts.labels or ())), facts.updated_at)
        for artifact_id, facts in sorted(newest.items(), key=lambda each: each[0])
    ]
    if stored:
        await scope.tenant.execute(_STORE, *rows_as_columns(stored))
        await note_labelled(scope.tenant, newest)
