"""The service on a local port, for clients that use real HTTP."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from litestar import Litestar


@contextmanager
def listening(app: Litestar) -> Iterator[str]:
    """Serve an application in a separate thread; yield its URL."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [chosen]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started:
            assert thread.is_alive(), "the service did not start"
            assert time.monotonic() < deadline, "the service did not start in time"
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{chosen.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)
