"""State of a fake GitHub: repositories with pull requests, releases and tags, for GraphQL, REST and webhooks.

Everything that could identify or quote a person is a canary.
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.harness.bodies import NOBODY, Delivery
from tests.harness.forges import github_whole
from tests.harness.forges.commit_graph import CommitGraph
from tests.harness.forges.graphql import pages

_SHA = re.compile("[0-9a-f]{40}")

ACTOR = {"login": "CANARY-login", "name": "CANARY-name", "email": "CANARY@example.org", "__typename": "User"}


def sha(word: str) -> str:
    """Return the SHA for a word; a SHA stays as it is."""
    if _SHA.fullmatch(word):
        return word
    return hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest()


def blob_id(content: str) -> str:
    """Return the id of a file's content, as Git computes it."""
    return hashlib.sha1(f"blob {len(content.encode())}\0{content}".encode(), usedforsecurity=False).hexdigest()


def written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds").replace("+00:00", "Z")


@dataclass
class PullRequest:
    """A pull request; commits are words with their times, reviews are ids with their times."""

    number: int
    branch: str
    opened_at: datetime
    commits: list[tuple[str, datetime]]
    reviews: list[tuple[int, datetime]] = field(default_factory=list)
    merged_at: datetime | None = None
    closed_at: datetime | None = None
    base: str = "main"
    additions: int = 10
    title: str = "CANARY-title"
    merge_commit: str | None = None
    labels: tuple[str, ...] = ()
    paths: list[str] = field(default_factory=list)
    author: str = "CANARY-login"
    author_number: int = 7

    @property
    def made_by_merge(self) -> str | None:
        return (self.merge_commit or sha(f"merge of {self.number}")) if self.merged_at else None

    @property
    def updated_at(self) -> datetime:
        reported = [self.opened_at, *(at for _, at in (*self.commits, *self.reviews)), self.merged_at, self.closed_at]
        return max(at for at in reported if at is not None)


