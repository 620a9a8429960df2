"""What the rules of alerts read: use of models by day, changes, prices, policies, and what was received."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta

import numpy as np

from schema.database import Tenant
from vocabulary.tokens import TOKEN_KINDS
from workers.alert_rules.explained import Sold
from workers.alert_rules.policies import Bought, Policies, region_of
from workers.alert_rules.use import AMOUNTS, COST, LABELS, LINKED, REQUESTS, Change, DailyUse
from workers.statistics.arrays import Real

# Thirteen weeks: the newest, the eight that it is compared with, and as many before a rise.
DAYS = 91
# Spend outside a policy is news for so many days.
BOUGHT_DAYS = 7

_TOKENS = " + ".join(TOKEN_KINDS)
_SUMS = ", ".join(f"sum({kind})::bigint AS {kind}" for kind in TOKEN_KINDS)
_IS_LINKED = "evidence IN ('artifact', 'commit', 'branch')"

_USE = f"""
SELECT team.name AS team, provider, model, prompt_template AS prompt, workflow, day, {_SUMS},
       sum(requests)::bigint AS {REQUESTS}, sum(list_nano_usd)::bigint AS {COST},
       coalesce(sum({_TOKENS}) FILTER (WHERE {_IS_LINKED}), 0)::bigint AS {LINKED}
  FROM spend_day JOIN team USING (organization_id, team_id)
 WHERE organization_id = $1 AND day > $2 AND day <= $3
 GROUP BY team.name, provider, model, prompt_template, workflow, day
"""  # noqa: S608 - names of ours

_CHANGES = """
SELECT kind, (occurred_at AT TIME ZONE 'UTC')::date AS day, team.name AS team, workflow, from_value, to_value
  FROM change LEFT JOIN team ON team.organization_id = $1 AND team.team_id = change.team_id
 WHERE change.organization_id = $1 AND occurred_at >= $2::date::timestamp AT TIME ZONE 'UTC'
   AND occurred_at < ($3::date + 1)::timestamp AT TIME ZONE 'UTC'
 ORDER BY occurred_at, change_id
"""

# Small requests in the standard tier, since the latest day.
_PRICES = f"""
SELECT sold.provider, sold.model, price.*
  FROM unnest($2::text[], $3::text[]) AS sold (provider, model)
 CROSS JOIN LATERAL (
       SELECT {", ".join(TOKEN_KINDS)} FROM event_price
        WHERE organization_id = $1 AND provider = sold.provider AND model = sold.model AND service_tier = ''
        ORDER BY begins_at DESC, from_input LIMIT 1) AS price
"""  # noqa: S608 - names of ours

_POLICIES = "SELECT team_id, dimension, value FROM spend_policy WHERE organization_id = $1"

# Regions are known of windows alone.
_BOUGHT = """
SELECT team_id, provider, model, service_tier, (min(hour) AT TIME ZONE 'UTC')::date AS first_day,
       sum(cost_nano_usd)::bigint AS nano_usd
  FROM token_window
 WHERE organization_id = $1 AND hour >= ($2::date + 1)::timestamp AT TIME ZONE 'UTC'
   AND hour < ($3::date + 1)::timestamp AT TIME ZONE 'UTC'
 GROUP BY team_id, provider, model, service_tier
"""

# What reports of providers added was not heard from agents.
_RECEIVED = f"""
WITH derived AS (
    SELECT team_id, (hour AT TIME ZONE 'UTC')::date AS day, sum({_TOKENS}) AS tokens
      FROM derived_window
     WHERE organization_id = $1 AND hour >= ($2::date + 1)::timestamp AT TIME ZONE 'UTC'
     GROUP BY 1, 2
)
SELECT total.team_id, total.day, greatest(0, {" + ".join(f"total.{kind}" for kind in TOKEN_KINDS)}
       - coalesce(derived.tokens, 0))::bigint AS tokens
  FROM intake_total AS total
  JOIN team ON team.organization_id = $1 AND team.team_id = total.team_id AND team.removed_at IS NULL
  LEFT JOIN derived ON derived.team_id = total.team_id AND derived.day = total.day
 WHERE total.organization_id = $1 AND total.day > $2 AND total.day <= $3
"""  # noqa: S608 - names of ours


async def read_teams(tenant: Tenant) -> dict[int, str]:
    """Return the name of each team."""
    return dict(await tenant.fetch("SELECT team_id, name FROM team WHERE organization_id = $1"))


async def read_use(tenant: Tenant, last_day: date, teams: Mapping[int, str]) -> DailyUse:
    """Return the use of DAYS days."""
    rows = await tenant.fetch(_USE, last_day - timedelta(days=DAYS), last_day)
    cells: dict[tuple[str, ...], int] = {}
    places = [cells.setdefault(tuple(row[name] for name in LABELS), len(cells)) for row in rows]
    columns = [DAYS - 1 - (last_day - row["day"]).days for row in rows]
    amounts = {name: np.zeros((len(cells), DAYS), dtype=np.int64) for name in AMOUNTS}
    for name, numbers in amounts.items():
        numbers[places, columns] = [row[name] for row in rows]
    ids = {name: team_id for team_id, name in teams.items()}
    return DailyUse(last_day, [dict(zip(LABELS, cell, strict=True)) for cell in cells], amounts, ids)


async def read_changes(tenant: Tenant, last_day: date) -> list[Change]:
    """Return the changes of the same days, oldest first."""
    rows = await tenant.fetch(_CHANGES, last_day - timedelta(days=DAYS), last_day)
    return [Change(*row) for row in rows]


async def read_prices(tenant: Tenant, sold: Collection[Sold]) -> dict[Sold, tuple[float, ...]]:
    """Return the price of a token by kind, for models whose prices are known."""
    rows = await tenant.fetch(_PRICES, [each.provider for each in sold], [each.model for each in sold])
    prices = {Sold(row["provider"], row["model"]): tuple(float(row[kind]) for kind in TOKEN_KINDS) for row in rows}
    return {model: kinds for model, kinds in prices.items() if all(kinds)}


async def read_policies(tenant: Tenant) -> Policies:
    """Return the policies of teams and the organization."""
    policies: dict[int, dict[str, set[str]]] = {}
    for team_id, dimension, value in await tenant.fetch(_POLICIES):
        policies.setdefault(team_id, {}).setdefault(dimension, set()).add(value)
    return policies


async def read_bought(tenant: Tenant, last_day: date) -> list[Bought]:
    """Return what was bought in the last days."""
    rows = await tenant.fetch(_BOUGHT, last_day - timedelta(days=BOUGHT_DAYS), last_day)
    return [
        Bought(team_id, provider, model, region_of(tier), first_day, nano_usd)
        for team_id, provider, model, tier, first_day, nano_usd in rows
    ]


async def read_received(tenant: Tenant, until: date) -> Mapping[int, Real]:
    """Return the tokens that agents and gateways sent of each team (id) on each of DAYS days."""
    received: dict[int, Real] = {}
    for team_id, day, tokens in await tenant.fetch(_RECEIVED, until - timedelta(days=DAYS), until):
        received.setdefault(team_id, np.zeros(DAYS))[DAYS - 1 - (until - day).days] = tokens
    return received
