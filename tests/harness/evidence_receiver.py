"""A server on loopback that keeps the session evidence it is sent, and can be away or refuse."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATIENCE_SECONDS = 20.0


@dataclass
class Receiver:
    """`status` is what it responds; `items` is what it accepted; `keys` are the Authorization headers it saw."""

    url: str = ""
    status: int = 202
    refuse: Callable[[dict[str, Any]], bool] = lambda _item: False
    items: list[dict[str, Any]] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def take(self, body: dict[str, Any], key: str) -> int:
        """Return the status for a request."""
        self.keys.add(key)
        status = 400 if self.status < 300 and any(map(self.refuse, body["items"])) else self.status
        self.requests.append(status)
        if status < 300:
            self.items += body["items"]
        return status

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        """Return the accepted items once there are as many, oldest first."""
        return self.wait_until(lambda items: len(items) >= count)

    def wait_until(self, condition: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        """Return the accepted items once they meet a condition, oldest first."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not condition(self.items) and time.monotonic() < end:
            time.sleep(0.01)
        assert condition(self.items), f"only {len(self.items)} items arrived"
        return sorted(self.items, key=lambda item: str(item["occurred_at"]))


@contextmanager
def receiving(port: int = 0) -> Iterator[Receiver]:
    """Serve on loopback until the end of the block."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = receiver.take(body, str(self.headers["Authorization"]))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
