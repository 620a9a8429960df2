"""Badges and frames show a shared view without a session, as long as its link is valid."""

from collections.abc import Awaitable, Callable
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from tests.harness.one_merge import EVENT, send_one_merge
from tests.harness.organization import Organization

MONTH = "/?period=2026-11-01..2026-11-28"


@pytest.fixture
async def share(
    client: httpx.AsyncClient, organization: Organization, drain: Callable[[], Awaitable[None]]
) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Share a view after one merge; returns the link with its token."""
    await send_one_merge(client, organization, drain)

    async def make(view: str = MONTH, **more: Any) -> dict[str, Any]:
        body = {"view": view, **more}
        made = (await client.post("/api/v1/shared-links", json=body, headers=organization.headers)).json()
        return {**made, "token": made["url"].rpartition("/")[2]}

    return make


def words(answer: httpx.Response) -> list[str | None]:
    assert answer.status_code == 200, answer.text
    return [each.text for each in ET.fromstring(answer.text).iter("{http://www.w3.org/2000/svg}text")]


async def test_a_badge_shows_a_figure_of_the_view_and_is_cached_briefly(
    share: Callable[..., Awaitable[dict[str, Any]]], client: httpx.AsyncClient, organization: Organization
) -> None:
    link = await share()
    address = f"/badge/{link['token']}.svg"
    answer = await client.get(address)
    assert words(answer) == ["cost per merged pull request", "$0.30"]
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert "set-cookie" not in answer.headers
    assert words(await client.get(f"{address}?figure=spend")) == ["spent on AI tokens", "$0.30"]
    for wrong in ("?figure=people", "?figure=cost&team=web", "?colour=red"):
        refused = await client.get(f"{address}{wrong}")
        assert refused.status_code == 400, wrong
        assert "cost, tokens, spend, merged, shipped" in refused.text
    listed = (await client.get("/api/v1/shared-links", headers=organization.headers)).json()["items"]
    assert [each["times_opened"] for each in listed] == [0]


async def test_a_frame_shows_the_overview_on_any_site_without_navigation_and_forms(
    share: Callable[..., Awaitable[dict[str, Any]]], client: httpx.AsyncClient
) -> None:
    link = await share()
    answer = await client.get(f"/embed/{link['token']}")
    assert answer.status_code == 200
    assert "Dollars per merged pull request" in answer.text
    assert "<form" not in answer.text
    assert "<nav" not in answer.text
    assert "frame-ancestors *" in answer.headers["content-security-policy"]
    assert "x-frame-options" not in answer.headers
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in answer.headers
    assert (await client.get(MONTH)).status_code == 401


async def test_a_link_that_is_revoked_unknown_or_of_another_page_shows_nothing(
    share: Callable[..., Awaitable[dict[str, Any]]], client: httpx.AsyncClient, organization: Organization
) -> None:
    link = await share()
    gone = await client.delete(f"/api/v1/shared-links/{link['id']}", headers=organization.headers)
    assert gone.status_code == 204
    foreign = link["token"].replace(f"{organization.organization_id}-", "999-", 1)
    for token in (link["token"], foreign, "nonsense"):
        assert (await client.get(f"/badge/{token}.svg")).status_code == 404
        assert (await client.get(f"/embed/{token}")).status_code == 404
    other = await share("/spend?period=4w")
    assert (await client.get(f"/embed/{other['token']}")).status_code == 400
    assert (await client.get(f"/badge/{other['token']}")).status_code == 404


async def test_a_team_that_is_too_small_is_withheld_in_badge_and_frame(
    share: Callable[..., Awaitable[dict[str, Any]]],
    client: httpx.AsyncClient,
    organization: Organization,
    drain: Callable[[], Awaitable[None]],
) -> None:
    for path, body in (
        ("teams", {"name": "default", "size": 2}),
        ("teams", {"name": "web", "size": 9, "telemetry_ids": ["web"]}),
        ("token-events", {"items": [{**EVENT, "event_id": "two", "team": "web"}]}),
    ):
        sent = await client.post(f"/api/v1/{path}", json=body, headers=organization.headers)
        assert sent.is_success, sent.text
    await drain()
    link = await share(team="default")
    assert words(await client.get(f"/badge/{link['token']}.svg"))[1] == "withheld"
    assert "0.30" not in (await client.get(f"/embed/{link['token']}")).text
