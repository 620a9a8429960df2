"""The invariants that the harness checks after every test find what they are for."""

import asyncpg
import pytest

from tests.harness.invariants import CANARY, assert_conservation, assert_no_identity
from tests.harness.organization import Organization


async def test_a_name_in_a_table_is_found(database_url: str, organization: Organization) -> None:
    connection = await asyncpg.connect(database_url.replace("shipledger@", "postgres@"))
    change = connection.transaction()
    await change.start()
    await connection.execute(
        "UPDATE team SET name = $2 WHERE organization_id = $1", organization.organization_id, CANARY
    )
    with pytest.raises(AssertionError, match="'team'"):
        await assert_no_identity(connection, None)
    await change.rollback()
    await connection.close()


async def test_tokens_that_were_received_and_are_nowhere_are_found(
    database_url: str, organization: Organization
) -> None:
    connection = await asyncpg.connect(database_url.replace("shipledger@", "postgres@"))
    change = connection.transaction()
    await change.start()
    await connection.execute(
        "INSERT INTO intake_total (organization_id, team_id, day, input_uncached) VALUES ($1, $2, '2026-11-30', 7)",
        organization.organization_id,
        organization.default_team_id,
    )
    with pytest.raises(AssertionError, match="received"):
        await assert_conservation(connection)
    await change.rollback()
    await connection.close()
