"""Estimates tokens from gateway bytes: calibrates on requests that report both, watches for drift, estimates.

One transaction for each batch of new reports, and one for each team and day whose bytes or calibrations changed.
"""

from collections.abc import Sequence

import asyncpg
import structlog

from schema.database import Tenant
from schema.layer_policies import read_policy
from schema.queue import Job
from vocabulary.basis import Basis
from vocabulary.tokens import TokenCounts
from workers.attribution.derived import DerivedTokens
from workers.attribution.windows import Dimensions
from workers.context import WorkerContext
from workers.gateway_bytes.estimate import (
    Bytes,
    Calibrations,
    Epoch,
    Estimate,
    estimate_days,
    estimate_hours,
)
from workers.gateway_bytes.precedence import GATEWAY, better_source
from workers.jobs.calibrate_gateway_bytes import calibrate_gateway_bytes
from workers.stores.ledger.invalidate_days import lock_folding
from workers.stores.ledger.settlements import TeamDay
from workers.stores.tokens import derived_tokens, gateway_calibrations, gateway_usage
from workers.stores.tokens.gateway_usage import StaleDay

logger = structlog.get_logger()

ORIGIN = GATEWAY
# Marks estimates that are not counted because the organization's policy excludes gateways.
NO_SOURCE = "none"


async def estimate_gateway_tokens(context: WorkerContext, organization_id: int) -> None:
    """Work until nothing is waiting. Wake settlement after each day whose tokens changed."""
    await context.queue.begun(Job.ESTIMATE_GATEWAY_TOKENS, organization_id)
    while await calibrate_gateway_bytes(context, organization_id):
        pass
    while (days := await _estimate_next(context, organization_id)) is not None:
        if days:
            await context.queue.wake(Job.SETTLE_DAYS, organization_id)


async def _estimate_next(context: WorkerContext, organization_id: int) -> set[TeamDay] | None:
    """Return the team-days whose tokens changed, None when no day was due. A day that overflows blocks no other."""
    async with context.database.organization(organization_id) as tenant:
        # The lock of every writer of windows, so that no two workers estimate the same day.
        await lock_folding(tenant)
        stale = await gateway_usage.take_day(tenant, context.settings.estimate_pause)
        if stale is None:
            return None
        try:
            async with tenant.transaction():
                return await _estimate_day(tenant, stale)
        except asyncpg.DataError as error:
            failure = type(error).__name__
            logger.error(  # noqa: TRY400 - a traceback would carry the error's text
                "gateway_day_not_estimated", organization_id=organization_id, day=str(stale.day), error=failure
            )
            return set()


async def _estimate_day(tenant: Tenant, stale: StaleDay) -> set[TeamDay]:
    known = await gateway_calibrations.load(tenant)
    calibrations = {key: [Epoch(kept.begins, kept.calibration) for kept in each] for key, each in known.items()}
    teams = await gateway_usage.load_hours(tenant, stale)
    estimates: dict[tuple[int, str, str], Estimate] = {}
    tokens: list[DerivedTokens] = []
    policy = await read_policy(tenant)
    elsewhere = await gateway_usage.load_reported_elsewhere(tenant, stale)
    for team_id, sums in teams.items():
        of_team = estimate_days(sums, calibrations)
        for (provider, model), estimate in of_team.items():
            is_counted = policy.counts(GATEWAY, team_id)
            estimate.counted_source = better_source(elsewhere, team_id, model, policy) if is_counted else NO_SOURCE
            estimates[team_id, provider, model] = estimate
        counting = [row for row in sums if not of_team[row.provider, row.model].counted_source]
        tokens += _tokens(team_id, counting, calibrations)
    await gateway_usage.save_estimates(tenant, stale, estimates)
    span = gateway_usage.day_span(stale.day)
    return await derived_tokens.replace(tenant, ORIGIN, span, tokens, stale.team_id)


def _tokens(team_id: int, sums: Sequence[Bytes], calibrations: Calibrations) -> list[DerivedTokens]:
    """Return the tokens to add to windows; requests without a calibration are left out."""
    return [
        DerivedTokens(
            team_id=team_id,
            hour=hour.hour,
            dimensions=Dimensions(GATEWAY, hour.provider, hour.model, "", "", ""),
            basis=Basis.ESTIMATED,
            tokens=TokenCounts(input_uncached=estimate.input_tokens, output_visible=estimate.output_tokens),
            requests=estimate.counted_requests,
        )
        for hour, estimate in estimate_hours(sums, calibrations).items()
    ]
