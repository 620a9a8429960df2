"""Erasing an organization deletes all of its rows and none of another."""

import pytest

from schema.database import Database
from schema.errors import NotFoundError
from schema.settings import Settings
from schema.tables import TENANT_TABLES
from service.administration.erasing import count_rows, erase_organization
from tests.harness.organization import Organization
from tests.integration.service.api.conftest import Api


async def rows_of(database: Database, organization: Organization) -> dict[str, int]:
    found = {}
    async with database.operator() as connection:
        for table in TENANT_TABLES:
            count = await connection.fetchval(
                f"SELECT count(*) FROM {table} WHERE organization_id = $1", organization.organization_id
            )
            if count:
                found[table] = count
    return found


async def test_every_row_of_an_organization_is_deleted_and_none_of_another(
    company: Api,
    settings: Settings,
    database: Database,
    organization: Organization,
    other_organization: Organization,
) -> None:
    await company.post("shared-links", {"view": "/"}, 201)
    expected = await rows_of(database, organization)
    untouched = await rows_of(database, other_organization)
    assert len(expected) > 20
    assert await count_rows(settings, organization.organization_id) == expected
    assert await rows_of(database, organization) == expected
    assert await erase_organization(settings, organization.organization_id) == expected
    assert await rows_of(database, organization) == {}
    assert await rows_of(database, other_organization) == untouched
    with pytest.raises(NotFoundError, match="organization list"):
        await erase_organization(settings, organization.organization_id)
