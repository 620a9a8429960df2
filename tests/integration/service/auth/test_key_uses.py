"""When a key was last used is stored about once a minute, from memory."""

from datetime import datetime

import httpx

from schema.database import Database
from service.auth.key_text import parse_key
from service.auth.key_uses import STORED_EVERY_SECONDS, KeyUses
from tests.harness.organization import Organization


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def last_used(database: Database, organization: Organization) -> datetime | None:
    async with database.organization(organization.organization_id) as tenant:
        used: datetime | None = await tenant.fetchval("SELECT last_used_at FROM api_key WHERE organization_id = $1")
        return used


async def test_a_use_is_stored_once_a_minute_however_often_the_key_is_used(
    database: Database, organization: Organization
) -> None:
    clock = Clock()
    uses, key = KeyUses(database, clock), parse_key(organization.key)
    for _ in range(3):
        uses.note(key)
    await uses.store()
    first = await last_used(database, organization)
    assert first is not None
    clock.now = STORED_EVERY_SECONDS - 1
    uses.note(key)
    await uses.store()
    assert await last_used(database, organization) == first
    clock.now = STORED_EVERY_SECONDS
    uses.note(key)
    await uses.close()
    second = await last_used(database, organization)
    assert second is not None
    assert second > first


async def test_requests_note_the_use_of_their_key_without_a_query_each(
    client: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    assert (await client.get("/api/v1/ledger", headers=organization.headers)).status_code == 200
    assert await last_used(database, organization) is None
    app = client._transport.app  # type: ignore[attr-defined] # the application of the client
    await app.state.known_keys.uses.store()
    assert await last_used(database, organization) is not None
