"""Keys that were looked up are remembered for a short while."""

import pytest

from schema.database import Database
from service.auth.caller import KNOWN_FOR_SECONDS, KnownKeys
from service.auth.key_text import parse_key
from service.errors import UnauthorizedError
from tests.harness.organization import Organization


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def revoke_all(database: Database, organization: Organization) -> None:
    async with database.organization(organization.organization_id) as tenant:
        await tenant.execute("UPDATE api_key SET revoked_at = now() WHERE organization_id = $1")


async def test_a_key_revoked_elsewhere_is_honoured_for_seconds_only(
    database: Database, organization: Organization
) -> None:
    clock = Clock()
    known_keys = KnownKeys(database, clock)
    key = parse_key(organization.key)
    caller = await known_keys.caller(key)
    assert caller.may("intake")
    assert caller.organization_id == organization.organization_id
    await revoke_all(database, organization)
    clock.now = KNOWN_FOR_SECONDS - 1
    assert await known_keys.caller(key) == caller
    clock.now = KNOWN_FOR_SECONDS
    with pytest.raises(UnauthorizedError):
        await known_keys.caller(key)


async def test_a_key_revoked_here_is_forgotten_at_once(database: Database, organization: Organization) -> None:
    known_keys = KnownKeys(database)
    key = parse_key(organization.key)
    await known_keys.caller(key)
    await revoke_all(database, organization)
    known_keys.forget(key.digest)
    with pytest.raises(UnauthorizedError):
        await known_keys.caller(key)
