"""The worker's Prometheus endpoint: jobs, requests to forges and remaining rate limits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from prometheus_client import start_http_server

from schema.settings import Settings

logger = structlog.get_logger()


@asynccontextmanager
async def serve_metrics(settings: Settings) -> AsyncIterator[None]:
    """Serve metrics on the worker's port while the block runs, if a port is set.

    A port already in use, for example by a second worker, is logged and does not stop the worker.
    """
    if settings.worker_metrics_port is None:
        yield
        return
    try:
        server, thread = start_http_server(settings.worker_metrics_port, settings.host)
    except OSError as error:
        logger.warning("worker_metrics_port_unavailable", port=settings.worker_metrics_port, error=type(error).__name__)
        yield
        return
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
