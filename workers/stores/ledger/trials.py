"""Roll-outs that chance gave to some teams and not to others, as clients declared them."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from schema.database import Tenant
from workers.statistics.arrays import Mask
from workers.statistics.trials import Trial
from workers.stores.ledger.team_weeks import WEEK_DAYS, Weeks

# The latest roll-outs are studied.
MOST = 20

# The first full week begins on the Monday after the roll-out, or on that very midnight.
_LOAD = """
SELECT to_value AS name, given, held_back,
       (date_trunc('week', (occurred_at AT TIME ZONE 'UTC') + interval '7 days - 1 microsecond'))::date AS week
  FROM change
 WHERE organization_id = $1 AND given IS NOT NULL AND held_back IS NOT NULL AND occurred_at >= $2::date
 ORDER BY occurred_at DESC, change_id DESC LIMIT $3
"""


async def load(tenant: Tenant, weeks: Weeks, teams: Sequence[int]) -> tuple[Trial, ...]:
    """Load the latest roll-outs by chance since the first week, newest first; `teams` are the ids of the history."""
    rows = await tenant.fetch(_LOAD, weeks.first, MOST)
    return tuple(
        Trial(row["name"], _place(row["week"], weeks), _among(row["given"], teams), _among(row["held_back"], teams))
        for row in rows
    )


def _place(week: date, weeks: Weeks) -> int:
    return (week - weeks.first) // WEEK_DAYS


def _among(chosen: Sequence[int], teams: Sequence[int]) -> Mask:
    among: Mask = np.isin(np.array(teams, dtype=np.int64), np.array(chosen, dtype=np.int64))
    return among
