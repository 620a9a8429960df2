"""Sessions in the database: how long they last, and what ends them."""

from datetime import UTC, datetime, timedelta

import pytest

from schema.database import Database
from service.auth.roles import Role
from service.auth.sessions.store import (
    NewSession,
    end_session,
    end_sessions_of_members,
    find_session,
    start_session,
)
from tests.harness.organization import Organization

IDLE, LIFETIME = timedelta(hours=1), timedelta(days=1)
NEW = NewSession(role=Role.VIEWER, actor="link")


async def start(database: Database, organization: Organization, new: NewSession = NEW) -> str:
    async with database.organization(organization.organization_id) as tenant:
        return await start_session(tenant, new, LIFETIME)


async def is_valid(database: Database, organization: Organization, token: str) -> bool:
    async with database.organization(organization.organization_id) as tenant:
        return await find_session(tenant, token, IDLE) is not None


async def make_older(database: Database, organization: Organization, column: str, by: timedelta) -> None:
    async with database.organization(organization.organization_id) as tenant:
        await tenant.execute(
            f"UPDATE dashboard_session SET {column} = {column} - $2::interval WHERE organization_id = $1", by
        )


@pytest.mark.parametrize(("column", "lasts"), [("seen_at", IDLE), ("expires_at", LIFETIME)])
async def test_a_session_ends_when_it_is_idle_and_when_it_is_old(
    database: Database, organization: Organization, column: str, lasts: timedelta
) -> None:
    token = await start(database, organization)
    await make_older(database, organization, column, lasts - timedelta(minutes=1))
    assert await is_valid(database, organization, token)
    await make_older(database, organization, column, lasts)
    assert not await is_valid(database, organization, token)


async def test_a_view_keeps_a_session_from_being_idle(database: Database, organization: Organization) -> None:
    token = await start(database, organization)
    for _ in range(3):
        await make_older(database, organization, "seen_at", IDLE - timedelta(minutes=1))
        assert await is_valid(database, organization, token)


async def test_a_session_ends_early_if_what_it_depends_on_does(database: Database, organization: Organization) -> None:
    new = NewSession(role=Role.VIEWER, actor="link", until=datetime.now(UTC) - timedelta(seconds=1))
    assert not await is_valid(database, organization, await start(database, organization, new))


async def test_only_the_digest_of_a_session_is_stored_and_only_its_organization_finds_it(
    database: Database, organization: Organization, other_organization: Organization
) -> None:
    token = await start(database, organization)
    async with database.organization(organization.organization_id) as tenant:
        row = await tenant.fetchval("SELECT s::text FROM dashboard_session AS s WHERE organization_id = $1")
    assert token[-43:] not in row
    assert not await is_valid(database, other_organization, token)


async def test_sessions_of_one_member_and_of_all_members_can_be_ended(
    database: Database, organization: Organization
) -> None:
    tokens = [
        await start(database, organization, NewSession(role=Role.VIEWER, actor="m", member=member))
        for member in (b"a" * 32, b"b" * 32, None)
    ]
    valid = []
    for member in (b"a" * 32, None):
        async with database.organization(organization.organization_id) as tenant:
            await end_sessions_of_members(tenant, member)
        valid.append([await is_valid(database, organization, token) for token in tokens])
    assert valid == [[False, True, True], [False, False, True]]
    async with database.organization(organization.organization_id) as tenant:
        await end_session(tenant, tokens[2])
    assert not await is_valid(database, organization, tokens[2])
