"""The one way to a forge, against a server on this machine."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.harness.forges.clock import QuickClock
from workers.forge_access.errors import ForgeError, ForgeUnavailableError, PrivateAddressError, RateLimitedError
from workers.forges.breaker import FAILURES
from workers.forges.transport import ATTEMPTS, Transport


class Scripted:
    """Sends the given answers one after another: status, headers, body; None breaks the connection."""

    def __init__(self, *answers: tuple[int, dict[str, str], str] | None) -> None:
        self.answers = list(answers)
        self.requests: list[dict[str, str]] = []


OK = (200, {}, "{}")


@pytest.fixture
def script() -> Scripted:
    return Scripted()


@pytest.fixture
def url(script: Scripted) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script.requests.append(dict(self.headers))
            answer = script.answers.pop(0)
            if answer is None:
                self.connection.close()
                return
            status, headers, body = answer
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def transport_to(url: str, clock: QuickClock, *, allow_private: bool = True) -> Transport:
    return Transport("github", "connection", url, clock, allow_private=allow_private)


def test_temporary_failures_are_retried_after_a_short_pause(url: str, script: Scripted, clock: QuickClock) -> None:
    script.answers = [(502, {}, "CANARY"), None, OK]
    assert transport_to(url, clock).session().get(url).status_code == 200
    assert len(script.requests) == 3
    assert len(clock.slept) == 2
    assert max(clock.slept) <= 1


def test_requests_that_change_something_are_not_retried(url: str, script: Scripted, clock: QuickClock) -> None:
    script.answers = [(502, {}, ""), OK]
    with pytest.raises(ForgeUnavailableError):
        transport_to(url, clock).session().post(f"{url}/hooks")
    assert len(script.requests) == 1


def test_a_failing_forge_is_left_alone_and_then_retried(url: str, script: Scripted, clock: QuickClock) -> None:
    script.answers = [(503, {}, "")] * FAILURES + [OK]
    session = transport_to(url, clock).session()
    for _ in range(-(-FAILURES // ATTEMPTS)):
        with pytest.raises(ForgeUnavailableError) as away:
            session.get(url)
    assert len(script.requests) == FAILURES
    with pytest.raises(ForgeUnavailableError):
        session.get(url)
    assert len(script.requests) == FAILURES
    clock.reach(away.value.at)
    assert session.get(url).status_code == 200


def test_a_refused_request_is_not_retried_too_early(url: str, script: Scripted, clock: QuickClock) -> None:
    script.answers = [(429, {"Retry-After": "90"}, ""), OK]
    session = transport_to(url, clock).session()
    with pytest.raises(RateLimitedError) as limited:
        session.get(url)
    assert timedelta(seconds=89) < limited.value.at - clock.now() < timedelta(seconds=93)
    with pytest.raises(RateLimitedError):
        session.get(url)
    assert len(script.requests) == 1
    clock.reach(limited.value.at)
    assert session.get(url).status_code == 200


def test_a_rate_limit_known_only_by_its_text_waits_a_minute(url: str, script: Scripted, clock: QuickClock) -> None:
    script.answers = [(403, {}, '{"message": "You have exceeded a secondary rate limit"}')]
    with pytest.raises(RateLimitedError) as limited:
        transport_to(url, clock).session().get(url)
    assert limited.value.at - clock.now() > timedelta(seconds=58)


def test_an_answer_with_an_etag_is_remembered(url: str, script: Scripted, clock: QuickClock) -> None:
    script.answers = [(200, {"ETag": '"1"'}, '{"a": 1}'), (304, {"ETag": '"1"'}, ""), (304, {"ETag": '"1"'}, ""), OK]
    session = transport_to(url, clock).session()
    assert [session.get(url).json() for _ in range(3)] == [{"a": 1}] * 3
    assert [request.get("If-None-Match") for request in script.requests] == [None, '"1"', '"1"']
    assert session.get(url, headers={"Authorization": "token another"}).json() == {}
    assert "If-None-Match" not in script.requests[3]


def test_private_addresses_are_refused_unless_allowed(url: str, script: Scripted, clock: QuickClock) -> None:
    with pytest.raises(PrivateAddressError):
        transport_to(url, clock, allow_private=False).session().get(url)
    by_name = url.replace("127.0.0.1", "localhost")
    with pytest.raises(PrivateAddressError):
        transport_to(by_name, clock, allow_private=False).session().get(by_name)
    assert script.requests == []


def test_a_token_does_not_follow_a_redirect_to_another_place(url: str, script: Scripted, clock: QuickClock) -> None:
    elsewhere = url.replace("127.0.0.1", "localhost")
    script.answers = [(302, {"Location": f"{elsewhere}/x"}, ""), OK]
    with pytest.raises(ForgeError) as raised:
        transport_to(url, clock).session().get(url, headers={"PRIVATE-TOKEN": "x"})
    assert raised.value.stored() == "forge_not_understood: it redirects to another host"
    assert len(script.requests) == 1
