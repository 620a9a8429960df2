"""Links that sign in once, made over REST."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.integration.service.api.conftest import Api


async def test_a_link_of_the_api_signs_in_with_its_role_once(api: Api, client: httpx.AsyncClient) -> None:
    made = await api.post("dashboard-links", {"role": "viewer", "expires_in": 600}, 201)
    assert made["url"].startswith("http://127.0.0.1/sign-in/")
    assert timedelta(0) < datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC) <= timedelta(seconds=600)
    assert (await client.get(made["url"])).status_code == 303
    assert [(await client.get(path)).status_code for path in ("/", "/github")] == [200, 403]
    assert (await client.get(made["url"])).status_code == 410


@pytest.mark.parametrize(
    ("body", "field"),
    [({"role": "root"}, "role"), ({"expires_in": 604_801}, "expires_in"), ({"team": "nosuch"}, "team")],
)
async def test_a_bad_link_is_refused_with_its_field(api: Api, body: dict[str, Any], field: str) -> None:
    problem = await api.post("dashboard-links", body, 404 if field == "team" else 400)
    assert problem["field"] == field
