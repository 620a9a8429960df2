"""Wake-ups for workers, over Redis. Only this file and workers/main.py use arq.

A wake-up says that an organization has waiting rows, not which ones. A marker key suppresses further wake-ups until the
job begins, so that a burst enqueues only one, and a row stored later always gets its own. Without Redis no wake-up is
sent, and workers poll for rows.
"""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import structlog
from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.constants import job_key_prefix
from redis.exceptions import RedisError

logger = structlog.get_logger()

QUEUE_NAME = "shipledger:queue"
OLDEST_REDIS = (6, 2)
# After this time a wake-up is sent again even if the marker still exists, because its job was lost.
MARKER_LIFETIME = timedelta(seconds=10)
REDIS_SECONDS = 1.0
# Minimum time between wake-ups under load: one costs as much as accepting several deliveries, and a woken job processes
# all waiting rows.
BURST_PAUSE = timedelta(milliseconds=100)


class Job(StrEnum):
    """Jobs that a wake-up can start, each for one organization."""

    PROCESS_DELIVERIES = "process_deliveries"
    RECORD_TEAM_CHANGES = "record_team_changes"
    FOLD_TOKEN_EVENTS = "fold_token_events"  # noqa: S105 - AI tokens, no password
    REPRICE_WINDOWS = "reprice_windows"
    SETTLE_DAYS = "settle_days"
    CALIBRATE_INTERVALS = "calibrate_intervals"
    RECONCILE_DAYS = "reconcile_days"
    ROLL_UP_SPEND = "roll_up_spend"
    PULL_PROVIDER_USAGE = "pull_provider_usage"
    BACKFILL = "backfill"
    ENRICH = "enrich"
    ESTIMATE_GATEWAY_TOKENS = "estimate_gateway_tokens"
    SET_UP_GITHUB_APPS = "set_up_github_apps"
    REGISTER_HOOKS = "register_hooks"
    REPAIR = "repair"
    WRITE_SUMMARIES = "write_summaries"
    SYNC_TEAMS = "sync_teams"
    STUDY_EFFECTS = "study_effects"
    WATCH_SPEND = "watch_spend"
    DELIVER_ALERTS = "deliver_alerts"


def serialize(value: Any) -> bytes:
    """Encode a job as JSON, so that nothing in Redis can run code."""
    return json.dumps(value, separators=(",", ":"), default=str).encode()


def deserialize(raw: bytes) -> Any:
    """Decode a job."""
    return json.loads(raw)


def redis_settings(url: str) -> RedisSettings:
    """Return connection settings with a short timeout: nothing should wait for a wake-up."""
    settings = RedisSettings.from_dsn(url)
    settings.conn_timeout = 1
    settings.conn_retries = 0
    return settings


def marker_key(job: Job, organization_id: int) -> str:
    """Return the key that exists while a wake-up is under way."""
    return f"shipledger:wake:{job}:{organization_id}"


class Queue:
    """Sends wake-ups. Connects lazily, and only logs when Redis is unreachable: the sweep finds waiting rows.

    With an empty URL there is no Redis, and nothing is sent or logged.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._redis: ArqRedis | None = None
        self._connecting = asyncio.Lock()
        self._sent: dict[tuple[Job, int], float] = {}
        self._later: dict[tuple[Job, int], asyncio.Task[None]] = {}
        self._is_lost = False

    @property
    def has_redis(self) -> bool:
        """Return whether Redis is configured; it may still be unreachable."""
        return bool(self._url)

    async def _connection(self) -> ArqRedis:
        async with self._connecting:
            if self._redis is None:
                self._redis = await create_pool(
                    redis_settings(self._url),
                    job_serializer=serialize,
                    job_deserializer=deserialize,
                    default_queue_name=QUEUE_NAME,
                )
            return self._redis

    async def wake(self, job: Job, organization_id: int, *, defer: timedelta | None = None) -> bool:
        """Enqueue a wake-up; return False if one is already under way or Redis is unreachable."""
        if not self.has_redis:
            return False
        try:
            async with asyncio.timeout(REDIS_SECONDS):
                redis = await self._connection()
                key = marker_key(job, organization_id)
                lifetime = MARKER_LIFETIME + (defer or timedelta())
                if not await redis.set(key, b"1", nx=True, px=lifetime):
                    return False
                await redis.enqueue_job(job.value, organization_id, _defer_by=defer)
                self.answered()
                return True
        except (RedisError, OSError, TimeoutError) as error:
            self.failed(error)
            return False

    async def wake_together(self, job: Job, organization_id: int) -> None:
        """Call `wake` at most once per BURST_PAUSE: at once for the first of a burst, later once for all others."""
        key = (job, organization_id)
        if not self.has_redis or key in self._later:
            return
        pause = self._sent.get(key, 0.0) + BURST_PAUSE.total_seconds() - time.monotonic()
        if pause > 0:
            self._later[key] = asyncio.create_task(self._wake_later(key, pause))
        else:
            self._sent[key] = time.monotonic()
            await self.wake(job, organization_id)

    async def _wake_later(self, key: tuple[Job, int], pause: float) -> None:
        await asyncio.sleep(pause)
        # A caller from now on may have stored rows that the woken job does not see, so it needs a new wake-up.
        del self._later[key]
        self._sent[key] = time.monotonic()
        await self.wake(*key)

    async def begun(self, job: Job, organization_id: int) -> None:
        """Delete the marker; a job calls this before it looks for rows, so that later rows get a new wake-up."""
        if not self.has_redis:
            return
        try:
            async with asyncio.timeout(REDIS_SECONDS):
                await (await self._connection()).delete(marker_key(job, organization_id))
                self.answered()
        except (RedisError, OSError, TimeoutError) as error:
            self.failed(error)

    async def forget(self, organization_id: int) -> None:
        """Delete the markers and jobs of an organization that was erased."""
        if not self.has_redis:
            return
        try:
            redis = await self._connection()
            await redis.delete(*(marker_key(job, organization_id) for job in Job))
            for job_id in await redis.zrange(QUEUE_NAME, 0, -1):
                key = job_key_prefix.encode() + job_id
                raw = await redis.get(key)
                if raw is not None and deserialize(raw).get("a") == [organization_id]:
                    await redis.zrem(QUEUE_NAME, job_id)
                    await redis.delete(key)
        except (RedisError, OSError, TimeoutError) as error:
            logger.warning("wake_ups_not_forgotten", error=type(error).__name__)

    async def ping(self) -> bool:
        """Return whether Redis answers; log when that changes."""
        if not self.has_redis:
            return False
        try:
            async with asyncio.timeout(REDIS_SECONDS):
                await (await self._connection()).ping()
        except (RedisError, OSError, TimeoutError) as error:
            self.failed(error)
            return False
        self.answered()
        return True

    def failed(self, error: Exception) -> None:
        """Log the first failure of an outage; the sweep finds the rows whose wake-ups are lost."""
        if not self._is_lost:
            self._is_lost = True
            since = datetime.now(UTC).isoformat(timespec="seconds")
            remedy = "start Redis, or correct REDIS_URL; until then workers find work by their sweep"
            logger.warning("redis_unavailable", error=type(error).__name__, remedy=remedy, since=since)

    def answered(self) -> None:
        """Log the end of an outage."""
        if self._is_lost:
            self._is_lost = False
            logger.info("redis_available")

    async def close(self) -> None:
        """Close the connection; pending wake-ups are left to the sweep."""
        for task in self._later.values():
            task.cancel()
        self._later.clear()
        if self._redis is not None:
            await self._redis.aclose()
            self._redis = None
