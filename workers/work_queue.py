"""The life of a row that waits for a worker: due, claimed, completed, deferred, backed off, given up.

Every kind of row configures one `WorkQueue`. The sweep finds what is due by the same condition by which it is claimed.
A claimed row stays locked until the transaction ends or, where it has a lease, belongs to its worker until the lease
ends. A row that is given up is a dead letter until somebody hands it back.
"""

# ruff: noqa: S608 - statements are composed of what queues are configured with, never of what anybody sends
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from asyncpg import Record

from schema.database import Tenant, rows_as_columns
from schema.failures import Failure
from schema.settings import Settings
from schema.work_rows import ROWS, WorkKind, WorkRows

Key: TypeAlias = tuple[Any, ...]

IS_OPEN = "{table}.state = 'waiting'"
WAITING = f"{IS_OPEN} AND {{table}}.next_attempt_at <= now()"

# A pause is doubled so often at most, so that it stays a number.
_DOUBLINGS = 20


@dataclass(frozen=True, slots=True)
class Retry:
    """How long a row waits after a failed attempt: `base`, doubled after each further one, and never over `longest`.

    A pause is up to `jitter` of itself shorter or longer, so that many rows do not come back at one moment. Without
    jitter it is exact, as a pause must be that keeps away from a forge or provider. After `limit` attempts a row is
    given up; without a limit, never.
    """

    base: timedelta
    limit: int | None = None
    longest: timedelta = timedelta(days=1)
    jitter: float = 0.0

    @classmethod
    def of(cls, settings: Settings) -> "Retry":
        """As configured for work that is given up in the end."""
        return cls(settings.retry_base, settings.retry_limit, jitter=0.25)

    def draw(self) -> float:
        """The factor of one pause."""
        return random.uniform(1 - self.jitter, 1 + self.jitter)  # noqa: S311 - spreads load, guards nothing


def after(pause: str) -> str:
    """SQL for the instant that lies a pause ahead: a form that Citus takes beside columns, unlike `now() + …`."""
    return f"(now() AT TIME ZONE 'UTC' + {pause}) AT TIME ZONE 'UTC'"


