"""What GitHub knows of a repository's commits: its tags, what lies between two commits, and which of it merged what."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from workers.forge_events.reading import Json, commit, items, mapping, text, whole
from workers.forges.errors import RefusedError
from workers.forges.github.answers import tag_time
from workers.forges.github.queries import TAG_PAGE, merges_query
from workers.forges.listed import Listed
from workers.forges.previous_tags import Tagged

PAGE = 100
# An ancestor's comparison; where both have commits of their own it is `diverged`.
AHEAD = {"ahead", "identical"}
UNRELATED = {404, 422}
# Writing notes stores nothing at GitHub, but asks for the right to write contents, which our App has not.
CLOSED = {401, 403, 404, 422}

_NOTED = re.compile(r"/pull/(\d+)|(?<![\w&])#(\d+)\b")


class GithubHistory:
    """A HistoryClient; asks REST for commits and GraphQL for what belongs to them."""

    def __init__(
        self,
        get: Callable[[str, dict[str, str]], Any],
        post: Callable[[str, dict[str, str]], Any],
        query: Callable[..., Json],
    ) -> None:
        self._get, self._post, self._query = get, post, query
        self._may_note = True

    def tags(self, repository: Listed) -> list[Tagged]:
        """Every tag, a hundred a request."""
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
        """Paged, since without a page GitHub tells of 250 commits only."""
        path = f"/repos/{repository.path}/compare/{base}...{head}"
        found: list[str] = []
        number = 1
        while True:
            try:
                reported = mapping({"reported": self._get(path, _page(number))}, "reported")
            except RefusedError as error:
                if error.status in UNRELATED:
                    return None
                raise
            if reported.get("status") not in AHEAD:
                return None
            page = _shas(reported, "commits")
            found += page
            number += 1
            if len(page) < PAGE:
                return found

    def commits_up_to(self, repository: Listed, head: str, most: int) -> list[str] | None:
        """By pages of the history, newest first."""
        found: list[str] = []
        number = 1
        while len(found) <= most:
            reported = self._get(f"/repos/{repository.path}/commits", {"sha": head, **_page(number)})
            page = _shas({"reported": reported}, "reported")
            found += page
            number += 1
            if len(page) < PAGE:
                return found
        return None

    def merged_by(self, repository: Listed, commits: Sequence[str]) -> set[int]:
        """A hundred commits a request. A pull request whose own commits are there, but not its merge, is not merged."""
        held = set(commits)
        numbers: set[int] = set()
        for start in range(0, len(commits), PAGE):
            query, variables = merges_query(commits[start : start + PAGE])
            reported = self._query(repository, query, **variables)
            for alias in reported:
                for node in items(mapping(reported, alias, "associatedPullRequests"), "nodes"):
                    if _is_merged_here(node, repository, held) and (number := whole(node, "number")):
                        numbers.add(number)
        return numbers

    def noted(self, repository: Listed, tag: str, previous: str | None) -> set[int] | None:
        """Numbers in the notes that GitHub generates, read and forgotten; None where the token may not ask for them."""
        if not self._may_note:
            return None
        asked = {"tag_name": tag, **({"previous_tag_name": previous} if previous else {})}
        try:
            reported = self._post(f"/repos/{repository.path}/releases/generate-notes", asked)
        except RefusedError as error:
            if error.status not in CLOSED:
                raise
            self._may_note = False
            return None
        body = text(mapping({"reported": reported}, "reported"), "body") or ""
        return {int(found[1] or found[2]) for found in _NOTED.finditer(body)}


def _tagged(node: Json) -> Tagged | None:
    target = mapping(node, "target")
    tagged = mapping(target, "target") if target.get("__typename") == "Tag" else target
    name, sha = text(node, "name"), commit(tagged, "oid")
    return Tagged(name, sha, tag_time(node)) if name and sha else None


def _is_merged_here(node: Json, repository: Listed, held: set[str]) -> bool:
    if whole(mapping(node, "baseRepository"), "databaseId") != repository.forge_id or not text(node, "mergedAt"):
        return False
    return commit(mapping(node, "mergeCommit"), "oid") in held


def _shas(reported: Json, key: str) -> list[str]:
    return [sha for each in items(reported, key) if (sha := commit(each, "sha"))]


def _page(number: int) -> dict[str, str]:
    return {"per_page": str(PAGE), "page": str(number)}
