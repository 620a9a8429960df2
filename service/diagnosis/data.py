"""Checks of the stored data: what to connect next."""

import asyncpg

from service.diagnosis.finding import Finding, ok, warning
from service.diagnosis.heard import check_heard

_DATA = """
SELECT (SELECT count(*) FROM organization) AS organizations,
       (SELECT count(*) FROM team WHERE removed_at IS NULL) AS teams,
       (SELECT count(*) FROM team WHERE size IS NOT NULL AND removed_at IS NULL) AS sized_teams,
       (SELECT count(*) FROM delivery WHERE state = 'dead')
       + (SELECT coalesce(sum(events), 0) FROM intake_batch WHERE state = 'dead')
       + (SELECT count(*) FROM settlement WHERE state = 'dead') AS dead,
       (SELECT count(*) FROM gateway_calibration AS kept
         WHERE drifted_since IS NOT NULL
           AND NOT EXISTS (SELECT FROM gateway_calibration AS later
                            WHERE later.organization_id = kept.organization_id AND later.provider = kept.provider
                              AND later.model = kept.model AND later.part = kept.part
                              AND later.begins_at > kept.begins_at)) AS drifted,
       EXISTS (SELECT FROM gateway_hour) AS has_bytes,
       (SELECT coalesce(sum(unestimated_requests), 0) FROM gateway_estimate
         WHERE counted_source = '') AS unestimated
"""


async def check_data(connection: asyncpg.Connection) -> list[Finding]:
    """Check the data of all organizations; needs an operator's transaction."""
    row = await connection.fetchrow(_DATA)
    return [
        _some("organizations", row["organizations"], "create one together with a key: shipledger key create"),
        *await check_heard(connection),
        _team_sizes(row["teams"], row["sized_teams"]),
        _dead(row["dead"]),
        *([_gateway_bytes(row["drifted"], row["unestimated"])] if row["has_bytes"] else []),
    ]


def _some(check: str, count: int, remedy: str) -> Finding:
    return ok(check, str(count)) if count else warning(check, "none yet", remedy)


def _team_sizes(teams: int, sized: int) -> Finding:
    if sized < teams:
        remedy = "set sizes so that teams can be compared: shipledger teams set NAME --size PEOPLE"
        return warning("team sizes", f"known for {sized} of {teams} teams", remedy)
    return ok("team sizes", f"known for all {teams} teams")


def _dead(count: int) -> Finding:
    if count:
        return warning("dead letters", f"{count} rows failed too often", "list them with: shipledger dead-letters list")
    return ok("dead letters", "none")


def _gateway_bytes(drifted: int, unestimated: int) -> Finding:
    check = "gateway bytes"
    if unestimated:
        remedy = "send at least 50 requests of each model with their tokens to POST /api/v1/gateway-usage"
        return warning(check, f"{unestimated} requests cannot be estimated: too few report their tokens", remedy)
    if drifted:
        remedy = "send more requests with their tokens; see: GET /api/v1/gateway-calibrations"
        return warning(check, f"{drifted} calibrations have drifted and need more requests to be fitted", remedy)
    return ok(check, "estimated; no calibration has drifted")
