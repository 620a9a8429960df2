"""GitHub's commit history: tags, commits between two commits, and the pull requests that they merged."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from workers.forge_access.errors import RefusedError
from workers.forge_access.listed import Listed
from workers.forge_events.reading import Json, commit, items, mapping, text, whole
from workers.forges.github.answers import tag_time, tagged_object
from workers.forges.github.queries import TAG_PAGE, merges_query
from workers.forges.previous_tags import Tagged

PAGE = 100
# Statuses of a comparison with an ancestor; on separate histories it is `diverged`.
AHEAD = {"ahead", "identical"}
UNRELATED = {404, 422}
# Generating notes stores nothing, but needs the permission to write contents, which our App does not request.
CLOSED = {401, 403, 404, 422}

_NUMBER_IN_NOTES = re.compile(r"/pull/(\d+)|(?<![\w&])#(\d+)\b")


class GithubHistory:
    """A HistoryClient that uses REST for commits and GraphQL for what belongs to them."""

    def __init__(
        self,
        get: Callable[[str, dict[str, str]], Any],
        post: Callable[[str, dict[str, str]], Any],
        query: Callable[..., Json],
    ) -> None:
        self._get, self._post, self._query = get, post, query
        self._may_read_notes = True

    def tags(self, repository: Listed) -> list[Tagged]:
        """Return every tag, a hundred per request."""
        found: list[Tagged] = []
        after: str | None = None
        while True:
            page = mapping(self._query(repository, TAG_PAGE, after=after), "refs")
            found += [tag for node in items(page, "nodes") if (tag := _tagged(node))]
            information = mapping(page, "pageInfo")
            after = text(information, "endCursor") if information.get("hasNextPage") else None
            if after is None:
                return found

    def commits_between(self, repository: Listed, base: str, head: str) -> list[str] | None:
        """Compare page by page, because without paging GitHub returns only 250 commits."""
        path = f"/repos/{repository.path}/compare/{base}...{head}"
        found: list[str] = []
        number = 1
        while True:
            try:
                answer = mapping({"answer": self._get(path, _page(number))}, "answer")
            except RefusedError as error:
                if error.status in UNRELATED:
                    return None
                raise
            if answer.get("status") not in AHEAD:
                return None
            page = _shas(answer, "commits")
            found += page
            number += 1
            if len(page) < PAGE:
                return found

    def commits_up_to(self, repository: Listed, head: str, most: int) -> list[str] | None:
        """Read the history page by page, newest first."""
        found: list[str] = []
        number = 1
        while len(found) <= most:
            answer = self._get(f"/repos/{repository.path}/commits", {"sha": head, **_page(number)})
            page = _shas({"answer": answer}, "answer")
            found += page
            number += 1
            if len(page) < PAGE:
                return found
        return None

    def merged_by(self, repository: Listed, commits: Sequence[str]) -> set[int]:
        """Look up a hundred commits per request. A pull request counts only if its merge commit is among them."""
        shas = set(commits)
        numbers: set[int] = set()
        for start in range(0, len(commits), PAGE):
            query, variables = merges_query(commits[start : start + PAGE])
            answer = self._query(repository, query, **variables)
            for alias in answer:
                for node in items(mapping(answer, alias, "associatedPullRequests"), "nodes"):
                    if _is_merged_here(node, repository, shas) and (number := whole(node, "number")):
                        numbers.add(number)
        return numbers

    def notes(self, repository: Listed, tag: str, previous: str | None) -> set[int] | None:
        """Return pull request numbers in GitHub's generated notes; None if the token may not generate them."""
        if not self._may_read_notes:
            return None
        body = {"tag_name": tag, **({"previous_tag_name": previous} if previous else {})}
        try:
            answer = self._post(f"/repos/{repository.path}/releases/generate-notes", body)
        except RefusedError as error:
            if error.status not in CLOSED:
                raise
            self._may_read_notes = False
            return None
        notes = text(mapping({"answer": answer}, "answer"), "body") or ""
        return {int(found[1] or found[2]) for found in _NUMBER_IN_NOTES.finditer(notes)}


def _tagged(node: Json) -> Tagged | None:
    name, sha = text(node, "name"), commit(tagged_object(node), "oid")
    return Tagged(name, sha, tag_time(node)) if name and sha else None


def _is_merged_here(node: Json, repository: Listed, shas: set[str]) -> bool:
    if whole(mapping(node, "baseRepository"), "databaseId") != repository.forge_id or not text(node, "mergedAt"):
        return False
    return commit(mapping(node, "mergeCommit"), "oid") in shas


def _shas(answer: Json, key: str) -> list[str]:
    return [sha for each in items(answer, key) if (sha := commit(each, "sha"))]


def _page(number: int) -> dict[str, str]:
    return {"per_page": str(PAGE), "page": str(number)}
