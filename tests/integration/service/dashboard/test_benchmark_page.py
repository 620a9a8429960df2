"""The page of the benchmark, over HTTP."""

import httpx

from schema.database import Database
from tests.harness.organization import Organization
from tests.harness.signing_in import sign_in


async def test_it_says_that_the_organization_has_not_joined_one_and_keeps_the_view_of_others(
    client: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await sign_in(client, database, organization)
    text = (await client.get("/benchmark?period=4w")).text
    assert "This organization has not joined a benchmark" in text
    assert "nothing of them leaves this installation" in text
    assert 'href="/compare/team?period=4w"' in text
    assert (await client.get("/benchmark?unit=tokens")).status_code == 400
