"""The ledger of a period: tokens received, and where every token is now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import TypeAlias

from schema.database import Tenant, rows_as_columns
from service.contracts.reconciliation import CostKind
from service.queries.ledger.received import RECEIVED, RECEIVED_BY_DAY, RECEIVED_BY_TEAM, UNSUMMED_KINDS
from service.queries.ledger.settled import runs_of_spans, settled
from service.queries.ledger.spend import SPEND_COLUMNS, Spend
from service.queries.spend.runs import Span
from vocabulary.tokens import TOKEN_KINDS, TokenCounts

_COLUMNS = ", ".join(SPEND_COLUMNS)
_SUMS = ", ".join(f"whole_sum({column}) AS {column}" for column in SPEND_COLUMNS)
_KINDS = ", ".join(TOKEN_KINDS)
_NO_KINDS = ", ".join(f"0 AS {kind}" for kind in TOKEN_KINDS)
_SCOPE = """
    organization_id = $1 AND ($2::bigint IS NULL OR team_id = $2)
    AND day >= coalesce($3::date, '-infinity') AND day <= coalesce($4::date, 'infinity')
"""

# A single statement reads one snapshot, so no token is counted twice or missed while workers move it. Each part has its
# own tables: intake totals, waiting events, windows minus what was settled, and the settled ledger. Only days that wait
# have windows beyond what was settled. What was received costs what its parts cost.
_ENTRIES = f"""
    settled_sum AS MATERIALIZED (
        SELECT part, bucket, team_id, {_SUMS} FROM settled GROUP BY 1, 2, 3
    ), event AS (
        SELECT team_id, (occurred_at AT TIME ZONE 'UTC')::date AS day, {_KINDS}, 0 AS cost_nano_usd, organization_id
        FROM token_event
        WHERE organization_id = $1
          AND (batch_id, received_at) IN (SELECT batch_id, received_at FROM intake_batch
                                          WHERE organization_id = $1 AND state <> 'processed')
    ), unsettled AS MATERIALIZED (
        SELECT team_id, day, day::timestamp AT TIME ZONE 'UTC' AS begins,
               (day + 1)::timestamp AT TIME ZONE 'UTC' AS ends, {_COLUMNS}
        FROM settlement WHERE state <> 'processed' AND {_SCOPE}
    ), pending AS (
        SELECT unsettled.team_id, unsettled.day, {", ".join(f"used.{kind}" for kind in TOKEN_KINDS)},
               used.cost_nano_usd * {{pending}} AS cost_nano_usd
        FROM unsettled
        JOIN token_window AS used ON used.organization_id = $1 AND used.team_id = unsettled.team_id
         AND used.hour >= unsettled.begins AND used.hour < unsettled.ends
        UNION ALL
        SELECT team_id, day, {", ".join(f"-{kind}" for kind in TOKEN_KINDS)}, -cost_nano_usd * {{pending}}
        FROM unsettled
    ), of_day AS (
        SELECT 'received' AS part, team_id, day, {_KINDS}, 0 AS cost_nano_usd FROM {{received}}
        UNION ALL
        SELECT 'superseded', team_id, day, {_KINDS}, 0 FROM superseded_total WHERE {_SCOPE}
        UNION ALL
        SELECT 'received', team_id, day, {_NO_KINDS}, cost_nano_usd FROM pending
        UNION ALL
        SELECT 'pending', team_id, day, {_COLUMNS} FROM pending
        UNION ALL
        SELECT 'pending', team_id, day, {_COLUMNS} FROM event WHERE {_SCOPE}
    ), entry AS (
        SELECT part, width_bucket(day, $5::date[]) AS bucket, team_id, {_COLUMNS} FROM of_day
        {{received_sums}}
        UNION ALL
        SELECT part, bucket, team_id, {_COLUMNS} FROM settled_sum
        UNION ALL
        SELECT 'received', bucket, team_id, {_NO_KINDS}, cost_nano_usd FROM settled_sum
    )
