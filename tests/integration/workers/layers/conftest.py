"""An organization whose agents may run through a gateway; what each of them reports, and what came of it."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from schema.database import Database
from tests.harness.organization import Organization
from tests.harness.otlp import MOMENT, PROTOBUF, Body, as_protobuf, claude_logs, claude_request, signal_of, span, spans

SECOND = 1_000_000_000
# Of a request as `agent` and `gateway` report it by default.
TOKENS = 6_042

Drain = Callable[[], Awaitable[None]]


def agent(number: int, at: float = 0, *, output: int = 42, **values: Any) -> Body:
    """Claude Code's log record of a request that ended so many seconds after the first moment."""
    reported = {"request_id": f"req_{number}", "output_tokens": output, **values}
    record = claude_request(number, **reported)
    return {**record, "timeUnixNano": str(MOMENT + round(at * SECOND)), "observedTimeUnixNano": str(MOMENT)}


def gateway(number: int, at: float = 0.02, *, total: int = 6_000, output: int = 42, **values: Any) -> Body:
    """LiteLLM's span of the same request: input includes the cache, and the model is called its own way."""
    usage = (
        f"{{'completion_tokens': {output}, 'prompt_tokens': {total}, 'total_tokens': {total + output}, "
        "'prompt_tokens_details': {'cached_tokens': 4500, 'cache_creation_tokens': 300}}"
    )
    reported = {
        "metadata.user_api_key_team_id": "",
        "metadata.user_api_key_user_email": "CANARY@example.org",
        "metadata.usage_object": usage,
        "gen_ai.system": "anthropic",
        "gen_ai.request.model": "anthropic/claude-sonnet-4-5-20250929",
        "gen_ai.response.id": f"chatcmpl-{number}",
        "litellm.call_id": f"call-{number}",
        "gen_ai.usage.input_tokens": total,
        "gen_ai.usage.output_tokens": output,
        **values,
    }
    return span("litellm_request", reported, number=number, moment=MOMENT + round(at * SECOND))


def agents(*records: Body) -> Body:
    return claude_logs(*records)


def gateways(*reported: Body, team: str = "gateway") -> Body:
    return spans(*reported, resource={"service.name": "litellm", "team.id": team}, scope="litellm")


class Company:
    """One organization's intake, its workers, and its ledger."""

    def __init__(self, client: httpx.AsyncClient, organization: Organization, database: Database, drain: Drain) -> None:
        self.client, self.organization, self.database, self.drain = client, organization, database, drain

    async def send(self, *bodies: Body) -> None:
        for body in bodies:
            answer = await self.client.post(
                f"/v1/{signal_of(body)}", content=as_protobuf(body), headers=self.organization.headers | PROTOBUF
            )
            assert answer.status_code == 200, answer.text

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.client.get(f"/api/v1/{path}", params=query, headers=self.organization.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def decide(self, **policy: Any) -> None:
        answer = await self.client.put("/api/v1/layers", json=policy, headers=self.organization.headers)
        assert answer.status_code == 200, answer.text

    async def ledger(self) -> dict[str, int]:
        """Total tokens by part."""
        shown = await self.get("ledger")
        return {name: part["total"] for name, part in shown.items() if isinstance(part, dict)}

    async def windows(self) -> list[tuple[Any, ...]]:
        """All windows, with the names of their teams: what counts, and where."""
        async with self.database.organization(self.organization.organization_id) as tenant:
            rows = await tenant.fetch(
                "SELECT team.name, hour, source, model, artifact, number, commit, branch, repository, requests,"
                " input_uncached, cache_read, cache_write, output_visible, output_reasoning, token_window.cost_nano_usd"
                " FROM token_window JOIN team USING (organization_id, team_id)"
                " WHERE organization_id = $1 ORDER BY window_id"
            )
        return sorted((tuple(row) for row in rows), key=repr)

    async def counted(self) -> dict[str, int]:
        """Requests that count, by source."""
        found: dict[str, int] = {}
        for window in await self.windows():
            found[window[2]] = found.get(window[2], 0) + window[9]
        return found


@pytest.fixture
def company(client: httpx.AsyncClient, organization: Organization, database: Database, drain: Drain) -> Company:
    return Company(client, organization, database, drain)


@pytest.fixture
def other_company(
    client: httpx.AsyncClient, other_organization: Organization, database: Database, drain: Drain
) -> Company:
    return Company(client, other_organization, database, drain)
