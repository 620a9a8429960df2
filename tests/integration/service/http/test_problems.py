"""What a caller sees when something is wrong."""

import httpx
import pytest
from litestar import Litestar, get, post
from structlog.testing import capture_logs

from schema.errors import UnavailableError
from schema.settings import Settings
from service.http.problem_documents import MEDIA_TYPE
from service.http.problems import handle_error
from tests.harness.organization import Organization


async def test_an_unknown_path_and_method_are_problems(client: httpx.AsyncClient) -> None:
    for method, path, status in (("GET", "/nowhere", 404), ("PUT", "/api/v1/ledger", 405)):
        answer = await client.request(method, path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == MEDIA_TYPE
        problem = answer.json()
        assert set(problem) == {"type", "title", "status", "detail"}
        assert problem["status"] == status
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("body", "field"),
    [(b"{", None), (b"[]", "body"), (b"", "body"), (b'{"items": 1}', "items"), (b'{"items": [1]}', "items[0]")],
)
async def test_a_body_that_cannot_be_read_says_what_to_send(
    client: httpx.AsyncClient, organization: Organization, body: bytes, field: str | None
) -> None:
    headers = {**organization.headers, "Content-Type": "application/json"}
    answer = await client.post("/api/v1/pull-requests", content=body, headers=headers)
    assert (answer.status_code, answer.json().get("field")) == (400, field)
    assert "/schema" in answer.json()["detail"]


async def test_a_body_over_the_limit_is_refused(client: httpx.AsyncClient, organization: Organization) -> None:
    headers = {**organization.headers, "Content-Type": "application/json"}
    answer = await client.post("/api/v1/pull-requests", content=b" " * (17 * 2**20), headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (413, MEDIA_TYPE)


async def test_a_value_that_was_sent_is_not_repeated(client: httpx.AsyncClient, organization: Organization) -> None:
    body = {"name": "x", "scopes": ["CANARY-scope"]}
    answer = await client.post("/api/v1/keys", json=body, headers=organization.headers)
    assert answer.status_code == 400
    assert "CANARY" not in answer.text
    answer = await client.get("/api/v1/attributions", params={"limit": "CANARY"}, headers=organization.headers)
    assert answer.status_code == 400
    assert "CANARY" not in answer.text


@pytest.mark.usefixtures("redis_url")
async def test_without_postgresql_the_answer_is_503_at_once(redis_url: str) -> None:
    from service.app import create_app

    settings = Settings(
        database_url="postgresql://nobody@127.0.0.1:1/none",
        redis_url=redis_url,
        secret_key="x" * 40,
        metrics_port=9464,
        _env_file=None,
    )
    app = create_app(settings)
    transport = httpx.ASGITransport(app=app)
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        answer = await client.get("/api/v1/ledger", headers={"Authorization": "Bearer sl1_1_" + "x" * 43})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert (await client.get("/health/ready")).status_code == 503
        assert (await client.get("/health/live")).status_code == 200
        assert "shipledger_http_responses_total" in (await client.get("http://127.0.0.1:9464/metrics")).text


async def test_an_unexpected_error_reveals_no_details() -> None:
    @get("/fail")
    async def fail() -> None:
        raise RuntimeError("CANARY inside")

    @post("/unavailable")
    async def unavailable() -> None:
        raise UnavailableError("the database cannot be reached") from ConnectionError("CANARY inside")

    app = Litestar([fail, unavailable], exception_handlers={Exception: handle_error}, logging_config=None)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        with capture_logs() as logs:
            answers = [await client.get("/fail"), await client.post("/unavailable")]
    assert [answer.status_code for answer in answers] == [500, 503]
    assert not any("CANARY" in answer.text for answer in answers)
    assert [(entry["error"], entry["cause"]) for entry in logs] == [
        ("RuntimeError", None),
        ("UnavailableError", "ConnectionError"),
    ]
    assert "CANARY" not in str(logs)
