"""Withholds the figures of small teams in alerts and forecasts; the total of all teams gives none of them away."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from schema.database import Tenant
from schema.team_of import OTHERS_HAVE_DATA
from service.queries.teams.comparisons import WOULD_REVEAL, Thresholds
from vocabulary.small_teams import withheld_alert

_SMALL = f"""
    SELECT team_id FROM team WHERE organization_id = $1 AND size < $2 AND {OTHERS_HAVE_DATA}
"""  # noqa: S608 - composed of constants
# Where the forecast of one small team stands alone between the others, the next smallest joins it.
_JOINING = """
    SELECT team_id, period, of_model
    FROM (SELECT team_id, period, of_model, team_id = ANY($2::bigint[]) AS is_small,
                 count(*) FILTER (WHERE team_id = ANY($2::bigint[])) OVER (PARTITION BY period, of_model) AS hidden,
                 row_number() OVER (PARTITION BY period, of_model, team_id = ANY($2::bigint[])
                                    ORDER BY spent_nano_usd, team_id) AS place
          FROM spend_forecast WHERE organization_id = $1 AND team_id <> 0) AS forecast
    WHERE NOT is_small AND hidden = 1 AND place = 1
"""
_OF_FORECASTS: Final = dict.fromkeys(
    (*(f"{name}_nano_usd" for name in ("spent", "likely", "low", "high")), "exceeded_on", "earliest_on")
)
_OF_ALERTS: Final = dict.fromkeys(("usual_nano_usd", "spent_nano_usd", "before", "after", "causes"))


async def withhold_forecasts(
    tenant: Tenant, rows: Sequence[Mapping[str, Any]], thresholds: Thresholds, *, is_beside_others: bool
) -> list[dict[str, Any]]:
    """Return forecasts with a `withheld_reason`, None where the figures are shown."""
    small = await _read_small(tenant, rows, thresholds)
    joining = set()
    if small and is_beside_others:
        joining = {tuple(row) for row in await tenant.fetch(_JOINING, sorted(small))}
    found = []
    for row in rows:
        reason = None
        if row["team_id"] in small:
            reason = thresholds.too_few_people
        elif (row["team_id"], row["period"], row["of_model"]) in joining:
            reason = WOULD_REVEAL
        found.append({**row, **(_OF_FORECASTS if reason else {}), "withheld_reason": reason})
    return found


async def withhold_alerts(
    tenant: Tenant, rows: Sequence[Mapping[str, Any]], thresholds: Thresholds
) -> list[dict[str, Any]]:
    """Return alerts with a `withheld_reason`; one that has it says what happened, and not how much."""
    small = await _read_small(tenant, rows, thresholds)
    found = []
    for row in rows:
        shown = {**row, "withheld_reason": None}
        if row["team_id"] in small:
            reason = thresholds.too_few_people
            said = withheld_alert(row["kind"], row["subject"], row["team"], reason)
            shown |= {**_OF_ALERTS, "sentence": said, "withheld_reason": reason}
        found.append(shown)
    return found


async def _read_small(tenant: Tenant, rows: Sequence[Mapping[str, Any]], thresholds: Thresholds) -> Collection[int]:
    """Return which of the teams have too few people while others have data."""
    if not any(row["team_id"] for row in rows):
        return frozenset()
    return frozenset(row["team_id"] for row in await tenant.fetch(_SMALL, thresholds.people))
