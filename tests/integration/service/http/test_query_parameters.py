"""A question that is not understood is refused, on every documented route."""

from typing import Any

import httpx
import pytest

from tests.harness.organization import Organization

SENDERS = ("/v1/", "/webhooks/")


def parameters(operation: dict[str, Any], place: str) -> list[dict[str, Any]]:
    return [each for each in operation.get("parameters", []) if each["in"] == place]


def an_id(parameter: dict[str, Any]) -> str:
    if parameter["name"] == "dataset":
        return "ledger"
    return "1" if parameter["schema"]["type"] == "integer" else "00000000-0000-0000-0000-000000000000"


@pytest.fixture
async def operations(client: httpx.AsyncClient) -> list[tuple[str, str, list[str]]]:
    """Method, path and query parameters of every documented route, except for senders."""
    paths: dict[str, Any] = (await client.get("/schema/openapi.json")).json()["paths"]
    return [
        (
            method.upper(),
            path.format(**{each["name"]: an_id(each) for each in parameters(operation, "path")}),
            [each["name"] for each in parameters(operation, "query")],
        )
        for path, methods in paths.items()
        for method, operation in methods.items()
        if not path.startswith(SENDERS)
    ]


async def test_every_route_refuses_an_unknown_parameter_and_names_its_own(
    client: httpx.AsyncClient, organization: Organization, operations: list[tuple[str, str, list[str]]]
) -> None:
    assert len(operations) > 40
    for method, path, names in operations:
        answer = await client.request(method, path, params={"nonsense": "1"}, headers=organization.headers)
        problem = answer.json()
        assert (answer.status_code, problem.get("field")) == (400, "nonsense"), (method, path, problem)
        allowed = f"use {', '.join(names)}" if names else "it has none"
        assert problem["detail"] == f"nonsense is not a parameter of {method} {path}; {allowed}"


async def test_every_parameter_refuses_an_empty_value_and_a_second_one(
    client: httpx.AsyncClient, organization: Organization, operations: list[tuple[str, str, list[str]]]
) -> None:
    for method, path, names in operations:
        for name in names:
            empty = await client.request(method, path, params={name: ""}, headers=organization.headers)
            assert (empty.status_code, empty.json()["field"]) == (400, name), (method, path)
            twice = await client.request(method, f"{path}?{name}=1&{name}=2", headers=organization.headers)
            assert twice.json()["detail"] == f"{name} must be given only once", (method, path)


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        (
            "group_by=nosuch",
            "group_by must be up to two of team, repository, model, workflow, feature, evidence, separated by a comma",
        ),
        ("bucket=year", "bucket must be one of total, day, week, month, quarter"),
        ("cost_kind=free", "cost_kind must be one of list, effective, billed"),
        ("limit=0", "limit must be a whole number from 1 to 5000"),
        ("limit=many", "limit must be a whole number from 1 to 5000"),
        ("format=xml", "format must be one of json, csv, parquet"),
    ],
)
async def test_a_value_that_is_not_allowed_is_answered_with_those_that_are(
    client: httpx.AsyncClient, organization: Organization, query: str, detail: str
) -> None:
    answer = await client.get(f"/api/v1/metrics/tokens-per-pr?{query}", headers=organization.headers)
    assert (answer.status_code, answer.json()["detail"]) == (400, detail)


async def test_without_a_key_the_parameters_are_not_even_read(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/ledger?nonsense=1")).status_code == 401


async def test_pages_take_any_parameter(client: httpx.AsyncClient) -> None:
    assert (await client.get("/?utm_source=mail")).status_code == 401
