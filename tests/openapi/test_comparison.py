"""That what differs from GitHub's description is found, and nothing else; needs what `.ci/openapi` fetches."""

from typing import Any

import httpx
import pytest

from tests.harness.forges.described import Compared
from tests.harness.forges.github_whole import organization
from tests.harness.forges.prism import DESCRIPTION, PROGRAM, prism
from tests.openapi.operations import OPERATIONS

SUCCESS = {"GET": 200, "PATCH": 200, "POST": 201}
ORGANIZATION = organization("octo", 1)


@pytest.fixture(autouse=True)
def _has_description() -> None:
    assert prism(), f"{PROGRAM} and {DESCRIPTION} say where Prism and the description are: run .ci/openapi"


async def found(method: str, target: str, reported: Any, status: int = 200, asked: Any = None) -> set[str]:
    """The violations of one exchange."""

    async def application(_: Any, __: Any, send: Any) -> None:
        answer = httpx.Response(status, json=reported)
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.content})

    compared = Compared(application)
    transport = httpx.ASGITransport(app=compared)
    async with httpx.AsyncClient(transport=transport, base_url="http://github.invalid/api/v3") as client:
        answer = await client.request(method, target, json=asked)
    # Whoever asks sees what the fake answers.
    assert (answer.status_code, answer.json()) == (status, reported)
    return compared.found


async def test_a_right_answer_passes() -> None:
    assert not await found("GET", "/user/orgs?per_page=100", [ORGANIZATION])


async def test_a_missing_field_is_named() -> None:
    (violation,) = await found("GET", "/user/orgs", [{**ORGANIZATION, "login": 1, "id": 1}])
    assert "0.login" in violation
    reported = {key: value for key, value in ORGANIZATION.items() if key != "hooks_url"}
    (violation,) = await found("GET", "/user/orgs", [reported])
    assert "must have required property 'hooks_url'" in violation


async def test_a_field_of_another_type_is_named() -> None:
    (violation,) = await found("GET", "/user/orgs", [{**ORGANIZATION, "id": "1"}])
    assert "id must be integer" in violation


async def test_a_path_that_github_has_not_is_named() -> None:
    assert await found("GET", "/nobody/orgs", []) == {"GET /api/v3/nobody/orgs is not described"}
    assert await found("DELETE", "/user/orgs", []) == {"DELETE /api/v3/user/orgs is not described"}


async def test_a_query_parameter_that_github_has_not_is_named() -> None:
    assert await found("GET", "/user/orgs?per_page=100&size=3", [ORGANIZATION]) == {
        "GET /api/v3/user/orgs has no query parameter size"
    }


async def test_a_query_parameter_of_another_type_is_named() -> None:
    (violation,) = await found("GET", "/user/orgs?per_page=many", [ORGANIZATION])
    assert "per_page" in violation


async def test_a_request_without_what_is_required_is_named() -> None:
    asked = {"previous_tag_name": "v1"}
    notes = {"name": "CANARY", "body": "CANARY"}
    violations = await found("POST", "/repos/octo/shop/releases/generate-notes", notes, asked=asked)
    assert any("tag_name" in each and "request" in each for each in violations)


async def test_an_undocumented_success_status_is_reported() -> None:
    (violation,) = await found("GET", "/user/orgs", [ORGANIZATION], status=206)
    assert "206" in violation


@pytest.mark.parametrize("status", [401, 404, 429, 502])
async def test_error_statuses_are_allowed_everywhere(status: int) -> None:
    assert not await found("GET", "/user/orgs", {"message": "CANARY"}, status=status)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_wrong_response_of_each_operation_is_found(operation: str) -> None:
    """Since Prism says nothing where its validator cannot read a schema."""
    method, _, path = operation.partition(" /api/v3")
    for name in ("installation_id", "hook_id", "delivery_id", "check_run_id"):
        path = path.replace(f"{{{name}}}", "7")
    target = path.replace("{basehead}", "a...b").replace("{", "").replace("}", "")
    status = 202 if path.endswith("/attempts") else 200 if path.endswith("/generate-notes") else SUCCESS[method]
    assert any("response" in each for each in await found(method, target, "nonsense", status, asked=None))
