"""The last study of what the use of tokens does to shipping."""

from datetime import date, datetime
from typing import NamedTuple

from schema.database import Tenant

_READ = "SELECT studied_at, first_week, last_week, report, outcome_report FROM effect_study WHERE organization_id = $1"


class Study(NamedTuple):
    """A study: its weeks, by their Mondays, and its reports: JSON of `EffectsFound` or null, and of outcomes."""

    studied_at: datetime
    first_week: date | None
    last_week: date | None
    report: str
    outcome_report: str


async def read_study(tenant: Tenant) -> Study | None:
    """Return the last study; None before the first."""
    row = await tenant.fetchrow(_READ)
    return Study(**row) if row else None
