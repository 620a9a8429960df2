"""The parts of GitHub's payloads that are read. To decode only these takes 8 instead of 15 µs for 10 kB.

Most of a payload are addresses of its repositories. Whatever a reader reads must be named here; a test compares the
facts of each recorded payload with those of the whole one.
"""

from typing import Any, TypedDict

import msgspec


class _Repository(TypedDict, total=False):
    id: Any
    full_name: Any
    html_url: Any
    default_branch: Any
    pushed_at: Any
    updated_at: Any


class _Branch(TypedDict, total=False):
    ref: Any
    sha: Any
    repo: _Repository | None


class _Account(TypedDict, total=False):
    login: Any
    type: Any


class _PullRequest(TypedDict, total=False):
    number: Any
    state: Any
    draft: Any
    merged: Any
    title: Any
    body: Any
    labels: Any
    user: _Account | None
    head: _Branch | None
    base: _Branch | None
    merge_commit_sha: Any
    created_at: Any
    updated_at: Any
    closed_at: Any
    merged_at: Any
    additions: Any
    deletions: Any
    changed_files: Any


class _Review(TypedDict, total=False):
    id: Any
    created_at: Any
    submitted_at: Any


class _Commit(TypedDict, total=False):
    id: Any
    message: Any
    timestamp: Any
    distinct: Any


class _MergeGroup(TypedDict, total=False):
    head_ref: Any
    head_sha: Any
    head_commit: _Commit | None


class _Release(TypedDict, total=False):
    tag_name: Any
    target_commitish: Any
    draft: Any
    prerelease: Any
    created_at: Any
    published_at: Any
    updated_at: Any


class _Payload(TypedDict, total=False):
    action: Any
    number: Any
    ref: Any
    ref_type: Any
    master_branch: Any
    before: Any
    after: Any
    created: Any
    deleted: Any
    changes: Any
    installation: Any
    repositories_added: Any
    repositories_removed: Any
    repository: _Repository | None
    pull_request: _PullRequest | None
    review: _Review | None
    comment: _Review | None
    commits: list[_Commit] | None
    head_commit: _Commit | None
    merge_group: _MergeGroup | None
    release: _Release | None


_DECODER = msgspec.json.Decoder(_Payload)


def decode_github(body: bytes) -> Any:
    """Return the parts of a payload that are read, or all of one that has another form. Raises DecodeError."""
    try:
        return _DECODER.decode(body)
    except msgspec.ValidationError:
        return msgspec.json.decode(body)
