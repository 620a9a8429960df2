"""The ledger of a period: tokens received, and where every token is now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from schema.database import Tenant
from schema.vocabulary.tokens import TOKEN_KINDS, TokenCounts
from service.queries.ledger.received import RECEIVED
from service.queries.ledger.spend import SPEND_COLUMNS, Spend, spend_sums

_NEGATIVE = ", ".join(f"-{column} AS {column}" for column in SPEND_COLUMNS)
_KINDS = ", ".join(TOKEN_KINDS)
_SCOPE = """
    organization_id = $1 AND ($2::bigint IS NULL OR team_id = $2)
    AND day >= coalesce($3::date, '-infinity') AND day <= coalesce($4::date, 'infinity')
"""

# A single statement reads one snapshot, so no token is counted twice or missed while workers move it. Each part has its
# own tables: intake totals, waiting events, windows minus what was settled, and the settled ledger.
_LEDGER = f"""
    WITH event AS (
        SELECT team_id, (occurred_at AT TIME ZONE 'UTC')::date AS day, {_KINDS}, 0 AS cost_nano_usd, organization_id
        FROM token_event
        WHERE organization_id = $1
          AND (batch_id, received_at) IN (SELECT batch_id, received_at FROM intake_batch
                                          WHERE organization_id = $1 AND state <> 'processed')
    ), windows AS (
        SELECT team_id, (hour AT TIME ZONE 'UTC')::date AS day, {", ".join(SPEND_COLUMNS)}, organization_id
        FROM token_window WHERE organization_id = $1
    ), settled AS (
        SELECT CASE WHEN rollup.artifact_id = '' THEN 'overhead'
                    WHEN pull_request.state = 'merged' THEN 'merged'
                    WHEN pull_request.state = 'open' THEN 'in_flight'
                    WHEN pull_request.state = 'abandoned' THEN 'abandoned' END AS part,
               {", ".join(f"rollup.{column}" for column in SPEND_COLUMNS)}
        FROM (SELECT * FROM attribution_rollup WHERE {_SCOPE}) AS rollup
        LEFT JOIN pull_request
          ON pull_request.organization_id = $1 AND pull_request.artifact_id = rollup.artifact_id
    ), entry AS (
        SELECT 'received' AS part, {_KINDS}, 0 AS cost_nano_usd FROM {RECEIVED} AS received WHERE {_SCOPE}
        UNION ALL
        SELECT 'superseded', {_KINDS}, 0 FROM superseded_total WHERE {_SCOPE}
        UNION ALL
        SELECT 'received', {", ".join("0" for _ in TOKEN_KINDS)}, cost_nano_usd FROM windows WHERE {_SCOPE}
        UNION ALL
        SELECT 'pending', {", ".join(SPEND_COLUMNS)} FROM event WHERE {_SCOPE}
        UNION ALL
        SELECT 'pending', {", ".join(SPEND_COLUMNS)} FROM windows WHERE {_SCOPE}
        UNION ALL
        SELECT 'pending', {_NEGATIVE} FROM settlement WHERE {_SCOPE}
        UNION ALL
        SELECT part, {", ".join(SPEND_COLUMNS)} FROM settled
    )
    SELECT part, {spend_sums()} FROM entry WHERE part IS NOT NULL GROUP BY part
"""  # noqa: S608 - composed of constants


@dataclass(frozen=True, slots=True)
class Ledger:
    """Tokens received at intake, the five parts that they end up in, and superseded tokens besides."""

    received: Spend
    merged: Spend
    in_flight: Spend
    abandoned: Spend
    overhead: Spend
    pending: Spend
    superseded: Spend = field(default_factory=Spend)

    def at(self, nano_usd: Mapping[str, int]) -> "Ledger":
        """Return the same tokens with other costs by part."""
        return Ledger(
            **{name: Spend(getattr(self, name).tokens, nano_usd.get(name, 0)) for name in Ledger.__dataclass_fields__}
        )

    @property
    def difference(self) -> Spend:
        """Received tokens minus all parts; not zero if tokens were lost or counted twice."""
        rest = self.received
        for part in (self.merged, self.in_flight, self.abandoned, self.overhead, self.pending):
            rest = rest.minus(part)
        return rest


async def read_ledger(
    tenant: Tenant, *, team_id: int | None = None, first_day: date | None = None, last_day: date | None = None
) -> Ledger:
    """Read the ledger of an organization or a team; UTC days are inclusive, None means unbounded."""
    rows = await tenant.fetch(_LEDGER, team_id, first_day, last_day)
    parts = {
        row["part"]: Spend(TokenCounts(*(row[kind] for kind in TOKEN_KINDS)), row["cost_nano_usd"]) for row in rows
    }
    return Ledger(**{name: parts.get(name, Spend()) for name in Ledger.__dataclass_fields__})
