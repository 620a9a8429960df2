"""GitLab's commit history: tags, commits between two commits, and the merge requests that they merged."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from workers.forge_access.errors import RefusedError
from workers.forge_access.listed import Listed
from workers.forge_events.reading import Json, commit, instant, mapping, text, whole
from workers.forges.previous_tags import Tagged

PAGE = 100
UNRELATED = {400, 404}
# Commits that a merge creates; `sha` is the head, which a fast-forward merge keeps.
MADE = ("merge_commit_sha", "squash_commit_sha", "sha")

ListPage = Callable[[str, dict[str, Any], int], list[Json]]


class GitlabHistory:
    """A HistoryClient. GitLab finds merge requests only one commit at a time, so merged ones are listed instead."""

    def __init__(self, get: Callable[[str, dict[str, Any]], Json], page: ListPage) -> None:
        self._get, self._page = get, page
        self._made_at: dict[str, datetime] = {}
        self._merged: dict[int, _Merged] = {}

    def tags(self, repository: Listed) -> list[Tagged]:
        """Return every tag, a hundred per request."""
        answer = self._all(f"{_path(repository)}/tags", {})
        return [
            Tagged(name, sha, instant(each, "created_at") or instant(mapping(each, "commit"), "committed_date"))
            for each in answer
            if (name := text(each, "name")) and (sha := commit(mapping(each, "commit"), "id"))
        ]

    def commits_between(self, repository: Listed, base: str, head: str) -> list[str] | None:
        """List the range of both, because it is paged and a comparison is not."""
        try:
            common = self._get(f"{_path(repository)}/merge_base", {"refs[]": [base, head]})
        except RefusedError as error:
            if error.status in UNRELATED:
                return None
            raise
        if commit(common, "id") != base.lower():
            return None
        return self._shas(self._all(f"{_path(repository)}/commits", {"ref_name": f"{base}..{head}"}))

    def commits_up_to(self, repository: Listed, head: str, most: int) -> list[str] | None:
        """Read the history page by page, newest first."""
        found: list[Json] = []
        number = 1
        while len(found) <= most:
            answer = self._page(f"{_path(repository)}/commits", {"ref_name": head}, number)
            found += answer
            number += 1
            if len(answer) < PAGE:
                return self._shas(found)
        return None

    def merged_by(self, repository: Listed, commits: Sequence[str]) -> set[int]:
        """List merge requests changed since the oldest of the commits, because none was merged before it."""
        if not commits:
            return set()
        since = min(self._made_at.get(each, datetime.min.replace(tzinfo=UTC)) for each in commits)
        if repository.forge_id not in self._merged:
            self._merged[repository.forge_id] = _Merged()
        known = self._merged[repository.forge_id]
        path = f"/projects/{repository.forge_id}/merge_requests"
        query = {"scope": "all", "state": "merged", "order_by": "updated_at", "sort": "desc"}
        while not known.is_all and (known.since is None or known.since >= since):
            known.number += 1
            known.add(self._page(path, query, known.number))
        return {known.by_commit[each] for each in commits if each in known.by_commit}

    def notes(self, repository: Listed, tag: str, previous: str | None) -> set[int] | None:  # noqa: ARG002 - unused
        """Return None: GitLab writes changelogs from commit trailers, which name no merge request."""
        return None

    def _shas(self, answer: Sequence[Json]) -> list[str]:
        found = []
        for each in answer:
            if sha := commit(each, "id"):
                self._made_at[sha] = instant(each, "committed_date") or datetime.min.replace(tzinfo=UTC)
                found.append(sha)
        return found

    def _all(self, path: str, query: dict[str, Any]) -> list[Json]:
        found: list[Json] = []
        number = 1
        while True:
            answer = self._page(path, query, number)
            found += answer
            number += 1
            if len(answer) < PAGE:
                return found


class _Merged:
    """The listed part of a project's merged merge requests, last changed first."""

    def __init__(self) -> None:
        self.by_commit: dict[str, int] = {}
        self.number = 0
        self.since: datetime | None = None
        self.is_all = False

    def add(self, page: Sequence[Json]) -> None:
        for each in page:
            number = whole(each, "iid")
            for key in MADE:
                if number and (sha := commit(each, key)):
                    self.by_commit.setdefault(sha, number)
            self.since = instant(each, "updated_at") or self.since
        self.is_all = len(page) < PAGE


def _path(repository: Listed) -> str:
    return f"/projects/{repository.forge_id}/repository"
