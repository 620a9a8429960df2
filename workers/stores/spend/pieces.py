"""Reads the ledger of team-days by pull request and window dimensions, with requests and all costs, as pieces.

Pieces are rows of a temporary table; what has the same key sums up.
"""

from collections.abc import Sequence

from schema.database import Tenant
from vocabulary.spend_cuts import COUNTS, MEASURES
from vocabulary.tokens import TOKEN_KINDS
from workers.stores.spend.apportion import apportioned
from workers.stores.spend.stale import TeamDay

OF_WINDOW = ("provider", "model", "workflow", "context_tier", "prompt_template", "guardrail")
# What a bill's cost is known by.
_PRICED = ("team_id", "day", "artifact_id", "evidence", "provider", "model", "workflow")
_KEY = ("team_id", "day", "artifact_id", "evidence", *OF_WINDOW)
_KEYS = ", ".join(_KEY)
_KINDS = ", ".join(TOKEN_KINDS)
_TOTAL = " + ".join(TOKEN_KINDS)

# Row-level security keeps an expression from being searched by key, so the hours of a day are computed first.
_MAKE_DAYS = """
CREATE TEMPORARY TABLE IF NOT EXISTS stale_team_day (
    team_id bigint, day date, begins timestamptz, ends timestamptz, is_priced boolean) ON COMMIT DELETE ROWS
"""
_MAKE_PIECES = f"""
CREATE TEMPORARY TABLE IF NOT EXISTS spend_piece (
    team_id bigint, day date, artifact_id bytea, evidence text, {", ".join(f"{name} text" for name in OF_WINDOW)},
    {", ".join(f"{name} bigint" for name in MEASURES)}) ON COMMIT DELETE ROWS
"""

_DAYS = """
INSERT INTO stale_team_day
SELECT stale.team_id, stale.day, stale.day::timestamp AT TIME ZONE 'UTC',
       (stale.day + 1)::timestamp AT TIME ZONE 'UTC', priced.day IS NOT NULL
  FROM unnest($2::bigint[], $3::date[]) AS stale (team_id, day)
  LEFT JOIN reconciled_day AS priced
    ON priced.organization_id = $1 AND priced.team_id = stale.team_id AND priced.day = stale.day
"""

# The requests of a window are split over its ledger rows by tokens.
_ENTRIES = f"""(
    SELECT entry.*, CASE WHEN total = 0 THEN 1 ELSE tokens END AS weight,
           CASE WHEN total = 0 THEN entries ELSE total END AS weights
      FROM (SELECT stale.team_id, stale.day, stale.is_priced, ledger.hour, ledger.window_id, ledger.artifact_id,
                   ledger.evidence, {", ".join(f"ledger.{kind}" for kind in TOKEN_KINDS)}, ledger.cost_nano_usd,
                   {", ".join(f"coalesce(used.{name}, '') AS {name}" for name in OF_WINDOW)},
                   {", ".join(f"coalesce(used.{name}, 0) AS {name}" for name in COUNTS)},
                   {" + ".join(f"ledger.{kind}" for kind in TOKEN_KINDS)} AS tokens,
                   sum({" + ".join(f"ledger.{kind}" for kind in TOKEN_KINDS)}) OVER same AS total,
                   count(*) OVER same AS entries
              FROM stale_team_day AS stale
              JOIN attribution AS ledger
                ON ledger.organization_id = $1 AND ledger.team_id = stale.team_id AND ledger.day = stale.day
              LEFT JOIN token_window AS used
                ON used.organization_id = $1 AND used.team_id = stale.team_id AND used.hour = ledger.hour
               AND used.window_id = ledger.window_id
            WINDOW same AS (PARTITION BY stale.team_id, ledger.hour, ledger.window_id)) AS entry)
"""  # noqa: S608 - names of ours

