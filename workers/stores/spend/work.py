"""Replaces what team-days spent by pull request and model, and finds what changed by it."""

from schema.database import Tenant
from vocabulary.spend_cuts import MEASURES, OF_MODELS, cut_name
from vocabulary.tokens import TOKEN_KINDS

_KEYS = "team_id, day, artifact_id, provider, model"
_SUMMED = (*MEASURES, "linked_tokens")
_AMOUNTS = ", ".join(_SUMMED)
_SUMS = ", ".join(f"sum({name})::bigint AS {name}" for name in _SUMMED)

_MAKE = f"""
CREATE TEMPORARY TABLE IF NOT EXISTS {{table}} (
    team_id bigint, day date, artifact_id bytea, provider text, model text,
    {", ".join(f"{name} bigint" for name in _SUMMED)}) ON COMMIT DELETE ROWS
"""

_FIND = f"""
INSERT INTO work_found ({_KEYS}, {_AMOUNTS})
SELECT {_KEYS}, {", ".join(f"sum({name})" for name in MEASURES)},
       coalesce(sum({" + ".join(TOKEN_KINDS)}) FILTER (WHERE evidence IN ('artifact', 'commit', 'branch')), 0)
  FROM spend_piece GROUP BY {_KEYS}
"""  # noqa: S608 - names of ours

_COMPARE = f"""
INSERT INTO work_change ({_KEYS}, {_AMOUNTS})
SELECT {_KEYS}, {_SUMS}
  FROM (SELECT {_KEYS}, {_AMOUNTS} FROM work_found
         UNION ALL
        SELECT {_KEYS}, {", ".join(f"-{name}" for name in _SUMMED)}
          FROM stale_team_day AS stale JOIN spend_work AS known USING (team_id, day)
         WHERE known.organization_id = $1) AS entry
 GROUP BY {_KEYS}
HAVING {" OR ".join(f"sum({name}) <> 0" for name in _SUMMED)}
"""  # noqa: S608 - names of ours

_DELETE = """
DELETE FROM spend_work AS known USING stale_team_day AS stale
 WHERE known.organization_id = $1 AND known.team_id = stale.team_id AND known.day = stale.day
"""

_INSERT = f"""
INSERT INTO spend_work (organization_id, {_KEYS}, {_AMOUNTS}) SELECT $1::bigint, {_KEYS}, {_AMOUNTS} FROM work_found
"""  # noqa: S608 - names of ours


# For one provider, all teams of a period stand together.
def models_of(work: str) -> str:
    """Return SQL for the sums of rows with the columns of `spend_work` by team and model, by the key of `spend_cut`."""
    return f"""
SELECT '{cut_name(OF_MODELS)}' AS cut, provider AS owner, grain, period, team_id::text AS first, model AS second,
       {", ".join(f"sum({name})::bigint AS {name}" for name in MEASURES)}
  FROM {work}
 CROSS JOIN LATERAL (VALUES ('day', day), ('week', date_trunc('week', day::timestamp)::date),
                            ('month', date_trunc('month', day::timestamp)::date)) AS span (grain, period)
 GROUP BY provider, grain, period, team_id, model
HAVING {" OR ".join(f"sum({name}) <> 0" for name in MEASURES)}
"""  # noqa: S608 - names of ours


async def make_tables(tenant: Tenant) -> None:
    """Make the temporary tables `work_found` and `work_change`, which are emptied at the end of a transaction."""
    for table in ("work_found", "work_change"):
        await tenant.connection.execute(_MAKE.format(table=table))


async def replace_work(tenant: Tenant) -> None:
    """Replace the work of `stale_team_day` by `spend_piece`; the difference is in `work_change`."""
    await make_tables(tenant)
    await tenant.connection.execute(_FIND)
    await tenant.execute(_COMPARE)
    await tenant.execute(_DELETE)
    await tenant.execute(_INSERT)
