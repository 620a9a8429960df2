"""Webhook requests as GitHub sends them for a simulated company: signed, in order of time.

As in real payloads, bodies contain (made-up) logins, names, mail addresses, titles and messages, so that the product
has to drop them.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from service.simulation.company import FORGE_HOST, Commit, Company, PullRequest, Release, Repository, Team

Json = dict[str, Any]

HOOK_ID = "481516234"
NO_COMMIT = "0" * 40
PUSHED_AFTER = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Webhook:
    """One request to the webhook endpoint; `delivery` is the GUID, which stays the same when it is sent again."""

    at: datetime
    event: str
    delivery: str
    body: bytes

    def headers(self, secret: str) -> dict[str, str]:
        """Return the request's headers, signed with the hook's secret."""
        return {
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/simulated",
            "X-GitHub-Event": self.event,
            "X-GitHub-Delivery": self.delivery,
            "X-GitHub-Hook-ID": HOOK_ID,
            "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), self.body, hashlib.sha256).hexdigest(),
        }


def company_webhooks(company: Company) -> list[Webhook]:
    """Return all webhooks of the company's repositories, in order of time."""
    webhooks = [webhook for team in company.teams for webhook in _team_webhooks(team)]
    return sorted(webhooks, key=lambda webhook: (webhook.at, webhook.delivery))


def _team_webhooks(team: Team) -> Iterator[Webhook]:
    for pull_request in team.pull_requests:
        yield from _before_opening(pull_request)
        yield from _while_open(pull_request)
        yield from _at_the_end(pull_request)
    for release in team.releases:
        yield from _published(release)


def _before_opening(pull_request: PullRequest) -> Iterator[Webhook]:
    """Push the branch with its first commits, then open the pull request."""
    first = [commit for commit in pull_request.commits if commit.at <= pull_request.opened_at]
    at = pull_request.opened_at - PUSHED_AFTER
    yield _push(pull_request, at, NO_COMMIT, first)
    yield _pull_request(pull_request, "opened", pull_request.opened_at, first)


def _while_open(pull_request: PullRequest) -> Iterator[Webhook]:
    """Push each later commit, and submit the reviews."""
    for position, commit in enumerate(pull_request.commits):
        if commit.at > pull_request.opened_at:
            at, so_far = commit.at + PUSHED_AFTER, list(pull_request.commits[: position + 1])
            before = pull_request.commits[position - 1].sha
            yield _push(pull_request, at, before, [commit])
            yield _pull_request(pull_request, "synchronize", at, so_far, before=before, after=commit.sha)
    for position, at in enumerate(pull_request.reviewed_at):
        yield _review(pull_request, at, position)


def _at_the_end(pull_request: PullRequest) -> Iterator[Webhook]:
    """Close the pull request; if it was merged, push the squash commit to the base branch."""
    if pull_request.closed_at is None:
        return
    yield _pull_request(pull_request, "closed", pull_request.closed_at, list(pull_request.commits))
    if pull_request.merge_sha is not None:
        merge = Commit(pull_request.merge_sha, pull_request.closed_at)
        yield _push(pull_request, pull_request.closed_at, pull_request.base_sha, [merge], branch="main")


def _webhook(at: datetime, event: str, identity: str, payload: Json) -> Webhook:
    body = json.dumps(payload, separators=(",", ":")).encode()
    return Webhook(at, event, str(uuid5(NAMESPACE_URL, f"{event}/{identity}")), body)


def _pull_request(pull_request: PullRequest, action: str, at: datetime, commits: list[Commit], **more: str) -> Webhook:
    repository = pull_request.repository
    payload = {
        "action": action,
        "number": pull_request.number,
        "pull_request": _pull_request_object(pull_request, at, commits),
        **more,
        "repository": _repository(repository),
        "sender": _person(pull_request.developer),
    }
    identity = f"{repository.path}/{pull_request.number}/{action}/{pull_request.branch}/{len(commits)}"
    return _webhook(at, "pull_request", identity, payload)


def _pull_request_object(pull_request: PullRequest, at: datetime, commits: list[Commit]) -> Json:
    repository, closed = pull_request.repository, pull_request.closed_at
    ended = closed is not None and at >= closed
    merged = ended and pull_request.merged
    person = _bot() if pull_request.is_bot else _person(pull_request.developer)
    return {
        "url": f"https://api.{FORGE_HOST}/repos/{repository.path}/pulls/{pull_request.number}",
        "id": repository.forge_id * 1000 + pull_request.number,
        "html_url": f"{repository.url}/pull/{pull_request.number}",
        "number": pull_request.number,
        "state": "closed" if ended else "open",
        "locked": False,
        "title": f"Revert of #{pull_request.reverts}"
        if pull_request.reverts
        else pull_request.branch.replace("-", " "),
        "user": person,
        "body": f"Reverts {repository.path}#{pull_request.reverts}"
        if pull_request.reverts
        else "What it does and why.",
        "created_at": _instant(pull_request.opened_at),
        "updated_at": _instant(at),
        "closed_at": _instant(closed) if ended and closed else None,
        "merged_at": _instant(closed) if merged and closed else None,
        "merge_commit_sha": pull_request.merge_sha if merged else None,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "labels": [{"name": name} for name in pull_request.labels],
        "milestone": None,
        "draft": False,
        "head": _reference(repository, pull_request.branch, commits[-1].sha, person),
        "base": _reference(repository, "main", pull_request.base_sha, person),
        "author_association": "MEMBER",
        "auto_merge": None,
        "active_lock_reason": None,
        "merged": merged,
        "mergeable": None,
        "merged_by": person if merged else None,
        "comments": 0,
        "review_comments": 0,
        "commits": len(commits),
        "additions": pull_request.changed_lines - pull_request.changed_lines // 4,
        "deletions": pull_request.changed_lines // 4,
        "changed_files": pull_request.changed_files,
    }


