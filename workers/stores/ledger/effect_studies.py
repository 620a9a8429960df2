"""The latest study of an organization: what use does to shipping."""

import json
from datetime import timedelta
from typing import Any

from schema.database import Tenant
from workers.stores.ledger.team_weeks import Weeks

# Imports and late reports change history, so a study is made again before the next full week.
PAUSE = timedelta(days=1)

_SAVE = """
INSERT INTO effect_study (organization_id, first_week, last_week, report, outcome_report) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (organization_id) DO UPDATE
   SET first_week = excluded.first_week, last_week = excluded.last_week, report = excluded.report,
       outcome_report = excluded.outcome_report, studied_at = now()
"""


def due(organization: str) -> str:
    """Return SQL that finds a row if the organization has weeks that were not studied for a day, and none to sum."""
    return f"""
SELECT 1 WHERE EXISTS (SELECT 1 FROM merged_week WHERE merged_week.organization_id = {organization})
   AND NOT EXISTS (SELECT 1 FROM stale_week WHERE stale_week.organization_id = {organization})
   AND NOT EXISTS (SELECT 1 FROM effect_study WHERE effect_study.organization_id = {organization}
                      AND studied_at > now() - interval '{PAUSE.total_seconds()} seconds')
"""  # noqa: S608 - fixed names


async def save(
    tenant: Tenant, weeks: Weeks | None, report: dict[str, Any] | None, outcome_report: dict[str, Any]
) -> None:
    """Replace the study; weeks and report are None if no tokens are known yet."""
    await tenant.execute(_SAVE, *(weeks or (None, None)), json.dumps(report), json.dumps(outcome_report))
