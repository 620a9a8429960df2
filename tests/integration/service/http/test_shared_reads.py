"""Questions that arrive together: shared transactions, closed organizations, and failures that stay where they are."""

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest

from schema.database import Database, Tenant
from schema.errors import UnavailableError
from service.http.shared_reads import CROWD, LARGEST_GROUP, SharedReads
from tests.harness.organization import Organization


class Teams:
    """Reads, for each name asked, whose teams of that name are seen; notes the questions of each transaction."""

    def __init__(self) -> None:
        self.groups: list[tuple[int, list[str]]] = []

    async def __call__(self, tenant: Tenant, names: Sequence[str]) -> list[list[int]]:
        self.groups.append((tenant.organization_id, list(names)))
        if "fails" in names:
            await tenant.connection.fetch("SELECT 1 / 0")
        rows = await tenant.connection.fetch("SELECT name, organization_id FROM team WHERE name = ANY($1)", list(names))
        return [[row["organization_id"] for row in rows if row["name"] == name] for name in names]


async def test_questions_that_arrive_together_share_a_transaction(
    database: Database, organization: Organization
) -> None:
    teams = Teams()
    reads = SharedReads(database, teams, lanes=3)
    asked = ["default", "unknown", "default"]
    answers = await asyncio.gather(*(reads.answer(organization.organization_id, name) for name in asked))
    assert answers == [[organization.organization_id], [], [organization.organization_id]]
    assert teams.groups == [(organization.organization_id, asked)]
    assert await reads.answer(organization.organization_id, "default") == [organization.organization_id]
    assert len(teams.groups) == 2


async def test_many_questions_are_more_than_one_transaction_each_answered_once(
    database: Database, organization: Organization
) -> None:
    teams = Teams()
    reads = SharedReads(database, teams, lanes=3)
    asked = ["default", "unknown"] * 5 * LARGEST_GROUP
    answers = await asyncio.gather(*(reads.answer(organization.organization_id, name) for name in asked))
    assert answers == [[organization.organization_id], []] * 5 * LARGEST_GROUP
    assert sorted(name for _, names in teams.groups for name in names) == sorted(asked)
    assert max(len(names) for _, names in teams.groups) == LARGEST_GROUP


async def test_organizations_never_share_one(
    database: Database, organization: Organization, other_organization: Organization
) -> None:
    teams = Teams()
    reads = SharedReads(database, teams, lanes=3)
    both = [organization.organization_id, other_organization.organization_id]
    answers = await asyncio.gather(*(reads.answer(each, "default") for _ in range(50) for each in both))
    assert answers == [[each] for _ in range(50) for each in both]
    assert sum(len(names) for _, names in teams.groups) == 100


async def test_a_failure_reaches_only_the_callers_of_the_same_read(
    database: Database, organization: Organization, other_organization: Organization
) -> None:
    reads = SharedReads(database, Teams(), lanes=3)
    failed, answered = await asyncio.gather(
        reads.answer(organization.organization_id, "fails"),
        reads.answer(other_organization.organization_id, "default"),
        return_exceptions=True,
    )
    assert isinstance(failed, asyncpg.DivisionByZeroError)
    assert answered == [other_organization.organization_id]
    assert await reads.answer(organization.organization_id, "default") == [organization.organization_id]


async def test_a_cancelled_caller_does_not_keep_others_from_an_answer(
    database: Database, organization: Organization
) -> None:
    reads = SharedReads(database, Teams(), lanes=3)
    leaving = asyncio.create_task(reads.answer(organization.organization_id, "default"))
    staying = asyncio.create_task(reads.answer(organization.organization_id, "default"))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == [organization.organization_id]


async def test_without_a_database_every_caller_gets_an_error() -> None:
    database = Database("postgresql://shipledger@/nothing?host=/nonexistent")
    await database.open()
    reads = SharedReads(database, Teams(), lanes=3)
    for _ in range(2):
        answers = await asyncio.gather(
            *(reads.answer(number, "default") for number in range(9)), return_exceptions=True
        )
        assert [type(answer) for answer in answers] == [UnavailableError] * 9
    await database.close()


async def test_reads_by_key_are_read_only(database: Database, organization: Organization) -> None:
    async def write(tenant: Tenant, names: Sequence[str]) -> list[None]:
        await tenant.execute("UPDATE team SET name = $2 WHERE organization_id = $1", names[0])
        return [None]

    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await SharedReads(database, write, lanes=3).answer(organization.organization_id, "another")


async def test_queries_of_an_organization_gather_while_its_lane_is_busy_and_others_do_not_wait(
    database: Database, organization: Organization, other_organization: Organization
) -> None:
    has_begun, may_end = asyncio.Event(), asyncio.Event()
    groups: list[tuple[int, int]] = []

    async def read(tenant: Tenant, names: Sequence[str]) -> list[None]:
        groups.append((tenant.organization_id, len(names)))
        if names[0] == "slow":
            has_begun.set()
            await may_end.wait()
        return [None] * len(names)

    reads = SharedReads(database, read, lanes=3)
    slow = asyncio.create_task(reads.answer(organization.organization_id, "slow"))
    await has_begun.wait()
    gathered = [asyncio.create_task(reads.answer(organization.organization_id, "quick")) for _ in range(3)]
    await reads.answer(other_organization.organization_id, "quick")
    assert groups == [(organization.organization_id, 1), (other_organization.organization_id, 1)]
    may_end.set()
    await asyncio.gather(slow, *gathered)
    assert (organization.organization_id, 3) in groups


async def test_a_crowd_of_queries_opens_another_lane(database: Database, organization: Organization) -> None:
    has_begun, may_end = asyncio.Event(), asyncio.Event()

    async def read(tenant: Tenant, names: Sequence[str]) -> list[None]:  # noqa: ARG001 - as SharedReads calls it
        if names[0] == "slow":
            has_begun.set()
            await may_end.wait()
        return [None] * len(names)

    reads = SharedReads(database, read, lanes=2)
    slow = asyncio.create_task(reads.answer(organization.organization_id, "slow"))
    await has_begun.wait()
    await asyncio.gather(*(reads.answer(organization.organization_id, "quick") for _ in range(CROWD)))
    assert not slow.done()
    may_end.set()
    await slow
