"""Requests generated from the description of the API, webhooks and OTLP included: none ends in a server error.

The requests are the same each time. Webhooks are signed, so that their bodies are read.
"""

import asyncio
import json
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.inputs import Choices
from tests.fuzz.targets.otlp import BODIES, SIGNALS
from tests.fuzz.targets.webhooks import EVENTS, RECORDED
from tests.harness.organization import Organization
from tests.harness.webhooks import Forge

EXAMPLES = 3
ALL = list(HealthCheck)
REPRODUCIBLE: Any = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=ALL,
)
MORE: Any = settings(REPRODUCIBLE, max_examples=60)


def check(answer: Any) -> None:
    assert answer.status_code < 500, (answer.request.method, answer.request.url, answer.text)
    if answer.status_code >= 400:
        (kind,) = answer.headers["content-type"]
        assert kind.startswith(("application/problem+json", "application/json", "text/"))


def call_all(url: str, headers: dict[str, str]) -> set[str]:
    """Call each described operation; return those that were called."""
    called = set()
    schema = schemathesis.openapi.from_url(f"{url}/schema/openapi.json")
    for found in schema.get_all_operations():
        operation = found.ok()

        @REPRODUCIBLE
        @given(case=operation.as_strategy())
        def call(case: Any) -> None:
            check(case.call(headers=headers, timeout=30))

        call()
        called.add(operation.label)
    return called


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_no_request_that_the_description_allows_ends_in_a_server_error(
    service_url: str, organization: Organization
) -> None:
    called = await asyncio.to_thread(call_all, service_url, organization.headers)
    assert len(called) > 80
    assert {"POST /webhooks/github/{connection_id}", "POST /v1/logs", "POST /api/v1/token-events"} <= called


def post_signed(url: str, forge: Forge) -> None:
    with httpx.Client(base_url=url, timeout=30) as client:

        @MORE
        @given(st.binary(min_size=40, max_size=200), st.booleans())
        def post(data: bytes, is_json: bool) -> None:
            choices = Choices(data)
            event, payload = choices.one(RECORDED[forge.name])
            body = json.dumps(choices.changed(payload)).encode() if is_json else choices.rest()
            headers = forge.headers(choices.one((event, *EVENTS[forge.name])), body)
            answer = client.post(forge.path, content=body, headers=headers)
            assert answer.status_code in {202, 400}, answer.text

        post()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["github", "gitlab"])
async def test_no_signed_body_ends_in_a_server_error(service_url: str, organization: Organization, name: str) -> None:
    async with httpx.AsyncClient(base_url=service_url) as client:
        forge = await Forge.connect(client, organization, name)
    await asyncio.to_thread(post_signed, service_url, forge)


def post_telemetry(url: str, headers: dict[str, str]) -> None:
    with httpx.Client(base_url=url, headers=headers, timeout=30) as client:

        @MORE
        @given(st.binary(min_size=40, max_size=200), st.sampled_from(("json", "x-protobuf")), st.booleans())
        def post(data: bytes, kind: str, is_body: bool) -> None:
            choices = Choices(data)
            number, body = choices.one(BODIES)
            content = json.dumps(choices.changed(body)).encode() if is_body else choices.rest()
            encoding = choices.one(("", "gzip", "deflate", "br"))
            answer = client.post(
                f"/v1/{SIGNALS[number].value}",
                content=content,
                headers={"Content-Type": f"application/{kind}", "Content-Encoding": encoding},
            )
            assert answer.status_code in {200, 400, 413, 415}, answer.text

        post()


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_no_telemetry_ends_in_a_server_error(service_url: str, organization: Organization) -> None:
    await asyncio.to_thread(post_telemetry, service_url, organization.headers)