# Days without a bill cost their list price, and nothing is billed.
_LEDGER = f"""
INSERT INTO spend_piece ({_KEYS}, {_KINDS}, list_nano_usd, effective_nano_usd, billed_nano_usd, {", ".join(COUNTS)})
SELECT {_KEYS}, {", ".join(f"sum({kind})" for kind in TOKEN_KINDS)}, sum(cost_nano_usd),
       sum(CASE WHEN is_priced THEN 0 ELSE cost_nano_usd END), 0, {", ".join(f"sum({name}_part)" for name in COUNTS)}
  FROM {apportioned(_ENTRIES, COUNTS, whole=("team_id", "hour", "window_id"), ties=("artifact_id",))} AS entry
 GROUP BY {_KEYS}
"""  # noqa: S608 - names of ours

# Windows without tokens, such as failed requests, are in no ledger row.
_IDLE = f"""
INSERT INTO spend_piece ({_KEYS}, {_KINDS}, list_nano_usd, effective_nano_usd, billed_nano_usd, {", ".join(COUNTS)})
SELECT stale.team_id, stale.day, '', 'overhead', {", ".join(OF_WINDOW)}, {", ".join("0" for _ in TOKEN_KINDS)}, 0, 0, 0,
       {", ".join(COUNTS)}
  FROM stale_team_day AS stale
  JOIN token_window AS used
    ON used.organization_id = $1 AND used.team_id = stale.team_id
   AND used.hour >= stale.begins AND used.hour < stale.ends
 WHERE {_TOTAL} = 0 AND cost_nano_usd = 0
"""  # noqa: S608 - names of ours

# What a bill charged is split over the pieces that it does not tell apart by list price, or else by tokens. A bill that
# was compared with an earlier ledger keeps its cost until it is reconciled again.
_CHARGES = f"""(
    SELECT priced.*, coalesce(listed, 1) AS weight, sum(coalesce(listed, 1)) OVER same AS weights
      FROM (SELECT cost.team_id, cost.day, cost.artifact_id, cost.evidence, cost.provider, cost.model, cost.workflow,
                   coalesce(piece.context_tier, '') AS context_tier,
                   coalesce(piece.prompt_template, '') AS prompt_template,
                   coalesce(piece.guardrail, '') AS guardrail,
                   cost.effective_nano_usd, cost.billed_nano_usd,
                   CASE WHEN sum(piece.listed) OVER known > 0 THEN piece.listed
                        WHEN sum(piece.tokens) OVER known > 0 THEN piece.tokens ELSE 1 END AS listed
              FROM (SELECT priced.* FROM stale_team_day AS stale
                      JOIN ledger_cost AS priced ON priced.organization_id = $1
                       AND priced.team_id = stale.team_id AND priced.day = stale.day
                     WHERE stale.is_priced) AS cost
              LEFT JOIN (SELECT {_KEYS}, sum(list_nano_usd) AS listed, sum({_TOTAL}) AS tokens
                           FROM spend_piece GROUP BY {_KEYS}) AS piece USING ({", ".join(_PRICED)})
            WINDOW known AS (PARTITION BY {", ".join(f"cost.{name}" for name in _PRICED)})) AS priced
    WINDOW same AS (PARTITION BY {", ".join(_PRICED)}))
"""  # noqa: S608 - names of ours
_CHARGED = ("effective_nano_usd", "billed_nano_usd")
_COSTS = f"""
INSERT INTO spend_piece ({_KEYS}, {_KINDS}, list_nano_usd, {", ".join(COUNTS)}, effective_nano_usd, billed_nano_usd)
SELECT {_KEYS}, {", ".join("0" for _ in (*TOKEN_KINDS, "list", *COUNTS))},
       {", ".join(f"{name}_part" for name in _CHARGED)}
  FROM {apportioned(_CHARGES, _CHARGED, whole=_PRICED, ties=("context_tier", "prompt_template", "guardrail"))} AS charge
"""  # noqa: S608 - names of ours


async def collect_pieces(tenant: Tenant, days: Sequence[TeamDay]) -> None:
    """Fill the temporary tables `stale_team_day` and `spend_piece` from the ledger of these days."""
    await tenant.connection.execute(_MAKE_DAYS)
    await tenant.connection.execute(_MAKE_PIECES)
    await tenant.execute(_DAYS, [each.team_id for each in days], [each.day for each in days])
    await tenant.execute(_LEDGER)
    await tenant.execute(_IDLE)
    await tenant.execute(_COSTS)
