"""The description of the API at /schema."""

import re
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from service.reference.answer_values import UNNAMED
from service.reference.examples import BODIES


@pytest.fixture
async def description(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/schema/openapi.json")
    assert answer.status_code == 200
    described: dict[str, Any] = answer.json()
    assert (await client.get("/schema")).json() == described
    return described


ROUTES = {
    "/api/v1/attributions": {"get"},
    "/api/v1/audit": {"get"},
    "/api/v1/dashboard-links": {"post"},
    "/api/v1/members": {"get"},
    "/api/v1/members/{member_id}": {"delete", "put"},
    "/api/v1/shared-links": {"get", "post"},
    "/api/v1/shared-links/{link_id}": {"delete"},
    "/api/v1/sign-in-rules": {"get", "post"},
    "/api/v1/sign-in-rules/{rule_id}": {"delete"},
    "/api/v1/backfills": {"get", "post"},
    "/api/v1/backfills/{backfill_id}": {"get"},
    "/api/v1/billing-charges": {"post"},
    "/api/v1/changes": {"get", "post"},
    "/api/v1/changes/langfuse": {"post"},
    "/api/v1/changes/mlflow": {"post"},
    "/api/v1/changes/{change_id}": {"delete"},
    "/api/v1/connections": {"get", "post"},
    "/api/v1/connections/{connection_id}": {"delete", "get"},
    "/api/v1/connections/{connection_id}/summaries": {"put"},
    "/api/v1/connections/{connection_id}/team-sync": {"put"},
    "/api/v1/connections/{connection_id}/token": {"put"},
    "/api/v1/coverage": {"get"},
    "/api/v1/dead-letters": {"get"},
    "/api/v1/dead-letters/replay": {"post"},
    "/api/v1/effects": {"get"},
    "/api/v1/iterations": {"get"},
    "/api/v1/gateway-calibrations": {"get"},
    "/api/v1/gateway-estimates": {"get"},
    "/api/v1/gateway-usage": {"post"},
    "/api/v1/github-apps": {"get", "post"},
    "/api/v1/guardrails": {"get"},
    "/api/v1/github-apps/{app_id}": {"get"},
    "/api/v1/keys": {"get", "post"},
    "/api/v1/keys/{key_id}": {"delete"},
    "/api/v1/labels": {"get", "put"},
    "/api/v1/layers": {"get", "put"},
    "/api/v1/repairs": {"get", "post"},
    "/api/v1/ledger": {"get"},
    "/api/v1/metrics/conversion": {"get"},
    "/api/v1/metrics/percentiles": {"get"},
    "/api/v1/metrics/tokens-per-pr": {"get"},
    "/api/v1/outcomes": {"get", "post"},
    "/api/v1/session-evidence": {"post"},
    "/api/v1/outcomes/study": {"get"},
    "/api/v1/overview": {"get"},
    "/api/v1/exports/{dataset}": {"get"},
    "/api/v1/spend": {"get"},
    "/api/v1/spend/change": {"get"},
    "/api/v1/budgets": {"get", "post"},
    "/api/v1/policies": {"get", "post"},
    "/api/v1/forecasts": {"get"},
    "/api/v1/alerts": {"get"},
    "/api/v1/alerts/{alert_id}": {"get", "post"},
    "/api/v1/alert-channels": {"get", "post"},
    "/api/v1/alert-channels/{channel_id}": {"delete", "patch"},
    "/api/v1/alert-channels/{channel_id}/digest": {"post"},
    "/api/v1/alert-channels/{channel_id}/test": {"post"},
    "/api/v1/digest": {"get"},
    "/api/v1/alert-deliveries": {"get"},
    "/api/v1/alert-deliveries/{delivery_id}": {"get"},
    "/api/v1/alert-mutes": {"get", "post"},
    "/api/v1/alert-mutes/{mute_id}": {"delete"},
    "/api/v1/overhead-multiplier": {"get", "put"},
    "/api/v1/ownership": {"get"},
    "/api/v1/ownership/factors": {"get", "post"},
    "/api/v1/ownership/factors/{factor_id}": {"delete"},
    "/api/v1/engagement": {"get"},
    "/api/v1/features": {"get", "put", "delete"},
    "/api/v1/prices": {"get", "post"},
    "/api/v1/prices/{price_id}": {"delete"},
    "/api/v1/provider-accounts": {"get", "post"},
    "/api/v1/provider-accounts/{account_id}": {"delete"},
    "/api/v1/provider-accounts/{account_id}/key": {"put"},
    "/api/v1/provider-accounts/{account_id}/teams": {"put"},
    "/api/v1/imports/{import_id}": {"get"},
    "/api/v1/pull-requests": {"post"},
    "/api/v1/reconciliation": {"get"},
    "/api/v1/registrations": {"get", "post"},
    "/api/v1/registrations/{registration_id}": {"get"},
    "/api/v1/releases": {"get", "post"},
    "/api/v1/releases/{artifact_id}": {"get"},
    "/api/v1/team-syncs": {"get", "post"},
    "/api/v1/teams": {"get", "post"},
    "/api/v1/teams/{team_id}": {"delete"},
    "/api/v1/token-events": {"post"},
    "/health/live": {"get"},
    "/health/ready": {"get"},
    "/metrics": {"get"},
    "/v1/logs": {"post"},
    "/v1/metrics": {"post"},
    "/v1/traces": {"post"},
    "/webhooks/github": {"post"},
    "/webhooks/github/{connection_id}": {"post"},
    "/webhooks/gitlab/{connection_id}": {"post"},
}


async def test_every_route_is_described(description: dict[str, Any]) -> None:
    assert {path: set(operations) for path, operations in description["paths"].items()} == ROUTES
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            assert " " in operation["summary"], (path, method, "a generated summary is one word")
            assert operation["description"], (path, method)
            assert operation["tags"], (path, method)


async def test_every_parameter_and_every_schema_has_a_description(description: dict[str, Any]) -> None:
    operations = [operation for each in description["paths"].values() for operation in each.values()]
    parameters = [parameter for operation in operations for parameter in operation.get("parameters", [])]

    assert len(parameters) > 50
    assert [parameter["name"] for parameter in parameters if not parameter.get("description")] == []
    assert [
        name for name, schema in description["components"]["schemas"].items() if not schema.get("description")
    ] == []


async def test_structs_and_their_fields_are_described(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    ledger = schemas["LedgerParts"]

    assert schemas["LedgerShown"]["description"].startswith("received = merged + in flight")
    assert ledger["properties"]["pending"] == {
        "allOf": [{"$ref": "#/components/schemas/Amounts"}],
        "description": "Tokens that are stored but not yet settled",
    }


async def test_references_lead_somewhere_and_patterns_are_regular(description: dict[str, Any]) -> None:
    met = {"$ref": 0, "pattern": 0}

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(reference := node.get("$ref"), str):
                met["$ref"] += 1
                assert reference.removeprefix("#/components/schemas/") in description["components"]["schemas"]
            if isinstance(pattern := node.get("pattern"), str):
                met["pattern"] += 1
                re.compile(pattern)
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(description)
    assert min(met.values()) > 10
    names = [operation["operationId"] for each in description["paths"].values() for operation in each.values()]
    assert len(names) == len(set(names))
    assert [name for name in names if not re.fullmatch(r"[a-z]+([A-Z][a-z]*)*", name) or len(name) > 25] == []


async def test_the_key_and_the_problems_are_described(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.")
    assert description["components"]["securitySchemes"] == {"key": {"type": "http", "scheme": "bearer"}}
    assert description["security"] == [{"key": []}]
    refused = description["paths"]["/api/v1/ledger"]["get"]["responses"]["400"]
    assert refused["content"] == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    names = [parameter["name"] for parameter in description["paths"]["/api/v1/ledger"]["get"]["parameters"]]
    assert names[:4] == ["team", "from", "to", "bucket"]


async def test_examples_fit_their_schemas_and_each_body_of_the_api_has_one(description: dict[str, Any]) -> None:
    shown = 0
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            assert "example" in body or not body or not path.startswith("/api/"), (
                f"add an example of {method.upper()} {path} to service/reference/examples.py"
            )
            for each in (body, *operation.get("parameters", [])):
                if "example" in each:
                    schema = {**each["schema"], "components": description["components"]}
                    problems = [
                        problem.message for problem in Draft202012Validator(schema).iter_errors(each["example"])
                    ]
                    assert problems == [], (method, path, each.get("name"))
                    shown += 1
    assert shown > 50
    routes = {f"{method.upper()} {path}" for path, operations in ROUTES.items() for method in operations}
    assert set(BODIES) - routes == set()


async def test_each_answer_has_an_example_that_fits_its_schema(description: dict[str, Any]) -> None:
    shown, unnamed = 0, []
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                answer = response.get("content", {}).get("application/json", {})
                if not status.startswith("2") or not answer.get("schema") or path.startswith("/v1/"):
                    continue
                schema = {**answer["schema"], "components": description["components"]}
                problems = [each.message for each in Draft202012Validator(schema).iter_errors(answer["example"])]
                assert problems == [], (method, path)
                unnamed += [f"{method} {path} {place}" for place in texts_without_value(answer["example"])]
                shown += 1
    assert shown > 90
    assert unnamed == [], "add a value for the name to service/reference/answer_values.py"


def texts_without_value(node: Any, place: str = "") -> list[str]:
    if isinstance(node, dict):
        return [found for name, each in node.items() for found in texts_without_value(each, f"{place}.{name}")]
    if isinstance(node, list):
        return [found for each in node for found in texts_without_value(each, place)]
    return [place] if node == UNNAMED else []


async def test_no_parameter_of_a_query_may_be_null(description: dict[str, Any]) -> None:
    operations = [operation for each in description["paths"].values() for operation in each.values()]
    queries = [each for one in operations for each in one.get("parameters", []) if each["in"] == "query"]
    assert [each["name"] for each in queries if "null" in str(each["schema"])] == []


async def test_the_page_is_served_whole_with_its_files(client: httpx.AsyncClient) -> None:
    page = await client.get("/schema/docs")
    assert page.headers["content-type"].startswith("text/html")
    files = re.findall(r'(?:src|href)="(/schema/docs/[^"]+)"', page.text)
    assert len(files) == 4
    for file in files:
        compressed, plain = [await client.get(file, headers={"Accept-Encoding": way}) for way in ("gzip", "identity")]
        assert compressed.status_code == 200
        assert compressed.content == plain.content
        assert plain.headers.get("content-encoding") is None
    assert (await client.get("/schema/docs/nothing.js")).status_code == 404
