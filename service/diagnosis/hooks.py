"""Check of the GitLab webhooks that workers created: whether workers can maintain them, and deliveries arrive."""

import asyncpg

from service.diagnosis.finding import Finding, ok, warning
from service.failures import failure_sentence

_HOOKS = """
SELECT registration.host, registration.failure, registration.repairs,
       registration.test = 'lost' AND connection.last_delivery_at IS NULL AS is_lost
  FROM hook_registration AS registration
  JOIN connection ON connection.organization_id = registration.organization_id
                 AND connection.connection_id = registration.connection_id
 WHERE registration.state = 'registered' ORDER BY registration.created_at
"""

LOST = "make sure that GitLab can reach SHIPLEDGER_PUBLIC_URL, then register again: shipledger gitlab register"


async def check_hooks(connection: asyncpg.Connection) -> list[Finding]:
    """Return one finding for all organizations, or nothing without hooks; needs an operator's transaction."""
    hooks = await connection.fetch(_HOOKS)
    if not hooks:
        return []
    refused = [each for each in hooks if each["failure"] is not None]
    if refused:
        detail = f"{len(refused)} of {len(hooks)} cannot be maintained, for example on {refused[0]['host']}"
        return [warning("gitlab hooks", detail, failure_sentence(refused[0]["failure"]) or "")]
    if any(each["is_lost"] for each in hooks):
        return [warning("gitlab hooks", "a hook delivered nothing, not even its test delivery", LOST)]
    repairs = sum(each["repairs"] for each in hooks)
    return [ok("gitlab hooks", f"{len(hooks)}, repaired {repairs} times")]
