"""Wake-ups for the workers, over Redis. The only file beside workers/main.py that knows arq.

A wake-up says "this organization has waiting rows", never which ones: Postgres knows. It is enqueued once a burst: a
marker key holds back further ones until the job has begun, so a row stored after that always gets its own wake-up.
Without Redis no wake-up is sent, and workers look for waiting rows themselves.
"""

import asyncio
import json
import time
from datetime import timedelta
from enum import StrEnum
from typing import Any

import structlog
from arq.connections import ArqRedis, RedisSettings, create_pool
from redis.exceptions import RedisError

logger = structlog.get_logger()

QUEUE_NAME = "shipledger:queue"
OLDEST_REDIS = (6, 2)
# A marker outlives its job only when the job was lost; after this long the next wake-up is let through again.
MARKER_LIFETIME = timedelta(seconds=10)
REDIS_SECONDS = 1.0
# Between wake-ups for what keeps coming in: each costs as much as accepting several deliveries, and who is woken works
# through all that waits.
BURST_PAUSE = timedelta(milliseconds=100)


class Job(StrEnum):
    """The jobs that a wake-up can start, each for one organization."""

    PROCESS_DELIVERIES = "process_deliveries"
    FOLD_TOKEN_EVENTS = "fold_token_events"  # noqa: S105 - AI tokens, no password
    SETTLE_DAYS = "settle_days"
    CALIBRATE_INTERVALS = "calibrate_intervals"
    RECONCILE_DAYS = "reconcile_days"
    PULL_PROVIDER_USAGE = "pull_provider_usage"
    BACKFILL = "backfill"
    ENRICH = "enrich"
    ESTIMATE_GATEWAY_TOKENS = "estimate_gateway_tokens"
    SET_UP_GITHUB_APPS = "set_up_github_apps"
    REGISTER_HOOKS = "register_hooks"
    REPAIR = "repair"
    WRITE_SUMMARIES = "write_summaries"
    SYNC_TEAMS = "sync_teams"


def serialize(value: Any) -> bytes:
    """Job contents as JSON, so that nothing that reaches Redis can run code."""
    return json.dumps(value, separators=(",", ":"), default=str).encode()


def deserialize(raw: bytes) -> Any:
    """The inverse of `serialize`."""
    return json.loads(raw)


def redis_settings(url: str) -> RedisSettings:
    """Connection settings with a short connect timeout: a wake-up is never worth waiting for."""
    settings = RedisSettings.from_dsn(url)
    settings.conn_timeout = 1
    settings.conn_retries = 0
    return settings


def marker_key(job: Job, organization_id: int) -> str:
    """The key that says a wake-up is already on its way."""
    return f"shipledger:wake:{job}:{organization_id}"


class Queue:
    """Sends wake-ups; connects lazily and forgives a Redis that is away, since the sweep finds what waits.

    An empty URL stands for an installation without Redis: nothing is sent, and nothing is logged about it.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._redis: ArqRedis | None = None
        self._connecting = asyncio.Lock()
        self._sent: dict[tuple[Job, int], float] = {}
        self._later: dict[tuple[Job, int], asyncio.Task[None]] = {}

    @property
    def has_redis(self) -> bool:
        """Whether wake-ups are sent at all; Redis may be away nevertheless."""
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
        """Ask for a job; True when a new wake-up was enqueued, False when one is under way or Redis is away."""
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
                return True
        except (RedisError, OSError, TimeoutError) as error:
            logger.warning("wake_up_not_sent", job=job.value, error=type(error).__name__)
            return False

    async def wake_together(self, job: Job, organization_id: int) -> None:
        """`wake` for many who ask in a burst: the first sends one at once, then there is one a pause for all others."""
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
        # Who asks from now on may have stored something that the job, once it is woken, does not see.
        del self._later[key]
        self._sent[key] = time.monotonic()
        await self.wake(*key)

    async def begun(self, job: Job, organization_id: int) -> None:
        """Called by the job before it looks for rows: from now on a new row asks for a new wake-up."""
        if not self.has_redis:
            return
        try:
            async with asyncio.timeout(REDIS_SECONDS):
                await (await self._connection()).delete(marker_key(job, organization_id))
        except (RedisError, OSError, TimeoutError) as error:
            logger.warning("marker_not_cleared", job=job.value, error=type(error).__name__)

    async def ping(self) -> bool:
        """Whether Redis answers."""
        if not self.has_redis:
            return False
        try:
            async with asyncio.timeout(REDIS_SECONDS):
                return bool(await (await self._connection()).ping())
        except (RedisError, OSError, TimeoutError):
            return False

    async def close(self) -> None:
        """End the connection; what was to be sent in a moment is left to the sweep."""
        for task in self._later.values():
            task.cancel()
        self._later.clear()
        if self._redis is not None:
            await self._redis.aclose()
            self._redis = None
