"""Items for the API from what was read in a clone, and bulks of items that fit its limits."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from schema.contracts.pull_request import MAXIMUM_COMMITS, MAXIMUM_OWNERS, MAXIMUM_REVERTS, CommitIn, PullRequestIn
from schema.contracts.release import ReleaseIn
from schema.identifiers import RepositoryName
from service.imports.git.history import MergedPullRequest
from service.imports.git.releases import TaggedRelease
from vocabulary.forge import Forge

BULK_ITEMS = 500
BULK_BYTES = 4 * 1024 * 1024


def pull_request_item(
    forge: Forge,
    repository: RepositoryName,
    pull_request: MergedPullRequest,
    reverts: Sequence[int] = (),
    code_owners: Sequence[str] = (),
) -> PullRequestIn:
    """Convert a merged pull request, dated at its merge, so that newer data from the forge is kept."""
    merge, head = pull_request.merge, pull_request.named.head_branch
    return PullRequestIn(
        forge=forge,
        repository=str(repository),
        number=pull_request.number,
        state="merged",
        opened_at=pull_request.opened_at,
        merged_at=merge.committed_at,
        updated_at=merge.committed_at,
        # A pull request from a fork's main would be confused with the main of this repository.
        head_branch=None if head == pull_request.base_branch else head,
        base_branch=pull_request.base_branch,
        commits=[
            CommitIn(sha=commit.sha, authored_at=commit.authored_at)
            for commit in pull_request.commits[-MAXIMUM_COMMITS:]
        ],
        merge_commit=merge.sha,
        reverts=list(reverts[:MAXIMUM_REVERTS]),
        code_owners=list(code_owners[:MAXIMUM_OWNERS]),
    )


def release_item(forge: Forge, repository: RepositoryName, release: TaggedRelease) -> ReleaseIn:
    """Convert a tag; a clone does not show whether the forge published it as a release."""
    return ReleaseIn(
        forge=forge,
        repository=str(repository),
        tag=release.tag.name,
        state="tag",
        released_at=release.tag.tagged_at,
        commit=release.tag.commit,
        pull_requests=list(release.pull_requests),
        by_package_folder=release.by_package_folder,
    )


def in_bulks(items: Iterable[msgspec.Struct]) -> Iterator[list[msgspec.Raw]]:
    """Encode items as JSON and group them, in order, into lists within the limits of a bulk.

    An item that is too large by itself is a list of its own.
    """
    bulk: list[msgspec.Raw] = []
    size = 0
    for item in items:
        raw = msgspec.json.encode(item)
        if bulk and (len(bulk) == BULK_ITEMS or size + len(raw) > BULK_BYTES):
            yield bulk
            bulk, size = [], 0
        bulk.append(msgspec.Raw(raw))
        size += len(raw)
    if bulk:
        yield bulk
