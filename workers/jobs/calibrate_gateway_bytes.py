"""Checks gateway calibrations against requests that report both bytes and tokens, and refits them when due."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import structlog

from schema.database import Tenant
from workers.attribution.intervals import log_errors
from workers.context import WorkerContext
from workers.gateway_bytes.drift import NewError, Watch, watched
from workers.gateway_bytes.due import (
    OWN_ROWS,
    SHARED_ROWS,
    Fit,
    RequestReport,
    StoredCalibration,
    by_key,
    fit_own,
    fit_shared,
    own_due,
    own_key,
    shared_due,
)
from workers.gateway_bytes.estimate import Key, scopes_for
from workers.stores.tokens import gateway_calibrations, gateway_usage

logger = structlog.get_logger()

BATCH = 10_000
# A new calibration that changes sums by less than this fraction leaves existing estimates alone.
MATERIAL = 0.01


async def calibrate_gateway_bytes(context: WorkerContext, organization_id: int) -> bool:
    """Process up to one batch of new reports and mark the days they change; return False when there were none."""
    async with context.database.organization(organization_id) as tenant:
        await gateway_calibrations.lock(tenant)
        reported = await gateway_usage.claim_reported(tenant, BATCH)
        if not reported:
            return False
        known = await gateway_calibrations.load(tenant)
        latest = await _watch(tenant, reported, {key: kept[0] for key, kept in known.items()})
        own, shared = await _fit(tenant, reported, latest)
        samples = by_key([*reported, *own.reported, *shared.reported])
        fits = [*own.fits, *shared.fits]
        await gateway_calibrations.save(tenant, fits)
        await _mark_changes(tenant, fits, known, samples)
    return True


class _Fitted(NamedTuple):
    """New fits and the reports they are based on."""

    fits: Sequence[Fit]
    reported: Sequence[RequestReport]


async def _fit(
    tenant: Tenant, reported: Sequence[RequestReport], latest: Mapping[Key, StoredCalibration]
) -> tuple[_Fitted, _Fitted]:
    """Fit the models' own calibrations, then the shared ones, in a thread so that other jobs go on."""
    now = datetime.now(UTC)
    models = await gateway_usage.find_reported_models(tenant)
    own = own_due(reported, latest, now)
    scopes = {key.scope for key in own}
    due_models = [model for model in models if own_key(*model) in scopes]
    own_reported = await gateway_usage.load_reported(tenant, due_models, OWN_ROWS)
    fits = await asyncio.to_thread(fit_own, own_reported, own, latest)
    latest = {**latest, **{fit.key: StoredCalibration(fit.begins, now, fit.calibration, Watch()) for fit in fits}}
    shared = shared_due(reported, latest, now)
    shared_reported: list[RequestReport] = []
    if shared:
        shared_reported = await gateway_usage.load_reported(tenant, models, SHARED_ROWS)
    shared_fits = await asyncio.to_thread(fit_shared, shared_reported, shared, latest)
    return _Fitted(fits, own_reported), _Fitted(shared_fits, shared_reported)


async def _watch(
    tenant: Tenant, reported: Sequence[RequestReport], latest: Mapping[Key, StoredCalibration]
) -> dict[Key, StoredCalibration]:
    """Return the latest calibrations, with drift detection updated for each model's own."""
    after = dict(latest)
    for key, rows in by_key(reported).items():
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
            logger.warning("gateway_calibration_drifted", organization_id=tenant.organization_id, part=key.part)
        await gateway_calibrations.save_watch(tenant, key, kept, watch)
        after[key] = replace(kept, watch=watch)
    return after


async def _mark_changes(
    tenant: Tenant,
    fits: Sequence[Fit],
    known: Mapping[Key, Sequence[StoredCalibration]],
    samples: Mapping[Key, Sequence[RequestReport]],
) -> None:
    """Mark the days whose sums a new calibration changes."""
    material = {fit.key: fit for fit in fits if _is_material(fit, known.get(fit.key, ()), samples)}
    if not material:
        return
    keys = {*known, *(fit.key for fit in fits)}
    changed = []
    for provider, model, part in await gateway_usage.load_models(tenant):
        used = next((key for scope in scopes_for(provider, model) if (key := Key(scope, part)) in keys), None)
        if used in material:
            changed.append((provider, model, part, material[used].begins))
    await gateway_usage.mark_stale_days(tenant, changed)


def _is_material(fit: Fit, known: Sequence[StoredCalibration], samples: Mapping[Key, Sequence[RequestReport]]) -> bool:
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
