"""GitLab's merge request event, whatever its action: each payload holds the whole merge request."""

from datetime import datetime

from schema.kinds import ActivityKind, PullRequestState
from schema.labels import digest_labels
from schema.reverts import digest_title
from schema.reverts import read_pull_request as read_reverts
from workers.facts.model import ActivityFacts, PullRequestFacts, RepositoryFacts
from workers.forge_events.gitlab.project import read_project
from workers.forge_events.reading import Envelope, Json, commit, flag, instant, mapping, names, required, text, whole

APPROVALS = {"approved", "approval", "unapproved", "unapproval"}

# `state_id` of merge requests; `locked` lasts while a merge is under way.
_STATE_IDS = {1: "opened", 2: "closed", 3: "merged", 4: "locked"}


def read_merge_request(payload: Json, envelope: Envelope) -> PullRequestFacts:
    """The merge request after any action; an update with `oldrev` is a push to it, an approval is a review."""
    reported = mapping(payload, "object_attributes")
    action = text(reported, "action") or ""
    updated_at = _updated_at(reported, envelope)
    activity = []
    head = commit(mapping(reported, "last_commit"), "id")
    if action == "update" and text(reported, "oldrev") and head:
        activity.append(ActivityFacts(ActivityKind.PUSH, head, updated_at))
    if action in APPROVALS:
        activity.append(ActivityFacts(ActivityKind.REVIEW, f"{action}/{updated_at.isoformat()}", updated_at))
    return merge_request_facts(payload, reported, envelope, tuple(activity))


def merge_request_facts(
    payload: Json, reported: Json, envelope: Envelope, activity: tuple[ActivityFacts, ...]
) -> PullRequestFacts:
    """A merge request object. GitLab does not say when it was merged or closed, except by the action that did it."""
    updated_at = _updated_at(reported, envelope)
    repository = _repository(payload, reported, envelope, updated_at)
    state, action = _state(reported), text(reported, "action")
    merged_at = instant(reported, "merged_at") or (updated_at if action == "merge" else None)
    closed_at = instant(reported, "closed_at") or (updated_at if action == "close" else merged_at)
    return PullRequestFacts(
        repository=repository,
        number=required(whole(reported, "iid"), "merge request number"),
        state=state,
        opened_at=instant(reported, "created_at") or updated_at,
        updated_at=updated_at,
        head_repository=_head_repository(reported, repository, envelope, updated_at),
        head_branch=text(reported, "source_branch"),
        base_branch=text(reported, "target_branch"),
        draft=flag(reported, "work_in_progress") if flag(reported, "draft") is None else flag(reported, "draft"),
        merged_at=merged_at if state is PullRequestState.MERGED else None,
        closed_at=closed_at if state is not PullRequestState.OPEN else None,
        activity=(*activity, *_last_commit(reported)),
        commits=_commits(reported, state),
        title=digest_title(text(reported, "title")),
        labels=_labels(payload, reported),
        reverts=read_reverts(text(reported, "title"), text(reported, "description")),
        head=commit(mapping(reported, "last_commit"), "id"),
    )


def _updated_at(reported: Json, envelope: Envelope) -> datetime:
    return instant(reported, "updated_at") or instant(reported, "created_at") or envelope.received_at


def _repository(payload: Json, reported: Json, envelope: Envelope, updated_at: datetime) -> RepositoryFacts:
    target = mapping(payload, "project") or mapping(reported, "target")
    forge_id = whole(reported, "target_project_id") or whole(payload, "project_id")
    return read_project(target, envelope, updated_at, forge_id=forge_id)


def _head_repository(
    reported: Json, repository: RepositoryFacts, envelope: Envelope, updated_at: datetime
) -> RepositoryFacts | None:
    """Where its branch is: mostly the project itself, else a fork, or nothing once that was deleted."""
    source_id = whole(reported, "source_project_id")
    if source_id is not None and source_id == whole(reported, "target_project_id"):
        return repository
    source = mapping(reported, "source")
    return read_project(source, envelope, updated_at, forge_id=source_id) if source else None


def _state(reported: Json) -> PullRequestState:
    state = text(reported, "state") or _STATE_IDS.get(whole(reported, "state_id") or 0)
    if state == "merged":
        return PullRequestState.MERGED
    return PullRequestState.ABANDONED if state == "closed" else PullRequestState.OPEN


def _labels(payload: Json, reported: Json) -> tuple[bytes, ...] | None:
    """Events list them beside the merge request, the API in it; a comment's event tells of none."""
    holder = next((each for each in (reported, payload) if isinstance(each.get("labels"), list)), None)
    return None if holder is None else digest_labels(names(holder, "labels", "title"))


def _last_commit(reported: Json) -> tuple[ActivityFacts, ...]:
    sha, at = commit(mapping(reported, "last_commit"), "id"), instant(mapping(reported, "last_commit"), "timestamp")
    return (ActivityFacts(ActivityKind.COMMIT, sha, at),) if sha and at else ()


def _commits(reported: Json, state: PullRequestState) -> tuple[str, ...]:
    """Its newest commit, the one before a push, and what the merge made of them."""
    shas = [commit(mapping(reported, "last_commit"), "id"), commit(reported, "oldrev")]
    if state is PullRequestState.MERGED:
        shas += [commit(reported, "merge_commit_sha"), commit(reported, "squash_commit_sha")]
    return tuple(dict.fromkeys(sha for sha in shas if sha))
