"""The life of a row that waits for a worker: due, claimed, completed, deferred, backed off, given up.

Every kind of row configures one `WorkQueue`. The sweep finds what is due by the same condition by which it is claimed.
A claimed row stays locked until the transaction ends or, where it has a lease, belongs to its worker until the lease
ends. A row that is given up is a dead letter until somebody hands it back.
"""

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

WAITING = "{table}.state = 'waiting' AND {table}.next_attempt_at <= now()"

# Doubled so often at most.
_DOUBLINGS = 20


@dataclass(frozen=True, slots=True)
class Retry:
    """How long a row waits after an attempt failed: `base`, doubled after each further one, and never over `longest`.

    After `limit` attempts it is given up; without a limit, never.
    """

    base: timedelta
    limit: int | None = None
    longest: timedelta = timedelta(days=1)

    @classmethod
    def of(cls, settings: Settings) -> "Retry":
        """As configured for work that is given up in the end."""
        return cls(settings.retry_base, settings.retry_limit)


def after(pause: str) -> str:
    """SQL for the instant a pause from now: in a form that Citus takes beside columns, which `now() + …` is not."""
    return f"(now() AT TIME ZONE 'UTC' + {pause}) AT TIME ZONE 'UTC'"


@dataclass(frozen=True, slots=True)
class WorkQueue:
    """One kind of row.

    `due` is the condition under which a row may be claimed, over its table and those of `joins`; in both,
    `{organization}` stands for the organization, `{table}` for the table, and each of `parameters` for its value.
    With `lock`, claims of one organization wait for each other. With `lease`, a claimed row belongs to its worker for so
    long: by `lease_column`, and where that is `leased_until`, an organization has one claim under way at a time.
    `on_lease` and `on_end` are further assignments.
    """

    kind: WorkKind
    order: str
    due: str = WAITING
    joins: str = ""
    parameters: tuple[str, ...] = ()
    lock: str | None = None
    lease: timedelta | None = None
    lease_column: str = "next_attempt_at"
    on_lease: str = ""
    on_end: str = ""
    is_given_up: bool = True
    rows: WorkRows = field(init=False)

    def __post_init__(self) -> None:
        """Look the table up."""
        object.__setattr__(self, "rows", ROWS[self.kind])

    def due_rows(self, columns: str, organization: str = "$1", **parameters: str) -> str:
        """SQL that selects what may be claimed now."""
        names = {"organization": organization, "table": self.rows.table, **parameters}
        alone = self._none_is_leased(organization) if self.lease_column == "leased_until" else ""
        return (
            f"SELECT {columns} FROM {self.rows.table} {self.joins.format(**names)}"
            f" WHERE {self.rows.table}.organization_id = {organization} AND {self.due.format(**names)}{alone}"
        )

    def _none_is_leased(self, organization: str) -> str:
        return (
            f" AND NOT EXISTS (SELECT 1 FROM {self.rows.table} AS taken WHERE taken.organization_id = {organization}"
            " AND taken.state = 'waiting' AND taken.leased_until > now())"
        )

    async def claim(
        self,
        tenant: Tenant,
        columns: str,
        *,
        limit: int | None,
        also: str = "true",
        arguments: Sequence[object] = (),
    ) -> list[Record]:
        """Rows that are due, in the queue's order, which no other worker gets until the transaction or the lease ends.

        `arguments` are `$2` and following: the queue's own parameters, then those of `also`, a further condition.
        """
        if self.lock is not None:
            await tenant.execute(f"SELECT pg_advisory_xact_lock(hashtextextended('{self.lock}', $1::bigint))")
        rows = await tenant.fetch(
            f"{self._ordered(columns, limit, also)} FOR UPDATE OF {self.rows.table} SKIP LOCKED", *arguments
        )
        return rows

    async def peek(
        self, tenant: Tenant, columns: str, *, limit: int, also: str, arguments: Sequence[object]
    ) -> list[Record]:
        """What `claim` would find next, for anybody."""
        return await tenant.fetch(self._ordered(columns, limit, also), *arguments)

    def _ordered(self, columns: str, limit: int | None, also: str) -> str:
        parameters = {name: f"${place}" for place, name in enumerate(self.parameters, 2)}
        limited = "" if limit is None else f" LIMIT {limit}"
        return f"{self.due_rows(columns, **parameters)} AND {also} ORDER BY {self.order}{limited}"

    async def take(self, tenant: Tenant, keys: Sequence[Key]) -> None:
        """Begin the lease of claimed rows, or begin it once more."""
        assert self.lease is not None, "its rows are locked instead"
        sets = f"{self.lease_column} = now() + {self._argument(0)}::interval{self.on_lease and ', '}{self.on_lease}"
        await self._run(tenant, self.updating(sets), keys, self.lease)

    async def complete(self, tenant: Tenant, keys: Sequence[Key]) -> None:
        """These are done."""
        await self._run(tenant, self.completing("state = 'processed'"), keys)

    async def defer(
        self, tenant: Tenant, keys: Sequence[Key], until: datetime, failure: Failure, *, is_attempt: bool = False
    ) -> None:
        """Nothing may be done before an instant; that is no failed attempt unless it counts as one."""
        sets = f"next_attempt_at = {self._argument(0)}, failure = {self._argument(1)}, attempts = attempts + {self._argument(2)}::int"
        await self._run(tenant, self.updating(f"{sets}{self._released}"), keys, until, failure, int(is_attempt))

    async def back_off(self, tenant: Tenant, keys: Sequence[Key], failure: Failure, retry: Retry) -> None:
        """An attempt failed: try again later, or never again once the limit is reached."""
        reason, base, longest, jitter, limit = (self._argument(place) for place in range(5))
        pause = f"least({longest}::interval, {base}::interval * (power(2, least(attempts, {_DOUBLINGS})) * {jitter}::float8))"
        over = f"attempts + 1 >= {limit}::int"
        ends = f", state = CASE WHEN {over} THEN 'dead' ELSE state END" if self.is_given_up else ""
        pause = f"CASE WHEN {over} THEN interval '0' ELSE {pause} END" if self.is_given_up else pause
        sets = f"attempts = attempts + 1, failure = {reason}, next_attempt_at = {after(pause)}{ends}{self._released}"
        arguments = (failure, retry.base, retry.longest, random.uniform(0.75, 1.25))  # noqa: S311 - no secret
        await self._run(tenant, self.updating(sets), keys, *arguments, *((retry.limit,) if self.is_given_up else ()))

    async def give_up(self, tenant: Tenant, keys: Sequence[Key], failure: Failure) -> None:
        """No further attempt would help: these are dead letters."""
        sets = f"state = 'dead', attempts = attempts + 1, failure = {self._argument(0)}, next_attempt_at = now()"
        await self._run(tenant, self.updating(f"{sets}{self._released}{self._ended}"), keys, failure)

    def completing(self, sets: str, values: Mapping[str, str] | None = None, also: str = "true") -> str:
        """SQL for an attempt that succeeded, with further assignments; see `updating`."""
        ended = self._ended if "state =" in sets else ""
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

    @property
    def _released(self) -> str:
        return ", leased_until = NULL" if self.lease_column == "leased_until" else ""

    @property
    def _ended(self) -> str:
        return self.on_end and f", {self.on_end}"

    def _argument(self, place: int) -> str:
        """The placeholder of an argument behind the arrays of keys."""
        return f"${2 + len(self.rows.key) + place}"

    async def _run(self, tenant: Tenant, statement: str, keys: Sequence[Key], *arguments: object) -> None:
        if keys:
            await tenant.execute(statement, *rows_as_columns(list(keys)), *arguments)