"""  # noqa: S608 - composed of constants


class Teams(Enum):
    """Whose ledger is read: all teams together, a single one, or each."""

    TOGETHER = 0
    ONE = 1
    EACH = 2


_IN_DAYS = "day >= coalesce($3::date, '-infinity') AND day <= coalesce($4::date, 'infinity')"
_RECEIVED = {
    Teams.ONE: f"{RECEIVED} AS received WHERE {_SCOPE}",
    Teams.EACH: f"{UNSUMMED_KINDS} AS received WHERE {_IN_DAYS}",
    Teams.TOGETHER: f"""
        (SELECT NULL::bigint AS team_id, received.* FROM {RECEIVED_BY_DAY} AS received) AS received WHERE {_IN_DAYS}
    """,  # noqa: S608 - composed of constants
}
# By the name of the team if $6.
_SUMMED = f"""
    , named AS MATERIALIZED (
        SELECT team_id, name FROM team WHERE organization_id = $1 AND $6
    )
    SELECT part, bucket, coalesce(named.name, '') AS team, {_COLUMNS}
    FROM (SELECT part, bucket, CASE WHEN $6::boolean THEN team_id END AS team_id, {_SUMS}
          FROM entry WHERE part IS NOT NULL GROUP BY 1, 2, 3
          HAVING {" OR ".join(f"whole_sum({column}) <> 0" for column in SPEND_COLUMNS)}) AS summed
    LEFT JOIN named ON named.team_id = summed.team_id
"""  # noqa: S608 - composed of constants


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


# The place of a bucket, from 1, and the name of a team, or an empty one for all teams.
Place: TypeAlias = tuple[int, str]


async def read_ledger(
    tenant: Tenant,
    *,
    team_id: int | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
    cost_kind: CostKind = "list",
) -> Ledger:
    """Read the ledger of an organization or a team; UTC days are inclusive, None means unbounded."""
    span = Span(first_day or date.min, last_day or date.max)
    found = await read_ledgers(tenant, [span], team_id=team_id, by_team=False, cost_kind=cost_kind)
    return found.get((1, ""), Ledger())


async def read_ledgers(
    tenant: Tenant, spans: Sequence[Span], *, team_id: int | None, by_team: bool, cost_kind: CostKind
) -> dict[Place, Ledger]:
    """Read the ledgers of successive spans, of each team if `by_team`; empty ones are missing."""
    firsts = [span.first for span in spans]
    has_teams = by_team or team_id is not None
    teams = Teams.ONE if team_id is not None else Teams.EACH if by_team else Teams.TOGETHER
    scope = (team_id, firsts[0], spans[-1].last, firsts, by_team)
    runs = rows_as_columns(runs_of_spans(spans, has_teams=has_teams))
    parts: dict[Place, dict[str, Spend]] = {}
    # A plan for any period takes four times as long as one for this period, with the time to plan it. The planner takes
    # most intake totals for unsummed, and would read all of them; without sequential scans it seems worth compiling.
    async with tenant.planner(plan_cache_mode="force_custom_plan", enable_seqscan="off", jit="off"):
        rows = await tenant.fetch(_ledgers(cost_kind, teams), *scope, *runs)
    for part, bucket, team, *kinds, nano_usd in rows:
        parts.setdefault((bucket, team), {})[part] = Spend(TokenCounts._make(kinds), nano_usd)
    return {place: Ledger(**found) for place, found in parts.items()}


@cache
def _ledgers(kind: CostKind, teams: Teams) -> str:
    """Return the statement. What is not settled yet costs its list price, and is not billed."""
    sums = f"UNION ALL SELECT 'received', bucket, team_id, {_KINDS}, 0 FROM {RECEIVED_BY_TEAM} AS received"  # noqa: S608
    entries = _ENTRIES.format(
        received=_RECEIVED[teams], received_sums=sums if teams is Teams.EACH else "", pending=int(kind != "billed")
    )
    return f"WITH {settled(kind, has_teams=teams is not Teams.TOGETHER)}, {entries} {_SUMMED}"
