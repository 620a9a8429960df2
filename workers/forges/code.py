"""Reads CODEOWNERS files, changed paths, and files of a commit from forges; all are kept in memory only.

References: https://docs.github.com/graphql/reference/objects#pullrequestchangedfileconnection,
https://docs.github.com/rest/git/trees, https://docs.gitlab.com/api/repositories/,
https://docs.gitlab.com/api/repository_files/ and https://docs.gitlab.com/api/merge_requests/#list-merge-request-diffs
"""

from base64 import b64decode
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote

from vocabulary.code_owners import PLACES, CodeOwners, rank_teams, read_code_owners
from workers.forge_access.errors import RefusedError
from workers.forge_access.listed import Listed
from workers.forge_events.reading import Json, items, mapping, text

FILES = 100
# Pull requests per query for changed paths.
MAX_AT_ONCE = 25
# Files per query for their contents.
MAX_TEXTS = 50
# A larger repository is not worth the requests: GitLab lists a hundred files per page.
MAX_TREE_PAGES = 50
NOT_FOUND = 404


class CodeClient(Protocol):
    """Blocking, part of a ForgeClient as `code`; methods raise ForgeError."""

    def owners(self, repository: Listed) -> CodeOwners | None:
        """Return the rules of the default branch, or None without any; cached by the client."""

    def changed_paths(self, repository: Listed, numbers: Sequence[int]) -> Mapping[int, Sequence[str]]:
        """Return the paths that each pull request changes."""

    def files(self, repository: Listed, commit: str) -> Mapping[str, str] | None:
        """Return the paths of a commit's files, each with the id of its content; None if there are too many."""

    def texts(self, repository: Listed, ids: Collection[str]) -> Mapping[str, str]:
        """Return contents of files by id; binary ones may be missing."""


def find_owners(client: CodeClient, repository: Listed, numbers: Sequence[int]) -> dict[int, list[str]]:
    """Return the owning teams of each pull request by number, the owner of most paths first; empty without rules."""
    owners = client.owners(repository) if numbers else None
    if owners is None:
        return {}
    return {number: rank_teams(owners, paths) for number, paths in client.changed_paths(repository, numbers).items()}


class GithubCode:
    """GraphQL client: one request for the file in any place, one for a hundred files of each pull request."""

    def __init__(self, query: Callable[..., Json], get: Callable[[str, dict[str, str]], Any]) -> None:
        self._query, self._get = query, get
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

    def files(self, repository: Listed, commit: str) -> dict[str, str] | None:
        """See CodeClient. One request; GitHub cuts trees of more than 100,000 entries."""
        answer = self._get(f"/repos/{repository.path}/git/trees/{commit}", {"recursive": "1"})
        if not isinstance(answer, Mapping) or answer.get("truncated"):
            return None
        return _blobs(items(answer, "tree"), "sha")

    def texts(self, repository: Listed, ids: Collection[str]) -> dict[str, str]:
        """See CodeClient."""
        wanted = sorted(ids)
        found = {}
        for start in range(0, len(wanted), MAX_TEXTS):
            chosen = wanted[start : start + MAX_TEXTS]
            declared = " ".join(f"$oid{index}: GitObjectID!" for index in range(len(chosen)))
            selection = " ".join(
                f"blob_{index}: object(oid: $oid{index}) {{ __typename ... on Blob {{ text }} }}"
                for index in range(len(chosen))
            )
            answer = self._query(
                repository,
                f"query($owner: String! $name: String! {declared}) "
                f"{{ repository(owner: $owner, name: $name) {{ {selection} }} }}",
                **{f"oid{index}": each for index, each in enumerate(chosen)},
            )
            for index, each in enumerate(chosen):
                if (content := text(mapping(answer, f"blob_{index}"), "text")) is not None:
                    found[each] = content
        return found


class GitlabCode:
    """REST client: up to three requests for the file, one for a hundred files of a merge request or of a commit."""

    def __init__(
        self,
        get: Callable[..., Json],
        every: Callable[[str], list[Json]],
        page: Callable[[str, dict[str, Any], int], list[Json]],
        get_uncached: Callable[[str], Json],
    ) -> None:
        self._get, self._all, self._page, self._get_uncached = get, every, page, get_uncached
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

    def files(self, repository: Listed, commit: str) -> dict[str, str] | None:
        """See CodeClient."""
        path, query = f"/projects/{repository.forge_id}/repository/tree", {"ref": commit, "recursive": True}
        found: list[Json] = []
        for number in range(1, MAX_TREE_PAGES + 1):
            listed = self._page(path, query, number)
            found += listed
            if len(listed) < FILES:
                return _blobs(found, "id")
        return None

    def texts(self, repository: Listed, ids: Collection[str]) -> dict[str, str]:
        """See CodeClient."""
        path = f"/projects/{repository.forge_id}/repository/blobs"
        answers = {each: text(self._get_uncached(f"{path}/{each}"), "content") or "" for each in sorted(ids)}
        return {each: b64decode(content).decode(errors="replace") for each, content in answers.items()}


def _blobs(entries: Iterable[Json], key: str) -> dict[str, str]:
    return {
        path: sha
        for each in entries
        if text(each, "type") == "blob" and (path := text(each, "path")) and (sha := text(each, key))
    }
