"""GitHub's `pull_request` event. Every action's payload holds the whole pull request."""

from datetime import datetime

from schema.kinds import PullRequestState
from vocabulary.labels import digest_labels
from vocabulary.reverts import digest_title
from vocabulary.reverts import read_pull_request as read_reverts
from workers.forge_events.bots import is_bot
from workers.forge_events.github.repository import read_repository
from workers.forge_events.model import ActivityFacts, ActivityKind, PullRequestFacts, RepositoryFacts
from workers.forge_events.reading import (
    Envelope,
    Json,
    commit,
    count,
    flag,
    instant,
    mapping,
    names,
    newest,
    required,
    text,
    whole,
)


def read_pull_request(payload: Json, envelope: Envelope) -> PullRequestFacts:
    """Read the pull request after any action; `synchronize` is a push to it."""
    pushed: tuple[ActivityFacts, ...] = ()
    pull_request = mapping(payload, "pull_request")
    after = commit(payload, "after") or commit(mapping(pull_request, "head"), "sha")
    if text(payload, "action") == "synchronize" and after:
        pushed = (ActivityFacts(ActivityKind.PUSH, after, _reported_at(pull_request) or envelope.received_at),)
    return pull_request_facts(payload, envelope, pushed)


def pull_request_facts(payload: Json, envelope: Envelope, activity: tuple[ActivityFacts, ...]) -> PullRequestFacts:
    """Read the pull request object of a payload. Review events carry a shorter one that lacks some facts."""
    pull_request = mapping(payload, "pull_request")
    number = required(whole(pull_request, "number") or whole(payload, "number"), "pull request number")
    updated_at = _reported_at(pull_request) or envelope.received_at
    repository = read_repository(
        mapping(payload, "repository") or mapping(pull_request, "base", "repo"), envelope, updated_at
    )
    state = _state(pull_request)
    closed_at = instant(pull_request, "closed_at")
    title, head, author = text(pull_request, "title"), mapping(pull_request, "head"), mapping(pull_request, "user")
    head_branch = text(head, "ref")
    return PullRequestFacts(
        repository=repository,
        number=number,
        state=state,
        opened_at=instant(pull_request, "created_at") or updated_at,
        updated_at=updated_at,
        head_repository=_head_repository(pull_request, repository, envelope, updated_at),
        head_branch=head_branch,
        base_branch=text(mapping(pull_request, "base"), "ref"),
        draft=flag(pull_request, "draft"),
        merged_at=(instant(pull_request, "merged_at") or closed_at) if state is PullRequestState.MERGED else None,
        closed_at=closed_at if state is not PullRequestState.OPEN else None,
        changed_lines=count(pull_request, "additions", "deletions"),
        changed_files=count(pull_request, "changed_files"),
        activity=activity,
        commits=_commits(payload, pull_request, state),
        title=digest_title(title),
        labels=digest_labels(names(pull_request, "labels", "name")) if "labels" in pull_request else None,
        reverts=read_reverts(title, text(pull_request, "body"), head_branch),
        head=commit(head, "sha"),
        is_bot=is_bot(text(author, "login"), text(author, "type")),
    )


def _reported_at(pull_request: Json) -> datetime | None:
    return newest(*(instant(pull_request, key) for key in ("updated_at", "merged_at", "closed_at", "created_at")))


def _state(pull_request: Json) -> PullRequestState:
    if flag(pull_request, "merged") or instant(pull_request, "merged_at"):
        return PullRequestState.MERGED
    return PullRequestState.ABANDONED if text(pull_request, "state") == "closed" else PullRequestState.OPEN


def _head_repository(
    pull_request: Json, repository: RepositoryFacts, envelope: Envelope, updated_at: datetime
) -> RepositoryFacts | None:
    """Return the repository of the head branch: the same, a fork, or None for a deleted fork."""
    head = mapping(pull_request, "head", "repo")
    if not text(head, "full_name"):
        return None
    if repository.forge_id is not None and whole(head, "id") == repository.forge_id:
        return repository
    return read_repository(head, envelope, updated_at)


def _commits(payload: Json, pull_request: Json, state: PullRequestState) -> tuple[str, ...]:
    """Return the commits of a pull request: its head, the head before a push, and the merge commit.

    Before the merge, GitHub puts a trial merge into the same field; it is never part of a branch.
    """
    shas = [commit(mapping(pull_request, "head"), "sha"), commit(payload, "after"), commit(payload, "before")]
    if state is PullRequestState.MERGED:
        shas.append(commit(pull_request, "merge_commit_sha"))
    return tuple(dict.fromkeys(sha for sha in shas if sha))
