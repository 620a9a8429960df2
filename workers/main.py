"""The worker process: registers all jobs and runs them on wake-ups from Redis and on a sweep, or by polling.

`python -m workers.main` runs until SIGTERM or SIGINT, then finishes running jobs. It survives restarts of Redis and
PostgreSQL. Only this file and schema/queue.py import arq.
"""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
import uvloop
from arq.connections import ArqRedis, create_pool
from arq.worker import Function, Worker, func
from redis.exceptions import RedisError

from schema.database import require_database
from schema.errors import ShipledgerError
from schema.interpreter import collect_rarely, switch_often
from schema.logs import configure_logs
from schema.queue import QUEUE_NAME, Job, deserialize, redis_settings, serialize
from schema.settings import Settings, load_settings
from workers import price_updates
from workers.context import WorkerContext, open_context
from workers.jobs.backfill import backfill
from workers.jobs.calibrate_intervals import calibrate_intervals
from workers.jobs.delete_expired import delete_expired
from workers.jobs.deliver_alerts import deliver_alerts
from workers.jobs.enrich import enrich
from workers.jobs.estimate_gateway_tokens import estimate_gateway_tokens
from workers.jobs.fold_token_events import fold_token_events
from workers.jobs.process_deliveries import process_deliveries
from workers.jobs.pull_provider_usage import pull_provider_usage
from workers.jobs.reconcile_days import reconcile_days
from workers.jobs.record_team_changes import record_team_changes
from workers.jobs.register_hooks import register_hooks
from workers.jobs.repair import repair
from workers.jobs.reprice_windows import reprice_windows
from workers.jobs.roll_up_spend import roll_up_spend
from workers.jobs.set_up_github_apps import set_up_github_apps
from workers.jobs.settle_days import settle_days
from workers.jobs.study_effects import study_effects
from workers.jobs.sweep import sweep
from workers.jobs.sync_teams import sync_teams
from workers.jobs.watch_spend import watch_spend
from workers.jobs.write_summaries import write_summaries
from workers.metrics import serve_metrics
from workers.periodic import every
from workers.polling import poll
from workers.runner import JOB_TIMEOUT, JobFunction, JobRunner, finish

logger = structlog.get_logger()

JOBS: Mapping[Job, JobFunction] = {
    Job.PROCESS_DELIVERIES: process_deliveries,
    Job.RECORD_TEAM_CHANGES: record_team_changes,
    Job.FOLD_TOKEN_EVENTS: fold_token_events,
    Job.REPRICE_WINDOWS: reprice_windows,
    Job.SETTLE_DAYS: settle_days,
    Job.CALIBRATE_INTERVALS: calibrate_intervals,
    Job.RECONCILE_DAYS: reconcile_days,
    Job.ROLL_UP_SPEND: roll_up_spend,
    Job.PULL_PROVIDER_USAGE: pull_provider_usage,
    Job.BACKFILL: backfill,
    Job.ENRICH: enrich,
    Job.ESTIMATE_GATEWAY_TOKENS: estimate_gateway_tokens,
    Job.SET_UP_GITHUB_APPS: set_up_github_apps,
    Job.REGISTER_HOOKS: register_hooks,
    Job.REPAIR: repair,
    Job.WRITE_SUMMARIES: write_summaries,
    Job.SYNC_TEAMS: sync_teams,
    Job.STUDY_EFFECTS: study_effects,
    Job.WATCH_SPEND: watch_spend,
    Job.DELIVER_ALERTS: deliver_alerts,
}

CONCURRENT_JOBS = 200
POLL_INTERVAL = timedelta(milliseconds=100)
RETENTION_INTERVAL = timedelta(minutes=5)
RECONNECT_DELAYS = (timedelta(seconds=0.2), timedelta(seconds=0.5), timedelta(seconds=1), timedelta(seconds=2))

# Allocations (net of frees) before a garbage collection. A batch allocates many objects that stay in use.
GARBAGE = 50_000

REDIS_AWAY = (RedisError, OSError, TimeoutError)


