"""The highest role of the rules that fit, per organization."""

from service.auth.members.matching import Identity, Rule, granted
from service.auth.roles import Role

PERSON = Identity("oidc", "https://id.example.com", "7", frozenset({"Platform"}), frozenset({"example.com"}))


def rule(kind: str, value: str, role: Role, organization_id: int = 1, team_id: int | None = None) -> Rule:
    return Rule(organization_id, "oidc", kind, value, role, team_id)


def test_a_rule_fits_by_group_or_domain_of_its_provider_whatever_the_case() -> None:
    assert rule("group", "PLATFORM", Role.VIEWER).fits(PERSON)
    assert rule("domain", "Example.com", Role.VIEWER).fits(PERSON)
    assert not rule("domain", "platform", Role.VIEWER).fits(PERSON)
    assert not rule("group", "example.com", Role.VIEWER).fits(PERSON)
    assert not Rule(1, "github", "group", "platform", Role.VIEWER).fits(PERSON)


def test_the_highest_role_counts_and_of_equal_ones_that_for_all_teams() -> None:
    of_team = rule("group", "platform", Role.ADMIN, team_id=3)
    of_all = rule("domain", "example.com", Role.ADMIN)
    low = rule("group", "platform", Role.VIEWER)
    elsewhere = rule("group", "platform", Role.VIEWER, organization_id=2)
    for rules in ([low, of_team, of_all, elsewhere], [elsewhere, of_all, of_team, low]):
        assert granted(PERSON, rules) == {1: of_all, 2: elsewhere}
    assert granted(PERSON, [rule("group", "other", Role.OWNER)]) == {}
