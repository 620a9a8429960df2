"""Reads teams and members from forges. Members stay in memory as digests and are never cached by a transport.

References: https://docs.github.com/graphql/reference/teams, https://docs.gitlab.com/api/groups/,
https://docs.gitlab.com/api/group_members/ and https://docs.gitlab.com/api/merge_requests/
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from workers.forge_access.errors import RefusedError
from workers.forge_access.listed import Listed
from workers.forge_events.reading import Json, items, mapping, text, whole
from workers.team_sync.forge_teams import ForgeTeam, digest_person

# Teams per request, each with a hundred members and repositories: one point of GitHub's rate limit.
TEAMS = 25
PAGE = 100
NOT_FOUND = 404

_MEMBERS = "pageInfo { hasNextPage endCursor } nodes { login }"
_REPOSITORIES = "pageInfo { hasNextPage endCursor } edges { permission node { databaseId } }"
_PARTS = {"members": _MEMBERS, "repositories": _REPOSITORIES}
_TEAM_PAGE = f"""
query($login: String!, $after: String, $first: Int!) {{
  organization(login: $login) {{
    teams(first: $first, after: $after) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{
        databaseId slug parentTeam {{ databaseId }}
        members(first: {PAGE}) {{ {_MEMBERS} }}
        repositories(first: {PAGE}) {{ {_REPOSITORIES} }}
      }}
    }}
  }}
}}
"""

MAINTAINS = {"ADMIN", "MAINTAIN"}

# Guests can read and write issues; members with less access see nothing.
GUEST = 10
# Users that GitLab creates for access tokens and service accounts.
_BOT = re.compile(r"(?:project|group)_\d+_bot(?:_\w+)?|service_account_\w+")


class TeamsClient(Protocol):
    """Blocking, part of a ForgeClient as `teams`; methods raise ForgeError."""

    def place(self, repository: Listed) -> str:
        """Return where a repository's teams are: its owner, or one place for the whole forge."""

    def read(self, place: str, repositories: Sequence[Listed]) -> list[ForgeTeam]:
        """Return all teams of a place with their people and which of these repositories they own.

        Empty where no teams exist, such as for a user account.
        """

    def authors(self, repository: Listed, numbers: Sequence[int]) -> dict[int, bytes]:
        """Return the digest of each pull request's author."""


@dataclass(slots=True)
class _TeamReport:
    """A GitHub team as read so far, and the cursors of the rest."""

    number: int
    slug: str
    parent: int | None
    people: set[bytes] = field(default_factory=set)
    owned: set[int] = field(default_factory=set)
    following: dict[str, str] = field(default_factory=dict)

    def add(self, node: Json) -> None:
        """Add one page of each part."""
        for each in items(mapping(node, "members"), "nodes"):
            if login := text(each, "login"):
                self.people.add(digest_person(login))
        for each in items(mapping(node, "repositories"), "edges"):
            if each.get("permission") in MAINTAINS and (number := whole(mapping(each, "node"), "databaseId")):
                self.owned.add(number)
        self.following = {part: end for part in _PARTS if (end := _end(mapping(node, part)))}


