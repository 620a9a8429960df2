"""An author is in the innermost team that has them, unless that would tell who they are."""

from workers.team_sync.authors import team_of_author
from workers.team_sync.forge_teams import digest_person

ANNA, BEN, CLEO, DORA, EMIL = (digest_person(name) for name in ("anna", "ben", "cleo", "dora", "emil"))
WEB, SERVER, ALL = 1, 2, 3


def test_an_author_of_one_team_is_in_it() -> None:
    assert team_of_author(ANNA, {WEB: frozenset({ANNA, BEN, CLEO}), SERVER: frozenset({DORA})}) == WEB


def test_a_team_is_preferred_to_the_company_wide_team() -> None:
    teams = {ALL: frozenset({ANNA, BEN, CLEO, DORA}), WEB: frozenset({ANNA, BEN, CLEO})}
    assert team_of_author(ANNA, teams) == WEB
    assert team_of_author(DORA, teams) == ALL


def test_a_person_in_two_sibling_teams_or_no_team_has_no_team() -> None:
    teams = {WEB: frozenset({ANNA, BEN, CLEO}), SERVER: frozenset({ANNA, DORA, EMIL})}
    assert team_of_author(ANNA, teams) is None
    assert team_of_author(digest_person("fay"), teams) is None


def test_teams_with_the_same_members_are_ambiguous() -> None:
    same = frozenset({ANNA, BEN, CLEO})
    assert team_of_author(ANNA, {WEB: same, SERVER: same}) is None


def test_a_team_of_two_is_skipped_because_it_would_identify_the_author() -> None:
    teams = {ALL: frozenset({ANNA, BEN, CLEO, DORA}), WEB: frozenset({ANNA, BEN})}
    assert team_of_author(ANNA, teams) is None


def test_a_digest_ignores_case_and_contains_no_name() -> None:
    assert digest_person("Anna") == ANNA
    assert b"anna" not in ANNA
