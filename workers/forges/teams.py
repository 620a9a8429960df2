"""What forges tell of teams and their members, who stay in memory, as digests: nothing of it is remembered by a line.

References: https://docs.github.com/graphql/reference/teams, https://docs.gitlab.com/api/groups/,
https://docs.gitlab.com/api/group_members/ and https://docs.gitlab.com/api/merge_requests/
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from workers.forge_events.reading import Json, items, mapping, text, whole
from workers.forges.errors import RefusedError
from workers.forges.listed import Listed
from workers.team_sync.forge_teams import ForgeTeam, digest_person

# Each with a hundred members and repositories: one point of GitHub's limit.
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

# A guest may read and write issues; who has less is listed, and sees nothing.
GUEST = 10
# Users that GitLab makes for access tokens and service accounts.
_BOT = re.compile(r"(?:project|group)_\d+_bot(?:_\w+)?|service_account_\w+")


class TeamsClient(Protocol):
    """Blocking, as a ForgeClient, which has it under `teams`; raises ForgeError."""

    def place(self, repository: Listed) -> str:
        """Where the teams of a repository are: its owner, or one place for all of a forge."""

    def read(self, place: str, repositories: Sequence[Listed]) -> list[ForgeTeam]:
        """All teams of a place with their people and what they own of these repositories.

        None where there are no teams, as a person's account has none.
        """

    def authors(self, repository: Listed, numbers: Sequence[int]) -> dict[int, bytes]:
        """The digest of who opened each pull request."""


@dataclass(slots=True)
class _TeamReport:
    """What was told so far of a team at GitHub, and the cursors of what was not."""

    number: int
    slug: str
    parent: int | None
    people: set[bytes] = field(default_factory=set)
    owned: set[int] = field(default_factory=set)
    following: dict[str, str] = field(default_factory=dict)

    def add(self, node: Json) -> None:
        """Take in a page of each part."""
        for each in items(mapping(node, "members"), "nodes"):
            if login := text(each, "login"):
                self.people.add(digest_person(login))
        for each in items(mapping(node, "repositories"), "edges"):
            if each.get("permission") in MAINTAINS and (number := whole(mapping(each, "node"), "databaseId")):
                self.owned.add(number)
        self.following = {part: end for part in _PARTS if (end := _end(mapping(node, part)))}


class GithubTeams:
    """By GraphQL, since answers to its queries are never remembered: 25 teams a request."""

    def __init__(self, organization: Callable[..., Json | None], repository: Callable[..., Json]) -> None:
        self._organization, self._repository = organization, repository

    def place(self, repository: Listed) -> str:
        """As TeamsClient says."""
        return repository.path.partition("/")[0]

    def read(self, place: str, repositories: Sequence[Listed]) -> list[ForgeTeam]:
        """As TeamsClient says."""
        reached = {each.forge_id for each in repositories}
        found: list[_TeamReport] = []
        after: str | None = None
        while True:
            reported = self._organization(place, _TEAM_PAGE, first=TEAMS, after=after)
            if reported is None:
                return []
            page = mapping(reported, "teams")
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
                frozenset(each.owned & reached),
            )
            for each in found
        ]

    def _read_rest(self, place: str, teams: Sequence[_TeamReport]) -> None:
        """Members and repositories that a page of teams had no room for, of 25 teams at once."""
        waiting = [each for each in teams if each.following]
        while waiting:
            asked = waiting[:TEAMS]
            declared, selected, variables = [], [], dict[str, Any]()
            for index, team in enumerate(asked):
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
            reported = self._organization(place, query, **variables) or {}
            for index, team in enumerate(asked):
                team.add(mapping(reported, f"team_{index}"))
            waiting = [each for each in waiting if each.following]

    def authors(self, repository: Listed, numbers: Sequence[int]) -> dict[int, bytes]:
        """As TeamsClient says; a hundred a request."""
        found: dict[int, bytes] = {}
        for start in range(0, len(numbers), PAGE):
            asked = numbers[start : start + PAGE]
            declared = " ".join(f"$number{each}: Int!" for each in asked)
            selected = " ".join(
                f"told_{each}: pullRequest(number: $number{each}) {{ author {{ login }} }}" for each in asked
            )
            reported = self._repository(
                repository,
                f"query($owner: String! $name: String! {declared}) "
                f"{{ repository(owner: $owner, name: $name) {{ {selected} }} }}",
                **{f"number{each}": each for each in asked},
            )
            for each in asked:
                if login := text(mapping(reported, f"told_{each}", "author"), "login"):
                    found[each] = digest_person(login)
        return found


class GitlabTeams:
    """By REST, and of answers that hold people none is remembered: one request for a hundred members of a group."""

    def __init__(self, every: Callable[[str, Mapping[str, Any]], list[Json]]) -> None:
        self._all = every

    def place(self, repository: Listed) -> str:  # noqa: ARG002 - groups are within one another
        """As TeamsClient says."""
        return ""

    def read(self, place: str, repositories: Sequence[Listed]) -> list[ForgeTeam]:  # noqa: ARG002 - see above
        """As TeamsClient says, of all groups that the token's owner is in, and of groups within these.

        A project is of the group that it lies in.
        """
        reported = self._all("/groups", {"all_available": False, "min_access_level": GUEST, "order_by": "id"})
        return [
            ForgeTeam(number, path.lower(), whole(each, "parent_id"), self._people(number), _in(path, repositories))
            for each in reported
            if (number := whole(each, "id")) and (path := text(each, "full_path"))
        ]

    def authors(self, repository: Listed, numbers: Sequence[int]) -> dict[int, bytes]:
        """As TeamsClient says; a hundred a request."""
        found: dict[int, bytes] = {}
        for start in range(0, len(numbers), PAGE):
            query = {"scope": "all", "iids[]": list(numbers[start : start + PAGE])}
            for each in self._all(f"/projects/{repository.forge_id}/merge_requests", query):
                number, author = whole(each, "iid"), whole(mapping(each, "author"), "id")
                if number and author:
                    found[number] = digest_person(str(author))
        return found

    def _people(self, number: int) -> frozenset[bytes]:
        """Members of a group, those of groups around it and of invited ones included; machines and the blocked not."""
        try:
            reported = self._all(f"/groups/{number}/members/all", {})
        except RefusedError as error:
            if error.status != NOT_FOUND:
                raise
            return frozenset()
        return frozenset(
            digest_person(str(person))
            for each in reported
            if (person := whole(each, "id"))
            and each.get("state") == "active"
            # Who waits to be let in is no member yet.
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
    reported = _TeamReport(number, slug, whole(mapping(node, "parentTeam"), "databaseId"))
    reported.add(node)
    return reported


def _end(page: Json) -> str | None:
    """The cursor behind a page, where more follows."""
    information = mapping(page, "pageInfo")
    return text(information, "endCursor") if information.get("hasNextPage") else None
