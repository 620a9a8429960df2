"""Requests enrichment of recorded facts, for connections with access."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from schema.database import rows_as_columns
from schema.kinds import PullRequestState
from workers.facts.scope import ForgeScope
from workers.forge_events.model import PullRequestFacts, ReleaseFacts, RepositoryFacts
from workers.stores.forge.enrichments import EnrichmentSubject, SealedName
from workers.stores.forge.releases import forget_shipments

_REACHED = """
SELECT connection_id FROM connection
 WHERE organization_id = $1 AND connection_id = ANY($2::uuid[]) AND state = 'active'
   AND (sealed_token IS NOT NULL OR (registration_id IS NOT NULL AND installation_id IS NOT NULL))
"""

# A merged pull request gets no more commits, so once is enough. A release may change.
_ASK = """
INSERT INTO enrichment AS known (organization_id, artifact_id, subject, repository_id, connection_id, sealed_name)
SELECT $1::bigint, asked.*
  FROM unnest($2::bytea[], $3::text[], $4::bytea[], $5::uuid[], $6::bytea[])
       AS asked (artifact_id, subject, repository_id, connection_id, sealed_name)
    ON CONFLICT (organization_id, artifact_id)
    DO UPDATE SET state = 'waiting', requested_at = clock_timestamp(), attempts = 0, failure = NULL,
                  next_attempt_at = now(), connection_id = excluded.connection_id, sealed_name = excluded.sealed_name
 WHERE known.organization_id = $1 AND known.subject = 'release'
"""

_COMPARED_WITH = """
SELECT artifact_id, repository_id FROM enrichment WHERE organization_id = $1 AND base_id = ANY($2::bytea[])
"""

_WHOLE = """
INSERT INTO enrichment AS known
       (organization_id, artifact_id, subject, repository_id, connection_id, state, finished_at)
SELECT $1::bigint, reported.artifact_id, 'pull_request', reported.repository_id, $4::uuid, 'processed', now()
  FROM unnest($2::bytea[], $3::bytea[]) AS reported (artifact_id, repository_id)
    ON CONFLICT (organization_id, artifact_id)
    DO UPDATE SET state = 'processed', finished_at = now(), sealed_name = NULL, failure = NULL
 WHERE known.organization_id = $1 AND known.state <> 'processed'
"""


class ConnectionFacts(NamedTuple):
    """Facts and the connection they came from."""

    connection_id: UUID
    facts: PullRequestFacts | ReleaseFacts


class _Row(NamedTuple):
    artifact_id: bytes
    subject: EnrichmentSubject
    repository_id: bytes
    connection_id: UUID
    sealed_name: bytes


class _Place(NamedTuple):
    """The connection and repository to ask."""

    connection_id: UUID
    repository: RepositoryFacts


async def request_enrichment(scope: ForgeScope, facts: Iterable[ConnectionFacts]) -> None:
    """Request enrichment of what facts made known, for connections with access; the sweep finds the rows."""
    enrichment_candidates = scope.enrichment_candidates
    if enrichment_candidates.moved:
        await forget_shipments(scope.tenant, enrichment_candidates.moved)
    if not (enrichment_candidates.merged or enrichment_candidates.releases or enrichment_candidates.changed):
        return
    reported = await _accessible(scope, list(facts))
    places = {
        scope.anchors[each.facts.repository.name]: _Place(each.connection_id, each.facts.repository)
        for each in reported
    }
    rows = [*_pull_requests(scope, reported, places), *_releases(scope, reported, places)]
    if enrichment_candidates.changed:
        compared = await scope.tenant.fetch(_COMPARED_WITH, sorted(enrichment_candidates.changed))
        others = {row["artifact_id"]: row["repository_id"] for row in compared if row["repository_id"] in places}
        known = {row.artifact_id for row in rows}
        rows += [_row(scope, places, each, others[each]) for each in sorted(others.keys() - known)]
    if rows:
        await scope.tenant.execute(_ASK, *rows_as_columns(rows))


async def complete_enrichment(scope: ForgeScope, connection_id: UUID, reported: Iterable[PullRequestFacts]) -> None:
    """Complete the enrichment of merged pull requests, because the forge's answer contained everything."""
    rows: dict[bytes, bytes] = {}
    for facts in reported:
        if facts.state is not PullRequestState.MERGED:
            continue
        repository_id = scope.anchors[facts.repository.name]
        rows[scope.hasher.pull_request(repository_id, facts.number)] = repository_id
    if rows:
        await scope.tenant.execute(_WHOLE, *rows_as_columns(sorted(rows.items())), connection_id)


async def _accessible(scope: ForgeScope, facts: Sequence[ConnectionFacts]) -> list[ConnectionFacts]:
    """Return facts whose forge can be asked and knows the repository by number."""
    asked = sorted({each.connection_id for each in facts})
    rows = await scope.tenant.fetch(_REACHED, asked)
    reached = {row["connection_id"] for row in rows}
    return [each for each in facts if each.connection_id in reached and each.facts.repository.forge_id is not None]


def _pull_requests(
    scope: ForgeScope, reported: Iterable[ConnectionFacts], places: Mapping[bytes, _Place]
) -> list[_Row]:
    numbers: dict[bytes, tuple[bytes, int]] = {}
    for each in reported:
        if isinstance(each.facts, PullRequestFacts):
            repository_id = scope.anchors[each.facts.repository.name]
            artifact_id = scope.hasher.pull_request(repository_id, each.facts.number)
            if artifact_id in scope.enrichment_candidates.merged:
                numbers[artifact_id] = (repository_id, each.facts.number)
    return [_row(scope, places, each, *numbers[each]) for each in sorted(numbers)]


def _releases(scope: ForgeScope, reported: Iterable[ConnectionFacts], places: Mapping[bytes, _Place]) -> list[_Row]:
    repositories: dict[bytes, bytes] = {}
    for each in reported:
        if isinstance(each.facts, ReleaseFacts):
            repository_id = scope.anchors[each.facts.repository.name]
            repositories[scope.hasher.release(repository_id, each.facts.tag)] = repository_id
    wanted = sorted(repositories.keys() & scope.enrichment_candidates.releases)
    return [_row(scope, places, each, repositories[each]) for each in wanted]


def _row(
    scope: ForgeScope,
    places: Mapping[bytes, _Place],
    artifact_id: bytes,
    repository_id: bytes,
    number: int | None = None,
) -> _Row:
    connection_id, repository = places[repository_id]
    name = SealedName(repository.name.path, repository.forge_id or 0, number)
    sealed = scope.names.seal(scope.tenant.organization_id, msgspec.json.encode(name))
    subject = EnrichmentSubject.RELEASE if number is None else EnrichmentSubject.PULL_REQUEST
    return _Row(artifact_id, subject, repository_id, connection_id, sealed)
