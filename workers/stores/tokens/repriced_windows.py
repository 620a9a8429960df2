"""Windows whose prices changed: found model by model and month by month, and priced again from their sums."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from asyncpg import Record

from schema.database import Tenant, rows_as_columns
from vocabulary.basis import Basis
from vocabulary.model_keys import model_key
from vocabulary.tokens import TOKEN_KINDS, TokenCounts
from workers.prices.listed import Sold, Used
from workers.prices.units import Price, price_of_sum
from workers.stores.ledger.settlements import TeamDay
from workers.stores.tokens.contract_prices import PriceList
from workers.stores.tokens.event_prices import Priced, replace_prices

# Days per transaction, which keeps folding waiting.
SPAN = timedelta(days=31)

_CLAIM = """
SELECT note_id, model, first_day FROM stale_price WHERE organization_id = $1
 ORDER BY note_id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_GO_ON = "UPDATE stale_price SET first_day = $3 WHERE organization_id = $1 AND note_id = $2"
_END = "DELETE FROM stale_price WHERE organization_id = $1 AND note_id = $2"

_USED = (*TOKEN_KINDS, "cache_write_1h", "web_searches", "code_executions")
_OF_WINDOW = ", ".join(
    f"token_window.{name}"
    for name in ("team_id", "hour", "window_id", "provider", "model", "service_tier", "size_from", "basis")
)
_AMOUNTS = (*_USED, "requests", "cost_nano_usd", "unpriced_tokens", "piece_cost_nano_usd")

_SOLD = """
SELECT DISTINCT provider, model, service_tier FROM token_window
 WHERE organization_id = $1 AND hour >= $2 AND hour < $3
"""

_WINDOWS = f"""
SELECT {_OF_WINDOW}, {", ".join(f"token_window.{name}" for name in _AMOUNTS)}
  FROM token_window
 WHERE organization_id = $1 AND hour >= $2 AND hour < $3 AND model = ANY($4::text[]) AND basis = $5
"""  # noqa: S608 - names of ours

# What is known as sums alone is priced by origin, as it was laid into windows.
_DERIVED = f"""
SELECT {_OF_WINDOW}, laid.origin, {", ".join(f"laid.{name}" for name in _AMOUNTS)}
  FROM token_window
  JOIN derived_window AS laid
    ON laid.organization_id = $1 AND laid.team_id = token_window.team_id AND laid.hour = token_window.hour
   AND laid.window_id = token_window.window_id
 WHERE token_window.organization_id = $1 AND token_window.hour >= $2 AND token_window.hour < $3
   AND token_window.model = ANY($4::text[]) AND token_window.basis <> $5
"""  # noqa: S608 - names of ours

_ADD = """
UPDATE {table} SET cost_nano_usd = {table}.cost_nano_usd + changed.cost,
       unpriced_tokens = {table}.unpriced_tokens + changed.unpriced,
       piece_cost_nano_usd = {table}.piece_cost_nano_usd + changed.pieces
  FROM unnest($2::bigint[], $3::timestamptz[], $4::bytea[], $5::bigint[], $6::bigint[], $7::bigint[]{more_types})
       AS changed (team_id, hour, window_id, cost, unpriced, pieces{more})
 WHERE {table}.organization_id = $1 AND {table}.team_id = changed.team_id AND {table}.hour = changed.hour
   AND {table}.window_id = changed.window_id{condition}
"""
_ADD_TO_WINDOWS = _ADD.format(table="token_window", more_types="", more="", condition="")
_ADD_TO_DERIVED = _ADD.format(
    table="derived_window",
    more_types=", $8::text[]",
    more=", origin",
    condition=" AND derived_window.origin = changed.origin",
)

_KEPT_PRICES = """
SELECT DISTINCT provider, model, service_tier, begins_at FROM event_price
 WHERE organization_id = $1 AND begins_at >= $2 AND begins_at < $3 AND model = ANY($4::text[])
"""


