"""Records reverts in deliveries, and the titles that may name them; only hashes are stored."""

from collections.abc import Iterator, Sequence

from schema.identifiers import abbreviate_commit
from vocabulary.reverts import Named, Reverted
from workers.facts.scope import ForgeScope
from workers.forge_events.model import PullRequestFacts, PushFacts
from workers.outcomes.reverted import RevertReport, RevertSource, RevertTarget
from workers.stores.forge.outcomes import TitleRow, store_reverts, store_titles

NO_BRANCH = b""
# Digits of a commit's SHA-1 and SHA-256.
WHOLE = (40, 64)


async def store_pull_request_reverts(
    scope: ForgeScope, reported: Sequence[PullRequestFacts], repositories: Sequence[bytes]
) -> None:
    """Record the hashed titles of pull requests, and what they revert once merged."""
    named = [
        (facts, repository, scope.hasher.pull_request(repository, facts.number))
        for facts, repository in zip(reported, repositories, strict=True)
    ]
    titles = [
        TitleRow(artifact_id, _title(scope, facts.title), facts.updated_at)
        for facts, _, artifact_id in named
        if facts.title is not None
    ]
    renamed = await store_titles(scope.tenant, titles)
    for facts, repository, artifact_id in named:
        if artifact_id in renamed:
            # A title can only refer to merged pull requests, so nothing earlier changes.
            scope.changes.forge.add_instants(repository, [facts.merged_at])
        said = [
            RevertReport(RevertSource.PULL_REQUEST, artifact_id, kind, target, NO_BRANCH, facts.opened_at)
            for kind, target in _targets(scope, facts.reverts, repository, facts.repository.name.path)
        ]
        await _store(scope, repository, said)


async def store_commit_reverts(scope: ForgeScope, reported: PushFacts, repository: bytes, branch: bytes) -> None:
    """Record what the commits of a push revert."""
    path = reported.repository.name.path
    said = [
        RevertReport(RevertSource.COMMIT, scope.hasher.commit(commit.sha), kind, target, branch, reported.pushed_at)
        for commit in reported.commits
        for kind, target in _targets(scope, commit.reverts, repository, path)
    ]
    await _store(scope, repository, said)


async def _store(scope: ForgeScope, repository: bytes, said: list[RevertReport]) -> None:
    if said:
        await store_reverts(scope.tenant, repository, said)
        scope.changes.forge.add_instants(repository, [each.occurred_at for each in said])


def _targets(
    scope: ForgeScope, reverts: Reverted, repository: bytes, path: str
) -> Iterator[tuple[RevertTarget, bytes]]:
    for named in reverts.named:
        if _is_here(named, path):
            yield RevertTarget.PULL_REQUEST, scope.hasher.pull_request(repository, named.number)
    for sha in reverts.commits:
        yield RevertTarget.COMMIT, scope.hasher.commit(sha if len(sha) in WHOLE else abbreviate_commit(sha))
    if reverts.title is not None:
        yield RevertTarget.TITLE, _title(scope, reverts.title)


def _is_here(named: Named, path: str) -> bool:
    """Return whether the repository itself is meant; reverts in others change nothing here."""
    return named.place is None or named.place == path


def _title(scope: ForgeScope, digest: bytes) -> bytes:
    return scope.hasher.reference("title", digest.hex())
