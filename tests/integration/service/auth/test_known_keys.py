"""Keys that were looked up are remembered for a short while."""

import pytest

from schema.database import Database
from schema.errors import TooManyRequestsError
from service.auth.caller import KNOWN_FOR_SECONDS, KnownKeys
from service.auth.key_text import make_key, parse_key
from service.errors import UnauthorizedError
from service.http.admission.strangers import Strangers
from tests.harness.organization import Organization

ADDRESS = "203.0.113.9"


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
    known_keys = KnownKeys(database, Strangers(0, 0), 0, clock)
    key = parse_key(organization.key)
    caller = await known_keys.caller(key, ADDRESS)
    assert caller.may("intake")
    assert caller.organization_id == organization.organization_id
    await revoke_all(database, organization)
    clock.now = KNOWN_FOR_SECONDS - 1
    assert await known_keys.caller(key, ADDRESS) == caller
    clock.now = KNOWN_FOR_SECONDS
    with pytest.raises(UnauthorizedError):
        await known_keys.caller(key, ADDRESS)


async def test_a_key_revoked_here_is_forgotten_at_once(database: Database, organization: Organization) -> None:
    known_keys = KnownKeys(database, Strangers(0, 0), 0)
    key = parse_key(organization.key)
    await known_keys.caller(key, ADDRESS)
    await revoke_all(database, organization)
    known_keys.forget(key.digest)
    with pytest.raises(UnauthorizedError):
        await known_keys.caller(key, ADDRESS)


async def test_a_key_may_send_only_so_many_requests_a_second(database: Database, organization: Organization) -> None:
    clock = Clock()
    known_keys = KnownKeys(database, Strangers(0, 0), 3, clock)
    key = parse_key(organization.key)
    for _ in range(3):
        await known_keys.caller(key, ADDRESS)
    with pytest.raises(TooManyRequestsError) as raised:
        await known_keys.caller(key, ADDRESS)
    assert raised.value.seconds == 1
    clock.now = 1.0
    await known_keys.caller(key, ADDRESS)


async def test_after_many_wrong_keys_only_known_keys_are_looked_up(
    database: Database, organization: Organization
) -> None:
    clock = Clock()
    known_keys = KnownKeys(database, Strangers(0, 3, clock), 0, clock)
    known = parse_key(organization.key)
    caller = await known_keys.caller(known, ADDRESS)
    wrong = [parse_key(make_key(organization.organization_id)) for _ in range(4)]
    for key in (wrong[0], *wrong[:3]):
        with pytest.raises(UnauthorizedError):
            await known_keys.caller(key, ADDRESS)
    with pytest.raises(TooManyRequestsError) as raised:
        await known_keys.caller(wrong[3], ADDRESS)
    assert raised.value.seconds == 20
    with pytest.raises(UnauthorizedError):
        await known_keys.caller(wrong[3], "203.0.113.10")
    clock.now = KNOWN_FOR_SECONDS
    assert await known_keys.caller(known, ADDRESS) == caller
