"""Reads CODEOWNERS files and changed paths from forges; both are kept in memory only.

References: https://docs.github.com/graphql/reference/objects#pullrequestchangedfileconnection,
https://docs.gitlab.com/api/repository_files/ and https://docs.gitlab.com/api/merge_requests/#list-merge-request-diffs
"""

from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote

from vocabulary.code_owners import PLACES, CodeOwners, rank_teams, read_code_owners
from workers.forge_access.errors import RefusedError
from workers.forge_access.listed import Listed
from workers.forge_events.reading import Json, items, mapping, text

FILES = 100
# Pull requests per query for changed paths.
MAX_AT_ONCE = 25
NOT_FOUND = 404


class CodeClient(Protocol):
    """Blocking, part of a ForgeClient as `code`; methods raise ForgeError."""

    def owners(self, repository: Listed) -> CodeOwners | None:
        """Return the rules of the default branch, or None without any; cached by the client."""

    def changed_paths(self, repository: Listed, numbers: Sequence[int]) -> Mapping[int, Sequence[str]]:
        """Return the paths that each pull request changes."""


def find_owners(client: CodeClient, repository: Listed, numbers: Sequence[int]) -> dict[int, list[str]]:
    """Return the owning teams of each pull request by number, the owner of most paths first; empty without rules."""
    owners = client.owners(repository) if numbers else None
    if owners is None:
        return {}
    return {number: rank_teams(owners, paths) for number, paths in client.changed_paths(repository, numbers).items()}


class GithubCode:
    """GraphQL client: one request for the file in any place, one for a hundred files of each pull request."""

    def __init__(self, query: Callable[..., Json]) -> None:
        self._query = query
        self._owners: dict[int, CodeOwners | None] = {}

    def owners(self, repository: Listed) -> CodeOwners | None:
        """See CodeClient."""
        if repository.forge_id not in self._owners:
            self._owners[repository.forge_id] = self._fetch_owners(repository)
        return self._owners[repository.forge_id]

    def _fetch_owners(self, repository: Listed) -> CodeOwners | None:
        places = PLACES["github"]
        declared = " ".join(f"$place{index}: String!" for index in range(len(places)))
        selection = " ".join(
            f"place_{index}: object(expression: $place{index}) {{ __typename ... on Blob {{ text }} }}"
            for index in range(len(places))
        )
        answer = self._query(
            repository,
            f"query($owner: String! $name: String! {declared}) "
            f"{{ repository(owner: $owner, name: $name) {{ {selection} }} }}",
            **{f"place{index}": f"HEAD:{place}" for index, place in enumerate(places)},
        )
        found = (text(mapping(answer, f"place_{index}"), "text") for index in range(len(places)))
        first = next((each for each in found if each is not None), None)
        return None if first is None else read_code_owners(first, "github")

    def changed_paths(self, repository: Listed, numbers: Sequence[int]) -> dict[int, list[str]]:
        """See CodeClient."""
        starts = range(0, len(numbers), MAX_AT_ONCE)
        together = (self._paths(repository, numbers[start : start + MAX_AT_ONCE]) for start in starts)
        return {number: paths for found in together for number, paths in found.items()}

    def _paths(self, repository: Listed, numbers: Sequence[int]) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {number: [] for number in numbers}
        following: dict[int, Any] = dict.fromkeys(numbers)
        while following:
            declared = " ".join(f"$number{each}: Int! $after{each}: String" for each in following)
            selection = " ".join(
                f"item_{each}: pullRequest(number: $number{each}) {{ files(first: {FILES}, after: $after{each}) "
                f"{{ pageInfo {{ hasNextPage endCursor }} nodes {{ path }} }} }}"
                for each in following
            )
            answer = self._query(
                repository,
                f"query($owner: String! $name: String! {declared}) "
                f"{{ repository(owner: $owner, name: $name) {{ {selection} }} }}",
                **{f"number{each}": each for each in following},
                **{f"after{each}": after for each, after in following.items()},
            )
            pages = {each: mapping(answer, f"item_{each}", "files") for each in following}
            for each, page in pages.items():
                found[each] += [path for node in items(page, "nodes") if (path := text(node, "path"))]
            following = {
                each: mapping(page, "pageInfo").get("endCursor")
                for each, page in pages.items()
                if mapping(page, "pageInfo").get("hasNextPage")
            }
        return found


class GitlabCode:
    """REST client: up to three requests for the file, one for a hundred files of a merge request."""

    def __init__(self, get: Callable[..., Json], every: Callable[[str], list[Json]]) -> None:
        self._get, self._all = get, every
        self._owners: dict[int, CodeOwners | None] = {}

    def owners(self, repository: Listed) -> CodeOwners | None:
        """See CodeClient."""
        if repository.forge_id not in self._owners:
            self._owners[repository.forge_id] = self._fetch_owners(repository)
        return self._owners[repository.forge_id]

    def _fetch_owners(self, repository: Listed) -> CodeOwners | None:
        for place in PLACES["gitlab"]:
            path = f"/projects/{repository.forge_id}/repository/files/{quote(place, safe='')}"
            try:
                answer = self._get(path, {"ref": "HEAD"})
            except RefusedError as error:
                if error.status != NOT_FOUND:
                    raise
                continue
            content = b64decode(text(answer, "content") or "").decode(errors="replace")
            return read_code_owners(content, "gitlab")
        return None

    def changed_paths(self, repository: Listed, numbers: Sequence[int]) -> dict[int, list[str]]:
        """See CodeClient."""
        found = {}
        for number in numbers:
            answer = self._all(f"/projects/{repository.forge_id}/merge_requests/{number}/diffs")
            found[number] = [path for each in answer if (path := text(each, "new_path"))]
        return found
