"""Turns bytes of gateways into estimated tokens: calibrates on requests that tell theirs, watches for drift, estimates.

A transaction for what new requests tell, and one for each day whose bytes or calibrations have changed.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import structlog

from schema.basis import Basis
from schema.database import Connection
from schema.layer_policies import read_policy
from schema.queue import Job
from schema.stale_days import lock_folding
from schema.tokens import TokenCounts
from workers.attribution.derived import DerivedTokens
from workers.attribution.intervals import log_errors
from workers.attribution.windows import Dimensions
from workers.context import WorkerContext
from workers.gateway_bytes.drift import NewError, Watch, watched
from workers.gateway_bytes.due import Fit, Kept, Told, by_key, fit_own, fit_shared
from workers.gateway_bytes.estimate import (
    Bytes,
    Calibrations,
    Epoch,
    Estimate,
    Key,
    estimate_days,
    estimate_hours,
    scopes_for,
)
from workers.gateway_bytes.precedence import GATEWAY, better_source
from workers.stores import derived_tokens, gateway_calibrations, gateway_usage
from workers.stores.settlements import TeamDay

logger = structlog.get_logger()

ORIGIN = GATEWAY
# Stands for the source that counts where the organization says that its gateways do not.
NO_SOURCE = "none"
BATCH = 10_000
# A calibration that changes sums by less leaves what was estimated as it is.
MATERIAL = 0.01


async def estimate_gateway_tokens(context: WorkerContext, organization_id: int) -> None:
    """Work until nothing waits; settlements are woken after each day whose tokens changed."""
    await context.queue.begun(Job.ESTIMATE_GATEWAY_TOKENS, organization_id)
    while await _learn(context, organization_id):
        pass
    while (days := await _estimate_day(context, organization_id)) is not None:
        if days:
            await context.queue.wake(Job.SETTLE_DAYS, organization_id)


async def _learn(context: WorkerContext, organization_id: int) -> bool:
    """What new requests tell of calibrations; False when there was none."""
    async with context.database.organization(organization_id) as connection:
        await gateway_calibrations.lock(connection, organization_id)
        told = await gateway_usage.claim_told(connection, organization_id, BATCH)
        if not told:
            return False
        known = await gateway_calibrations.load(connection, organization_id)
        latest = await _watch(connection, organization_id, told, {key: kept[0] for key, kept in known.items()})
        all_told = await gateway_usage.load_told(connection, organization_id)
        now = datetime.now(UTC)
        # In a thread, so that a few thousand requests do not stop the worker's other jobs.
        own = await asyncio.to_thread(fit_own, all_told, latest, now)
        fitted = {fit.key: Kept(fit.begins, now, fit.calibration, Watch()) for fit in own}
        shared = await asyncio.to_thread(fit_shared, all_told, latest | fitted, now)
        fits = [*own, *shared]
        await gateway_calibrations.save(connection, organization_id, fits)
        await _note_changes(connection, organization_id, fits, known, all_told)
    return True


async def _watch(
    connection: Connection, organization_id: int, told: Sequence[Told], latest: Mapping[Key, Kept]
) -> dict[Key, Kept]:
    """The latest calibrations, with the watch over each model's own brought up to date."""
    after = dict(latest)
    for key, rows in by_key(told).items():
        kept = latest.get(key)
        new = [row for row in rows if kept is not None and row.at >= kept.begins]
        if kept is None or not new:
            continue
        known = kept.calibration
        sizes = np.array([row.size for row in new], dtype=np.float64)
        tokens = np.array([row.tokens for row in new], dtype=np.float64)
        errors = log_errors(tokens, known.line.tokens(sizes), known.offset)
        steps = [NewError(row.at, float(error)) for row, error in zip(new, errors, strict=True)]
        watch = watched(kept.watch, steps, known.middle, known.spread)
        if watch.drifted_since is not None and kept.watch.drifted_since is None:
            logger.warning("gateway_calibration_drifted", organization_id=organization_id, part=key.part)
        await gateway_calibrations.save_watch(connection, organization_id, key, kept, watch)
        after[key] = replace(kept, watch=watch)
    return after


async def _note_changes(
    connection: Connection,
    organization_id: int,
    fits: Sequence[Fit],
    known: Mapping[Key, Sequence[Kept]],
    told: Sequence[Told],
) -> None:
    """Have days estimated again whose sums a new calibration changes."""
    samples = by_key(told)
    material = {fit.key: fit for fit in fits if _is_material(fit, known.get(fit.key, ()), samples)}
    if not material:
        return
    keys = {*known, *(fit.key for fit in fits)}
    changed = []
    for provider, model, part in await gateway_usage.load_models(connection, organization_id):
        used = next((key for scope in scopes_for(provider, model) if (key := Key(scope, part)) in keys), None)
        if used in material:
            changed.append((provider, model, part, material[used].begins))
    await gateway_usage.note_days(connection, organization_id, changed)


def _is_material(fit: Fit, known: Sequence[Kept], samples: Mapping[Key, Sequence[Told]]) -> bool:
    replaced = next((kept for kept in known if kept.begins == fit.begins), None)
    if replaced is None:
        return True
    scope, part = fit.key
    rows = [
        row
        for key, each in samples.items()
        if key.part is part and scope in scopes_for(key.scope.provider, key.scope.model)
        for row in each
    ]
    sizes = np.array([row.size for row in rows], dtype=np.float64)
    before, after = replaced.calibration.line.tokens(sizes).sum(), fit.calibration.line.tokens(sizes).sum()
    return bool(abs(after - before) > MATERIAL * before)


async def _estimate_day(context: WorkerContext, organization_id: int) -> set[TeamDay] | None:
    """The team-days whose tokens changed, None when no day waited."""
    async with context.database.organization(organization_id) as connection:
        # The lock that laying tokens into windows takes, so that no two workers estimate the same day.
        await lock_folding(connection, organization_id)
        day = await gateway_usage.take_day(connection, organization_id)
        if day is None:
            return None
        known = await gateway_calibrations.load(connection, organization_id)
        calibrations = {key: [Epoch(kept.begins, kept.calibration) for kept in each] for key, each in known.items()}
        teams = await gateway_usage.load_hours(connection, organization_id, day)
        estimates: dict[tuple[int, str, str], Estimate] = {}
        tokens: list[DerivedTokens] = []
        policy = await read_policy(connection, organization_id)
        elsewhere = await gateway_usage.load_told_elsewhere(connection, organization_id, day)
        for team_id, sums in teams.items():
            of_team = estimate_days(sums, calibrations)
            for (provider, model), estimate in of_team.items():
                is_counted = policy.counts(GATEWAY, team_id)
                estimate.counted_source = better_source(elsewhere, team_id, model, policy) if is_counted else NO_SOURCE
                estimates[team_id, provider, model] = estimate
            counting = [row for row in sums if not of_team[row.provider, row.model].counted_source]
            tokens += _tokens(team_id, counting, calibrations)
        await gateway_usage.save_estimates(connection, organization_id, day, estimates)
        span = gateway_usage.day_span(day)
        return await derived_tokens.replace(connection, organization_id, ORIGIN, span, tokens)


def _tokens(team_id: int, sums: Sequence[Bytes], calibrations: Calibrations) -> list[DerivedTokens]:
    """What is laid into windows: a request that no calibration reaches is not."""
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
