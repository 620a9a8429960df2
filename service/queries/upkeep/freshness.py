"""What every page shows of an organization: its name and teams, when telemetry was last heard, and open alerts."""

from datetime import date, datetime
from typing import NamedTuple

from schema.database import Tenant

# Batches are kept for hours; the day in the totals of intake stays.
_FRESHNESS = """
    SELECT organization.name AS organization,
           (SELECT max(received_at) FROM intake_batch WHERE organization_id = $1) AS heard_at,
           (SELECT period FROM spend_cut WHERE organization_id = $1 AND cut = '' AND owner = '' AND grain = 'day'
             ORDER BY period LIMIT 1) AS first_day,
           (SELECT period FROM spend_cut WHERE organization_id = $1 AND cut = '' AND owner = '' AND grain = 'day'
             ORDER BY period DESC LIMIT 1) AS last_day,
           (SELECT count(*) FROM alert WHERE organization_id = $1 AND state = 'open') AS open_alerts,
           (SELECT array_agg(name ORDER BY name) FROM team WHERE organization_id = $1 AND removed_at IS NULL) AS teams,
           EXISTS (SELECT FROM pull_request WHERE organization_id = $1) AS has_pull_requests,
           EXISTS (SELECT FROM intake_total WHERE organization_id = $1) AS has_tokens
    FROM organization WHERE organization_id = $1
"""


class Freshness(NamedTuple):
    """`first_day` and `last_day` have spend; `heard_at` is None if nothing was received for days."""

    organization: str
    heard_at: datetime | None
    first_day: date | None
    last_day: date | None
    open_alerts: int
    teams: tuple[str, ...]
    has_pull_requests: bool
    has_tokens: bool


async def read_freshness(tenant: Tenant) -> Freshness:
    """Read it in one statement; teams are by name."""
    row = await tenant.fetchrow(_FRESHNESS)
    return Freshness(**{**row, "teams": tuple(row["teams"] or ())})
