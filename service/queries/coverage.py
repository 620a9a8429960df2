"""How far the figures can be trusted: evidence, prices, how tokens are known, and how late telemetry arrives."""

from dataclasses import dataclass
from datetime import date

from schema.database import Connection
from schema.tokens import TOKEN_KINDS

_TOTAL = " + ".join(TOKEN_KINDS)
_SCOPE = """
    organization_id = $1 AND ($2::bigint IS NULL OR team_id = $2)
    AND day >= coalesce($3::date, '-infinity') AND day <= coalesce($4::date, 'infinity')
"""

_EVIDENCE = f"""
    SELECT evidence, sum({_TOTAL})::bigint AS total FROM attribution_rollup WHERE {_SCOPE} GROUP BY evidence
"""  # noqa: S608 - composed of constants

_WINDOWS = f"""
    SELECT basis, sum({_TOTAL})::bigint AS total, sum(unpriced_tokens)::bigint AS unpriced
    FROM (SELECT *, (hour AT TIME ZONE 'UTC')::date AS day FROM token_window WHERE organization_id = $1) AS token_window
    WHERE {_SCOPE} GROUP BY basis
"""  # noqa: S608 - composed of constants

_LAG = f"""
    SELECT percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (
               ORDER BY extract(epoch FROM greatest(received_at - occurred_at, interval '0'))::float8) AS seconds
    FROM (SELECT *, (occurred_at AT TIME ZONE 'UTC')::date AS day FROM token_event
          WHERE organization_id = $1) AS token_event
    WHERE {_SCOPE}
"""  # noqa: S608 - composed of constants


@dataclass(frozen=True, slots=True)
class Coverage:
    """Settled tokens by evidence, those in windows by basis and without a price, the lag in seconds (median, P90)."""

    by_evidence: dict[str, int]
    by_basis: dict[str, int]
    in_windows: int
    unpriced: int
    lag: tuple[float, float] | None


async def read_coverage(
    connection: Connection,
    organization_id: int,
    *,
    team_id: int | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
) -> Coverage:
    """Of UTC days with both ends included; None is open. The lag is known while raw events are kept."""
    scope = (organization_id, team_id, first_day, last_day)
    evidence = await connection.fetch(_EVIDENCE, *scope)
    windows = await connection.fetch(_WINDOWS, *scope)
    seconds = await connection.fetchval(_LAG, *scope)
    return Coverage(
        by_evidence={row["evidence"]: row["total"] for row in evidence},
        by_basis={row["basis"]: row["total"] for row in windows},
        in_windows=sum(row["total"] for row in windows),
        unpriced=sum(row["unpriced"] for row in windows),
        lag=None if seconds is None else (seconds[0], seconds[1]),
    )
