"""What holds for every way by which facts come in, since all of them open a recording."""

from datetime import UTC, datetime

import pytest

from schema.identifiers import RepositoryName
from schema.kinds import PullRequestState
from tests.integration.workers.stored_facts import StoredFacts
from workers.context import WorkerContext
from workers.facts.record import record_facts
from workers.facts.recording import Recording, recording
from workers.forge_events.model import PullRequestFacts, RepositoryFacts

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
SHOP = RepositoryName("github.com", "octo/shop")
COUNT = "SELECT count(*) FROM pull_request WHERE organization_id = $1"


def merged(number: int, name: RepositoryName = SHOP) -> PullRequestFacts:
    return PullRequestFacts(
        repository=RepositoryFacts(name, 7, AT),
        number=number,
        state=PullRequestState.MERGED,
        opened_at=AT,
        updated_at=AT,
        merged_at=AT,
        closed_at=AT,
    )


async def count(stored: StoredFacts) -> int:
    async with stored.database.organization(stored.organization.organization_id) as tenant:
        return int(await tenant.fetchval(COUNT))


async def fail(opened: Recording) -> None:
    async with opened.attempt("github") as scope:
        await record_facts(scope, [merged(1)])
        raise RuntimeError("bad row")


async def test_an_error_takes_back_everything_that_was_recorded(
    worker_context: WorkerContext, stored: StoredFacts
) -> None:
    async def fail_half_way() -> None:
        async with recording(worker_context, stored.organization.organization_id) as opened:
            await record_facts(opened.scope("github"), [merged(1)])
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        await fail_half_way()
    assert await count(stored) == 0


async def test_an_attempt_that_fails_leaves_neither_rows_nor_changes_and_the_next_one_counts(
    worker_context: WorkerContext, stored: StoredFacts
) -> None:
    async with recording(worker_context, stored.organization.organization_id) as opened:
        with pytest.raises(RuntimeError, match="bad row"):
            await fail(opened)
        assert not opened.changes.forge.pull_requests
        async with opened.attempt("github") as scope:
            await record_facts(scope, [merged(2)])
        assert len(opened.changes.forge.pull_requests) == 1
    assert await count(stored) == 1


async def test_its_end_derives_outcomes_of_what_was_recorded(
    worker_context: WorkerContext, stored: StoredFacts
) -> None:
    async with recording(worker_context, stored.organization.organization_id) as opened:
        await record_facts(opened.scope("github"), [merged(1)])
    async with stored.database.organization(stored.organization.organization_id) as tenant:
        assert await tenant.fetchval("SELECT count(*) FROM outcome WHERE organization_id = $1") == 1
