"""Releases, with the cost and outcomes of the pull requests that each was the first in its family to ship."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg

from schema.database import Tenant
from schema.team_of import TEAM_OF_RELEASE
from service.contracts.reconciliation import CostKind
from service.queries.ledger.conditions import where
from service.queries.ledger.priced_rollup import COST_KINDS, rollup_of
from service.queries.ledger.spend import spend_sums

_SHOWN = f"""
    SELECT release.artifact_id, release.label, repository.forge, release.state, team.team_id, team.name AS team,
           release.released_at, fix.released_at AS fix_released_at, release.by_package_folder
    FROM release
    JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = release.repository_id
    JOIN team ON team.organization_id = $1 AND team.team_id = {TEAM_OF_RELEASE}
    LEFT JOIN release_fix ON release_fix.organization_id = $1 AND release_fix.release_id = release.artifact_id
    LEFT JOIN release AS fix ON fix.organization_id = $1 AND fix.artifact_id = release_fix.fix_id
    WHERE release.organization_id = $1
"""  # noqa: S608 - composed of constants
# Found first and then read, because whose a release is takes a look-up each.
_NEWEST = """
    SELECT artifact_id, repository_id, released_at FROM release
    WHERE organization_id = $1 {conditions}
    ORDER BY released_at DESC, artifact_id DESC {limit}
"""
# In their order, so that look-ups end with the last that is wanted.
_NEWEST_OF_TEAM = f"""
    SELECT release.artifact_id FROM ({{newest}}) AS release
    WHERE $3 = (SELECT {TEAM_OF_RELEASE} FROM repository
                 WHERE repository.organization_id = $1 AND repository.artifact_id = release.repository_id)
    LIMIT $2
"""  # noqa: S608 - composed of constants
_THESE = f"{_SHOWN} AND release.artifact_id = ANY($2::bytea[])"

# What was not reverted, as the cost of a release is shown.
_DEAREST = """
    SELECT artifact_id, {cost} AS nano_usd FROM release_spend
    WHERE organization_id = $1 {conditions}
    ORDER BY {cost} DESC, artifact_id DESC LIMIT $2
"""
_OF_REPOSITORY = """
    artifact_id IN (SELECT artifact_id FROM release WHERE organization_id = $1 AND repository_id = {})
"""
_RELEASED = "artifact_id IN (SELECT artifact_id FROM release WHERE organization_id = $1 AND {})"
_OF_TEAM = f"""
    artifact_id IN (
        SELECT release.artifact_id FROM release
        JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = release.repository_id
        WHERE release.organization_id = $1 AND {TEAM_OF_RELEASE} = {{}})
"""  # noqa: S608 - composed of constants

_SHIPPED = """
    WITH shipped AS (
        SELECT link.release_id, link.pull_request_id, outcome.reverted_at IS NOT NULL AS is_reverted,
               outcome.pushes_after_opening, outcome.review_rounds
        FROM release_pull_request AS link
        LEFT JOIN outcome
          ON outcome.organization_id = $1 AND outcome.artifact_id = link.pull_request_id
        WHERE link.organization_id = $1 AND link.release_id = ANY($2::bytea[])
    )
"""

_COUNTS = f"""
    {_SHIPPED}
    SELECT shipped.release_id, shipped.is_reverted, count(*) AS pull_requests,
           coalesce(sum(shipped.pushes_after_opening), 0) AS pushes_after_opening,
           coalesce(sum(shipped.review_rounds), 0) AS review_rounds,
           count(pull_request.changed_lines) AS sized,
           coalesce(sum(pull_request.changed_lines), 0) AS changed_lines,
           coalesce(sum(pull_request.changed_files) FILTER (WHERE pull_request.changed_lines IS NOT NULL), 0)
               AS changed_files
    FROM shipped
    LEFT JOIN pull_request
      ON pull_request.organization_id = $1 AND pull_request.artifact_id = shipped.pull_request_id
    GROUP BY shipped.release_id, shipped.is_reverted
"""  # noqa: S608 - composed of constants

_TOKENS = {
    kind: f"""
    {_SHIPPED}
    SELECT shipped.release_id, shipped.is_reverted, rollup.evidence, rollup.model, team.name AS team,
           {spend_sums("rollup")}
    FROM shipped
    CROSS JOIN LATERAL {rollup_of(kind, "artifact_id = shipped.pull_request_id")} AS rollup
    JOIN team ON team.organization_id = $1 AND team.team_id = rollup.team_id
    GROUP BY shipped.release_id, shipped.is_reverted, rollup.evidence, rollup.model, team.name
"""  # noqa: S608 - composed of constants
    for kind in COST_KINDS
}

_IDS = f"""
    {_SHIPPED}
    SELECT shipped.pull_request_id, shipped.is_reverted, pull_request.label
    FROM shipped
    LEFT JOIN pull_request
      ON pull_request.organization_id = $1 AND pull_request.artifact_id = shipped.pull_request_id
    ORDER BY pull_request.merged_at DESC NULLS LAST, shipped.pull_request_id
