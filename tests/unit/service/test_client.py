import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from schema.errors import SetUpError
from service import client as client_module
from service.client import Address, Client, find_address

RUNNING = {"url": "http://127.0.0.1:9999", "api_key": "sl1_1_local"}


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of its own, where nothing runs and no variable is set; yields the file of the running service."""
    place = tmp_path / "running.json"
    monkeypatch.setattr(client_module, "running_file", lambda: place)
    monkeypatch.delenv("SHIPLEDGER_URL", raising=False)
    monkeypatch.delenv("SHIPLEDGER_API_KEY", raising=False)
    return place


def test_the_service_running_here_is_found_by_itself(machine: Path) -> None:
    machine.write_text(json.dumps({**RUNNING, "data": "/data", "process": 7}))
    assert find_address() == Address("http://127.0.0.1:9999", "sl1_1_local")
    assert find_address(url="http://127.0.0.1:9999/") == Address("http://127.0.0.1:9999", "sl1_1_local")
    assert find_address(key="other").key == "other"


def test_options_win_over_variables_and_those_over_what_runs_here(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.write_text(json.dumps(RUNNING))
    monkeypatch.setenv("SHIPLEDGER_URL", "https://ledger.example.org/")
    monkeypatch.setenv("SHIPLEDGER_API_KEY", "from-variable")
    assert find_address() == Address("https://ledger.example.org", "from-variable")
    assert find_address("http://option", "from-option") == Address("http://option", "from-option")


def test_the_key_of_the_service_here_goes_nowhere_else(machine: Path) -> None:
    machine.write_text(json.dumps(RUNNING))
    with pytest.raises(SetUpError, match=r"no API key for https://ledger\.example\.org"):
        find_address("https://ledger.example.org")


@pytest.mark.parametrize("content", ["", "{half", "[]", '{"url": 7}'])
def test_a_spoilt_file_counts_as_nothing_running(machine: Path, content: str) -> None:
    machine.write_text(content)
    with pytest.raises(SetUpError, match="shipledger up"):
        find_address()


def test_an_address_without_a_scheme_is_refused() -> None:
    with pytest.raises(SetUpError, match="http://"):
        find_address("localhost:8787", "key")


def test_a_key_never_shows_in_print() -> None:
    assert "secret" not in repr(Address("http://x", "secret"))


def talking(answer: Callable[[httpx.Request], httpx.Response], waits: list[float] | None = None) -> Client:
    pauses = [] if waits is None else waits
    return Client(Address("http://service", "sl1_1_key"), transport=httpx.MockTransport(answer), pause=pauses.append)


def test_a_body_goes_out_as_json_with_the_key() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["Authorization"] == "Bearer sl1_1_key"
        return httpx.Response(202, json={"got": json.loads(request.content)})

    assert talking(answer).post("/api/v1/things", {"items": [1]}) == {"got": {"items": [1]}}


@pytest.mark.parametrize("status", [503, 429])
def test_requests_to_a_busy_service_are_retried_with_backoff(status: int) -> None:
    answers = [
        httpx.Response(status),
        httpx.Response(status, headers={"Retry-After": "5"}),
        httpx.Response(200, json=1),
    ]
    waits: list[float] = []
    assert talking(lambda _: answers.pop(0), waits).get("/") == 1
    assert waits == [0.5, 5.0]


def test_a_connection_that_breaks_under_way_is_tried_again() -> None:
    tries: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        tries.append(1)
        if len(tries) == 1:
            raise httpx.ReadError("broken", request=request)
        return httpx.Response(200, json="ok")

    assert talking(answer).post("/", {}) == "ok"


def always_broken(request: httpx.Request) -> httpx.Response:
    raise httpx.RemoteProtocolError("broken", request=request)


def nobody_there(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


PROBLEM = {"type": "urn:x", "title": "Bad input", "status": 400, "detail": "items must not be empty", "field": "items"}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (nobody_there, "no service answers at http://service"),
        (always_broken, "stopped answering"),
        (lambda _: httpx.Response(401, json={"detail": "x"}), "does not know this API key"),
        (lambda _: httpx.Response(403, json={"detail": "the key lacks the scope intake"}), "lacks the scope intake"),
        (lambda _: httpx.Response(400, json=PROBLEM), "answered 400: items must not be empty"),
        (
            lambda _: httpx.Response(503, json={"detail": "the database cannot be reached"}),
            "database cannot be reached",
        ),
        (lambda _: httpx.Response(404, text="<html>"), "answered 404: Not Found"),
        (lambda _: httpx.Response(200, text="<html>"), "is not a Shipledger service; check the URL"),
    ],
)
def test_every_refusal_is_one_clear_line(answer: Callable[[httpx.Request], httpx.Response], said: str) -> None:
    with talking(answer) as client, pytest.raises(SetUpError) as refused:
        client.post("/api/v1/things", {})
    assert said in refused.value.detail
    assert "\n" not in refused.value.detail
    assert "sl1_1_key" not in refused.value.detail