def _reference(repository: Repository, branch: str, sha: str, person: Json) -> Json:
    owner = repository.path.partition("/")[0]
    return {"label": f"{owner}:{branch}", "ref": branch, "sha": sha, "user": person, "repo": _repository(repository)}


def _push(
    pull_request: PullRequest, at: datetime, before: str, commits: list[Commit], *, branch: str | None = None
) -> Webhook:
    repository, after = pull_request.repository, commits[-1].sha
    listed = [_commit(repository, commit, pull_request.developer) for commit in commits]
    payload = {
        "ref": f"refs/heads/{branch or pull_request.branch}",
        "before": before,
        "after": after,
        "repository": _repository(repository),
        "pusher": {"name": _login(pull_request.developer), "email": _mail(pull_request.developer)},
        "sender": _person(pull_request.developer),
        "created": before == NO_COMMIT,
        "deleted": False,
        "forced": False,
        "base_ref": None,
        "compare": f"{repository.url}/compare/{before[:12]}...{after[:12]}",
        "commits": listed,
        "head_commit": listed[-1],
    }
    return _webhook(at, "push", f"{repository.path}/{after}", payload)


def _commit(repository: Repository, commit: Commit, developer: int) -> Json:
    person = {"name": _name(developer), "email": _mail(developer), "username": _login(developer)}
    return {
        "id": commit.sha,
        "tree_id": commit.sha[::-1],
        "distinct": True,
        "message": "Change what was asked for",
        "timestamp": _instant(commit.at),
        "url": f"{repository.url}/commit/{commit.sha}",
        "author": person,
        "committer": person,
        "added": [],
        "removed": [],
        "modified": ["source/main.py"],
    }


def _review(pull_request: PullRequest, at: datetime, position: int) -> Webhook:
    commits = [commit for commit in pull_request.commits if commit.at <= at]
    reviewer = _person(pull_request.developer + 1 + position)
    payload = {
        "action": "submitted",
        "review": {
            "id": int(commits[-1].sha[:11], 16) + position,
            "user": reviewer,
            "body": "Looks right to me.",
            "commit_id": commits[-1].sha,
            "submitted_at": _instant(at),
            "state": "approved" if position == len(pull_request.reviewed_at) - 1 else "changes_requested",
            "author_association": "MEMBER",
        },
        "pull_request": _pull_request_object(pull_request, at, commits),
        "repository": _repository(pull_request.repository),
        "sender": reviewer,
    }
    identity = f"{pull_request.repository.path}/{pull_request.number}/{position}/{commits[-1].sha}"
    return _webhook(at, "pull_request_review", identity, payload)


def _published(release: Release) -> Iterator[Webhook]:
    """Push the tag, then publish the release."""
    repository, person = release.repository, _person(0)
    tag = {
        "ref": f"refs/tags/{release.tag}",
        "before": NO_COMMIT,
        "after": release.commit,
        "created": True,
        "deleted": False,
        "forced": False,
        "base_ref": "refs/heads/main",
        "commits": [],
        "head_commit": _commit(repository, Commit(release.commit, release.at), 0),
        "repository": _repository(repository),
        "pusher": {"name": _login(0), "email": _mail(0)},
        "sender": person,
    }
    yield _webhook(release.at - PUSHED_AFTER, "push", f"{repository.path}/{release.tag}", tag)
    published = {
        "action": "published",
        "release": {
            "id": int(release.commit[:7], 16),
            "html_url": f"{repository.url}/releases/tag/{release.tag}",
            "tag_name": release.tag,
            "target_commitish": "main",
            "name": release.tag,
            "draft": False,
            "prerelease": False,
            "author": person,
            "created_at": _instant(release.at),
            "published_at": _instant(release.at),
            "assets": [],
            "body": None,
        },
        "repository": _repository(repository),
        "sender": person,
    }
    yield _webhook(release.at, "release", f"{repository.path}/{release.tag}", published)


def _repository(repository: Repository) -> Json:
    owner, _, name = repository.path.partition("/")
    return {
        "id": repository.forge_id,
        "name": name,
        "full_name": repository.path,
        "private": True,
        "owner": {"login": owner, "id": 90_000_001, "type": "Organization", "site_admin": False},
        "html_url": repository.url,
        "fork": False,
        "url": f"https://api.{FORGE_HOST}/repos/{repository.path}",
        "default_branch": "main",
    }


def _login(developer: int) -> str:
    return f"developer-{developer:02d}"


def _name(developer: int) -> str:
    return f"Developer Number {developer}"


def _mail(developer: int) -> str:
    return f"developer-{developer:02d}@shop.example"


def _person(developer: int) -> Json:
    return {"login": _login(developer), "id": 50_000_000 + developer, "type": "User", "site_admin": False}


def _bot() -> Json:
    return _person(0) | {"login": "updates[bot]", "id": 49_999_999, "type": "Bot"}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
