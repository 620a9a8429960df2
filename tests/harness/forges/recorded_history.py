"""The recorded history of a public repository, as a forge would have it.

The record has facts but no ancestry: merge time, merge commit and commits of pull requests; commit, time and newly
shipped pull requests of releases. The graph is built to agree with all of them. The mainline has the merges in order. A
pull request branches off the mainline at the time of its first commit, or of its release. Releases are commits of the
mainline, of the pull request in the record, or of a maintenance line of an earlier major version, which is merged into
the mainline later. Between two releases there are 300 directly pushed commits, more than GitHub lists without pages.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.harness.forges.commit_graph import CommitGraph
from tests.harness.forges.github_state import PullRequest, Repository, sha

RECORD = Path(__file__).parents[4] / "shared" / "history" / "github-api.json"
PUSHED = 300
PUSHED_AFTER = "github-api-1.109"


@dataclass
class RecordedHistory:
    """The repository with its graph, and the pull requests that each tag shipped first."""

    repository: Repository
    shipped: dict[str, frozenset[int]]


def read_history(path: Path = RECORD, number: int = 1, name: str = "octo/history") -> RecordedHistory:
    reported = json.loads(path.read_text())
    releases = [{**each, "at": _instant(each["at"])} for each in reported["releases"]]
    pull_requests = [_pull_request(each) for each in reported["pull_requests"]]
    tags = [(each["tag"], each["at"]) for each in releases]
    repository = Repository(number, name, tags[0][1], pull_requests, tags, tags, graph=_build(pull_requests, releases))
    return RecordedHistory(repository, {each["tag"]: frozenset(each["pull_requests"]) for each in releases})


def _instant(reported: str) -> datetime:
    return datetime.fromisoformat(reported).astimezone(UTC)


def _pull_request(reported: dict[str, Any]) -> PullRequest:
    merged_at = _instant(reported["merged_at"])
    commits = [(each["sha"], _instant(each["authored_at"])) for each in reported["commits"]]
    commits.sort(key=lambda each: each[1])
    # The record has no opening time. Commits dated after the merge were rewritten.
    opened_at = min(commits[0][1], merged_at) if commits else merged_at
    return PullRequest(
        reported["number"],
        f"branch-{reported['number']}",
        opened_at,
        [(each, min(at, merged_at)) for each, at in commits] or [(sha(f"head of {reported['number']}"), opened_at)],
        merged_at=merged_at,
        merge_commit=reported["merge_commit"],
    )


def _build(pull_requests: list[PullRequest], releases: list[dict[str, Any]]) -> CommitGraph:
    return _Building(pull_requests, releases).run()


class _Building:
    """Builds the graph event by event, in order of time."""

    def __init__(self, pull_requests: list[PullRequest], releases: list[dict[str, Any]]) -> None:
        self.graph = CommitGraph()
        self.releases = releases
        self.of_commit = {commit: each for each in pull_requests for commit, _ in each.commits}
        self.tip = self.graph.add(sha("root"), releases[0]["at"] - timedelta(days=1))
        self.side: str | None = None
        self.newest_major = 0
        self.begun: set[int] = set()
        reported: list[tuple[datetime, int, Callable[[], None]]] = []
        for each in pull_requests:
            assert each.merged_at is not None
            reported.append((each.opened_at, 0, lambda each=each: self.begin(each)))
            reported.append((each.merged_at, 2, lambda each=each: self.merge(each)))
        reported += [(each["at"], 1, lambda each=each: self.release(each)) for each in releases]
        self.happened = sorted(reported, key=lambda each: each[:2])

    def run(self) -> CommitGraph:
        for _, _, happen in self.happened:
            happen()
        return self.graph

    def begin(self, reported: PullRequest) -> None:
        """Branch off the mainline; a pull request that is released is first updated to the mainline."""
        if reported.number not in self.begun and not any(
            each["commit"] in dict(reported.commits) for each in self.releases
        ):
            self.work(reported)

    def work(self, reported: PullRequest) -> None:
        self.begun.add(reported.number)
        tip = self.tip
        for commit, at in reported.commits:
            tip = self.graph.add(commit, at, tip)
            self.graph.branches[commit] = reported.number

    def merge(self, reported: PullRequest) -> None:
        assert reported.merged_at is not None
        assert reported.merge_commit is not None
        if reported.number not in self.begun:
            self.work(reported)
        parents = (self.tip, reported.commits[-1][0])
        self.tip = self.graph.add(reported.merge_commit, reported.merged_at, *parents)
        self.graph.merges[reported.merge_commit] = reported.number

    def release(self, reported: dict[str, Any]) -> None:
        commit, at = reported["commit"], reported["at"]
        major = int(reported["tag"].removeprefix("github-api-").partition(".")[0])
        if (of := self.of_commit.get(commit)) is not None:
            if of.number not in self.begun:
                self.work(of)
        elif major < self.newest_major:
            assert not reported["pull_requests"], "a maintenance line merges no pull requests"
            self.side = self.graph.add(commit, at, self.side or self.last_of_major)
        else:
            self.tip = self.graph.add(commit, at, self.tip)
        if major >= self.newest_major:
            self.newest_major = major
            if major == 1:
                self.last_of_major = commit
        if self.side and major > 1 and not self.graph.reaches(self.tip, self.side):
            self.tip = self.graph.add(sha(f"back after {reported['tag']}"), at, self.tip, self.side)
        self.graph.tags[reported["tag"]] = commit
        if reported["tag"] == PUSHED_AFTER:
            for number in range(PUSHED):
                self.tip = self.graph.add(sha(f"push {number}"), at, self.tip)
