"""GitLab's merge request event. Every action's payload holds the whole merge request."""

from datetime import datetime

from schema.kinds import PullRequestState
from vocabulary.labels import digest_labels
from vocabulary.reverts import digest_title
from vocabulary.reverts import read_pull_request as read_reverts
from workers.forge_events.bots import is_bot
from workers.forge_events.gitlab.project import read_project
from workers.forge_events.model import ActivityFacts, ActivityKind, PullRequestFacts, RepositoryFacts
from workers.forge_events.reading import Envelope, Json, commit, flag, instant, mapping, names, required, text, whole

APPROVALS = {"approved", "approval", "unapproved", "unapproval"}

# `state_id` of merge requests; `locked` lasts while a merge is in progress.
_STATE_IDS = {1: "opened", 2: "closed", 3: "merged", 4: "locked"}


def read_merge_request(payload: Json, envelope: Envelope) -> PullRequestFacts:
    """Read the merge request after any action; an update with `oldrev` is a push, an approval is a review."""
    merge_request = mapping(payload, "object_attributes")
    action = text(merge_request, "action") or ""
    updated_at = _updated_at(merge_request, envelope)
    activity = []
    head = commit(mapping(merge_request, "last_commit"), "id")
    if action == "update" and text(merge_request, "oldrev") and head:
        activity.append(ActivityFacts(ActivityKind.PUSH, head, updated_at))
    if action in APPROVALS:
        activity.append(ActivityFacts(ActivityKind.REVIEW, f"{action}/{updated_at.isoformat()}", updated_at))
    return merge_request_facts(payload, merge_request, envelope, tuple(activity))


def merge_request_facts(
    payload: Json, merge_request: Json, envelope: Envelope, activity: tuple[ActivityFacts, ...]
) -> PullRequestFacts:
    """Read a merge request object. GitLab gives no time of merging or closing, except by the action itself."""
    updated_at = _updated_at(merge_request, envelope)
    repository = _repository(payload, merge_request, envelope, updated_at)
    state, action = _state(merge_request), text(merge_request, "action")
    merged_at = instant(merge_request, "merged_at") or (updated_at if action == "merge" else None)
    closed_at = instant(merge_request, "closed_at") or (updated_at if action == "close" else merged_at)
    return PullRequestFacts(
        repository=repository,
        number=required(whole(merge_request, "iid"), "merge request number"),
        state=state,
        opened_at=instant(merge_request, "created_at") or updated_at,
        updated_at=updated_at,
        head_repository=_head_repository(merge_request, repository, envelope, updated_at),
        head_branch=text(merge_request, "source_branch"),
        base_branch=text(merge_request, "target_branch"),
        draft=flag(merge_request, "work_in_progress")
        if flag(merge_request, "draft") is None
        else flag(merge_request, "draft"),
        merged_at=merged_at if state is PullRequestState.MERGED else None,
        closed_at=closed_at if state is not PullRequestState.OPEN else None,
        activity=(*activity, *_last_commit(merge_request)),
        commits=_commits(merge_request, state),
        title=digest_title(text(merge_request, "title")),
        labels=_labels(payload, merge_request),
        reverts=read_reverts(text(merge_request, "title"), text(merge_request, "description")),
        head=commit(mapping(merge_request, "last_commit"), "id"),
        is_bot=_is_bot(payload, merge_request),
    )


def _is_bot(payload: Json, merge_request: Json) -> bool | None:
    """Return whether the author is a bot. A webhook names only who acted, who is the author of a new merge request."""
    author = mapping(merge_request, "author")
    if not author and text(merge_request, "action") == "open":
        author = mapping(payload, "user")
    return is_bot(text(author, "username"), "bot" if flag(author, "bot") else None)


def _updated_at(merge_request: Json, envelope: Envelope) -> datetime:
    return instant(merge_request, "updated_at") or instant(merge_request, "created_at") or envelope.received_at


def _repository(payload: Json, merge_request: Json, envelope: Envelope, updated_at: datetime) -> RepositoryFacts:
    target = mapping(payload, "project") or mapping(merge_request, "target")
    forge_id = whole(merge_request, "target_project_id") or whole(payload, "project_id")
    return read_project(target, envelope, updated_at, forge_id=forge_id)


def _head_repository(
    merge_request: Json, repository: RepositoryFacts, envelope: Envelope, updated_at: datetime
) -> RepositoryFacts | None:
    """Return the project of the source branch: the same, a fork, or None for a deleted fork."""
    source_id = whole(merge_request, "source_project_id")
    if source_id is not None and source_id == whole(merge_request, "target_project_id"):
        return repository
    source = mapping(merge_request, "source")
    return read_project(source, envelope, updated_at, forge_id=source_id) if source else None


def _state(merge_request: Json) -> PullRequestState:
    state = text(merge_request, "state") or _STATE_IDS.get(whole(merge_request, "state_id") or 0)
    if state == "merged":
        return PullRequestState.MERGED
    return PullRequestState.ABANDONED if state == "closed" else PullRequestState.OPEN


def _labels(payload: Json, merge_request: Json) -> tuple[bytes, ...] | None:
    """Return the labels, which events list beside the merge request and the API inside; comment events have none."""
    holder = next((each for each in (merge_request, payload) if isinstance(each.get("labels"), list)), None)
    return None if holder is None else digest_labels(names(holder, "labels", "title"))


def _last_commit(merge_request: Json) -> tuple[ActivityFacts, ...]:
    sha, at = (
        commit(mapping(merge_request, "last_commit"), "id"),
        instant(mapping(merge_request, "last_commit"), "timestamp"),
    )
    return (ActivityFacts(ActivityKind.COMMIT, sha, at),) if sha and at else ()


def _commits(merge_request: Json, state: PullRequestState) -> tuple[str, ...]:
    """Return the newest commit, the one before a push, and the commits that the merge created."""
    shas = [commit(mapping(merge_request, "last_commit"), "id"), commit(merge_request, "oldrev")]
    if state is PullRequestState.MERGED:
        shas += [commit(merge_request, "merge_commit_sha"), commit(merge_request, "squash_commit_sha")]
    return tuple(dict.fromkeys(sha for sha in shas if sha))
