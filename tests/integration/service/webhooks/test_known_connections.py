"""Connections that were looked up are remembered for a short while."""

import json

import pytest

from key_services.configured import ring_of
from schema.database import Database
from schema.encryption import Vault
from schema.errors import NotFoundError
from schema.settings import Settings
from service.connections.names import ConnectionName, parse_connection_name
from service.webhooks.intake import read_envelope
from service.webhooks.known_connections import KNOWN_FOR_SECONDS, InstallationKey, KnownConnections
from tests.harness.organization import Organization
from tests.harness.webhooks import Forge


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def known(database: Database, settings: Settings, clock: Clock) -> KnownConnections:
    return KnownConnections(database, Vault(ring_of(settings), "secret"), clock)


async def end(database: Database, organization: Organization) -> None:
    async with database.organization(organization.organization_id) as tenant:
        await tenant.execute("UPDATE connection SET state = 'deleted' WHERE organization_id = $1")


async def test_a_deleted_connection_takes_deliveries_for_seconds_only(
    known: KnownConnections, github: Forge, database: Database, organization: Organization, clock: Clock
) -> None:
    name = parse_connection_name(github.made["id"])
    assert await known.secret(name, "github") == github.made["secret"]
    await end(database, organization)
    clock.now = KNOWN_FOR_SECONDS - 1
    assert await known.secret(name, "github") == github.made["secret"]
    clock.now = KNOWN_FOR_SECONDS
    with pytest.raises(NotFoundError):
        await known.secret(name, "github")


async def test_a_connection_is_known_by_its_own_forge_alone(known: KnownConnections, github: Forge) -> None:
    name = parse_connection_name(github.made["id"])
    await known.secret(name, "github")
    with pytest.raises(NotFoundError):
        await known.secret(name, "gitlab")
    with pytest.raises(NotFoundError):
        await known.secret(ConnectionName(name.organization_id + 1, name.connection_id), "github")


async def test_an_app_that_reported_its_removal_is_rejected(
    known: KnownConnections, database: Database, organization: Organization
) -> None:
    key = InstallationKey(5, "github.com", None)
    first = await known.installation(key)
    assert first is not None
    assert first.is_open
    await end(database, organization)
    assert await known.installation(key) == first
    ended = await known.refresh_installation(key, is_uninstalled=True)
    assert ended is not None
    assert not ended.is_open
    assert await known.installation(key) == ended


async def test_an_app_removed_without_a_report_is_accepted_for_seconds(
    known: KnownConnections, database: Database, organization: Organization, clock: Clock
) -> None:
    key = InstallationKey(5, "github.com", None)
    first = await known.installation(key)
    await end(database, organization)
    clock.now = KNOWN_FOR_SECONDS - 1
    assert await known.installation(key) == first
    clock.now = KNOWN_FOR_SECONDS
    ended = await known.installation(key)
    assert ended is not None
    assert not ended.is_open


def test_the_installation_is_read_from_any_payload() -> None:
    payload = {"action": "created", "installation": {"id": 5}, "more": [{"installation": {"id": 6}}]}
    assert read_envelope(json.dumps(payload).encode()).installation == {"id": 5}
    assert read_envelope(b"[]").installation is None
