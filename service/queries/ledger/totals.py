"""The ledger of a period: tokens received, and where every token is now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from schema.database import Tenant
from service.queries.ledger.received import RECEIVED
from service.queries.ledger.spend import SPEND_COLUMNS, Spend, spend_sums
from service.queries.spend.runs import Span
from vocabulary.tokens import TOKEN_KINDS, TokenCounts

_NEGATIVE = ", ".join(f"-{column} AS {column}" for column in SPEND_COLUMNS)
_KINDS = ", ".join(TOKEN_KINDS)
_NO_KINDS = ", ".join("0" for _ in TOKEN_KINDS)
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
        SELECT rollup.team_id, rollup.day,
               CASE WHEN rollup.artifact_id = '' THEN 'overhead'
                    WHEN pull_request.state = 'merged' THEN 'merged'
                    WHEN pull_request.state = 'open' THEN 'in_flight'
                    WHEN pull_request.state = 'abandoned' THEN 'abandoned' END AS part,
               {", ".join(f"rollup.{column}" for column in SPEND_COLUMNS)}
        FROM (SELECT * FROM attribution_rollup WHERE {_SCOPE}) AS rollup
        LEFT JOIN pull_request
          ON pull_request.organization_id = $1 AND pull_request.artifact_id = rollup.artifact_id
    ), entry AS (
        SELECT 'received' AS part, team_id, day, {_KINDS}, 0 AS cost_nano_usd FROM {RECEIVED} AS received WHERE {_SCOPE}
        UNION ALL
        SELECT 'superseded', team_id, day, {_KINDS}, 0 FROM superseded_total WHERE {_SCOPE}
        UNION ALL
        SELECT 'received', team_id, day, {_NO_KINDS}, cost_nano_usd FROM windows WHERE {_SCOPE}
        UNION ALL
        SELECT 'pending', team_id, day, {", ".join(SPEND_COLUMNS)} FROM event WHERE {_SCOPE}
        UNION ALL
        SELECT 'pending', team_id, day, {", ".join(SPEND_COLUMNS)} FROM windows WHERE {_SCOPE}
        UNION ALL
        SELECT 'pending', team_id, day, {_NEGATIVE} FROM settlement WHERE {_SCOPE}
        UNION ALL
        SELECT part, team_id, day, {", ".join(SPEND_COLUMNS)} FROM settled
    )
"""  # noqa: S608 - composed of constants
_WHOLE = f"{_LEDGER} SELECT part, {spend_sums()} FROM entry WHERE part IS NOT NULL GROUP BY part"  # noqa: S608
# By bucket, of which $5 are the first days, and by the name of the team if $6.
BY_PLACE = """
    SELECT summed.*,
           CASE WHEN $6 THEN (SELECT name FROM team WHERE team.organization_id = $1 AND team.team_id = summed.team_id)
                ELSE '' END AS team
    FROM (SELECT part, width_bucket(day, $5::date[]) AS bucket, CASE WHEN $6::boolean THEN team_id END AS team_id,
                 {sums}
          FROM entry WHERE part IS NOT NULL GROUP BY 1, 2, 3) AS summed
"""
_CUT = f"{_LEDGER} {BY_PLACE.format(sums=spend_sums())}"


NOTHING = Spend()


@dataclass(frozen=True, slots=True)
class Ledger:
    """Tokens received at intake, the five parts that they end up in, and superseded tokens besides."""

    received: Spend = NOTHING
    merged: Spend = NOTHING
    in_flight: Spend = NOTHING
    abandoned: Spend = NOTHING
    overhead: Spend = NOTHING
    pending: Spend = NOTHING
    superseded: Spend = NOTHING

    def at(self, nano_usd: Mapping[str, int]) -> "Ledger":
        """Return the same tokens with other costs by part."""
        return Ledger(
            **{name: Spend(getattr(self, name).tokens, nano_usd.get(name, 0)) for name in Ledger.__dataclass_fields__}
        )

    def plus(self, other: "Ledger") -> "Ledger":
        """Return the sum of each part."""
        names = Ledger.__dataclass_fields__
        return Ledger(**{name: getattr(self, name).plus(getattr(other, name)) for name in names})

    def minus(self, other: "Ledger") -> "Ledger":
        """Return the difference of each part."""
        names = Ledger.__dataclass_fields__
        return Ledger(**{name: getattr(self, name).minus(getattr(other, name)) for name in names})

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
    return _ledger({row["part"]: row for row in await tenant.fetch(_WHOLE, team_id, first_day, last_day)})


# The place of a bucket, from 1, and the name of a team, or an empty one for all teams.
Place: TypeAlias = tuple[int, str]


async def read_ledgers(
    tenant: Tenant, spans: Sequence[Span], *, team_id: int | None, by_team: bool
) -> dict[Place, Ledger]:
    """Read the ledgers of successive spans, of each team if `by_team`; empty ones are missing."""
    firsts = [span.first for span in spans]
    parts: dict[Place, dict[str, Mapping[str, Any]]] = {}
    for row in await tenant.fetch(_CUT, team_id, firsts[0], spans[-1].last, firsts, by_team):
        parts.setdefault((row["bucket"], row["team"]), {})[row["part"]] = row
    return {place: _ledger(rows) for place, rows in parts.items()}


def _ledger(rows: Mapping[str, Mapping[str, Any]]) -> Ledger:
    parts = {
        part: Spend(TokenCounts(*(row[kind] for kind in TOKEN_KINDS)), row["cost_nano_usd"])
        for part, row in rows.items()
    }
    return Ledger(**{name: parts.get(name, Spend()) for name in Ledger.__dataclass_fields__})