class Note(NamedTuple):
    """A model (its key) whose windows must be priced again from a UTC day on."""

    note_id: int
    model: str
    first_day: date

    @property
    def begins(self) -> datetime:
        """Return the first instant to price again now."""
        return datetime.combine(self.first_day, time(), UTC)

    @property
    def ends(self) -> datetime:
        """Return the first instant to leave for the next transaction."""
        return self.begins + SPAN


class Repriced(NamedTuple):
    """What a window, or an origin's part of it, costs more than before, and how many tokens more have no price."""

    team_id: int
    hour: datetime
    window_id: bytes
    cost: int
    unpriced: int
    pieces: int


async def claim(tenant: Tenant) -> Note | None:
    """Claim the oldest note."""
    rows = await tenant.fetch(_CLAIM)
    return Note(**rows[0]) if rows else None


async def go_on(tenant: Tenant, note: Note, today: date) -> None:
    """Continue with the next days, or end after today."""
    following = note.ends.date()
    if following > today:
        await tenant.execute(_END, note.note_id)
    else:
        await tenant.execute(_GO_ON, note.note_id, following)


async def reprice(tenant: Tenant, note: Note, prices: PriceList) -> set[TeamDay]:
    """Price the note's windows of one span again; return the team-days that changed. Needs `lock_folding`."""
    sold = [Sold(**row) for row in await tenant.fetch(_SOLD, note.begins, note.ends)]
    names = sorted({each.model for each in sold if model_key(each.model) == note.model})
    if not names:
        return set()
    span = (note.begins, note.ends, names)
    kept = await tenant.fetch(_KEPT_PRICES, *span)
    await replace_prices(
        tenant,
        {Priced(Sold(row["provider"], row["model"], row["service_tier"]), row["begins_at"]) for row in kept},
        prices,
    )
    windows = _changed(await tenant.fetch(_WINDOWS, *span, Basis.MEASURED), prices)
    derived = _changed(await tenant.fetch(_DERIVED, *span, Basis.MEASURED), prices)
    changed = [*windows.values(), *derived.values()]
    if changed:
        await tenant.execute(_ADD_TO_WINDOWS, *rows_as_columns(_summed(changed)))
    if derived:
        rows = [(*change, origin) for (origin, *_), change in derived.items()]
        await tenant.execute(_ADD_TO_DERIVED, *rows_as_columns(rows))
    return {TeamDay(change.team_id, change.hour.astimezone(UTC).date()) for change in changed}


def _changed(rows: Iterable[Record], prices: PriceList) -> Mapping[tuple[object, ...], Repriced]:
    """Return what differs, by origin (None for measured windows) and window."""
    found: dict[tuple[object, ...], Repriced] = {}
    for row in rows:
        price = _price(row, prices)
        total = sum(row[kind] for kind in TOKEN_KINDS)
        cost, pieces = price or Price(0, 0)
        change = Repriced(
            row["team_id"],
            row["hour"],
            row["window_id"],
            cost - row["cost_nano_usd"],
            (0 if price else total) - row["unpriced_tokens"],
            pieces - row["piece_cost_nano_usd"],
        )
        if change.cost or change.unpriced or change.pieces:
            found[row.get("origin"), change.team_id, change.hour, change.window_id] = change
    return found


def _price(row: Record, prices: PriceList) -> Price | None:
    sold = Sold(row["provider"], row["model"], row["service_tier"])
    tokens = TokenCounts(*(row[kind] for kind in TOKEN_KINDS))
    used = Used(tokens, row["cache_write_1h"], row["web_searches"], row["code_executions"])
    size_from = row["size_from"] if row["basis"] == Basis.MEASURED else None
    units = prices.unit_prices(sold, row["hour"])
    return price_of_sum(used, units, requests=row["requests"], size_from=size_from)


def _summed(changes: Collection[Repriced]) -> list[Repriced]:
    """Return one change for each window."""
    found: dict[tuple[int, datetime, bytes], Repriced] = {}
    for each in changes:
        key = each.team_id, each.hour, each.window_id
        before = found.get(key, Repriced(*key, 0, 0, 0))
        found[key] = Repriced(
            *key, before.cost + each.cost, before.unpriced + each.unpriced, before.pieces + each.pieces
        )
    return sorted(found.values())
