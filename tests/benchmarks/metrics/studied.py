"""Runs the daily studies of the company as a worker does, and measures them."""

import time

import psutil

from schema.database import Database
from schema.key_ring import KeyRing
from schema.organization_keys import OrganizationKeys
from schema.queue import Queue
from tests.benchmarks.metrics.backend import backend_of, cpu_seconds
from tests.benchmarks.metrics.fill import Company
from tests.harness.settings import make_settings
from workers.context import WorkerContext
from workers.jobs.study_effects import study_effects


async def study(database: Database, redis_url: str, master_secret: str, company: Company) -> dict[str, float]:
    """Return the seconds of the studies, and the CPU seconds of the worker and of PostgreSQL."""
    queue = Queue(redis_url)
    settings = make_settings(redis_url=redis_url, secret_key=master_secret)
    context = WorkerContext(settings, database, queue, OrganizationKeys(database, KeyRing.of(master_secret)))
    backend, worker = await backend_of(database), psutil.Process()
    begins, in_postgres, used = time.perf_counter(), cpu_seconds(backend), worker.cpu_times()
    try:
        await study_effects(context, company.organization.organization_id)
    finally:
        await queue.close()
    after = worker.cpu_times()
    return {
        "seconds": round(time.perf_counter() - begins, 1),
        "worker_cpu_seconds": round(after.user + after.system - used.user - used.system, 1),
        "postgres_cpu_seconds": round(cpu_seconds(backend) - in_postgres, 1),
    }
