"""GET /api/v1/gateway-calibrations and /api/v1/gateway-estimates: tokens estimated from a gateway's bytes."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from math import exp
from typing import Annotated, Any, Final, NamedTuple

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from schema.database import Database
from schema.settings import Settings
from service.api.cursors import Cursor, cut, read_cursor
from service.api.parameters import TeamName
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
from service.queries.spend.withheld import why_withheld
from service.queries.teams.comparisons import thresholds_of
from service.queries.tokens.gateway import read_calibrations, read_estimates
from vocabulary.intervals import COVERAGE

# `begins_at` of a first calibration, as written by workers.
FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
DEFAULT_ROWS = 1_000
MAXIMUM_ROWS = 5_000


class EstimateCell(NamedTuple):
    """The key of an estimate."""

    day: date
    provider: str
    model: str
    counted_source: str


@get(
    "/api/v1/gateway-calibrations",
    guards=[requires("read")],
    summary="List calibrations of gateway bytes",
    tags=["figures"],
)
async def list_gateway_calibrations(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> GatewayCalibrationList:
    """List how bytes become tokens, by provider and model, including calibrations that were replaced after a drift.

    Calibrations are fitted on recent requests with known tokens. A model with fewer than 50 of them uses the
    calibration of its provider, or else of all models. These need at least two models, and their errors are measured on
    models that were left out of the fit.
    """
    async with database.organization(caller.organization_id) as tenant:
        rows = await read_calibrations(tenant)
    return GatewayCalibrationList(items=[calibration_shown(row) for row in rows], next_cursor=None)


@get(
    "/api/v1/gateway-estimates",
    guards=[requires("read")],
    summary="List tokens estimated from bytes",
    tags=["figures"],
)
async def list_gateway_estimates(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    team: TeamName = None,
    from_: From = None,
    to: To = None,
    cursor: Cursor = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MAXIMUM_ROWS, description="Items per page")] = DEFAULT_ROWS,
) -> GatewayEstimateList:
    """List estimated tokens by UTC day and model, with the interval of each sum.

    The ledger and all metrics include these tokens, with the basis `estimated`; `/api/v1/coverage` shows their share.
    Intervals of input and output, of teams and of days are added up, so the interval of a sum may be too wide but is
    never too narrow. If an agent or a provider also reports a team's tokens of a day and model, only that report
    counts. If your gateways carry other requests than your agents report, put both into one layer (`/api/v1/layers`).
    The estimates of one small team beside others are withheld.
    """
    period = read_period(from_, to)
    after = read_cursor(cursor, tuple[date, str, str, str])
    async with database.organization(caller.organization_id) as tenant:
        team_id = await visible_team(tenant, caller, team)
        reason = None if team_id is None else await why_withheld(tenant, team_id, thresholds_of(settings))
        if reason is not None:
            return GatewayEstimateList(items=[], next_cursor=None, withheld_reason=reason)
        rows = await read_estimates(
            tenant, team_id=team_id, first_day=period.first, last_day=period.last, after=after, limit=limit + 1
        )
    page, next_cursor = cut(
        rows, limit, lambda row: EstimateCell(row["day"], row["provider"], row["model"], row["counted_source"])
    )
    return GatewayEstimateList(items=[estimate_shown(row) for row in page], next_cursor=next_cursor)


def calibration_shown(row: Mapping[str, Any]) -> GatewayCalibrationShown:
    """Convert a calibration to the API's contract; its first quantiles are those of one request's log error."""
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
    """Convert an estimate to the API's contract."""
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