"""  # noqa: S608 - composed of constants


@dataclass(frozen=True, slots=True)
class WantedReleases:
    """Filter of releases, released from `begins` to before `ends`; None matches all."""

    artifact_id: bytes | None = None
    repository_id: bytes | None = None
    team_id: int | None = None
    begins: datetime | None = None
    ends: datetime | None = None


class Part(NamedTuple):
    """The standing or the reverted pull requests of a release.

    `counts` has pull_requests and the sums of their outcomes, and is None without pull requests; `tokens` are rows of
    evidence, model, team, token kinds and cost_nano_usd.
    """

    counts: asyncpg.Record | None
    tokens: Sequence[asyncpg.Record]


@dataclass(frozen=True, slots=True)
class ShippedParts:
    """The standing and the reverted part of a release."""

    standing: Part
    reverted: Part


async def read_releases(
    tenant: Tenant, wanted: WantedReleases, *, after: tuple[datetime | None, bytes | None] = (None, None), limit: int
) -> Sequence[asyncpg.Record]:
    """Return releases, newest first: artifact_id, label, forge, state, team_id, team, released_at, fix_released_at."""
    is_of_team = wanted.team_id is not None
    conditions, arguments = where(
        [
            ("artifact_id = {}", (wanted.artifact_id,)),
            ("repository_id = {}", (wanted.repository_id,)),
            ("released_at >= {}", (wanted.begins,)),
            ("released_at < {}", (wanted.ends,)),
            ("(released_at, artifact_id) < ({}, {})", after),
        ],
        taken=3 if is_of_team else 2,
    )
    statement = _NEWEST.format(conditions=conditions, limit="OFFSET 0" if is_of_team else "LIMIT $2")
    if is_of_team:
        statement, arguments = _NEWEST_OF_TEAM.format(newest=statement), [wanted.team_id, *arguments]
    newest = await tenant.fetch(statement, limit, *arguments)
    return await read_these(tenant, [row["artifact_id"] for row in newest])


async def read_dearest(
    tenant: Tenant,
    wanted: WantedReleases,
    cost_kind: CostKind,
    *,
    after: tuple[int | None, bytes | None] = (None, None),
    limit: int,
) -> Sequence[Mapping[str, Any]]:
    """Return releases, dearest first, with the columns of `read_releases` and nano_usd."""
    cost = f"{cost_kind}_nano_usd"
    conditions, arguments = where(
        [
            ("artifact_id = {}", (wanted.artifact_id,)),
            (_OF_REPOSITORY, (wanted.repository_id,)),
            (_OF_TEAM, (wanted.team_id,)),
            (_RELEASED.format("released_at >= {}"), (wanted.begins,)),
            (_RELEASED.format("released_at < {}"), (wanted.ends,)),
            (f"({cost}, artifact_id) < ({{}}, {{}})", after),
        ],
        taken=2,
    )
    listed = await tenant.fetch(_DEAREST.format(cost=cost, conditions=conditions), limit, *arguments)
    found = {row["artifact_id"]: row for row in await tenant.fetch(_THESE, [row["artifact_id"] for row in listed])}
    return [{**found[artifact_id], "nano_usd": nano_usd} for artifact_id, nano_usd in listed if artifact_id in found]


async def read_these(tenant: Tenant, release_ids: Sequence[bytes]) -> list[asyncpg.Record]:
    """Return releases in the order of their ids, with the columns of `read_releases`."""
    found = {row["artifact_id"]: row for row in await tenant.fetch(_THESE, list(release_ids))}
    return [found[artifact_id] for artifact_id in release_ids if artifact_id in found]


async def read_parts(
    tenant: Tenant, release_ids: Sequence[bytes], cost_kind: CostKind = "list"
) -> dict[bytes, ShippedParts]:
    """Return the parts of each release."""
    tokens = defaultdict[tuple[bytes, bool], list[asyncpg.Record]](list)
    for row in await tenant.fetch(_TOKENS[cost_kind], list(release_ids)):
        tokens[row["release_id"], row["is_reverted"]].append(row)
    rows = await tenant.fetch(_COUNTS, list(release_ids))
    counts = {(row["release_id"], row["is_reverted"]): row for row in rows}
    return {
        release_id: ShippedParts(
            *(Part(counts.get((release_id, reverted)), tokens[release_id, reverted]) for reverted in (False, True))
        )
        for release_id in release_ids
    }


async def read_shipped(tenant: Tenant, release_id: bytes) -> Sequence[asyncpg.Record]:
    """Return a release's pull requests, newest merge first: pull_request_id, is_reverted, label."""
    rows: Sequence[asyncpg.Record] = await tenant.fetch(_IDS, [release_id])
    return rows
