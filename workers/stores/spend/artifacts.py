"""Keeps the spend of pull requests and releases: sums, and what lists select pull requests by."""

from collections.abc import Collection

from schema.database import Tenant
from schema.team_of import TEAM_OF_PULL_REQUEST
from vocabulary.spend_cuts import COSTS, REWORK
from vocabulary.tokens import TOKEN_KINDS
from workers.stores.spend import merged_parts, merges, worked_days

_SUMMED = (*COSTS, "tokens", "linked_tokens")
_AMOUNTS = ", ".join(_SUMMED)
_PLACES = ("team_id", "state", "merged_at", "is_bot", *REWORK, "days", "day_costs", "first_day", "last_day")

_WORKED_ON = "SELECT artifact_id FROM work_found UNION SELECT artifact_id FROM work_change"
_CHANGED = f"""
SELECT artifact_id, {", ".join(f"sum({name})::bigint AS {name}" for name in COSTS)},
       sum({" + ".join(TOKEN_KINDS)})::bigint AS tokens, sum(linked_tokens)::bigint AS linked_tokens
  FROM work_change GROUP BY artifact_id
"""  # noqa: S608 - names of ours
_NOTED = f"SELECT {', '.join(f'0 AS {name}' for name in _SUMMED)}, NULL::bytea AS artifact_id WHERE false"

# A row that would stay the same is not written. A revert counts within 14 days of the merge.
_SAVE = f"""
INSERT INTO pull_request_spend AS known (organization_id, artifact_id, {", ".join(_PLACES)}, {_AMOUNTS})
SELECT $1::bigint, pull_request.artifact_id, {TEAM_OF_PULL_REQUEST}, pull_request.state, pull_request.merged_at,
       coalesce(pull_request.is_bot, false), coalesce(outcome.pushes_after_opening, 0),
       coalesce(outcome.review_rounds, 0),
       coalesce(outcome.reverted_at < pull_request.merged_at + interval '14 days', false)::int,
       (outcome.fix_released_at IS NOT NULL)::int,
       coalesce(worked.days, '{{{{}}}}'), coalesce(worked.costs, '{{{{}}}}'), worked.days[1],
       worked.days[cardinality(worked.days)],
       {", ".join(f"coalesce(spent.{name}, 0)" for name in _SUMMED)}
  FROM pull_request
  LEFT JOIN ({{spent}}) AS spent ON spent.artifact_id = pull_request.artifact_id
  JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
  LEFT JOIN outcome ON outcome.organization_id = $1 AND outcome.artifact_id = pull_request.artifact_id
  LEFT JOIN LATERAL (
       SELECT array_agg(day ORDER BY day) AS days, array_agg(cost_nano_usd ORDER BY day) AS costs
         FROM (SELECT day, sum(cost_nano_usd)::bigint AS cost_nano_usd FROM attribution_rollup
                WHERE organization_id = $1 AND artifact_id = pull_request.artifact_id GROUP BY day) AS of_day) AS worked
    ON pull_request.state = 'merged'
 WHERE pull_request.organization_id = $1 AND pull_request.artifact_id = ANY($2::bytea[])
    ON CONFLICT (organization_id, artifact_id)
    DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _PLACES)},
                  {", ".join(f"{name} = known.{name} + excluded.{name}" for name in _SUMMED)}
 WHERE known.organization_id = $1
   AND (({", ".join(f"known.{name}" for name in _PLACES)})
        IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in _PLACES)})
        OR {" OR ".join(f"excluded.{name} <> 0" for name in _SUMMED)})
RETURNING artifact_id
"""  # noqa: S608 - names of ours
_SAVE_WORK, _SAVE_NOTED = _SAVE.format(spent=_CHANGED), _SAVE.format(spent=_NOTED)

# All releases that ship one of these pull requests, and those that are among the artifacts themselves. The LIMIT makes
# PostgreSQL look up each by its key: without statistics it would read all of the organization for each release.
_SAVE_RELEASES = f"""
INSERT INTO release_spend AS known (organization_id, artifact_id, {", ".join(COSTS)})
SELECT $1::bigint, release.artifact_id, {", ".join(f"shipped.{name}" for name in COSTS)}
  FROM (SELECT release_id AS artifact_id FROM release_pull_request
         WHERE organization_id = $1 AND pull_request_id = ANY($2::bytea[])
         UNION
        SELECT artifact_id FROM release WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[])) AS release
 CROSS JOIN LATERAL (
       SELECT {", ".join(f"coalesce(sum(spent.{name}), 0)::bigint AS {name}" for name in COSTS)}
         FROM release_pull_request AS link
        CROSS JOIN LATERAL (
              SELECT {", ".join(COSTS)} FROM pull_request_spend
               WHERE organization_id = $1 AND artifact_id = link.pull_request_id LIMIT 1) AS spent
         LEFT JOIN outcome ON outcome.organization_id = $1 AND outcome.artifact_id = link.pull_request_id
        WHERE link.organization_id = $1 AND link.release_id = release.artifact_id
          AND outcome.reverted_at IS NULL) AS shipped
    ON CONFLICT (organization_id, artifact_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in COSTS)}
 WHERE known.organization_id = $1
   AND ({", ".join(f"known.{name}" for name in COSTS)})
       IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in COSTS)})
"""  # noqa: S608 - names of ours


async def save_work(tenant: Tenant) -> None:
    """Add `work_change` to pull requests, the releases that ship them, and the sums of merges."""
    worked_on = [row["artifact_id"] for row in await tenant.connection.fetch(_WORKED_ON)]
    await _take_before(tenant, worked_on)
    changed = await tenant.fetch(_SAVE_WORK, worked_on)
    await _add_changes(tenant, worked_on)
    await merged_parts.replace_parts(tenant, worked_on)
    await tenant.execute(_SAVE_RELEASES, [row["artifact_id"] for row in changed])


async def save_noted(tenant: Tenant, artifact_ids: Collection[bytes]) -> None:
    """Update the places of pull requests that changed, and the cost of releases that ship others or are new."""
    await _take_before(tenant, artifact_ids)
    await tenant.execute(_SAVE_NOTED, list(artifact_ids))
    await _add_changes(tenant, artifact_ids)
    await merged_parts.replace_parts(tenant, artifact_ids)
    await tenant.execute(_SAVE_RELEASES, list(artifact_ids))


async def _take_before(tenant: Tenant, artifact_ids: Collection[bytes]) -> None:
    await merges.take_before(tenant, artifact_ids)
    await worked_days.take_before(tenant, artifact_ids)


async def _add_changes(tenant: Tenant, artifact_ids: Collection[bytes]) -> None:
    await merges.add_changes(tenant, artifact_ids)
    await worked_days.add_changes(tenant, artifact_ids)