@dataclass(frozen=True, slots=True)
class WorkQueue:
    """One kind of row.

    `due` is the condition for a claim, over the kind's table and those of `joins`. In both, `{organization}` stands
    for the organization, `{table}` for the table, and each name of `parameters` for its value. With `lock`, claims of
    one organization wait for each other. With `lease`, a claimed row belongs to its worker for that long, by
    `lease_column`; where that is `leased_until`, an organization has one claim under way at a time. Failures
    are noted of rows that `is_open` still holds for. `on_lease`, `on_failure` and `on_end` are further assignments.
    Rows with `is_given_up` false are tried again without end.
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
        """Look the table up."""
        object.__setattr__(self, "rows", ROWS[self.kind])

    def due_rows(self, columns: str, *, organization: str = "$1", more: str = "", **parameters: str) -> str:
        """SQL that selects what may be claimed now."""
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
        """Rows that are due, in the queue's order, which no other worker gets until the transaction ends.

        `more` joins what only the columns need. `arguments` are `$2` and following: the queue's own parameters, then
        those of `also`, a further condition.
        """
        if self.lock is not None:
            await tenant.execute("SELECT pg_advisory_xact_lock(hashtextextended($2, $1::bigint))", self.lock)
        found = self._ordered(columns, limit, also, more)
        return await tenant.fetch(f"{found} FOR UPDATE OF {self.rows.table} SKIP LOCKED", *arguments)

    async def peek(
        self, tenant: Tenant, columns: str, *, limit: int, also: str = "true", arguments: Sequence[object] = ()
    ) -> list[Record]:
        """What `claim` would find next, for anybody."""
        return await tenant.fetch(self._ordered(columns, limit, also), *arguments)

    def _ordered(self, columns: str, limit: int | None, also: str, more: str = "") -> str:
        parameters = {name: f"${place}::interval" for place, name in enumerate(self.parameters, 2)}
        limited = "" if limit is None else f" LIMIT {limit}"
        return f"{self.due_rows(columns, more=more, **parameters)} AND {also} ORDER BY {self.order}{limited}"

    async def hold(self, tenant: Tenant, keys: Sequence[Key]) -> None:
        """Begin the lease of claimed rows, or prolong it."""
        assert self.lease is not None, "without a lease, rows are locked until the transaction ends"
        sets = f"{self.lease_column} = now() + {self._argument(0)}::interval{self.on_lease and ', '}{self.on_lease}"
        await self.run(tenant, self.updating(sets), keys, self.lease)

    async def complete(self, tenant: Tenant, keys: Sequence[Key]) -> None:
        """These are done."""
        await self.run(tenant, self.completing("state = 'processed'"), keys)

    async def defer(
        self, tenant: Tenant, keys: Sequence[Key], until: datetime, failure: Failure, *, is_attempt: bool = False
    ) -> None:
        """Nothing may be done before an instant. This counts as a failed attempt only with `is_attempt`."""
        at, reason, counted = (self._argument(place) for place in range(3))
        sets = f"next_attempt_at = {at}, failure = {reason}, attempts = attempts + {counted}::int"
        await self.run(tenant, self._failing(sets), keys, until, failure, int(is_attempt))

    async def back_off(self, tenant: Tenant, keys: Sequence[Key], failure: Failure, retry: Retry) -> None:
        """An attempt failed: try again later, or never again once the limit is reached."""
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

    async def give_up(self, tenant: Tenant, keys: Sequence[Key], failure: Failure) -> None:
        """No further attempt would help: these are dead letters."""
        await self.run(tenant, self.giving_up(), [(*key, failure) for key in keys])

    async def release(self, tenant: Tenant, keys: Sequence[Key]) -> None:
        """End the lease of rows that are as due as before."""
        await self.run(tenant, self.updating(f"{self.lease_column} = NULL"), keys)

    def giving_up(self, values: Mapping[str, str] | None = None, also: str = "true") -> str:
        """SQL for `give_up`, with the failure as the first value of each row, and a further condition."""
        sets = "state = 'dead', attempts = attempts + 1, failure = chosen.failure, next_attempt_at = now()"
        return self._failing(f"{sets}{self._ended}", {"failure": "text", **(values or {})}, also)

    def _failing(self, sets: str, values: Mapping[str, str] | None = None, also: str = "true") -> str:
        more = self.on_failure and f", {self.on_failure}"
        still = self.is_open.format(table=self.rows.table)
        return self.updating(f"{sets}{self._released}{more}", values, f"{still} AND {also}")

    def completing(self, sets: str, values: Mapping[str, str] | None = None, also: str = "true") -> str:
        """SQL for an attempt that succeeded, with further assignments; see `updating`."""
        ended = self._ended if "state = 'processed'" in sets else ""
        return self.updating(f"attempts = 0, failure = NULL{self._released}{ended}, {sets}", values, also)

    def updating(self, sets: str, values: Mapping[str, str] | None = None, also: str = "true") -> str:
        """SQL that changes rows by their keys: `$2` and following are arrays of the key's columns.

        After these come arrays of further `values`, name to type: `sets` and the condition `also` know them as
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
        """Run what `completing` or `updating` made for rows: their keys and the further values of each."""
        if rows:
            await tenant.execute(statement, *rows_as_columns(list(rows)), *arguments)

    @property
    def _released(self) -> str:
        return ", leased_until = NULL" if self.lease_column == "leased_until" else ""

    @property
    def _ended(self) -> str:
        return self.on_end and f", {self.on_end}"

    def _argument(self, place: int) -> str:
        """The placeholder of an argument behind the arrays of keys."""
        return f"${2 + len(self.rows.key) + place}"
