"""Teams of organizations at a fake GitHub: members, child teams, and permissions on repositories.

Members of a child team are members of its parent, and a child team has the permissions of its parent.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.harness.forges.github_state import Repository
from tests.harness.forges.graphql import pages


@dataclass
class Team:
    """A team; `people` are logins, `repositories` are names with permissions as in GraphQL."""

    number: int
    slug: str
    people: list[str] = field(default_factory=list)
    repositories: dict[str, str] = field(default_factory=dict)
    within: "Team | None" = None


@dataclass
class Teams:
    """Teams by the organization's login; any other account is a user's."""

    organizations: dict[str, list[Team]] = field(default_factory=dict)
    may_read: bool = True

    def find(self, reached: dict[str, Repository], login: str) -> dict[str, Any] | None:
        """Return the organization as in GraphQL."""
        teams = self.organizations.get(login)
        if teams is None:
            return None

        def show(team: Team) -> dict[str, Any]:
            return {
                "databaseId": team.number,
                "slug": team.slug,
                "name": "CANARY-name",
                "parentTeam": team.within and {"databaseId": team.within.number},
                "members": pages(self._people(teams, team), str, lambda each: {"login": each, "email": "CANARY"}),
                "repositories": _with_edges(self._repositories(team, reached)),
            }

        return {
            "teams": pages(teams, lambda each: each.slug, show),
            "team": lambda slug: next((show(each) for each in teams if each.slug == slug), None),
        }

    def _people(self, teams: list[Team], team: Team) -> list[str]:
        inner = [login for each in teams if each.within is team for login in self._people(teams, each)]
        return sorted({*team.people, *inner})

    def _repositories(self, team: Team, reached: dict[str, Repository]) -> list[tuple[Repository, str]]:
        outer = team.within.repositories if team.within else {}
        reported = {**outer, **team.repositories}
        return [(reached[path], permission) for path, permission in reported.items() if path in reached]


def _with_edges(reported: list[tuple[Repository, str]]) -> Any:
    page = pages(reported, lambda each: each[0].path, lambda each: _edge(*each))

    def edges(first: int, after: str | None = None) -> dict[str, Any]:
        found = page(first, after)
        return {**found, "edges": found["nodes"], "nodes": [each["node"] for each in found["nodes"]]}

    return edges


def _edge(repository: Repository, permission: str) -> dict[str, Any]:
    return {"permission": permission, "node": {"databaseId": repository.number, "name": "CANARY-name"}}
