"""GitHub's description as Prism can use it, and what may be asked by it."""

from typing import Any

import pytest

from tests.harness.forges.openapi import Operations, fit

NUMBER = {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}


def described(answer: dict[str, Any] | None = None) -> dict[str, Any]:
    """Two operations, whose answer is of a media type each."""
    page = {"$ref": "#/components/parameters/page"}
    return {
        "paths": {
            "/things": {"get": {"parameters": [page], "responses": {"200": {"content": answer or {}}}}},
            "/things/{number}": {"parameters": [NUMBER], "get": {"responses": {}}, "patch": {"responses": {}}},
            "/things/newest": {"get": {"parameters": [], "responses": {}}},
        },
        "components": {"parameters": {"page": {"name": "page", "in": "query", "schema": {"type": "integer"}}}},
    }


@pytest.fixture
def operations() -> Operations:
    return Operations(fit(described()))


def schema_of(answer: dict[str, Any]) -> Any:
    content = fit(described(answer))["paths"]["/api/v3/things"]["get"]["responses"]["200"]["content"]
    return content["application/json"]["schema"]


def test_an_operation_is_found_by_what_is_spelled_out_before_what_is_a_parameter(operations: Operations) -> None:
    assert operations.named("GET", "/api/v3/things/newest") == "GET /api/v3/things/newest"
    assert operations.named("get", "/api/v3/things/7") == "GET /api/v3/things/{number}"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/things"), ("GET", "/api/v3/others"), ("DELETE", "/api/v3/things"), ("PARAMETERS", "/api/v3/things/7")],
)
def test_undescribed_operations_have_no_name(operations: Operations, method: str, path: str) -> None:
    assert operations.named(method, path) is None


def test_unknown_query_parameters_of_an_operation_are_reported(operations: Operations) -> None:
    assert operations.unknown_parameters("GET /api/v3/things", "page=2&size=&sort=up") == ["size", "sort"]
    assert operations.unknown_parameters("PATCH /api/v3/things/{number}", "number=7") == ["number"]


@pytest.mark.parametrize("media_type", ["application/vnd.github.squirrel-girl-preview+json", "application/scim+json"])
def test_json_with_another_media_type_is_read_as_json(media_type: str) -> None:
    assert schema_of({media_type: {"schema": {"type": "string"}}}) == {"type": "string"}


def test_a_schema_of_json_itself_stays() -> None:
    preview = {"application/vnd.github.x+json": {"schema": {"type": "string"}}}
    assert schema_of({**preview, "application/json": {"schema": {"type": "integer"}}}) == {"type": "integer"}


@pytest.mark.parametrize(
    ("nullable", "fitted"),
    [
        ({"oneOf": [{"type": "object"}]}, {"oneOf": [{"type": "object"}, {"enum": [None]}]}),
        ({"anyOf": [{"type": "object"}]}, {"anyOf": [{"type": "object"}, {"enum": [None]}]}),
        ({"allOf": [{"type": "object"}]}, {"anyOf": [{"allOf": [{"type": "object"}]}, {"enum": [None]}]}),
        ({"enum": ["a"]}, {"enum": ["a", None]}),
        ({"description": "anything"}, {"description": "anything"}),
    ],
)
def test_what_may_be_null_without_a_type_says_so_in_words_that_validators_read(
    nullable: dict[str, Any], fitted: dict[str, Any]
) -> None:
    assert schema_of({"application/json": {"schema": {"nullable": True, **nullable}}}) == fitted


def test_what_may_be_null_and_has_a_type_stays() -> None:
    reported = {"nullable": True, "type": "string"}
    assert schema_of({"application/json": {"schema": reported}}) == {"nullable": True, "type": "string"}
