"""Each endpoint of the REST cookbook opens to the scope that the cookbook names, and to no other one."""

from typing import Any

import httpx
import pytest

from tests.harness.documents import documented_scopes
from tests.harness.organization import Organization

SCOPES = ("read", "intake", "audit", "admin")
EVERYTHING = {"admin", "owner"}
# Where a path names a row: one that does not exist, since keys are checked first.
NOBODY = "00000000-0000-4000-8000-000000000000"
NAMES = (
    "connection_id",
    "registration_id",
    "account_id",
    "backfill_id",
    "import_id",
    "app_id",
    "key_id",
    "link_id",
    "alert_id",
    "change_id",
)
FILLED = {
    **dict.fromkeys(NAMES, NOBODY),
    "team_id": "1",
    "price_id": "1",
    "alert_id": "1",
    "change_id": "1",
    **dict.fromkeys(("channel_id", "delivery_id", "mute_id"), "1"),
    "factor_id": "1",
    "rule_id": "1",
    "member_id": "m1_00",
    "artifact_id": "a1_00",
    "dataset": "ledger",
}


async def make_key(client: httpx.AsyncClient, organization: Organization, scope: str) -> dict[str, str]:
    body: dict[str, Any] = {"name": scope, "scopes": [scope]}
    made = await client.post("/api/v1/keys", json=body, headers=organization.headers)
    return {"Authorization": f"Bearer {made.json()['key']}"}


@pytest.mark.parametrize("scope", [*SCOPES, "owner"])
async def test_a_key_opens_the_endpoints_that_the_cookbook_gives_to_its_scope(
    scope: str, client: httpx.AsyncClient, organization: Organization
) -> None:
    documented = documented_scopes()
    assert set(documented.values()) == set(SCOPES)
    headers = await make_key(client, organization, scope)
    for (method, path), wanted in documented.items():
        answer = await client.request(method, path.format(**FILLED), headers=headers)
        assert (answer.status_code == 403) is (scope not in {wanted, *EVERYTHING}), (method, path, answer.text)
        assert answer.status_code != 401, (method, path)
