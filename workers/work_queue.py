"""The life cycle of a queued row: due, claimed, completed, deferred, backed off, given up.

Each kind of row configures one `WorkQueue`. The sweep and the claim use the same condition. A claimed row stays locked
until the transaction ends or, with a lease, belongs to its worker until the lease expires. A row that is given up is a
dead letter until an operator replays it.
"""

# ruff: noqa: S608 - statements contain queue configuration, never input
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from asyncpg import Record

from schema.database import Tenant, rows_as_columns
from schema.settings import Settings
from schema.work_rows import ROWS, WorkKind, WorkRows

Key: TypeAlias = tuple[Any, ...]

IS_OPEN = "{table}.state = 'waiting'"
WAITING = f"{IS_OPEN} AND {{table}}.next_attempt_at <= now()"

# Limits the exponent, so that the backoff stays a finite number.
_DOUBLINGS = 20


@dataclass(frozen=True, slots=True)
class Retry:
    """Exponential backoff: `base`, doubled after each failed attempt, at most `longest`.

    Each pause varies by up to the fraction `jitter`, so that rows do not retry all at once. Pauses that protect a forge
    or provider must be exact, so they have no jitter. A row is given up after `limit` attempts; without a limit, never.
    """

    base: timedelta
    limit: int | None = None
    longest: timedelta = timedelta(days=1)
    jitter: float = 0.0

    @classmethod
    def of(cls, settings: Settings) -> "Retry":
        """Return the configured backoff for work that is eventually given up."""
        return cls(settings.retry_base, settings.retry_limit, jitter=0.25)

    def draw(self) -> float:
        """Return a random factor for one pause."""
        return random.uniform(1 - self.jitter, 1 + self.jitter)  # noqa: S311 - spreads load, not a secret


def after(pause: str) -> str:
    """Return SQL for `now()` plus a pause, in a form that Citus accepts beside columns, unlike `now() + …`."""
    return f"(now() AT TIME ZONE 'UTC' + {pause}) AT TIME ZONE 'UTC'"


