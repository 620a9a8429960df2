"""Checks of Redis, the service and the workers."""

import asyncpg
import httpx
import redis.asyncio as redis
from redis.exceptions import RedisError

from schema.queue import OLDEST_REDIS
from schema.settings import Settings
from service.diagnosis.finding import Finding, missing, ok, warning

SECONDS = 3
# Rows usually wait only for a moment, except during a backoff.
OVERDUE = "1 minute"

_OVERDUE = f"""
SELECT (SELECT count(*) FROM delivery WHERE state = 'waiting' AND next_attempt_at < now() - interval '{OVERDUE}')
     + (SELECT coalesce(sum(events), 0)
          FROM intake_batch WHERE state = 'waiting' AND next_attempt_at < now() - interval '{OVERDUE}')
     + (SELECT count(*) FROM settlement
         WHERE state = 'waiting' AND NOT refit AND next_attempt_at < now() - interval '{OVERDUE}')
"""  # noqa: S608 - a constant


_SOONER = "For faster processing, set REDIS_URL, or install Redis on the machine of `shipledger up`"


async def check_redis(settings: Settings) -> Finding:
    """Check that Redis 6.2 or later answers, if it is used; without Redis, workers poll."""
    if not settings.redis_url:
        seconds = settings.poll_interval.total_seconds()
        return ok("redis", f"not used: workers poll every {seconds:g} s. {_SOONER}")
    try:
        client = redis.Redis.from_url(settings.redis_url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)
        try:
            version = (await client.info("server"))["redis_version"]
        finally:
            await client.aclose()
    except (RedisError, OSError, ValueError, TimeoutError) as error:
        detail = f"cannot be reached at REDIS_URL ({type(error).__name__}); workers only find work by their sweep"
        # The socket of `up`, which starts Redis again when it ends.
        is_of_up = settings.redis_url.startswith("unix:")
        remedy = "stop `shipledger up` and start it again" if is_of_up else "start Redis or Valkey and set REDIS_URL"
        return warning("redis", detail, remedy)
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        return warning("redis", version, "upgrade Redis to 6.2 or later")
    return ok("redis", version)


async def check_service(url: str) -> Finding:
    """Check that the service answers and is ready."""
    try:
        async with httpx.AsyncClient(timeout=SECONDS, trust_env=False) as client:
            answer = await client.get(f"{url}/health/ready")
    except (httpx.HTTPError, httpx.InvalidURL):
        remedy = "start it with: shipledger up, or shipledger service; or correct --url"
        return missing("service", f"does not answer at {url}", remedy)
    if not answer.is_success:
        return missing("service", f"answers {answer.status_code} at {url}", "fix the problems above, then read its log")
    return ok("service", f"ready at {url}")


async def check_worker(connection: asyncpg.Connection) -> Finding:
    """Check that no rows are overdue; needs an operator's transaction."""
    overdue = await connection.fetchval(_OVERDUE)
    if overdue:
        return missing(
            "worker",
            f"{overdue} rows have waited for more than {OVERDUE}",
            "start a worker, or another one: shipledger worker",
        )
    return ok("worker", "nothing is overdue")
