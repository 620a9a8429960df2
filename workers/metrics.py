"""The worker's Prometheus endpoint: jobs, requests to forges and remaining rate limits."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from socketserver import ThreadingMixIn
from threading import BoundedSemaphore, Thread, Timer
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import structlog
from prometheus_client import make_wsgi_app

from schema.settings import Settings

logger = structlog.get_logger()

# Prometheus needs one connection for a moment; the standard library limits heads to 100 headers of 64 KiB.
CONNECTIONS = 8
SECONDS = 10.0


class MetricsServer(ThreadingMixIn, WSGIServer):
    """Serves each connection in a thread, but only a few, and none for long."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[WSGIRequestHandler]) -> None:
        self._free = BoundedSemaphore(CONNECTIONS)
        self.address_family = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0][0]
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection, or close it if there are too many."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection, and end it if that takes too long."""
        end = Timer(SECONDS, _cut, [request])
        end.daemon = True
        end.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            end.cancel()
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that went away."""


class QuietHandler(WSGIRequestHandler):
    """Logs no requests."""

    def log_message(self, *_: Any) -> None:
        """Write nothing."""


@asynccontextmanager
async def serve_metrics(settings: Settings) -> AsyncIterator[None]:
    """Serve metrics on the worker's port while the block runs, if a port is set.

    A port already in use, for example by a second worker, is logged and does not stop the worker.
    """
    if settings.worker_metrics_port is None:
        yield
        return
    try:
        server = MetricsServer((settings.host, settings.worker_metrics_port), QuietHandler)
    except OSError as error:
        logger.warning("worker_metrics_port_unavailable", port=settings.worker_metrics_port, error=type(error).__name__)
        yield
        return
    server.set_app(make_wsgi_app())
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _cut(request: socket.socket) -> None:
    with suppress(OSError):  # it may have ended by itself
        request.shutdown(socket.SHUT_RDWR)
