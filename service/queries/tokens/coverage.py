"""Coverage: tokens by evidence, basis and price, outcomes of requests, and intake lag."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from asyncpg import Record

from schema.database import Tenant
from vocabulary.basis import Basis
from vocabulary.tokens import TOKEN_KINDS

_TOTAL = " + ".join(TOKEN_KINDS)
_SCOPE = """
    organization_id = $1 AND ($2::bigint IS NULL OR team_id = $2)
    AND day >= coalesce($3::date, '-infinity') AND day <= coalesce($4::date, 'infinity')
"""

_EVIDENCE = f"""
    SELECT evidence, sum({_TOTAL})::bigint AS total FROM attribution_rollup WHERE {_SCOPE} GROUP BY evidence
"""  # noqa: S608 - composed of constants

_WINDOWS = f"""
    SELECT basis, source, model, service_tier, sum({_TOTAL})::bigint AS total, sum(unpriced_tokens)::bigint AS unpriced,
           sum(requests)::bigint AS requests, sum(failed_requests)::bigint AS failed,
           sum(timed_requests)::bigint AS timed, sum(duration_ms)::bigint AS duration_ms,
           sum(web_searches)::bigint AS web_searches, sum(code_executions)::bigint AS code_executions,
           sum(piece_cost_nano_usd)::bigint AS piece_cost_nano_usd
    FROM (SELECT *, (hour AT TIME ZONE 'UTC')::date AS day FROM token_window WHERE organization_id = $1) AS token_window
    WHERE {_SCOPE} GROUP BY basis, source, model, service_tier
"""  # noqa: S608 - composed of constants

_PIECES = ("web_searches", "code_executions", "piece_cost_nano_usd")

_LAG = f"""
    SELECT percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (
               ORDER BY extract(epoch FROM greatest(received_at - occurred_at, interval '0'))::float8) AS seconds
    FROM (SELECT *, (occurred_at AT TIME ZONE 'UTC')::date AS day FROM token_event
          WHERE organization_id = $1) AS token_event
    WHERE {_SCOPE}
"""  # noqa: S608 - composed of constants


class Lag(NamedTuple):
    """Seconds from a request to the arrival of its event."""

    median: float
    p90: float


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Outcomes of requests: `failed` of the `judged` ones, and the total duration of the `timed` ones.

    Judged are all requests of sources that report durations or failures.
    """

    requests: int = 0
    judged: int = 0
    failed: int = 0
    timed: int = 0
    duration_ms: int = 0


class Pieces(NamedTuple):
    """What is charged by piece, and its part of the cost."""

    web_searches: int
    code_executions: int
    cost_nano_usd: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Settled tokens by evidence, tokens in windows by basis, unpriced tokens, and measured requests by model.

    Unpriced tokens are by model and service tier.

    The lag is None if no raw events are stored.
    """

    by_evidence: dict[str, int]
    by_basis: dict[str, int]
    by_model: dict[str, Outcomes]
    in_windows: int
    unpriced: dict[tuple[str, str], int]
    pieces: Pieces
    lag: Lag | None


async def read_coverage(
    tenant: Tenant, *, team_id: int | None = None, first_day: date | None = None, last_day: date | None = None
) -> Coverage:
    """Read the coverage of inclusive UTC days; None means unbounded."""
    scope = (team_id, first_day, last_day)
    evidence = await tenant.fetch(_EVIDENCE, *scope)
    windows = await tenant.fetch(_WINDOWS, *scope)
    seconds = await tenant.fetchval(_LAG, *scope)
    return Coverage(
        by_evidence={row["evidence"]: row["total"] for row in evidence},
        by_basis=_by_basis(windows),
        by_model=_by_model(windows),
        in_windows=sum(row["total"] for row in windows),
        unpriced=_unpriced(windows),
        pieces=Pieces(*(sum(row[name] for row in windows) for name in _PIECES)),
        lag=None if seconds is None else Lag(*seconds),
    )


def _by_basis(windows: Iterable[Record]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for row in windows:
        totals[row["basis"]] = totals.get(row["basis"], 0) + row["total"]
    return totals


def _unpriced(windows: Iterable[Record]) -> dict[tuple[str, str], int]:
    totals: Counter[tuple[str, str]] = Counter()
    for row in windows:
        totals[row["model"], row["service_tier"]] += row["unpriced"]
    return {key: tokens for key, tokens in totals.items() if tokens}


def _by_model(windows: Iterable[Record]) -> dict[str, Outcomes]:
    """Sum outcomes by model, without derived and estimated totals, which have no requests."""
    outcomes: dict[str, Outcomes] = {}
    for row in windows:
        if row["basis"] != Basis.MEASURED:
            continue
        before = outcomes.get(row["model"], Outcomes())
        outcomes[row["model"]] = Outcomes(
            requests=before.requests + row["requests"],
            judged=before.judged + (row["requests"] if row["failed"] or row["timed"] else 0),
            failed=before.failed + row["failed"],
            timed=before.timed + row["timed"],
            duration_ms=before.duration_ms + row["duration_ms"],
        )
    return outcomes
