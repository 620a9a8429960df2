"""Real bodies for invented work: webhooks of GitHub and GitLab, and Claude Code's OTLP logs.

Times are hours since `START`, a Monday; commits are words, which `sha` converts to SHAs. Everything that could
identify or quote a person is a canary.
"""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from tests.harness.otlp import Body, claude_logs, record

START = datetime(2026, 3, 2, tzinfo=UTC)
SHOP = "https://github.com/octo/shop"
LAB = "https://gitlab.com/octo/shop"
NOBODY = {"login": "CANARY-login", "id": 7, "email": "CANARY@example.org"}


class Delivery(NamedTuple):
    """One webhook request: its event and its body."""

    event: str
    payload: dict[str, Any]


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def written(hours: float | None) -> str | None:
    """Return a time as GitHub writes it."""
    return None if hours is None else at(hours).isoformat().replace("+00:00", "Z")


def sha(word: str | None) -> str:
    """Return a commit's SHA; zeros, which mean no commit, for None."""
    return "0" * 40 if word is None else hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest()


def repository(number: int = 1, path: str = "octo/shop", pushed: float | None = None) -> dict[str, Any]:
    return {
        "id": number,
        "full_name": path,
        "html_url": f"https://github.com/{path}",
        "default_branch": "main",
        "description": "CANARY-description",
        "updated_at": written(0),
        "pushed_at": None if pushed is None else int(at(pushed).timestamp()),
    }


SHOP_REPOSITORY = repository()
FORK_REPOSITORY = repository(2, "canary-person/shop")


def push(
    branch: str,
    hours: float,
    *commits: str,
    known: tuple[str, ...] = (),
    of: dict[str, Any] = SHOP_REPOSITORY,
    before: str | None = None,
    after: str | None = None,
) -> Delivery:
    """Return GitHub's push of commits made half an hour before; `known` ones were pushed to another branch already."""
    reported = [
        {
            "id": sha(commit),
            "distinct": commit not in known,
            "message": "CANARY-message",
            "timestamp": written(hours - 0.5),
            "author": NOBODY,
        }
        for commit in (*known, *commits)
    ]
    payload = {
        "ref": f"refs/heads/{branch}",
        "before": sha(before),
        "after": sha(after or (*known, *commits)[-1]),
        "repository": {**of, "pushed_at": int(at(hours).timestamp())},
        "pusher": NOBODY,
        "commits": reported,
        "head_commit": reported[-1] if reported else None,
    }
    return Delivery("push", payload)


def pull_request(
    action: str,
    number: int,
    branch: str,
    hours: float,
    head: str,
    *,
    opened: float,
    base: str = "main",
    of: dict[str, Any] = SHOP_REPOSITORY,
    source: dict[str, Any] | None = None,
    before: str | None = None,
    merged: str | None = None,
) -> Delivery:
    """Return GitHub's pull request event; a `closed` one with a merge commit was merged."""
    ended = hours if action == "closed" else None
    payload = {
        "action": action,
        "number": number,
        "pull_request": {
            "number": number,
            "state": "open" if ended is None else "closed",
            "title": "CANARY-title",
            "user": NOBODY,
            "created_at": written(opened),
            "updated_at": written(hours),
            "closed_at": written(ended),
            "merged_at": written(ended if merged else None),
            "merged": merged is not None,
            "merge_commit_sha": sha(merged or f"trial merge of {head}"),
            "head": {"ref": branch, "sha": sha(head), "repo": of if source is None else source},
            "base": {"ref": base, "sha": sha("base"), "repo": of},
            "draft": False,
        },
        "repository": of,
        "sender": NOBODY,
    }
    if action == "synchronize":
        payload |= {"before": sha(before), "after": sha(head)}
    return Delivery("pull_request", payload)


def merge_group(number: int, hours: float, head: str) -> Delivery:
    """Return GitHub's event for a merge queue's commit of a pull request."""
    group = {
        "head_sha": sha(head),
        "head_ref": f"refs/heads/{queue_branch(number)}",
        "base_ref": "refs/heads/main",
        "base_sha": sha("base"),
        "head_commit": {"id": sha(head), "message": "CANARY-message", "timestamp": written(hours)},
    }
    payload = {"action": "checks_requested", "merge_group": group, "repository": SHOP_REPOSITORY, "sender": NOBODY}
    return Delivery("merge_group", payload)


def queue_branch(number: int) -> str:
    return f"gh-readonly-queue/main/pr-{number}-{sha('base')}"


def project(number: int = 1, path: str = "octo/shop") -> dict[str, Any]:
    return {
        "id": number,
        "path_with_namespace": path,
        "web_url": f"https://gitlab.com/{path}",
        "default_branch": "main",
        "description": "CANARY-description",
    }


LAB_PROJECT = project()


