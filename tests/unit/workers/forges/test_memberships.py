"""Who is in which team is remembered for an hour, and then by nobody."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from workers.forges.memberships import Memberships
from workers.team_sync.forge_teams import ForgeTeam, digest_person

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TEAM = ForgeTeam(1, "acme/web", people=frozenset({digest_person("CANARY-anna")}))


def test_what_was_read_is_found_for_its_connection_and_place_until_an_hour_has_passed() -> None:
    memberships, connection = Memberships(), uuid4()
    memberships.keep(connection, "acme", [TEAM], NOW)
    assert memberships.find(connection, "acme", NOW + timedelta(minutes=59)) == [TEAM]
    assert memberships.find(connection, "beta", NOW) is None
    assert memberships.find(uuid4(), "acme", NOW) is None
    assert memberships.find(connection, "acme", NOW + timedelta(hours=1)) is None
    assert memberships.find(connection, "acme", NOW) is None, "what was too old is gone"


def test_the_representation_of_a_team_contains_no_person() -> None:
    assert repr(TEAM) == "ForgeTeam(number=1, handle='acme/web', parent=None, owned=frozenset())"
