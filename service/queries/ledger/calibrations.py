"""Calibrations: the measured errors of each team's estimates."""

from collections import defaultdict
from collections.abc import Mapping
from typing import TypeAlias

from schema.database import Tenant
from vocabulary.intervals import Calibration, Doubt, Quantiles

# Keys are the kinds of evidence that split tokens: repository and cohort.
TeamCalibrations: TypeAlias = Mapping[str, Calibration]

_ALL = """
SELECT team_id, evidence, offset_tokens, doubts, direct_error, pull_requests, low, high FROM interval_calibration
 WHERE organization_id = $1 ORDER BY team_id, evidence, pull_requests
"""


async def read_calibrations(tenant: Tenant) -> dict[int, TeamCalibrations]:
    """Return calibrations by team id."""
    known: dict[tuple[int, str], tuple[int, tuple[Doubt, ...], float]] = {}
    quantiles = defaultdict[tuple[int, str], list[Quantiles]](list)
    for team_id, evidence, offset, doubts, wrong, pull_requests, low, high in await tenant.fetch(_ALL):
        known[team_id, evidence] = offset, tuple(map(Doubt, doubts)), wrong
        quantiles[team_id, evidence].append(Quantiles(pull_requests, low, high))
    teams = defaultdict[int, dict[str, Calibration]](dict)
    for (team_id, evidence), (offset, doubts, wrong) in known.items():
        teams[team_id][evidence] = Calibration(offset, tuple(quantiles[team_id, evidence]), doubts, wrong)
    return dict(teams)


async def read_calibrations_by_name(tenant: Tenant) -> dict[str, TeamCalibrations]:
    """Return calibrations by team name."""
    teams = await read_calibrations(tenant)
    rows = await tenant.fetch("SELECT team_id, name FROM team WHERE organization_id = $1")
    return {row["name"]: teams[row["team_id"]] for row in rows if row["team_id"] in teams}
