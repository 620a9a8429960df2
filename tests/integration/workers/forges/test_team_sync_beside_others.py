"""Teams are counted while deliveries come in and somebody gives repositories by hand, and nobody locks others out."""

import asyncio
from collections.abc import Awaitable, Callable

from tests.harness.forges.acme import Acme
from tests.harness.forges.backfills import Backfills
from tests.harness.forges.enrichments import Enrichments
from tests.harness.forges.github import TOKEN
from tests.harness.forges.team_syncs import TeamSyncs
from tests.harness.webhooks import Forge
from workers.jobs.process_deliveries import process_deliveries

Act = Callable[[], Awaitable[None]]

ROUNDS = 6


async def test_looks_deliveries_and_hands_at_once_end_as_one_after_another(
    team_syncs: TeamSyncs, acme: Acme, backfills: Backfills, enrichments: Enrichments, drain: Act
) -> None:
    await team_syncs.switch(acme.connection)
    await team_syncs.work()
    organization_id = team_syncs.organization.organization_id
    made = await backfills.connect("github", acme.url, token=None)
    await team_syncs.ask("PUT", f"connections/{made['id']}/token", {"token": TOKEN})

    async def look() -> None:
        for turn in range(ROUNDS):
            owns = acme.web if turn % 2 else acme.server
            other = acme.server if turn % 2 else acme.web
            owns.repositories["octo/shop"], other.repositories["octo/shop"] = "ADMIN", "READ"
            assert (await team_syncs.run())["state"] == "synced"

    async def give() -> None:
        for turn in range(ROUNDS):
            name = "mobile" if turn % 2 else "api"
            await team_syncs.set(name, repositories=["127.0.0.1/octo/infra"])

    async def deliver() -> None:
        shops = [acme.fake.repositories[path] for path in ("octo/shop", "octo/infra", "octo/api")]
        for each in (delivery for shop in shops for delivery in shop.deliveries()):
            await Forge(backfills.client, "github", made).deliver_payload(each.event, each.payload)
            await process_deliveries(backfills.context, organization_id)
            await enrichments.work()

    await asyncio.gather(look(), give(), deliver())
    failed = await team_syncs.rows("SELECT FROM team_sync WHERE failure IS NOT NULL AND enabled")
    assert failed == []
    assert await team_syncs.rows("SELECT FROM delivery WHERE state <> 'processed' OR failure IS NOT NULL") == []
    assert await team_syncs.rows("SELECT FROM enrichment WHERE failure IS NOT NULL") == []
    assert await team_syncs.repositories() == {"web": 1, "mobile": 1}
    await drain()
