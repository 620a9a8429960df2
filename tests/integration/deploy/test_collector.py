"""deploy/otel-collector in a real collector, where there is one."""

import gzip
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from service.http.listening_socket import listen
from service.telemetry.otlp.records import Signal
from tests.harness.edge_collector import ENVIRONMENT, FOLDER, configuration, passed
from tests.harness.otlp import REQUESTS
from tests.harness.otlp_cuts import read_body, signal_at
from tests.unit.deploy.test_edge_bodies import RECORDED, readings, said

COLLECTOR = shutil.which("otelcol-contrib")
# No package registry carries the collector; without it tests/unit/deploy checks the same configuration.
pytestmark = pytest.mark.skipif(COLLECTOR is None, reason="no otelcol-contrib on this machine")
READY_SECONDS = 30.0


class Received:
    """A service that keeps what it is sent."""

    def __init__(self) -> None:
        received: list[tuple[str, bytes]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received.append((self.path, gzip.decompress(body) if "gzip" in str(self.headers) else body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.bodies = received
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def received() -> Iterator[Received]:
    service = Received()
    yield service
    service.close()


def free_port() -> int:
    with listen("127.0.0.1", 0) as socket:
        port: int = socket.getsockname()[1]
    return port


@pytest.fixture
def collector_url(received: Received, tmp_path: Path) -> Iterator[str]:
    ports = {"grpc": free_port(), "http": free_port()}
    overrides = [
        f"--set=receivers.otlp.protocols.{protocol}.endpoint=127.0.0.1:{port}" for protocol, port in ports.items()
    ]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(COLLECTOR), "--config", str(FOLDER / "edge.yaml"), *overrides],
            env={**os.environ, **ENVIRONMENT, "SHIPLEDGER_URL": received.url},
            stderr=log,
        )
    url = f"http://127.0.0.1:{ports['http']}"
    try:
        wait_until(lambda: answers(url))
        yield url
    finally:
        process.terminate()
        process.wait()


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code > 0
    except httpx.TransportError:
        return False


def wait_until(is_so: Any) -> None:
    until = time.monotonic() + READY_SECONDS
    while not is_so():
        assert time.monotonic() < until, "the collector is not ready"
        time.sleep(0.05)


@pytest.mark.parametrize("files", [("edge.yaml",), ("edge.yaml", "fleet.yaml")], ids=["edge", "fleet"])
def test_the_collector_accepts_the_configuration(files: tuple[str, ...]) -> None:
    configs = [argument for name in files for argument in ("--config", str(FOLDER / name))]
    subprocess.run([str(COLLECTOR), "validate", *configs], env={**os.environ, **ENVIRONMENT}, check=True)


def shared_bodies(shared: Path) -> list[Path]:
    return sorted(path for path in (shared / "telemetry").glob("*/*") if path.suffix in {".pb", ".json"})


@pytest.mark.shared
def test_the_collector_lets_through_what_is_read_and_nothing_else(
    collector_url: str, received: Received, shared: Path
) -> None:
    edge = configuration("edge.yaml")
    for path in (*RECORDED, *shared_bodies(shared)):
        signal, request = signal_at(path), read_body(path)
        expected = said(readings(signal, passed(edge, signal, request)))
        received.bodies.clear()
        httpx.post(
            f"{collector_url}/v1/{signal}",
            content=request.SerializeToString(),
            headers={"Content-Type": "application/x-protobuf"},
        ).raise_for_status()
        if any(expected[kind] for kind in ("events", "evidence")):
            wait_until(lambda: received.bodies)
        for reported, body in received.bodies:
            assert b"CANARY" not in body, path
            assert said(readings(Signal(reported.rpartition("/")[2]), REQUESTS[signal].FromString(body))) == expected
