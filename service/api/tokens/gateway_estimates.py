"""GET /api/v1/gateway-calibrations and /gateway-estimates: how bytes become tokens, and what came of it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from math import exp
from typing import Annotated, Any, Final, NamedTuple

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from schema.database import Database
from schema.intervals import COVERAGE
from service.api.cursors import Cursor, cut, decode_cursor
from service.api.periods import From, To, read_period
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import visible_team
from service.contracts.gateway_usage import (
    ErrorInterval,
    GatewayCalibrationList,
    GatewayCalibrationShown,
    GatewayEstimateList,
    GatewayEstimateShown,
    TokenBounds,
)
from service.queries.tokens.gateway import read_calibrations, read_estimates

# When the first calibration of everything begins, as the workers write it.
FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
DEFAULT_ROWS = 1_000
MAXIMUM_ROWS = 5_000


class EstimateCell(NamedTuple):
    """What an estimate is of."""

    day: date
    provider: str
    model: str
    counted_source: str


@get(
    "/api/v1/gateway-calibrations",
    guards=[requires("read")],
    summary="How bytes of gateways become tokens",
    tags=["figures"],
)
async def list_gateway_calibrations(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> GatewayCalibrationList:
    """Every calibration of this organization and every one that it replaced after a drift, by provider and model.

    They are fitted on requests that told their tokens, the latest while raw rows are kept. A model with fewer than 50
    of them uses its provider's, then that of all models; these need two models, and their errors are measured on
    models left out.
    """
    async with database.organization(caller.organization_id) as tenant:
        rows = await read_calibrations(tenant)
    return GatewayCalibrationList(items=[calibration_shown(row) for row in rows], next_cursor=None)


@get(
    "/api/v1/gateway-estimates",
    guards=[requires("read")],
    summary="Tokens estimated from bytes, with their interval",
    tags=["figures"],
)
async def list_gateway_estimates(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    team: FromQuery[str | None] = None,
    from_: From = None,
    to: To = None,
    cursor: Cursor = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MAXIMUM_ROWS, description="items a page")] = DEFAULT_ROWS,
) -> GatewayEstimateList:
    """Estimated tokens by UTC day and model, and the interval of each sum: this is where intervals of estimates are.

    The same tokens are in the ledger and all metrics, in windows whose basis is `estimated`. Intervals of input and
    output, of teams, and of days are added where they are summed: so a sum's is as wide as it can be, never too narrow.
    Coverage tells the estimated share of all tokens with its interval. A team's day and model that an agent or a
    provider tells, too, is counted there alone; an organization whose gateways carry other requests than its agents
    tell puts both into one layer (`/api/v1/layers`).
    """
    period = read_period(from_, to)
    after = decode_cursor(cursor, tuple[date, str, str, str]) if cursor else None
    async with database.organization(caller.organization_id) as tenant:
        team_id = await visible_team(tenant, caller, team)
        rows = await read_estimates(
            tenant, team_id=team_id, first_day=period.first, last_day=period.last, after=after, limit=limit + 1
        )
    page, next_cursor = cut(
        rows, limit, lambda row: EstimateCell(row["day"], row["provider"], row["model"], row["counted_source"])
    )
    return GatewayEstimateList(items=[estimate_shown(row) for row in page], next_cursor=next_cursor)


def calibration_shown(row: Mapping[str, Any]) -> GatewayCalibrationShown:
    """A calibration as JSON; quantiles are of the log error, the smallest sum first, which is of one request."""
    drifted = row["drifted_since"]
    return GatewayCalibrationShown(
        provider=row["provider"] or None,
        model=row["model"] or None,
        part=row["part"],
        begins_at=None if row["begins_at"] == FIRST else row["begins_at"],
        rows=row["rows"],
        tokens_per_byte=row["a_byte"],
        tokens_per_request=row["a_request"],
        largest_bytes=None if row["largest"] is None else round(row["largest"]),
        held_out_error=row["error"],
        held_out_sum_error=row["sum_error"],
        interval=ErrorInterval(low=exp(row["low"][0]), high=exp(row["high"][0]), coverage=COVERAGE),
        drift="drifted" if drifted else "steady",
        drifted_at=drifted,
        replaced=row["replaced"],
        fitted_at=row["fitted_at"],
    )


def estimate_shown(row: Mapping[str, Any]) -> GatewayEstimateShown:
    """An estimate as JSON."""
    return GatewayEstimateShown(
        day=row["day"],
        provider=row["provider"],
        model=row["model"],
        requests=row["requests"],
        input_tokens=row["input_tokens"],
        output_tokens=row["output_tokens"],
        interval=TokenBounds(low=row["low_tokens"], high=row["high_tokens"], coverage=COVERAGE),
        unestimated_requests=row["unestimated_requests"],
        unestimated_bytes=row["unestimated_bytes"],
        counted_source=row["counted_source"] or None,
    )


ROUTES = [list_gateway_calibrations, list_gateway_estimates]
