"""Webhooks of a simulated company, with bodies about as large as GitHub's."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from service.simulation.github_payloads import Webhook, company_webhooks
from service.simulation.plans import plan_company
from service.simulation.simulator import simulate_company
from tests.benchmarks.webhooks.requests import addresses

ENDS_AT = datetime(2026, 11, 20, 18, tzinfo=UTC)
WEEKS = 26
# A team's webhooks in half a year; teams are added until there are enough.
WEBHOOKS_A_TEAM = 1500


def reported(number: int, seed: int = 1) -> list[Webhook]:
    """Return `number` webhooks of several teams and their repositories, in order of time."""
    teams = max(3, number // WEBHOOKS_A_TEAM)
    while True:
        company = simulate_company(plan_company(seed=seed, ends_at=ENDS_AT, weeks=WEEKS, teams=teams))
        webhooks = company_webhooks(company)
        if len(webhooks) >= number:
            return webhooks[:number]
        teams += max(1, teams // 4)


def large_body(webhook: Webhook) -> bytes:
    """Return the webhook's body with all fields that GitHub adds to each repository."""
    payload = json.loads(webhook.body)
    for repository in _repositories(payload):
        repository.update(addresses(repository["full_name"]))
    return json.dumps(payload, separators=(",", ":")).encode()


def _repositories(node: object) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "full_name" in node:
            yield node
        for child in list(node.values()):
            yield from _repositories(child)
