"""Check that missed webhooks are found and recovered."""

import asyncpg

from service.diagnosis.finding import Finding, ok, warning
from service.failures import failure_sentence, standing_of
from service.queries.forge.repair_limits import read_repair_limits
from service.queries.forge.repair_sentences import limits_of

_CHECKS = "SELECT failure FROM repair_check ORDER BY failure NULLS LAST"

_COUNTS = """
SELECT coalesce(sum(found), 0) AS found, coalesce(sum(recovered), 0) AS recovered
  FROM repair_count WHERE day > (now() AT TIME ZONE 'UTC')::date - 30
"""


async def check_repairs(connection: asyncpg.Connection) -> list[Finding]:
    """Return findings for all organizations, or nothing without connections; needs an operator's transaction."""
    failures = [row["failure"] for row in await connection.fetch(_CHECKS)]
    limits = limits_of(await read_repair_limits(connection, None))
    if not failures and not limits:
        return []
    lasting = [each for each in failures if standing_of(each, otherwise="healthy") in {"refused", "failing"}]
    found = [warning("repairs", each.says, each.remedy) for each in limits]
    if lasting:
        failing = f"{len(lasting)} of {len(failures)} checks fail"
        found.insert(0, warning("repairs", failing, failure_sentence(lasting[0]) or ""))
    if found:
        return found
    counts = await connection.fetchrow(_COUNTS)
    return [ok("repairs", f"{counts['found']} found missing in 30 days, {counts['recovered']} recovered")]
