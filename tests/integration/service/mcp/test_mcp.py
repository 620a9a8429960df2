"""`shipledger mcp`, asked by a real MCP client, in front of the real service."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from tests.harness.one_merge import REPOSITORY, send_one_merge
from tests.harness.organization import Organization
from tests.harness.shipledger_up import command, environment_of

ROOT = Path(__file__).parents[4]
TOOLS = {
    *("pull_request_cost", "release_cost", "dearest", "spend", "cost_per_pull_request", "why_spend_changed"),
    *("where_tokens_went", "how_sure", "budgets_and_forecasts", "alerts"),
}
NOVEMBER = {"first_day": "2026-11-01", "last_day": "2026-11-30"}


def spaced(text: str) -> str:
    """With plain spaces, which are easier to write in a test."""
    return re.sub("[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]", " ", text)


async def sentence(client: Client, tool: str, **arguments: Any) -> str:
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, answer.content
    (text,) = answer.content
    assert answer.structured_content is not None
    assert answer.structured_content["sentence"] == text.text
    assert answer.structured_content["requests"]
    return spaced(text.text)


async def refusal(client: Client, tool: str, **arguments: Any) -> str:
    answer = await client.call_tool(tool, arguments)
    assert answer.is_error
    return answer.content[0].text


async def read_key(client: httpx.AsyncClient, organization: Organization, **pinned: str) -> str:
    body = {"name": "assistant", "scopes": ["read"], **pinned}
    made = await client.post("/api/v1/keys", json=body, headers=organization.headers)
    return str(made.json()["key"])


@pytest.fixture
async def merged(client: httpx.AsyncClient, organization: Organization, drain: Callable[[], Awaitable[None]]) -> None:
    await send_one_merge(client, organization, drain)


@contextlib.asynccontextmanager
async def over_stdio(home: Path, url: str, key: str) -> AsyncIterator[Client]:
    program, *arguments = command("mcp", "--url", url, "--key", key)
    server = StdioServerParameters(command=program, args=arguments, env=environment_of(home), cwd=ROOT)
    async with Client(stdio_client(server)) as assistant:
        yield assistant


@pytest.mark.usefixtures("merged")
async def test_an_assistant_asks_over_stdio_with_a_key_that_may_only_read(
    tmp_path: Path, service_url: str, client: httpx.AsyncClient, organization: Organization
) -> None:
    key = await read_key(client, organization)
    async with over_stdio(tmp_path, service_url, key) as assistant:
        listed = (await assistant.list_tools()).tools
        assert {tool.name for tool in listed} == TOOLS
        assert all(tool.annotations and tool.annotations.read_only_hint and tool.output_schema for tool in listed)
        fields = [field for tool in listed for field in tool.input_schema["properties"].values()]
        assert all(field.get("description") for field in fields)

        assert await sentence(assistant, "pull_request_cost", number=2201, repository=REPOSITORY) == (
            "Pull request 2201 (merged on 18 November 2026, team default) cost $0.30 for 100 k tokens; "
            "linked by branch (100 %), between 98.0 k and 102 k tokens with 80 % probability, reliable."
        )
        assert await sentence(assistant, "release_cost", tag="v1.2.0", repository="octo-org/web") == (
            "v1.2.0 (released on 18 November 2026, team default) cost $0.30 for 100 k tokens in 1 pull request; "
            "linked by branch (100 %), between 98.0 k and 102 k tokens with 80 % probability, reliable."
        )
        assert await sentence(assistant, "spend", **NOVEMBER) == (
            "1 November to 30 November 2026: $0.30 for 100 k tokens; +$0.30 compared with 1 October to 31 October "
            "2026; by team: default $0.30."
        )
        assert "more requests" in await sentence(assistant, "why_spend_changed", **NOVEMBER)
        assert await sentence(assistant, "where_tokens_went", **NOVEMBER) == (
            "$0.30 were spent: $0.30 on merged pull requests, $0.00 on open ones, $0.00 on abandoned ones, "
            "$0.00 on no pull request, $0.00 not settled yet."
        )
        assert (await sentence(assistant, "how_sure", **NOVEMBER)).startswith(
            "100 % of the tokens are linked to a pull request; 0 % are split"
        )
        assert re.fullmatch(
            r"The dearest pull requests: a1_\w{8} \$0\.30\.", await sentence(assistant, "dearest", state="merged")
        )
        assert await sentence(assistant, "dearest", kind="release", limit=1)
        assert await sentence(assistant, "cost_per_pull_request", group_by="model", **NOVEMBER)
        assert (await sentence(assistant, "budgets_and_forecasts")).startswith(
            "There is no forecast for this month yet"
        )
        assert await sentence(assistant, "alerts") == "No alert matches."

        assert "it has no pull request 7" in await sentence(
            assistant, "pull_request_cost", number=7, repository=REPOSITORY
        )
        assert "group_by must be up to two of" in await refusal(assistant, "spend", group_by="colour")
        assert "number is missing" in await refusal(assistant, "pull_request_cost", repository=REPOSITORY)


@pytest.mark.usefixtures("merged")
async def test_an_assistant_gets_the_answer_of_the_rest_api_and_no_more(
    tmp_path: Path, service_url: str, client: httpx.AsyncClient, organization: Organization
) -> None:
    made = await client.post("/api/v1/teams", json={"name": "other"}, headers=organization.headers)
    assert made.is_success, made.text
    key = await read_key(client, organization, team="other")
    async with over_stdio(tmp_path, service_url, key) as assistant:
        answer = await assistant.call_tool("dearest", {})
        assert answer.structured_content is not None
        (request,) = answer.structured_content["requests"]
        method, path = request.split(" ")
        shown = await client.request(method, path, headers={"Authorization": f"Bearer {key}"})
        assert answer.structured_content["figures"] == shown.json()
        assert shown.json()["items"] == []


@pytest.mark.usefixtures("merged")
async def test_over_http_each_caller_may_bring_a_key_and_a_foreign_host_is_refused(
    tmp_path: Path, service_url: str, client: httpx.AsyncClient, organization: Organization
) -> None:
    key = await read_key(client, organization)
    words = command("mcp", "--transport", "http", "--port", "0", "--url", service_url, "--key", "sl1_1_unknown")
    process = await asyncio.create_subprocess_exec(
        *words, env=environment_of(tmp_path), cwd=ROOT, stderr=asyncio.subprocess.PIPE
    )
    try:
        assert process.stderr is not None
        line = (await process.stderr.readline()).decode()
        url = line.split()[-1]
        assert url.endswith("/mcp"), line
        headers = {"Authorization": f"Bearer {key}"}
        async with (
            httpx2.AsyncClient(headers=headers) as http,
            Client(streamable_http_client(url, http_client=http)) as assistant,
        ):
            assert "cost $0.30" in await sentence(assistant, "pull_request_cost", number=2201, repository=REPOSITORY)
        async with Client(url) as assistant:
            assert "does not know this API key" in await refusal(assistant, "alerts")
        async with httpx.AsyncClient() as http:
            forged = await http.post(url, json={}, headers={"Host": "evil.example"})
        assert forged.status_code == 421
    finally:
        process.terminate()
        await process.wait()