class GithubTeams:
    """GraphQL client, because its answers are never cached: 25 teams per request."""

    def __init__(self, organization: Callable[..., Json | None], repository: Callable[..., Json]) -> None:
        self._organization, self._repository = organization, repository

    def place(self, repository: Listed) -> str:
        """See TeamsClient."""
        return repository.path.partition("/")[0]

    def read(self, place: str, repositories: Sequence[Listed]) -> list[ForgeTeam]:
        """See TeamsClient."""
        accessible = {each.forge_id for each in repositories}
        found: list[_TeamReport] = []
        after: str | None = None
        while True:
            answer = self._organization(place, _TEAM_PAGE, first=TEAMS, after=after)
            if answer is None:
                return []
            page = mapping(answer, "teams")
            found += [team for node in items(page, "nodes") if (team := _team(node))]
            after = _end(page)
            if after is None:
                break
        self._read_rest(place, found)
        return [
            ForgeTeam(
                each.number,
                f"{place}/{each.slug}".lower(),
                each.parent,
                frozenset(each.people),
                frozenset(each.owned & accessible),
            )
            for each in found
        ]

    def _read_rest(self, place: str, teams: Sequence[_TeamReport]) -> None:
        """Read members and repositories beyond the first page, for 25 teams at once."""
        waiting = [each for each in teams if each.following]
        while waiting:
            batch = waiting[:TEAMS]
            declared, selected, variables = [], [], dict[str, Any]()
            for index, team in enumerate(batch):
                parts = []
                variables[f"slug{index}"] = team.slug
                declared.append(f"$slug{index}: String!")
                for part, end in team.following.items():
                    variables[f"{part}{index}"] = end
                    declared.append(f"${part}{index}: String!")
                    parts.append(f"{part}(first: {PAGE}, after: ${part}{index}) {{ {_PARTS[part]} }}")
                selected.append(f"team_{index}: team(slug: $slug{index}) {{ {' '.join(parts)} }}")
            query = (
                f"query($login: String! {' '.join(declared)}) "
                f"{{ organization(login: $login) {{ {' '.join(selected)} }} }}"
            )
            answer = self._organization(place, query, **variables) or {}
            for index, team in enumerate(batch):
                team.add(mapping(answer, f"team_{index}"))
            waiting = [each for each in waiting if each.following]

    def authors(self, repository: Listed, numbers: Sequence[int]) -> dict[int, bytes]:
        """See TeamsClient; a hundred per request."""
        found: dict[int, bytes] = {}
        for start in range(0, len(numbers), PAGE):
            batch = numbers[start : start + PAGE]
            declared = " ".join(f"$number{each}: Int!" for each in batch)
            selected = " ".join(
                f"item_{each}: pullRequest(number: $number{each}) {{ author {{ login }} }}" for each in batch
            )
            answer = self._repository(
                repository,
                f"query($owner: String! $name: String! {declared}) "
                f"{{ repository(owner: $owner, name: $name) {{ {selected} }} }}",
                **{f"number{each}": each for each in batch},
            )
            for each in batch:
                if login := text(mapping(answer, f"item_{each}", "author"), "login"):
                    found[each] = digest_person(login)
        return found


class GitlabTeams:
    """REST client without caching of answers that contain people: one request per hundred members of a group."""

    def __init__(self, every: Callable[[str, Mapping[str, Any]], list[Json]]) -> None:
        self._all = every

    def place(self, repository: Listed) -> str:  # noqa: ARG002 - groups are nested
        """See TeamsClient."""
        return ""

    def read(self, place: str, repositories: Sequence[Listed]) -> list[ForgeTeam]:  # noqa: ARG002 - see above
        """See TeamsClient. Reads all groups that the token's owner is a member of, with subgroups.

        A project belongs to the group that contains it.
        """
        answer = self._all("/groups", {"all_available": False, "min_access_level": GUEST, "order_by": "id"})
        return [
            ForgeTeam(number, path.lower(), whole(each, "parent_id"), self._people(number), _in(path, repositories))
            for each in answer
            if (number := whole(each, "id")) and (path := text(each, "full_path"))
        ]

    def authors(self, repository: Listed, numbers: Sequence[int]) -> dict[int, bytes]:
        """See TeamsClient; a hundred per request."""
        found: dict[int, bytes] = {}
        for start in range(0, len(numbers), PAGE):
            query = {"scope": "all", "iids[]": list(numbers[start : start + PAGE])}
            for each in self._all(f"/projects/{repository.forge_id}/merge_requests", query):
                number, author = whole(each, "iid"), whole(mapping(each, "author"), "id")
                if number and author:
                    found[number] = digest_person(str(author))
        return found

    def _people(self, number: int) -> frozenset[bytes]:
        """Return the active human members of a group, including inherited and invited ones."""
        try:
            answer = self._all(f"/groups/{number}/members/all", {})
        except RefusedError as error:
            if error.status != NOT_FOUND:
                raise
            return frozenset()
        return frozenset(
            digest_person(str(person))
            for each in answer
            if (person := whole(each, "id"))
            and each.get("state") == "active"
            # Members awaiting approval do not count.
            and each.get("membership_state", "active") == "active"
            and (whole(each, "access_level") or 0) >= GUEST
            and not _BOT.fullmatch(text(each, "username") or "")
        )


def _in(path: str, repositories: Sequence[Listed]) -> frozenset[int]:
    return frozenset(each.forge_id for each in repositories if each.path.rpartition("/")[0].lower() == path.lower())


def _team(node: Json) -> _TeamReport | None:
    number, slug = whole(node, "databaseId"), text(node, "slug")
    if number is None or slug is None:
        return None
    report = _TeamReport(number, slug, whole(mapping(node, "parentTeam"), "databaseId"))
    report.add(node)
    return report


def _end(page: Json) -> str | None:
    """Return the cursor of the next page, if any."""
    information = mapping(page, "pageInfo")
    return text(information, "endCursor") if information.get("hasNextPage") else None
