"""Checks of what should be running: Redis, the service, a worker."""

import asyncpg
import httpx
import redis.asyncio as redis
from redis.exceptions import RedisError

from schema.queue import OLDEST_REDIS
from schema.settings import Settings
from service.diagnosis.finding import Finding, missing, ok, warning

SECONDS = 3
# Rows wait for a moment only, unless they are being tried again.
OVERDUE = "1 minute"

_OVERDUE = f"""
SELECT (SELECT count(*) FROM delivery WHERE state = 'waiting' AND next_attempt_at < now() - interval '{OVERDUE}')
     + (SELECT coalesce(sum(events), 0)
          FROM intake_batch WHERE state = 'waiting' AND next_attempt_at < now() - interval '{OVERDUE}')
     + (SELECT count(*) FROM settlement
         WHERE state = 'waiting' AND NOT refit AND next_attempt_at < now() - interval '{OVERDUE}')
"""  # noqa: S608 - a constant


_SOONER = "To wake them at once, set REDIS_URL, or install Redis on the machine of `shipledger up`"


async def check_redis(settings: Settings) -> Finding:
    """Redis 6.2 or later answers, where there is one. Without it workers look for work themselves."""
    if not settings.redis_url:
        seconds = settings.poll_interval.total_seconds()
        return ok("redis", f"not used: workers look for work every {seconds:g} s. {_SOONER}")
    try:
        client = redis.Redis.from_url(settings.redis_url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)
        try:
            version = (await client.info("server"))["redis_version"]
        finally:
            await client.aclose()
    except (RedisError, OSError, ValueError, TimeoutError) as error:
        detail = f"cannot be reached at REDIS_URL ({type(error).__name__}); workers find work by their sweep only"
        return warning("redis", detail, "start Redis or Valkey and set REDIS_URL")
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        return warning("redis", version, "upgrade Redis to 6.2 or later")
    return ok("redis", version)


async def check_service(url: str) -> Finding:
    """The service answers and is ready."""
    try:
        async with httpx.AsyncClient(timeout=SECONDS, trust_env=False) as client:
            answer = await client.get(f"{url}/health/ready")
    except (httpx.HTTPError, httpx.InvalidURL):
        return missing("service", f"does not answer at {url}", "start it with: shipledger service")
    if not answer.is_success:
        return missing(
            "service", f"answers {answer.status_code} at {url}", "fix what is missing above, then read its log"
        )
    return ok("service", f"ready at {url}")


async def check_worker(connection: asyncpg.Connection) -> Finding:
    """Nothing waits longer than it should; needs an operator's transaction."""
    overdue = await connection.fetchval(_OVERDUE)
    if overdue:
        return missing(
            "worker", f"{overdue} rows have waited for over {OVERDUE}", "start a worker, or one more: shipledger worker"
        )
    return ok("worker", "nothing is overdue")
