"""What Prometheus reads of a worker: jobs, requests sent to forges, and what is left of their limits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from prometheus_client import start_http_server

from schema.settings import Settings

logger = structlog.get_logger()


@asynccontextmanager
async def answering_prometheus(settings: Settings) -> AsyncIterator[None]:
    """Answer on the worker's port for as long as the block lasts, where one is set.

    A port that is taken, as by a second worker of the machine, is told in the log and stops no work.
    """
    if settings.worker_metrics_port is None:
        yield
        return
    try:
        server, thread = start_http_server(settings.worker_metrics_port, settings.host)
    except OSError as error:
        logger.warning("worker_metrics_closed", port=settings.worker_metrics_port, error=type(error).__name__)
        yield
        return
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
