"""GitHub's `pull_request` event, whatever its action: each payload holds the whole pull request."""

from datetime import datetime

from schema.kinds import ActivityKind, PullRequestState
from schema.labels import digest_labels
from schema.reverts import digest_title
from schema.reverts import read_pull_request as read_reverts
from workers.facts.model import ActivityFacts, PullRequestFacts, RepositoryFacts
from workers.forge_events.github.repository import read_repository
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
    """The pull request after any action; `synchronize` is a push to it."""
    pushed: tuple[ActivityFacts, ...] = ()
    reported = mapping(payload, "pull_request")
    after = commit(payload, "after") or commit(mapping(reported, "head"), "sha")
    if text(payload, "action") == "synchronize" and after:
        pushed = (ActivityFacts(ActivityKind.PUSH, after, _reported_at(reported) or envelope.received_at),)
    return pull_request_facts(payload, envelope, pushed)


def pull_request_facts(payload: Json, envelope: Envelope, activity: tuple[ActivityFacts, ...]) -> PullRequestFacts:
    """The pull request object of a payload. The shorter one that review events carry leaves some facts untold."""
    reported = mapping(payload, "pull_request")
    number = required(whole(reported, "number") or whole(payload, "number"), "pull request number")
    updated_at = _reported_at(reported) or envelope.received_at
    repository = read_repository(
        mapping(payload, "repository") or mapping(reported, "base", "repo"), envelope, updated_at
    )
    state = _state(reported)
    closed_at = instant(reported, "closed_at")
    return PullRequestFacts(
        repository=repository,
        number=number,
        state=state,
        opened_at=instant(reported, "created_at") or updated_at,
        updated_at=updated_at,
        head_repository=_head_repository(reported, repository, envelope, updated_at),
        head_branch=text(mapping(reported, "head"), "ref"),
        base_branch=text(mapping(reported, "base"), "ref"),
        draft=flag(reported, "draft"),
        merged_at=(instant(reported, "merged_at") or closed_at) if state is PullRequestState.MERGED else None,
        closed_at=closed_at if state is not PullRequestState.OPEN else None,
        changed_lines=count(reported, "additions", "deletions"),
        changed_files=count(reported, "changed_files"),
        activity=activity,
        commits=_commits(payload, reported, state),
        title=digest_title(text(reported, "title")),
        labels=digest_labels(names(reported, "labels", "name")) if "labels" in reported else None,
        reverts=read_reverts(text(reported, "title"), text(reported, "body"), text(mapping(reported, "head"), "ref")),
        head=commit(mapping(reported, "head"), "sha"),
    )


def _reported_at(reported: Json) -> datetime | None:
    return newest(*(instant(reported, key) for key in ("updated_at", "merged_at", "closed_at", "created_at")))


def _state(reported: Json) -> PullRequestState:
    if flag(reported, "merged") or instant(reported, "merged_at"):
        return PullRequestState.MERGED
    return PullRequestState.ABANDONED if text(reported, "state") == "closed" else PullRequestState.OPEN


def _head_repository(
    reported: Json, repository: RepositoryFacts, envelope: Envelope, updated_at: datetime
) -> RepositoryFacts | None:
    """Where its branch is: often the repository itself, else a fork, or nothing once that was deleted."""
    head = mapping(reported, "head", "repo")
    if not text(head, "full_name"):
        return None
    if repository.forge_id is not None and whole(head, "id") == repository.forge_id:
        return repository
    return read_repository(head, envelope, updated_at)


def _commits(payload: Json, reported: Json, state: PullRequestState) -> tuple[str, ...]:
    """Commits that belong to it: its head now and before a push, and the merge commit.

    Before the merge GitHub shows a trial merge in the same field, which nobody ever makes a commit on.
    """
    shas = [commit(mapping(reported, "head"), "sha"), commit(payload, "after"), commit(payload, "before")]
    if state is PullRequestState.MERGED:
        shas.append(commit(reported, "merge_commit_sha"))
    return tuple(dict.fromkeys(sha for sha in shas if sha))
