"""A repository is of the one team that maintains it at the forge."""

from workers.team_sync.forge_teams import ForgeTeam
from workers.team_sync.owners import sole_owners


def team(number: int, *owned: int, parent: int | None = None) -> ForgeTeam:
    return ForgeTeam(number, f"acme/team-{number}", parent, owned=frozenset(owned))


def numbers(*teams: ForgeTeam) -> dict[int, int | None]:
    return {repository: found and found.number for repository, found in sole_owners(teams).items()}


def test_a_repository_with_one_owning_team_belongs_to_it_and_with_two_to_none() -> None:
    assert numbers(team(1, 10, 11), team(2, 11, 12)) == {10: 1, 11: None, 12: 2}


def test_the_outermost_of_nested_owning_teams_counts() -> None:
    assert numbers(team(1), team(2, 10, parent=1), team(3, 10, parent=2), team(4, 11, parent=2)) == {10: 2, 11: 4}


def test_teams_side_by_side_within_another_share_what_both_own() -> None:
    assert numbers(team(1), team(2, 10, parent=1), team(3, 10, parent=1)) == {10: None}


def test_unknown_or_cyclic_parent_teams_are_ignored() -> None:
    assert numbers(team(2, 10, parent=99)) == {10: 2}
    assert numbers(team(1, 10, parent=2), team(2, 11, parent=1)) == {10: 1, 11: 2}