def gitlab_push(branch: str, hours: float, *commits: str, of: dict[str, Any] = LAB_PROJECT) -> Delivery:
    """Return GitLab's push; it lists at most the last twenty new commits of the branch, and has no time."""
    reported = [
        {"id": sha(commit), "message": "CANARY-message", "timestamp": written(hours), "author": NOBODY}
        for commit in commits[-20:]
    ]
    payload = {
        "object_kind": "push",
        "ref": branch if branch.startswith("refs/") else f"refs/heads/{branch}",
        "before": sha(None),
        "after": sha(commits[-1]),
        "user_name": "CANARY-name",
        "project_id": of["id"],
        "project": of,
        "commits": reported,
        "total_commits_count": len(commits),
    }
    return Delivery("push", payload)


def merge_request(
    action: str,
    number: int,
    branch: str,
    hours: float,
    head: str,
    *,
    opened: float,
    base: str = "main",
    of: dict[str, Any] = LAB_PROJECT,
    before: str | None = None,
    merged: str | None = None,
    squashed: str | None = None,
) -> Delivery:
    """Return GitLab's merge request event; the last commit was made half an hour before."""
    states = {"merge": "merged", "close": "closed"}
    reported = {
        "iid": number,
        "action": action,
        "state": states.get(action, "opened"),
        "title": "CANARY-title",
        "created_at": written(opened),
        "updated_at": written(hours),
        "source_branch": branch,
        "target_branch": base,
        "source_project_id": of["id"],
        "target_project_id": of["id"],
        "source": of,
        "target": of,
        "last_commit": {"id": sha(head), "timestamp": written(min(opened, hours) - 0.5), "author": NOBODY},
        "merge_commit_sha": None if merged is None else sha(merged),
        "squash_commit_sha": None if squashed is None else sha(squashed),
    }
    if before is not None:
        reported["oldrev"] = sha(before)
    payload = {"object_kind": "merge_request", "user": NOBODY, "project": of, "object_attributes": reported}
    return Delivery("merge_request", payload)


def pipeline(number: int, hours: float, head: str) -> Delivery:
    """Return GitLab's event for the pipeline of a commit that a merge train or trial merge made."""
    reported = {
        "id": 31,
        "ref": "fix",
        "sha": sha(head),
        "source": "merge_request_event",
        "status": "running",
        "created_at": at(hours).strftime("%Y-%m-%d %H:%M:%S UTC"),
    }
    request = {"id": 900 + number, "iid": number, "title": "CANARY-title", "source_branch": "fix"}
    payload = {
        "object_kind": "pipeline",
        "object_attributes": reported,
        "merge_request": request,
        "user": NOBODY,
        "project": LAB_PROJECT,
        "commit": {"id": sha(head), "message": "CANARY-message", "author": NOBODY},
    }
    return Delivery("pipeline", payload)


def telemetry(*records: Body, team: str | None = None) -> Body:
    """Return one OTLP body of Claude Code."""
    return claude_logs(*records, team=team)


def spent(hours: float, tokens: int, session: str | None = "s", **reported: Any) -> Body:
    """Return a model request with `tokens` uncached input tokens, and attributes such as `branch` and `repository`."""
    values = {
        "event.name": "api_request",
        "model": "claude-sonnet-4-5",
        "input_tokens": tokens,
        "output_tokens": 0,
        "request_id": f"request {hours} {tokens}",
    }
    return _record(hours, session, values, reported)


def committed(hours: float, commit: str, session: str = "s", **reported: Any) -> Body:
    """Return the record of a session that made a commit."""
    values = {"event.name": "tool_result", "tool_parameters": "CANARY", "vcs.ref.head.revision": sha(commit)}
    return _record(hours, session, values, reported)


def committed_briefly(hours: float, commit: str, session: str = "s", **reported: Any) -> Body:
    """Return the same record as old versions send it, with an abbreviated SHA."""
    parameters = json.dumps({"bash_command": "CANARY", "git_commit_id": sha(commit)[:9]})
    return _record(hours, session, {"event.name": "tool_result", "tool_parameters": parameters}, reported)


def seen_on(hours: float, branch: str, session: str = "s", **reported: Any) -> Body:
    """Return the record of a session on a branch."""
    return _record(
        hours, session, {"event.name": "tool_result", "tool_parameters": "CANARY"}, {"branch": branch, **reported}
    )


_NAMES = {
    "branch": "vcs.ref.head.name",
    "repository": "vcs.repository.url.full",
    "number": "vcs.change.id",
    "artifact": "shipledger.artifact.hash",
}


def _record(hours: float, session: str | None, values: dict[str, Any], reported: dict[str, Any]) -> Body:
    links = {_NAMES[name]: value for name, value in {"repository": SHOP, **reported}.items() if value is not None}
    sessions = {} if session is None else {"session.id": f"CANARY-{session}"}
    moment = int(at(hours).timestamp() * 1_000_000) * 1000
    return record({"user.email": "CANARY@example.org", **sessions, **values, **links}, moment=moment)
