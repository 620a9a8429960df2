"""What is known of superseded events lives as long as they do; what they add up to stays."""

from datetime import timedelta

from structlog.testing import capture_logs

from schema.queue import Job
from tests.integration.workers.layers.conftest import TOKENS, Company, agent, agents, gateway, gateways
from tests.integration.workers.stored_facts import StoredFacts
from workers.context import WorkerContext
from workers.jobs.delete_expired import delete_expired
from workers.stores.upkeep.due_work import find_due


async def superseded(stored: StoredFacts) -> int:
    return len(await stored.fetch("SELECT FROM superseded_event WHERE organization_id = $1"))


async def test_days_with_copies_are_proven_and_forgotten_and_the_sums_stay(
    company: Company, stored: StoredFacts, worker_context: WorkerContext
) -> None:
    await company.send(agents(agent(1), agent(2, 40)), gateways(gateway(1), gateway(2, 40.1), gateway(3, 90)))
    await company.drain()
    before = await company.ledger()
    await stored.execute(
        "UPDATE superseded_event SET superseded_at = now() - interval '5 days' WHERE organization_id = $1"
    )
    await delete_expired(worker_context)
    assert await superseded(stored) == 2, "their events still live"
    await stored.age(days=5)
    with capture_logs() as logs:
        await delete_expired(worker_context)
    assert not [log for log in logs if log["log_level"] == "error"]
    assert await stored.fetch("SELECT FROM token_event WHERE organization_id = $1") == []
    assert await superseded(stored) == 0
    assert await company.ledger() == before
    assert before["superseded"] == 2 * TOKENS


async def test_a_copy_whose_counterpart_is_forgotten_stays_superseded(company: Company, stored: StoredFacts) -> None:
    await company.send(agents(agent(1)), gateways(gateway(1)))
    await company.drain()
    await stored.execute("DELETE FROM token_event WHERE organization_id = $1 AND source = 'claude-code'")
    await company.send(agents(agent(2, 30)))
    await company.drain()
    assert await company.counted() == {"claude-code": 2}
    assert (await company.ledger())["superseded"] == TOKENS


async def test_a_changed_policy_is_due_until_it_has_reached_everything(
    company: Company, worker_context: WorkerContext
) -> None:
    async def due() -> bool:
        async with worker_context.database.operator() as connection:
            found = await find_due(connection, timedelta())
        return (Job.FOLD_TOKEN_EVENTS, company.organization.organization_id) in found

    await company.send(agents(agent(1)), gateways(gateway(1)))
    await company.drain()
    assert not await due()
    await company.decide(order=["gateway", "agent", "provider"])
    assert await due()
    await company.drain()
    assert not await due()