@dataclass
class Repository:
    """A repository; a rename changes its time `reported_at`. The default host is the forge's.

    Every commit has the same files; `is_cut` if they are too many for one answer.
    """

    number: int
    path: str
    reported_at: datetime
    pull_requests: list[PullRequest] = field(default_factory=list)
    releases: list[tuple[str, datetime]] = field(default_factory=list)
    tags: list[tuple[str, datetime]] = field(default_factory=list)
    graph: CommitGraph | None = None
    files: dict[str, str] = field(default_factory=dict)
    is_cut: bool = False
    host: str = ""

    def commit_of(self, tag: str) -> str:
        """Return the commit of a tag."""
        return self.graph.tags[tag] if self.graph else sha(f"tag {tag}")

    def numbered(self, number: int) -> PullRequest | None:
        return next((each for each in self.pull_requests if each.number == number), None)

    # GraphQL

    def node(self) -> dict[str, Any]:
        return {
            "databaseId": self.number,
            "nameWithOwner": self.path,
            "url": f"https://{self.host or 'github.com'}/{self.path}",
            "updatedAt": written(self.reported_at),
            "pushedAt": written(self.reported_at),
            "defaultBranchRef": {"name": "main"},
            "pullRequests": pages(self.pull_requests, _changed, self._pull_request),
            "pullRequest": lambda number: (found := self.numbered(number)) and self._pull_request(found),
            "object": self._object,
            "releases": pages(self.releases, _dated, self._release),
            "refs": pages(self.tags, _dated, self._tag),
        }

    def _pull_request(self, reported: PullRequest) -> dict[str, Any]:
        state = "MERGED" if reported.merged_at else "CLOSED" if reported.closed_at else "OPEN"
        return {
            "number": reported.number,
            "state": state,
            "title": reported.title,
            "body": "CANARY-body",
            "author": {**ACTOR, "login": reported.author},
            "isDraft": False,
            "createdAt": written(reported.opened_at),
            "updatedAt": written(reported.updated_at),
            "closedAt": written(reported.merged_at or reported.closed_at),
            "mergedAt": written(reported.merged_at),
            "additions": reported.additions,
            "deletions": 1,
            "changedFiles": 2,
            "headRefName": reported.branch,
            "headRefOid": sha(reported.commits[-1][0]),
            "baseRefName": reported.base,
            "headRepository": {
                "databaseId": self.number,
                "nameWithOwner": self.path,
                "url": f"https://{self.host or 'github.com'}/{self.path}",
            }
            | {"updatedAt": None, "pushedAt": None, "defaultBranchRef": None},
            "labels": pages(
                [(each, reported.opened_at) for each in reported.labels], _dated, lambda each: {"name": each[0]}
            ),
            "baseRepository": {"databaseId": self.number},
            "mergeCommit": {"oid": reported.made_by_merge} if reported.merged_at else None,
            "commits": pages(reported.commits, _dated, _commit),
            "reviews": pages(reported.reviews, _dated, _review),
            "files": pages(reported.paths, str, lambda path: {"path": path}),
        }

    def _release(self, reported: tuple[str, datetime]) -> dict[str, Any]:
        tag, at = reported
        return {
            "tagName": tag,
            "name": "CANARY-name",
            "isDraft": False,
            "isPrerelease": False,
            "createdAt": written(at),
            "publishedAt": written(at),
            "updatedAt": written(at),
            "tagCommit": {"oid": self.commit_of(tag)},
        }

    def _tag(self, reported: tuple[str, datetime]) -> dict[str, Any]:
        name, at = reported
        target = {"__typename": "Commit", "oid": self.commit_of(name), "committedDate": written(at), "author": ACTOR}
        return {"name": name, "target": target}

    def _object(self, oid: str = "", expression: str = "") -> dict[str, Any] | None:
        if expression:
            reported = self.files.get(expression.removeprefix("HEAD:"))
            return None if reported is None else {"__typename": "Blob", "text": reported}
        if (held := next((each for each in self.files.values() if blob_id(each) == oid), None)) is not None:
            return {"__typename": "Blob", "text": held}
        if self.graph is None or oid not in self.graph.made_at:
            return None
        reported = [each for number in self.graph.pull_requests_of(oid) if (each := self.numbered(number))]
        nodes = pages([(each, each.opened_at) for each in reported], _dated, lambda each: self._pull_request(each[0]))
        return {"__typename": "Commit", "associatedPullRequests": nodes}

    # REST

    def whole(self) -> dict[str, Any]:
        return github_whole.repository(self.number, self.path, written(self.reported_at))

    # Webhooks

    def payload(self) -> dict[str, Any]:
        return {
            "id": self.number,
            "full_name": self.path,
            "html_url": f"https://{self.host or 'github.com'}/{self.path}",
            "default_branch": "main",
            "updated_at": written(self.reported_at),
            "pushed_at": written(self.reported_at),
            "owner": NOBODY,
        }

    def deliveries(self) -> list[Delivery]:
        """Return every webhook that GitHub would have sent, in order."""
        reported = [each for pull_request in self.pull_requests for each in self._life(pull_request)]
        reported += [(at, self._release_delivery(tag, at)) for tag, at in self.releases]
        return [delivery for _, delivery in sorted(reported, key=lambda each: each[0])]

    def _life(self, reported: PullRequest) -> list[tuple[datetime, Delivery]]:
        before = [each for each in reported.commits if each[1] <= reported.opened_at]
        happened = [(reported.opened_at, self._event(reported, "opened", reported.opened_at, before[-1][0]))]
        for word, at in reported.commits[len(before) :]:
            happened.append((at, self._event(reported, "synchronize", at, word)))
        for number, at in reported.reviews:
            head = [word for word, made in reported.commits if made <= at][-1]
            delivery = self._event(reported, "submitted", at, head)
            review = {"id": number, "submitted_at": written(at), "body": "CANARY-body", "user": NOBODY}
            happened.append((at, Delivery("pull_request_review", {**delivery.payload, "review": review})))
        if ended := reported.merged_at or reported.closed_at:
            happened.append((ended, self._event(reported, "closed", ended, reported.commits[-1][0])))
        return happened

    def _event(self, reported: PullRequest, action: str, at: datetime, head: str) -> Delivery:
        is_closed = action == "closed"
        pull_request = {
            "number": reported.number,
            "state": "closed" if is_closed else "open",
            "merged": is_closed and reported.merged_at is not None,
            "title": reported.title,
            "body": "CANARY-body",
            "user": {**NOBODY, "login": reported.author},
            "draft": False,
            "labels": [{"name": each, "description": "CANARY-description"} for each in reported.labels],
            "created_at": written(reported.opened_at),
            "updated_at": written(at),
            "closed_at": written(at) if is_closed else None,
            "merged_at": written(reported.merged_at) if is_closed else None,
            "merge_commit_sha": reported.made_by_merge if is_closed else None,
            "additions": reported.additions,
            "deletions": 1,
            "changed_files": 2,
            "head": {"ref": reported.branch, "sha": sha(head), "repo": self.payload()},
            "base": {"ref": reported.base, "sha": sha("base"), "repo": self.payload()},
        }
        payload = {"action": action, "number": reported.number, "pull_request": pull_request, "sender": NOBODY}
        return Delivery("pull_request", {**payload, "repository": self.payload()})

    def _release_delivery(self, tag: str, at: datetime) -> Delivery:
        release = {
            "tag_name": tag,
            "target_commitish": "main",
            "name": "CANARY-name",
            "body": "CANARY-body",
            "author": NOBODY,
            "draft": False,
            "prerelease": False,
            "created_at": written(at),
            "published_at": written(at),
            "updated_at": written(at),
        }
        return Delivery(
            "release", {"action": "published", "release": release, "repository": self.payload(), "sender": NOBODY}
        )


def _changed(reported: PullRequest) -> str:
    return f"{written(reported.updated_at)} {reported.number:>9}"


def _dated(reported: tuple[Any, datetime]) -> str:
    return f"{written(reported[1])} {reported[0]!s:>30}"


def _commit(reported: tuple[str, datetime]) -> dict[str, Any]:
    word, at = reported
    return {"commit": {"oid": sha(word), "authoredDate": written(at), "message": "CANARY-message", "author": ACTOR}}


def _review(reported: tuple[int, datetime]) -> dict[str, Any]:
    number, at = reported
    times = {"submittedAt": written(at), "createdAt": written(at)}
    return {"fullDatabaseId": str(number), **times, "body": "CANARY-body", "author": ACTOR}