@dataclass(frozen=True, slots=True)
class WorkQueue:
    """The queue of one kind of row.

    `due` is the condition for a claim, over the kind's table and the tables in `joins`. Both may contain the
    placeholders `{organization}`, `{table}` and each name in `parameters`. With `lock`, claims of one organization run
    one after another. With `lease`, a claimed row belongs to its worker until `lease_column`; if that column is
    `leased_until`, an organization has at most one claim at a time. Failures are recorded only while `is_open` holds.
    `on_lease`, `on_failure` and `on_end` are additional assignments. With `is_given_up` false, rows are retried
    forever.
    """

    kind: WorkKind
    order: str
    due: str = WAITING
    joins: str = ""
    parameters: tuple[str, ...] = ()
    lock: str | None = None
    lease: timedelta | None = None
    lease_column: str = "next_attempt_at"
    is_open: str = IS_OPEN
    on_lease: str = ""
    on_failure: str = ""
    on_end: str = ""
    is_given_up: bool = True
    rows: WorkRows = field(init=False)

    def __post_init__(self) -> None:
        """Look up the table of the kind."""
        object.__setattr__(self, "rows", ROWS[self.kind])

    def due_rows(self, columns: str, *, organization: str = "$1", more: str = "", **parameters: str) -> str:
        """Return SQL that selects the rows that may be claimed now."""
        table = self.rows.table
        names = {"organization": organization, "table": table, **parameters}
        condition = f"{table}.organization_id = {organization} AND {self.due.format(**names)}"
        if self.lease_column == "leased_until":
            condition += (
                f" AND NOT EXISTS (SELECT 1 FROM {table} AS taken WHERE taken.organization_id = {organization}"
                " AND taken.state = 'waiting' AND taken.leased_until > now())"
            )
        return f"SELECT {columns} FROM {table} {self.joins.format(**names)} {more} WHERE {condition}"

    async def claim(
        self,
        tenant: Tenant,
        columns: str,
        *,
        limit: int | None,
        more: str = "",
        also: str = "true",
        arguments: Sequence[object] = (),
    ) -> list[Record]:
        """Claim due rows in the queue's order, locked until the transaction ends.

        `more` joins tables that only `columns` need. `also` is an additional condition. `arguments` start at `$2`:
        first the queue's own parameters, then those of `also`.
        """
        if self.lock is not None:
            await tenant.execute("SELECT pg_advisory_xact_lock(hashtextextended($2, $1::bigint))", self.lock)
        found = self._ordered(columns, limit, also, more)
        return await tenant.fetch(f"{found} FOR UPDATE OF {self.rows.table} SKIP LOCKED", *arguments)

    async def peek(
        self, tenant: Tenant, columns: str, *, limit: int, also: str = "true", arguments: Sequence[object] = ()
    ) -> list[Record]:
        """Return the rows that `claim` would return next, without locking them."""
        return await tenant.fetch(self._ordered(columns, limit, also), *arguments)

    def _ordered(self, columns: str, limit: int | None, also: str, more: str = "") -> str:
        parameters = {name: f"${place}::interval" for place, name in enumerate(self.parameters, 2)}
        limited = "" if limit is None else f" LIMIT {limit}"
        return f"{self.due_rows(columns, more=more, **parameters)} AND {also} ORDER BY {self.order}{limited}"

    async def hold(self, tenant: Tenant, keys: Sequence[Key]) -> None:
        """Start or extend the lease of claimed rows."""
        assert self.lease is not None, "without a lease, rows are locked until the transaction ends"
        sets = f"{self.lease_column} = now() + {self._argument(0)}::interval{self.on_lease and ', '}{self.on_lease}"
        await self.run(tenant, self.updating(sets), keys, self.lease)

    async def complete(self, tenant: Tenant, keys: Sequence[Key]) -> None:
        """Mark rows as processed."""
        await self.run(tenant, self.completing("state = 'processed'"), keys)

    async def defer(
        self, tenant: Tenant, keys: Sequence[Key], until: datetime, failure: str, *, is_attempt: bool = False
    ) -> None:
        """Postpone rows until an instant. This counts as a failed attempt only with `is_attempt`."""
        at, reason, counted = (self._argument(place) for place in range(3))
        sets = f"next_attempt_at = {at}, failure = {reason}, attempts = attempts + {counted}::int"
        await self.run(tenant, self._failing(sets), keys, until, failure, int(is_attempt))

    async def back_off(self, tenant: Tenant, keys: Sequence[Key], failure: str, retry: Retry) -> None:
        """Record a failed attempt: retry later, or give up once the limit is reached."""
        reason, base, longest, jitter, limit = (self._argument(place) for place in range(5))
        factor = f"(power(2, least(attempts, {_DOUBLINGS})) * {jitter}::float8)"
        pause = f"least({longest}::interval, {base}::interval * {factor})"
        sets = f"attempts = attempts + 1, failure = {reason}, next_attempt_at = "
        arguments: list[object] = [failure, retry.base, retry.longest, retry.draw()]
        if not self.is_given_up:
            await self.run(tenant, self._failing(f"{sets}{after(pause)}"), keys, *arguments)
            return
        is_over = f"attempts + 1 >= {limit}::int"
        sets += after(f"CASE WHEN {is_over} THEN interval '0' ELSE {pause} END")
        sets += f", state = CASE WHEN {is_over} THEN 'dead' ELSE state END"
        await self.run(tenant, self._failing(sets), keys, *arguments, retry.limit)

    async def give_up(self, tenant: Tenant, keys: Sequence[Key], failure: str) -> None:
        """Turn rows into dead letters, because another attempt would not help."""
        await self.run(tenant, self.giving_up(), [(*key, failure) for key in keys])

    async def release(self, tenant: Tenant, keys: Sequence[Key]) -> None:
        """End the lease of rows that stay due."""
        await self.run(tenant, self.updating(f"{self.lease_column} = NULL"), keys)

    def giving_up(self, values: Mapping[str, str] | None = None, also: str = "true") -> str:
        """Return SQL for `give_up`: the failure comes first in each row's values; `also` is an additional condition."""
        sets = "state = 'dead', attempts = attempts + 1, failure = chosen.failure, next_attempt_at = now()"
        return self._failing(f"{sets}{self._ended}", {"failure": "text", **(values or {})}, also)

    def _failing(self, sets: str, values: Mapping[str, str] | None = None, also: str = "true") -> str:
        more = self.on_failure and f", {self.on_failure}"
        still = self.is_open.format(table=self.rows.table)
        return self.updating(f"{sets}{self._released}{more}", values, f"{still} AND {also}")

    def completing(self, sets: str, values: Mapping[str, str] | None = None, also: str = "true") -> str:
        """Return SQL that records a successful attempt with additional assignments; see `updating`."""
        ended = self._ended if "state = 'processed'" in sets else ""
        return self.updating(f"attempts = 0, failure = NULL{self._released}{ended}, {sets}", values, also)

    def updating(self, sets: str, values: Mapping[str, str] | None = None, also: str = "true") -> str:
        """Return SQL that updates rows by key: `$2` and following are arrays of the key's columns.

        Arrays of further `values` (name to type) follow; `sets` and the condition `also` refer to them as
        `chosen.name`.
        """
        columns = {**self.rows.key, **(values or {})}
        arrays = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(columns.values(), 2))
        same = " AND ".join(f"{self.rows.table}.{name} = chosen.{name}" for name in self.rows.key)
        return (
            f"UPDATE {self.rows.table} SET {sets} FROM unnest({arrays}) AS chosen ({', '.join(columns)})"
            f" WHERE {self.rows.table}.organization_id = $1 AND {same} AND {also}"
        )

    async def run(self, tenant: Tenant, statement: str, rows: Sequence[Key], *arguments: object) -> None:
        """Run a statement from `completing` or `updating` for rows, each a key followed by its further values."""
        if rows:
            await tenant.execute(statement, *rows_as_columns(list(rows)), *arguments)

    @property
    def _released(self) -> str:
        return ", leased_until = NULL" if self.lease_column == "leased_until" else ""

    @property
    def _ended(self) -> str:
        return self.on_end and f", {self.on_end}"

    def _argument(self, place: int) -> str:
        """Return the placeholder of an argument that follows the key arrays."""
        return f"${2 + len(self.rows.key) + place}"
