"""Records what a forge answers: complete pull requests, and releases that can be enriched."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from workers.facts.author_teams import store_author_teams
from workers.facts.code_owners import store_owners
from workers.facts.enrichment_requests import ConnectionFacts, complete_enrichment, request_enrichment
from workers.facts.record import record_facts
from workers.facts.scope import ForgeScope
from workers.forge_events.model import Facts, PullRequestFacts, ReleaseFacts


async def record_answers(scope: ForgeScope, connection_id: UUID, reported: Sequence[Facts]) -> None:
    """Record facts like those of webhooks, and complete the enrichment of merged pull requests."""
    kept = [each for each in reported if isinstance(each, PullRequestFacts | ReleaseFacts)]
    if not kept:
        return
    await record_facts(scope, kept)
    await complete_enrichment(scope, connection_id, (each for each in kept if isinstance(each, PullRequestFacts)))
    releases = (each for each in kept if isinstance(each, ReleaseFacts))
    await request_enrichment(scope, (ConnectionFacts(connection_id, each) for each in releases))


async def record_owners(scope: ForgeScope, reported: Sequence[Facts], owners: Mapping[int, Sequence[str]]) -> None:
    """Record the code owners of recorded pull requests, by number."""
    await store_owners(
        scope, {artifact_id: owners[number] for number, artifact_id in _artifacts(scope, reported, owners)}
    )


async def record_author_teams(
    scope: ForgeScope, reported: Sequence[Facts], teams: Mapping[int, int], ended: Collection[bytes] = ()
) -> None:
    """Record the teams of pull request authors, by number.

    `ended` are pull requests that ended just now, besides those that this transaction found.
    """
    by_artifact = {artifact_id: teams[number] for number, artifact_id in _artifacts(scope, reported, teams)}
    await store_author_teams(scope, by_artifact, {*ended, *scope.enrichment_candidates.ended})


def _artifacts(scope: ForgeScope, reported: Sequence[Facts], wanted: Collection[int]) -> list[tuple[int, bytes]]:
    """Return number and artifact id of the wanted pull requests; the scope must know their repositories."""
    return [
        (each.number, scope.hasher.pull_request(scope.anchors[each.repository.name], each.number))
        for each in reported
        if isinstance(each, PullRequestFacts) and each.number in wanted
    ]