def arq_function(job: Job, runner: JobRunner) -> Function:
    """Return the job as an arq function of the same name."""

    async def run(ctx: dict[Any, Any], *organization: Any, **_named: Any) -> None:  # noqa: ARG001 - arq's signature
        await runner.run(job, *organization)

    # arq's timeout includes waiting for a database connection; the runner's own does not.
    return func(run, name=job.value, timeout=2 * JOB_TIMEOUT, max_tries=1)


def arq_worker(redis: ArqRedis, runner: JobRunner) -> Worker:
    """Return an arq worker for one Redis connection; raises RuntimeError when a job has no function."""
    if missing := [job.value for job in Job if job not in JOBS]:
        raise RuntimeError(f"no function registered for {', '.join(missing)}")
    return Worker(
        [arq_function(job, runner) for job in JOBS],
        queue_name=QUEUE_NAME,
        redis_pool=redis,
        handle_signals=False,
        max_jobs=CONCURRENT_JOBS,
        poll_delay=POLL_INTERVAL.total_seconds(),
        keep_result=0,
        job_serializer=serialize,
        job_deserializer=deserialize,
    )


async def connect(redis_url: str) -> ArqRedis:
    """Return a Redis connection to listen on; raises any of `REDIS_AWAY`."""
    return await create_pool(
        redis_settings(redis_url), job_serializer=serialize, job_deserializer=deserialize, default_queue_name=QUEUE_NAME
    )


async def listen(redis: ArqRedis, runner: JobRunner, stop: asyncio.Event) -> None:
    """Run the jobs that wake-ups name until `stop` is set; raises any of `REDIS_AWAY` when the connection is lost."""
    worker = arq_worker(redis, runner)
    polling = asyncio.create_task(worker.async_run())
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({polling, stopped}, return_when=asyncio.FIRST_COMPLETED)
        worker.allow_pick_jobs = False
        if polling.done():
            polling.result()
    finally:
        stopped.cancel()
        polling.cancel()
        await finish(list(worker.tasks.values()))
        with contextlib.suppress(*REDIS_AWAY):
            await redis.aclose(close_connection_pool=True)


async def listen_with_reconnect(context: WorkerContext, runner: JobRunner, stop: asyncio.Event) -> None:
    """Listen until `stop` is set. Reconnect with growing delays when Redis is lost."""
    lost = 0
    while not stop.is_set():
        try:
            redis = await connect(context.settings.redis_url)
            context.queue.answered()
            lost = 0
            await listen(redis, runner, stop)
        except REDIS_AWAY as error:
            context.queue.failed(error)
            delay = RECONNECT_DELAYS[min(lost, len(RECONNECT_DELAYS) - 1)]
            lost += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), delay.total_seconds())


async def run_worker(settings: Settings, stop: asyncio.Event) -> None:
    """Work until `stop` is set; raises SetUpError without a secret key, or if PostgreSQL does not have the database."""
    async with open_context(settings) as context:
        await require_database(settings.worker_url)
        async with serve_metrics(settings), asyncio.TaskGroup() as group:
            runner = JobRunner(context, JOBS)
            if context.queue.has_redis:
                group.create_task(listen_with_reconnect(context, runner, stop))
                group.create_task(every(settings.sweep_interval, lambda: sweep(context, runner), stop))
            else:
                group.create_task(poll(context, runner, stop))
            group.create_task(every(RETENTION_INTERVAL, lambda: delete_expired(context), stop))
            group.create_task(every(price_updates.INTERVAL, lambda: price_updates.update_prices(context), stop))
            logger.info("worker_started", jobs=len(JOBS), redis=context.queue.has_redis)


async def run_until_signal(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run_worker(settings, stop)


def main() -> int:
    """Run the worker with settings from the environment; return the exit code."""
    try:
        settings = load_settings()
        configure_logs(settings.log_level)
        collect_rarely(GARBAGE)
        switch_often()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run_until_signal(settings))
    except ShipledgerError as error:
        sys.stderr.write(f"error: {error.detail}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
