"""What was read of a clone, as the items that the API takes."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from schema.identifiers import RepositoryName
from service.imports.git_history import MergedPullRequest, TaggedRelease

Item = TypeVar("Item")


def pull_request_item(forge: str, repository: RepositoryName, pull_request: MergedPullRequest) -> dict[str, Any]:
    """A merged pull request for POST /api/v1/pull-requests. Times are those of git, so a forge's own later win."""
    merge = pull_request.merge
    item = {
        "forge": forge,
        "repository": str(repository),
        "number": pull_request.number,
        "state": "merged",
        "opened_at": pull_request.opened_at,
        "merged_at": merge.committed_at,
        "updated_at": merge.committed_at,
        "head_branch": pull_request.named.head_branch,
        "base_branch": pull_request.base_branch,
        "commits": [{"sha": commit.sha, "authored_at": commit.authored_at} for commit in pull_request.commits],
        "merge_commit": merge.sha,
    }
    return {name: value for name, value in item.items() if value is not None}


def release_item(forge: str, repository: RepositoryName, release: TaggedRelease) -> dict[str, Any]:
    """A tag for POST /api/v1/releases; a clone does not tell whether the forge published it."""
    return {
        "forge": forge,
        "repository": str(repository),
        "tag": release.tag.name,
        "state": "tag",
        "released_at": release.tag.tagged_at,
        "commit": release.tag.commit,
        "pull_requests": list(release.pull_requests),
    }


def in_bulks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Lists of at most `size` items, in order."""
    rest = iter(items)
    while bulk := list(islice(rest, size)):
        yield bulk
