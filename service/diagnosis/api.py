"""Checks of a service by its API alone: the key, what it knows, and what waits."""

from typing import Any

import httpx

from service.diagnosis.finding import Finding, missing, ok, warning

SECONDS = 10.0
KEY = "api key"


async def check_key(url: str, key: str) -> Finding:
    """Check that the service knows the key, and what the key may do."""
    try:
        async with _client(url, key) as client:
            answer = await client.get("/api/v1/overview")
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                return missing(KEY, f"unknown or revoked at {url}", "create one there: shipledger key create")
            may_administer = (await client.get("/api/v1/keys", params={"limit": "1"})).is_success
    except (httpx.HTTPError, httpx.InvalidURL):
        return missing(KEY, f"cannot be tried: {url} does not answer", "start the service, or correct --url")
    if answer.status_code == httpx.codes.FORBIDDEN:
        return ok(KEY, "may send, but not read figures")
    return ok(KEY, "may do everything" if may_administer else "may read figures")


async def check_api(url: str, key: str) -> list[Finding]:
    """Check a key, and the figures that it may read."""
    found = await check_key(url, key)
    try:
        async with _client(url, key) as client:
            answer = await client.get("/api/v1/overview")
            connections = await client.get("/api/v1/connections")
    except httpx.HTTPError:
        return [found]
    if not answer.is_success:
        return [found]
    return [found, *_figures(answer.json()), *([_connections(connections.json())] if connections.is_success else [])]


def _client(url: str, key: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=SECONDS, trust_env=False)


def _figures(overview: dict[str, Any]) -> list[Finding]:
    known = overview["known_pull_requests"]
    if reason := overview["withheld_reason"]:
        return [warning("tokens", f"withheld: {reason}", "use a key of all teams")]
    received, pending = overview["received"]["total"], overview["pending"]["total"]
    return [
        ok("pull requests", f"{known:,}")
        if known
        else warning("pull requests", "none yet", "connect a forge, or start with: shipledger import git PATH"),
        ok("tokens", f"{received:,} received, {pending:,} not yet settled")
        if received
        else warning("tokens", "none yet", "connect your agents: shipledger agent-config AGENT --team TEAM"),
    ]


def _connections(listed: dict[str, Any]) -> Finding:
    silent = [each["host"] for each in listed["items"] if each["last_delivery_at"] is None]
    if silent:
        remedy = "look at the deliveries on the forge's page of the webhook"
        return warning("webhooks", f"never heard from {silent[0]}", remedy)
    if not listed["items"]:
        return warning("webhooks", "no forge is connected", "connect one: shipledger github create-app")
    last = max(each["last_delivery_at"] for each in listed["items"])
    return ok("webhooks", f"{len(listed['items'])} connected, last heard at {last}")
