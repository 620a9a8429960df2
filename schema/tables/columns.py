"""Columns, keys and indexes that tables share."""

import re
from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, ForeignKeyConstraint, Identity, Index, LargeBinary, text
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel

NOW = {"server_default": text("now()")}
_NEXT_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def keyed_hash(*, primary_key: bool = False, **options: Any) -> Any:
    """Return a column for a keyed hash, 32 bytes."""
    return Field(sa_type=LargeBinary, primary_key=primary_key, **options)


def instant(**options: Any) -> Any:
    """Return a column for an instant in UTC."""
    return Field(sa_type=DateTime(timezone=True), **options)


def count(**options: Any) -> Any:
    """Return a 64-bit integer column: tokens, bytes, nano-USD."""
    return Field(sa_type=BigInteger, **options)


def zero() -> Any:
    """Return a 64-bit integer column with the default 0, also in SQL."""
    return count(default=0, sa_column_kwargs={"server_default": "0"})


def count_key() -> Any:
    """Return a 64-bit integer column that is part of the primary key."""
    return Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))


def serial_key() -> Any:
    """Return a 64-bit integer column that PostgreSQL numbers, part of the primary key."""
    return Field(sa_column=Column(BigInteger, Identity(), primary_key=True))


def sealed() -> Any:
    """Return a nullable column for encrypted bytes."""
    return Field(default=None, sa_type=LargeBinary, nullable=True)


def flag() -> Any:
    """Return a boolean column with the default false, also in SQL."""
    return Field(default=False, sa_column_kwargs={"server_default": "false"})


def state(first: str) -> Any:
    """Return a text column with the default `first`, also in SQL."""
    return Field(default=first, sa_column_kwargs={"server_default": first})


def created(**options: Any) -> Any:
    """Return a column for an instant with the default now(), in SQL only."""
    return instant(nullable=False, sa_column_kwargs=NOW, **options)


def organization() -> Any:
    """Return the tenant's id, the first column of every key."""
    return Field(sa_type=BigInteger, primary_key=True)


def of_organization() -> ForeignKeyConstraint:
    """Return the foreign key to the organization."""
    return ForeignKeyConstraint(["organization_id"], ["organization.organization_id"])


def references(table: str, column: str, *, to: str | None = None, name: str | None = None) -> ForeignKeyConstraint:
    """Return a foreign key of `column` to the column `to`, by default of the same name, within the organization."""
    return ForeignKeyConstraint(
        ["organization_id", column], [f"{table}.organization_id", f"{table}.{to or column}"], name=name
    )


def index(
    name: str, *columns: str, unique: bool = False, where: str | None = None, include: Collection[str] = ()
) -> Index:
    """Return an index on the organization and `columns`, of the rows that fulfil `where`; it holds `include` too."""
    condition = None if where is None else text(where)
    return Index(
        name, "organization_id", *columns, unique=unique, postgresql_where=condition, postgresql_include=[*include]
    )


class Tenant(SQLModel):
    """A row of one organization, whose id is first in every key. `TokenWindow` is a row of the table `token_window`."""

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805 - SQLAlchemy passes the class
        """Return the name of the class in words, between underscores."""
        return _NEXT_WORD.sub("_", cls.__name__).lower()

    organization_id: int = organization()


class OfArtifact(Tenant):
    """A row of one artifact."""

    artifact_id: bytes = keyed_hash(primary_key=True)


class TeamDay(Tenant):
    """A row of one team and UTC day."""

    team_id: int = count(primary_key=True, sa_column_kwargs={"autoincrement": False})
    day: date = Field(primary_key=True)


class KindColumns(SQLModel):
    """The five disjoint token kinds (DESIGN §2)."""

    input_uncached: int = zero()
    cache_read: int = zero()
    cache_write: int = zero()
    output_visible: int = zero()
    output_reasoning: int = zero()


class TokenColumns(KindColumns):
    """Tokens by kind, and their cost at list price."""

    cost_nano_usd: int = zero()


class CostColumns(SQLModel):
    """The cost of a part of the ledger: at list price, at effective price, and as billed."""

    list_nano_usd: int = zero()
    effective_nano_usd: int = zero()
    billed_nano_usd: int = zero()


class ReworkColumns(SQLModel):
    """How often merged pull requests were pushed again, reviewed, reverted within 14 days, and fixed by a release."""

    pushes_after_opening: int = zero()
    review_rounds: int = zero()
    reverted: int = zero()
    fix_released: int = zero()


class SpendColumns(KindColumns, CostColumns):
    """What is summed of spend. `duration_ms` is the sum over `timed_requests`."""

    requests: int = zero()
    failed_requests: int = zero()
    timed_requests: int = zero()
    duration_ms: int = zero()


class EvidenceColumns(SQLModel):
    """Keyed hashes that link tokens to work, strongest evidence first."""

    artifact: bytes | None = keyed_hash(default=None, nullable=True)
    number: bytes | None = keyed_hash(default=None, nullable=True)
    commit: bytes | None = keyed_hash(default=None, nullable=True)
    branch: bytes | None = keyed_hash(default=None, nullable=True)
    repository: bytes | None = keyed_hash(default=None, nullable=True)


class RetryColumns(SQLModel):
    """Attempts of a worker at a row, and when to try again."""

    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    next_attempt_at: datetime = created()
    failure: str | None = Field(default=None, description="a reason of schema/failures.py, and the answer")
