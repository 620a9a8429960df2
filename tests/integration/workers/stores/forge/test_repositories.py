from datetime import UTC, datetime, timedelta

from schema.database import Database
from schema.identifiers import RepositoryName
from tests.harness.organization import Organization
from workers.stores.forge.repositories import find_repository, resolve_repository

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
OLD = RepositoryName("github.com", "octo-org/old")
NEW = RepositoryName("github.com", "octo-org/new")


async def resolve(
    database: Database,
    organization: Organization,
    name: RepositoryName,
    forge_id: int | None,
    days: int = 0,
    also: tuple[RepositoryName, ...] = (),
) -> bytes:
    hasher = organization.hasher
    async with database.organization(organization.organization_id) as tenant:
        return await resolve_repository(
            tenant,
            forge="github",
            by_name=hasher.repository_by_name(name),
            by_id=None if forge_id is None else hasher.repository_by_id(name.host, forge_id),
            label=str(name),
            seen_at=MONDAY + timedelta(days=days),
            also=[hasher.repository_by_name(each) for each in also],
        )


async def find(database: Database, organization: Organization, name: RepositoryName) -> bytes | None:
    async with database.organization(organization.organization_id) as tenant:
        return await find_repository(tenant, organization.hasher.repository_by_name(name))


async def test_a_renamed_repository_stays_one_artifact_under_both_names(
    database: Database, organization: Organization
) -> None:
    before = await resolve(database, organization, OLD, 1)
    after = await resolve(database, organization, NEW, 1, days=1)
    assert before == after == await find(database, organization, OLD) == await find(database, organization, NEW)


async def test_a_repository_imported_by_name_is_adopted_when_its_number_becomes_known(
    database: Database, organization: Organization
) -> None:
    imported = await resolve(database, organization, OLD, None)
    assert await resolve(database, organization, OLD, 1, days=1) == imported
    assert await resolve(database, organization, NEW, 1, days=2) == imported


async def test_a_repository_imported_by_another_of_its_names_is_adopted_too(
    database: Database, organization: Organization
) -> None:
    imported = await resolve(database, organization, OLD, None)
    assert await resolve(database, organization, NEW, 1, days=1, also=(OLD,)) == imported
    assert await find(database, organization, NEW) == await find(database, organization, OLD) == imported


async def test_a_name_taken_over_by_another_repository_means_the_newer_one(
    database: Database, organization: Organization
) -> None:
    first = await resolve(database, organization, OLD, 1)
    await resolve(database, organization, NEW, 1, days=1)
    second = await resolve(database, organization, OLD, 2, days=2)
    assert second != first
    assert await find(database, organization, OLD) == second
    assert await find(database, organization, NEW) == first


async def test_an_old_payload_never_takes_a_name_back(database: Database, organization: Organization) -> None:
    await resolve(database, organization, OLD, 1)
    await resolve(database, organization, NEW, 1, days=1)
    second = await resolve(database, organization, OLD, 2, days=2)
    await resolve(database, organization, OLD, 1, days=0)
    assert await find(database, organization, OLD) == second


async def test_labels_are_kept_only_where_the_organization_turned_them_on(
    database: Database, organization: Organization
) -> None:
    await resolve(database, organization, OLD, 1)
    async with database.organization(organization.organization_id) as tenant:
        assert await tenant.connection.fetchval("SELECT label FROM repository") is None
        await tenant.execute("UPDATE organization SET show_labels = true WHERE organization_id = $1")
    await resolve(database, organization, NEW, 1, days=1)
    await resolve(database, organization, OLD, 1)
    async with database.organization(organization.organization_id) as tenant:
        assert await tenant.connection.fetchval("SELECT label FROM repository") == "github.com/octo-org/new"
