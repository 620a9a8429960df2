"""State of a fake GitLab for REST and webhooks: the repositories of the fake GitHub in GitLab's format."""

from datetime import datetime
from typing import Any

from tests.harness.bodies import Delivery
from tests.harness.forges.github_state import PullRequest, Repository, sha

PERSON = {"id": 7, "username": "CANARY-login", "name": "CANARY-name", "email": "CANARY@example.org"}


def written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def project(reported: Repository) -> dict[str, Any]:
    return {
        "id": reported.number,
        "path_with_namespace": reported.path,
        "web_url": f"https://{reported.host or 'gitlab.com'}/{reported.path}",
        "default_branch": "main",
        "name": "CANARY-name",
        "owner": PERSON,
    }


def state_of(reported: PullRequest) -> str:
    return "merged" if reported.merged_at else "closed" if reported.closed_at else "opened"


def merge_request(of: Repository, reported: PullRequest) -> dict[str, Any]:
    return {
        "iid": reported.number,
        "state": state_of(reported),
        "title": reported.title,
        "description": "CANARY-body",
        "author": {**PERSON, "id": reported.author_number},
        "draft": False,
        "created_at": written(reported.opened_at),
        "updated_at": written(reported.updated_at),
        "merged_at": written(reported.merged_at),
        "closed_at": written(reported.closed_at),
        "source_branch": reported.branch,
        "target_branch": reported.base,
        "source_project_id": of.number,
        "target_project_id": of.number,
        "sha": sha(reported.commits[-1][0]),
        "merge_commit_sha": reported.made_by_merge,
        "squash_commit_sha": None,
        "user_notes_count": len(reported.reviews),
        "labels": list(reported.labels),
        "web_url": f"https://gitlab.com/{of.path}/-/merge_requests/{reported.number}",
    }


def commits(reported: PullRequest) -> list[dict[str, Any]]:
    """Return commits, newest first, as GitLab lists them."""
    return [
        {
            "id": sha(word),
            "authored_date": written(at),
            "message": "CANARY-message",
            "author_email": "CANARY@example.org",
        }
        for word, at in reversed(reported.commits)
    ]


def notes(reported: PullRequest) -> list[dict[str, Any]]:
    """Return notes, newest first; the oldest is one of GitLab's system notes."""
    said = [
        {"id": number, "created_at": written(at), "body": "CANARY-body", "author": PERSON, "system": False}
        for number, at in reversed(reported.reviews)
    ]
    return [
        *said,
        {"id": 10**9 + reported.number, "created_at": written(reported.opened_at), "body": "CANARY", "system": True},
    ]


def release(of: Repository, tag: str, at: datetime) -> dict[str, Any]:
    commit = {"id": of.commit_of(tag), "message": "CANARY-message"}
    return {"tag_name": tag, "name": "CANARY", "created_at": written(at), "released_at": written(at), "commit": commit}


def tag(of: Repository, name: str, at: datetime) -> dict[str, Any]:
    return {"name": name, "created_at": None, "commit": {"id": of.commit_of(name), "committed_date": written(at)}}


def commit(of: Repository, reported: str) -> dict[str, Any]:
    assert of.graph is not None, "the repository must have commits"
    made = written(of.graph.made_at[reported])
    return {
        "id": reported,
        "committed_date": made,
        "authored_date": made,
        "author_name": "CANARY-name",
        "title": "CANARY",
    }


def deliveries(of: Repository) -> list[Delivery]:
    """Return the webhooks that GitLab would have sent, in order."""
    reported = [each for pull_request in of.pull_requests for each in _life(of, pull_request)]
    for name, at in of.releases:
        payload = {
            "object_kind": "release",
            "action": "create",
            "tag": name,
            **release(of, name, at),
            "project": project(of),
        }
        reported.append((at, Delivery("release", payload)))
    return [delivery for _, delivery in sorted(reported, key=lambda each: each[0])]


def push(of: Repository) -> Delivery:
    """Return a push to the default branch with the newest commits of the first merged merge request."""
    word, at = of.pull_requests[0].commits[-1]
    reported = {
        "object_kind": "push",
        "event_name": "push",
        "ref": "refs/heads/main",
        "before": sha("before"),
        "after": sha(word),
        "checkout_sha": sha(word),
        "user_name": "CANARY-name",
        "user_email": "CANARY@example.org",
        "project": project(of),
        "commits": [{"id": sha(word), "timestamp": written(at), "message": "CANARY-message", "author": PERSON}],
    }
    return Delivery("push", reported)


def tag_push(of: Repository, name: str) -> Delivery:
    """Return the push of a tag without commits; it has no time."""
    reported = {
        "object_kind": "tag_push",
        "event_name": "tag_push",
        "ref": f"refs/tags/{name}",
        "before": "0" * 40,
        "after": sha(f"tag {name}"),
        "checkout_sha": sha(f"tag {name}"),
        "user_name": "CANARY-name",
        "project": project(of),
        "commits": [],
    }
    return Delivery("tag_push", reported)


def _life(of: Repository, reported: PullRequest) -> list[tuple[datetime, Delivery]]:
    before = [each for each in reported.commits if each[1] <= reported.opened_at]
    happened = [(reported.opened_at, _event(of, reported, "open", reported.opened_at, len(before)))]
    for count in range(len(before) + 1, len(reported.commits) + 1):
        at = reported.commits[count - 1][1]
        happened.append((at, _event(of, reported, "update", at, count)))
    for number, at in reported.reviews:
        attributes = {"id": number, "noteable_type": "MergeRequest", "created_at": written(at), "note": "CANARY-body"}
        shown = _attributes(of, reported, at, sum(made <= at for _, made in reported.commits))
        payload = {"object_kind": "note", "object_attributes": attributes, "merge_request": shown, "user": PERSON}
        happened.append((at, Delivery("note", {**payload, "project": project(of)})))
    if ended := reported.merged_at or reported.closed_at:
        action = "merge" if reported.merged_at else "close"
        happened.append((ended, _event(of, reported, action, ended, len(reported.commits))))
    return happened


def _event(of: Repository, reported: PullRequest, action: str, at: datetime, count: int) -> Delivery:
    attributes = {**_attributes(of, reported, at, count), "action": action}
    if action == "update":
        attributes["oldrev"] = sha(reported.commits[count - 2][0])
    if action in {"merge", "close"}:
        attributes["state"] = state_of(reported)
        attributes["merge_commit_sha"] = reported.made_by_merge
    payload = {"object_kind": "merge_request", "object_attributes": attributes, "project": project(of), "user": PERSON}
    payload["labels"] = [{"title": each, "description": "CANARY-description"} for each in reported.labels]
    return Delivery("merge_request", payload)


def _attributes(of: Repository, reported: PullRequest, at: datetime, count: int) -> dict[str, Any]:
    """Return a merge request at the time of an event, with `count` commits."""
    word, made = reported.commits[count - 1]
    whole = merge_request(of, reported)
    return {
        **{key: whole[key] for key in ("iid", "title", "description", "created_at", "source_branch", "target_branch")},
        **{key: whole[key] for key in ("source_project_id", "target_project_id", "draft")},
        "state": "opened",
        "updated_at": written(at),
        "last_commit": {"id": sha(word), "timestamp": written(made), "message": "CANARY-message", "author": PERSON},
    }
