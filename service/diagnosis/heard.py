"""Checks of what arrives: how much ever and lately, and when a source was last heard from."""

from datetime import UTC, datetime, timedelta

import asyncpg

from service.diagnosis.finding import Finding, ok, warning

LATELY = timedelta(days=7)
CONNECT = "connect a forge: shipledger github create-app, or shipledger gitlab register --group PATH"

_HEARD = """
SELECT (SELECT count(*) FROM pull_request) AS pull_requests,
       (SELECT count(*) FROM pull_request WHERE merged_at > now() - $1::interval) AS merged_lately,
       (SELECT coalesce(sum(requests), 0)::bigint FROM intake_total) AS requests,
       (SELECT coalesce(sum(events), 0)::bigint FROM intake_batch WHERE received_at > now() - $1::interval)
           AS requests_lately,
       (SELECT max(received_at) FROM intake_batch) AS last_request_at
"""

_CONNECTIONS = """
SELECT host, last_delivery_at FROM connection WHERE state = 'active' ORDER BY last_delivery_at NULLS FIRST
"""

# Names in telemetry are hashed like the names of repositories.
_UNKNOWN = """
WITH named AS (
    SELECT organization_id, repository,
           sum(input_uncached + cache_read + cache_write + output_visible + output_reasoning)::bigint AS tokens
    FROM token_window WHERE repository IS NOT NULL AND hour > now() - interval '28 days'
    GROUP BY organization_id, repository
)
SELECT count(*) AS repositories, coalesce(sum(tokens), 0)::bigint AS tokens
FROM named
WHERE NOT EXISTS (
    SELECT FROM artifact_alias
    JOIN pull_request ON pull_request.organization_id = artifact_alias.organization_id
                     AND pull_request.repository_id = artifact_alias.artifact_id
    WHERE artifact_alias.organization_id = named.organization_id AND artifact_alias.kind = 'repository'
      AND artifact_alias.alias = named.repository
)
"""


async def check_heard(connection: asyncpg.Connection) -> list[Finding]:
    """Check pull requests, webhooks and model requests of all organizations; needs an operator's transaction."""
    row = await connection.fetchrow(_HEARD, LATELY)
    hooks = await connection.fetch(_CONNECTIONS)
    now = datetime.now(UTC)
    unknown = await connection.fetchrow(_UNKNOWN) if row["pull_requests"] and row["requests"] else None
    return [
        _pull_requests(row["pull_requests"], row["merged_lately"]),
        *([_webhooks(hooks, now)] if row["pull_requests"] or hooks else []),
        _requests(row, now),
        *([_unknown_repositories(unknown)] if unknown and unknown["repositories"] else []),
    ]


def ago(then: datetime, now: datetime) -> str:
    """Return how long ago something was: `3 minutes ago`."""
    seconds = max(0, int((now - then).total_seconds()))
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            number = seconds // size
            return f"{number} {unit}{'s' if number > 1 else ''} ago"
    return "less than a minute ago"


def _pull_requests(known: int, merged_lately: int) -> Finding:
    if not known:
        return warning("pull requests", "none yet", f"{CONNECT}, or start with: shipledger import git PATH")
    return ok("pull requests", f"{known:,}, {merged_lately:,} merged in the last {LATELY.days} days")


def _webhooks(hooks: list[asyncpg.Record], now: datetime) -> Finding:
    if not hooks:
        return warning("webhooks", "no forge is connected; pull requests come from imports only", CONNECT)
    silent = [hook["host"] for hook in hooks if hook["last_delivery_at"] is None]
    if silent:
        remedy = "look at the deliveries on the forge's page of the webhook; they must reach SHIPLEDGER_PUBLIC_URL"
        return warning("webhooks", f"never heard from {len(silent)} of {len(hooks)}, for example {silent[0]}", remedy)
    return ok("webhooks", f"{len(hooks)} connected, last heard {ago(hooks[-1]['last_delivery_at'], now)}")


def _requests(row: asyncpg.Record, now: datetime) -> Finding:
    if not row["requests"]:
        remedy = "connect your agents: shipledger agent-config AGENT --team TEAM, or start with: "
        return warning("model requests", "none yet", f"{remedy}shipledger import claude-code")
    if row["last_request_at"] is None:
        remedy = "check the agents' exporters; their settings: shipledger agent-config AGENT --team TEAM"
        return warning("model requests", f"{row['requests']:,}, but nothing was heard lately", remedy)
    lately = f"{row['requests_lately']:,} received in the last {LATELY.days} days"
    return ok("model requests", f"{row['requests']:,}, {lately}; last heard {ago(row['last_request_at'], now)}")


def _unknown_repositories(row: asyncpg.Record) -> Finding:
    number = row["repositories"]
    what = (
        "a repository that no pull request knows" if number == 1 else f"{number:,} repositories without pull requests"
    )
    return warning(
        "repositories",
        f"telemetry of the last 28 days names {what} ({row['tokens']:,} tokens)",
        "import a clone of each (shipledger import git PATH), or connect its forge; an ssh alias or another host name "
        "in the clone's remote makes it a different repository",
    )
