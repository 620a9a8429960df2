"""Alerts that were raised: which are known, which still hold, and new ones."""

from collections.abc import Collection, Sequence
from datetime import date

from schema.database import Tenant
from workers.alert_rules.alert import QUIET, Alert, KnownAlert

_KNOWN = """
SELECT alert_id, kind, subject, team_id, cause, began_on, coalesce(seen_on, found_on) AS seen_on, state, snoozed_to
  FROM alert
 WHERE organization_id = $1
   AND (coalesce(seen_on, found_on) > $2::date - $3::int OR state = 'muted' OR snoozed_to >= $2
        OR (kind = 'budget' AND began_on >= date_trunc('quarter', $2::date::timestamp)::date))
 ORDER BY alert_id
"""

_SEEN = """
UPDATE alert SET seen_on = $3
 WHERE organization_id = $1 AND alert_id = ANY ($2::bigint[]) AND coalesce(seen_on, found_on) < $3
"""

_RAISE = """
INSERT INTO alert (organization_id, kind, subject, team_id, began_on, found_on, usual_nano_usd, spent_nano_usd, cause,
                   seen_on, before, after, causes, sentence, link)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $6, $10, $11, $12, $13, $14)
    ON CONFLICT DO NOTHING
"""


async def read_known(tenant: Tenant, day: date) -> list[KnownAlert]:
    """Return the alerts that may speak for those of a day: lately seen, muted, snoozed, or of a present budget."""
    rows = await tenant.fetch(_KNOWN, day, QUIET.days)
    return [KnownAlert(**dict(row)) for row in rows]


async def save_alerts(tenant: Tenant, news: Sequence[Alert], holding: Collection[int], day: date) -> None:
    """Raise alerts, and note which known ones still hold on a day."""
    await tenant.execute(_SEEN, sorted(holding), day)
    for each in news:
        await tenant.execute(
            _RAISE,
            *(each.kind, each.subject, each.team_id, each.began_on, each.found_on),
            *(each.usual_nano_usd, each.spent_nano_usd, each.cause, each.before, each.after),
            *(None if each.causes is None else list(each.causes), each.sentence, each.link),
        )
