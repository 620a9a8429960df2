"""One release: what was spent on what it ships, week by week, its dearest pull requests, and what came back."""

from datetime import date, datetime
from typing import NamedTuple

import asyncpg

from schema.database import Tenant
from service.contracts.reconciliation import CostKind
from service.queries.ledger.priced_rollup import COST_KINDS, rollup_of
from service.queries.ledger.spend import spend_sums
from vocabulary.tokens import TOKEN_KINDS

_STANDING = """
    SELECT link.pull_request_id AS artifact_id
    FROM release_pull_request AS link
    LEFT JOIN outcome ON outcome.organization_id = $1 AND outcome.artifact_id = link.pull_request_id
    WHERE link.organization_id = $1 AND link.release_id = $2 AND outcome.reverted_at IS NULL
"""
_WEEKS = {
    kind: f"""
    SELECT date_trunc('week', rollup.day::timestamp)::date AS week, {spend_sums("rollup")}
    FROM ({_STANDING}) AS shipped
    CROSS JOIN LATERAL {rollup_of(kind, "artifact_id = shipped.artifact_id")} AS rollup
    GROUP BY 1 ORDER BY 1
"""  # noqa: S608 - composed of constants
    for kind in COST_KINDS
}
_DEAREST = f"""
    SELECT shipped.artifact_id FROM ({_STANDING}) AS shipped
    JOIN pull_request_spend AS spent ON spent.organization_id = $1 AND spent.artifact_id = shipped.artifact_id
    ORDER BY spent.{{cost}} DESC, shipped.artifact_id DESC LIMIT $3
"""  # noqa: S608 - composed of constants
_REVERTED = """
    SELECT link.pull_request_id AS artifact_id, pull_request.label, outcome.reverted_at, outcome.reverted_by,
           reverting.label AS reverted_by_label
    FROM release_pull_request AS link
    JOIN outcome ON outcome.organization_id = $1 AND outcome.artifact_id = link.pull_request_id
    LEFT JOIN pull_request
      ON pull_request.organization_id = $1 AND pull_request.artifact_id = link.pull_request_id
    LEFT JOIN pull_request AS reverting
      ON reverting.organization_id = $1 AND reverting.artifact_id = outcome.reverted_by
    WHERE link.organization_id = $1 AND link.release_id = $2 AND outcome.reverted_at IS NOT NULL
    ORDER BY outcome.reverted_at, link.pull_request_id
"""
_FIX = """
    SELECT other.artifact_id, other.label, other.released_at, coalesce(spent.{cost}, 0) AS nano_usd
    FROM release_fix AS fix
    JOIN release AS other ON other.organization_id = $1 AND other.artifact_id = fix.{other}
    LEFT JOIN release_spend AS spent ON spent.organization_id = $1 AND spent.artifact_id = other.artifact_id
    WHERE fix.organization_id = $1 AND fix.{own} = $2
    ORDER BY other.released_at, other.artifact_id
"""
_BEFORE = """
    SELECT before.artifact_id, before.label, before.released_at, coalesce(spent.{cost}, 0) AS nano_usd
    FROM release
    JOIN release AS before ON before.organization_id = $1 AND before.repository_id = release.repository_id
     AND before.family = release.family AND before.released_at < release.released_at
     AND before.state IN ('published', 'prerelease', 'tag')
    JOIN release_spend AS spent ON spent.organization_id = $1 AND spent.artifact_id = before.artifact_id
     AND spent.{cost} > 0
    WHERE release.organization_id = $1 AND release.artifact_id = $2
    ORDER BY before.released_at DESC, before.artifact_id DESC LIMIT 1
"""
_REPOSITORY = """
    SELECT repository.label FROM release
    JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = release.repository_id
    WHERE release.organization_id = $1 AND release.artifact_id = $2
"""
_TOTAL = tuple(TOKEN_KINDS)


class WeekSpend(NamedTuple):
    """What was spent in a week, from Monday (UTC), on what a release ships."""

    week: date
    tokens: int
    nano_usd: int


class Reverted(NamedTuple):
    """A pull request that was shipped and reverted, by another or by a commit."""

    artifact_id: bytes
    label: str | None
    reverted_at: datetime
    reverted_by: bytes | None
    reverted_by_label: str | None


class OtherRelease(NamedTuple):
    """Another release: the one before, a fix, or what this one fixes."""

    artifact_id: bytes
    label: str | None
    released_at: datetime
    nano_usd: int


async def read_weeks(tenant: Tenant, release_id: bytes, cost_kind: CostKind) -> list[WeekSpend]:
    """Return what was spent on its standing pull requests by week."""
    rows = await tenant.fetch(_WEEKS[cost_kind], release_id)
    return [WeekSpend(row["week"], sum(row[kind] for kind in _TOTAL), row["cost_nano_usd"]) for row in rows]


async def list_dearest_shipped(tenant: Tenant, release_id: bytes, cost_kind: CostKind, limit: int) -> list[bytes]:
    """Return the dearest of its standing pull requests."""
    rows = await tenant.fetch(_DEAREST.format(cost=f"{cost_kind}_nano_usd"), release_id, limit)
    return [row["artifact_id"] for row in rows]


async def read_reverted(tenant: Tenant, release_id: bytes) -> list[Reverted]:
    """Return what it shipped and was reverted, the first first."""
    return [Reverted(*row) for row in await tenant.fetch(_REVERTED, release_id)]


async def read_fixes(
    tenant: Tenant, release_id: bytes, cost_kind: CostKind
) -> tuple[list[OtherRelease], list[OtherRelease]]:
    """Return the release that fixed this one within 14 days, if any, and the releases that this one fixed."""
    cost = f"{cost_kind}_nano_usd"
    sides = [("fix_id", "release_id"), ("release_id", "fix_id")]
    fixed_by, fixes = [
        [OtherRelease(*row) for row in await tenant.fetch(_FIX.format(cost=cost, other=other, own=own), release_id)]
        for other, own in sides
    ]
    return fixed_by, fixes


async def read_before(tenant: Tenant, release_id: bytes, cost_kind: CostKind) -> OtherRelease | None:
    """Return the release before it in its family that cost anything."""
    row: asyncpg.Record | None = await tenant.fetchrow(_BEFORE.format(cost=f"{cost_kind}_nano_usd"), release_id)
    return OtherRelease(*row) if row else None


async def read_repository_label(tenant: Tenant, release_id: bytes) -> str | None:
    """Return the label of its repository; None where labels are off."""
    label: str | None = await tenant.fetchval(_REPOSITORY, release_id)
    return label
