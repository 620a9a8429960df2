"""Stored calibrations of gateway bytes with their drift detection."""

from collections.abc import Iterable
from math import inf

from asyncpg import Record

from schema.database import Tenant, rows_as_columns
from vocabulary.gateway_parts import Part
from vocabulary.intervals import Quantiles
from workers.gateway_bytes.calibrate import Calibration
from workers.gateway_bytes.drift import Arm, Watch
from workers.gateway_bytes.due import Fit, StoredCalibration
from workers.gateway_bytes.estimate import Key, Scope
from workers.gateway_bytes.line import Line

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('gateway_calibration', $1::bigint))"

_LOAD = "SELECT * FROM gateway_calibration WHERE organization_id = $1 ORDER BY provider, model, part, begins_at DESC"

_SAVE = """
INSERT INTO gateway_calibration (
       organization_id, provider, model, part, begins_at, a_byte, a_request, largest, rows, error, sum_error,
       offset_tokens, sizes, low, high, middle, spread)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
    ON CONFLICT (organization_id, provider, model, part, begins_at) DO UPDATE SET
       a_byte = excluded.a_byte, a_request = excluded.a_request, largest = excluded.largest, rows = excluded.rows,
       error = excluded.error, sum_error = excluded.sum_error, offset_tokens = excluded.offset_tokens,
       sizes = excluded.sizes, low = excluded.low, high = excluded.high, middle = excluded.middle,
       spread = excluded.spread, recent_errors = '{}', recent_errors_since = NULL, rising = 0,
       rising_since = NULL, falling = 0, falling_since = NULL, drifted_since = NULL, fitted_at = now()
"""

_SAVE_WATCH = """
UPDATE gateway_calibration
   SET recent_errors = $6, recent_errors_since = $7, rising = $8, rising_since = $9, falling = $10,
       falling_since = $11, drifted_since = $12
 WHERE organization_id = $1 AND provider = $2 AND model = $3 AND part = $4 AND begins_at = $5
"""


async def lock(tenant: Tenant) -> None:
    """Lock the organization's calibrations until the transaction ends."""
    await tenant.execute(_LOCK)


async def load(tenant: Tenant) -> dict[Key, list[StoredCalibration]]:
    """Return all calibrations, the latest of each kind first."""
    found: dict[Key, list[StoredCalibration]] = {}
    for row in await tenant.fetch(_LOAD):
        found.setdefault(Key(Scope(row["provider"], row["model"]), Part(row["part"])), []).append(_stored(row))
    return found


async def save(tenant: Tenant, fits: Iterable[Fit]) -> None:
    """Save calibrations, replacing those that begin at the same time; drift detection restarts."""
    for (scope, part), begins, fitted in fits:
        line = fitted.line
        sizes, low, high = rows_as_columns(list(fitted.quantiles))
        await tenant.execute(
            _SAVE,
            *(scope.provider, scope.model, part, begins),
            *(line.a_byte, line.a_request, None if line.largest == inf else line.largest),
            *(fitted.rows, fitted.error, fitted.sum_error, fitted.offset),
            *(sizes, low, high, fitted.middle, fitted.spread),
        )


async def save_watch(tenant: Tenant, key: Key, stored: StoredCalibration, watch: Watch) -> None:
    """Save the state of a calibration's drift detection."""
    await tenant.execute(
        _SAVE_WATCH,
        *(key.scope.provider, key.scope.model, key.part, stored.begins),
        *(list(watch.recent_errors), watch.recent_errors_since),
        *(watch.rising.height, watch.rising.since, watch.falling.height, watch.falling.since, watch.drifted_since),
    )


def _stored(row: Record) -> StoredCalibration:
    return StoredCalibration(
        begins=row["begins_at"],
        fitted_at=row["fitted_at"],
        calibration=Calibration(
            line=Line(row["a_byte"], row["a_request"], inf if row["largest"] is None else row["largest"]),
            rows=row["rows"],
            error=row["error"],
            sum_error=row["sum_error"],
            offset=row["offset_tokens"],
            quantiles=tuple(map(Quantiles, row["sizes"], row["low"], row["high"])),
            middle=row["middle"],
            spread=row["spread"],
        ),
        watch=Watch(
            recent_errors=tuple(row["recent_errors"]),
            recent_errors_since=row["recent_errors_since"],
            rising=Arm(row["rising"], row["rising_since"]),
            falling=Arm(row["falling"], row["falling_since"]),
            drifted_since=row["drifted_since"],
        ),
    )
