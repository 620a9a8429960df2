"""The figures of a pull request's summary, read from rollups."""

from collections import defaultdict
from collections.abc import Mapping
from operator import itemgetter

from schema.database import Tenant
from schema.team_of import TEAM_OF_PULL_REQUEST
from vocabulary.intervals import RELIABLE_SHARE, Calibration, Doubt, Quantiles
from vocabulary.tokens import TOKEN_KINDS, TokenCounts, sum_tokens
from workers.stores.ledger.invalidate_weeks import TEAM_OF_MERGED
from workers.summaries.figures import DIRECT, Figures, Median, SizeBucket, size_of

# Teams change, so older pull requests are not comparable.
DAYS = 180

_TOTAL = " + ".join(TOKEN_KINDS)
_SUMS = ", ".join(f"sum({name})::bigint AS {name}" for name in (*TOKEN_KINDS, "cost_nano_usd"))
_SPENT = f"""
SELECT evidence, {_SUMS}
  FROM attribution_rollup WHERE organization_id = $1 AND artifact_id = $2 GROUP BY evidence
"""  # noqa: S608 - constants

_TEAM = f"""
SELECT team.team_id, team.size, pull_request.changed_lines
  FROM pull_request
  JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
  JOIN team ON team.organization_id = $1 AND team.team_id = {TEAM_OF_PULL_REQUEST}
 WHERE pull_request.organization_id = $1 AND pull_request.artifact_id = $2
"""  # noqa: S608 - a constant

_CALIBRATIONS = """
SELECT evidence, offset_tokens, doubts, direct_error, pull_requests, low, high FROM interval_calibration
 WHERE organization_id = $1 AND team_id = $2 ORDER BY evidence, pull_requests
"""

# Only pull requests whose own tokens are known well enough, without the compared one.
_MEDIAN = f"""
SELECT count(*) AS pull_requests,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY tokens)::bigint AS tokens,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY cost)::bigint AS cost_nano_usd
  FROM (SELECT sum({_TOTAL}) AS tokens, sum(cost_nano_usd) AS cost,
               sum({_TOTAL}) FILTER (WHERE evidence = ANY($6::text[])) AS direct
          FROM pull_request
          JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
          JOIN team AS default_team ON default_team.organization_id = $1 AND default_team.is_default
          JOIN attribution_rollup AS spent
            ON spent.organization_id = $1 AND spent.artifact_id = pull_request.artifact_id
         WHERE pull_request.organization_id = $1 AND pull_request.artifact_id <> $2
           AND pull_request.is_bot IS NOT TRUE
           AND {TEAM_OF_MERGED} = $3
           AND pull_request.merged_at >= now() - $7::int * interval '1 day'
           AND pull_request.changed_lines >= $4 AND ($5::int IS NULL OR pull_request.changed_lines <= $5)
         GROUP BY pull_request.artifact_id) AS merged
 WHERE tokens > 0 AND direct >= $8::float8 * tokens
"""  # noqa: S608 - constants

_kinds = itemgetter(*TOKEN_KINDS)


async def load_figures(tenant: Tenant, artifact_id: bytes) -> Figures | None:
    """Return the figures of a pull request; None when it is unknown."""
    team = await tenant.fetchrow(_TEAM, artifact_id)
    if team is None:
        return None
    spent = await tenant.fetch(_SPENT, artifact_id)
    by_evidence = {row["evidence"]: TokenCounts._make(_kinds(row)) for row in spent}
    size = size_of(team["changed_lines"])
    return Figures(
        tokens=sum_tokens(by_evidence.values()),
        cost_nano_usd=sum(row["cost_nano_usd"] for row in spent),
        by_evidence={name: tokens.total for name, tokens in by_evidence.items()},
        people=team["size"],
        calibrations=await _calibrations(tenant, team["team_id"]),
        median=size and await _median(tenant, artifact_id, team["team_id"], size),
    )


async def _calibrations(tenant: Tenant, team_id: int) -> Mapping[str, Calibration]:
    known: dict[str, tuple[int, tuple[Doubt, ...], float]] = {}
    quantiles = defaultdict[str, list[Quantiles]](list)
    for evidence, offset, doubts, wrong, *measured in await tenant.fetch(_CALIBRATIONS, team_id):
        known[evidence] = offset, tuple(map(Doubt, doubts)), wrong
        quantiles[evidence].append(Quantiles(*measured))
    return {
        evidence: Calibration(offset, tuple(quantiles[evidence]), doubts, wrong)
        for evidence, (offset, doubts, wrong) in known.items()
    }


async def _median(tenant: Tenant, artifact_id: bytes, team_id: int, size: SizeBucket) -> Median | None:
    row = await tenant.fetchrow(_MEDIAN, artifact_id, team_id, *size, DIRECT, DAYS, RELIABLE_SHARE)
    if row is None or not row["pull_requests"]:
        return None
    return Median(size, row["pull_requests"], row["tokens"], row["cost_nano_usd"], DAYS)
