"""Every endpoint, page and tool with ids of another organization in path, query and body: nothing shows or changes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from schema.database import Database
from schema.settings import Settings
from service.auth.roles import Role
from tests.harness.applications import application as service
from tests.harness.foreign_requests import KINDS, NO_IDS, Attempt, attempts, ids_of
from tests.harness.foreign_rows import NAME
from tests.harness.listening import listening
from tests.harness.organization import Organization
from tests.harness.signing_in import of_a_form, sign_in
from tests.integration.service.mcp.test_mcp import over_stdio
from tests.integration.service.test_documented_roles import FORMS, PAGES
from tests.integration.service.test_openapi import ROUTES
from tests.integration.tenancy.conftest import Victim

# Answers that say that a row exists and was found.
FOUND = range(200, 300)
PERIOD = {"from": "2026-11-01", "to": "2026-11-30"}


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with service(settings) as app, listening(app) as url:
        yield url


def test_every_kind_of_id_in_a_path_has_a_foreign_one() -> None:
    named = {name for path in (*ROUTES, *PAGES, *FORMS) for name in re.findall(r"\{(\w+)\}", path)}
    assert named - {*KINDS, *NO_IDS, "member_id", "artifact_id", "path"} == set()


async def test_no_endpoint_shows_or_changes_a_row_of_another_organization(
    client: httpx.AsyncClient, organization: Organization, victim: Victim
) -> None:
    description: dict[str, Any] = (await client.get("/schema/openapi.json")).json()["paths"]
    assert set(description) == set(ROUTES)
    ids = ids_of(victim.rows)
    tried: set[tuple[str, str]] = set()
    wrong = []
    for attempt in attempts(description, ids):
        answer = await client.request(
            attempt.method,
            attempt.path,
            params=attempt.query,
            json=attempt.body,
            headers=organization.headers,
        )
        tried.add((attempt.method, attempt.path))
        names_row = any(f"/{ids[kind]}" in attempt.path for kind in ids.keys() - NO_IDS.keys())
        if leaks := attempt.leaks(answer.text):
            wrong.append((attempt, answer.status_code, leaks))
        if answer.status_code >= 500 or (names_row and answer.status_code in FOUND):
            wrong.append((attempt, answer.status_code, answer.text))
    assert wrong == []
    assert len(tried) == sum(map(len, ROUTES.values()))
    await victim.assert_untouched()


@pytest.mark.parametrize("role", [Role.OWNER, Role.VIEWER])
async def test_no_page_or_form_shows_or_changes_a_row_of_another_organization(
    client: httpx.AsyncClient, database: Database, organization: Organization, victim: Victim, role: Role
) -> None:
    await sign_in(client, database, organization, role)
    ids = {**ids_of(victim.rows), "path": NAME}
    wrong = []
    for path in PAGES:
        filled = path.format(**ids)
        for query in ({}, PERIOD, {"team": NAME}, {"team": NAME, "page": "2"}, {"q": NAME}):
            for suffix in ("", ".csv", ".json"):
                attempt = Attempt("GET", f"{filled}{suffix}", query)
                answer = await client.get(attempt.path, params=query)
                leaks = attempt.leaks(answer.text)
                if leaks or answer.status_code >= 500 or (filled != path and answer.status_code in FOUND):
                    wrong.append((attempt, answer.status_code, leaks))
    for path in FORMS.keys() - {"/sign-out"}:
        for form in ({}, {"team": NAME, **ids}, {"role": "owner"}, {"team": NAME}):
            attempt = Attempt("POST", path.format(**ids), body=form)
            answer = await client.post(attempt.path, data=form, headers=of_a_form(client))
            if (leaks := attempt.leaks(answer.text)) or answer.status_code >= 500:
                wrong.append((attempt, answer.status_code, leaks))
    assert wrong == []
    await victim.assert_untouched()


async def test_no_tool_of_an_assistant_shows_a_row_of_another_organization(
    tmp_path: Path, service_url: str, organization: Organization, victim: Victim
) -> None:
    names = {**ids_of(victim.rows), "team": NAME, "number": 1}
    wrong = []
    async with over_stdio(tmp_path, service_url, organization.key) as assistant:
        tools = (await assistant.list_tools()).tools
        assert tools
        for tool in tools:
            for given in ({}, *({name: names.get(name, NAME)} for name in tool.input_schema["properties"])):
                answer = await assistant.call_tool(tool.name, given)
                attempt = Attempt("CALL", tool.name, body=given)
                if leaks := attempt.leaks(str(answer.content) + str(answer.structured_content)):
                    wrong.append((attempt, leaks))
    assert wrong == []
    await victim.assert_untouched()


async def test_a_webhook_of_another_connection_is_refused(
    client: httpx.AsyncClient, organization: Organization, victim: Victim
) -> None:
    made = await client.post("/api/v1/connections", json={"forge": "gitlab"}, headers=organization.headers)
    own = made.json()
    foreign = own["webhook_url"].replace(own["id"], str(victim.rows["connection"]["connection_id"]))
    answer = await client.post(foreign, json={}, headers={"X-Gitlab-Token": own["secret"]})
    assert answer.status_code in {401, 404}
    await victim.assert_untouched()
