"""Columns that tables share."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, LargeBinary, text
from sqlmodel import Field, SQLModel


def hash_column(*, primary_key: bool = False, **options: Any) -> Any:
    """Return a column for a keyed hash, 32 bytes."""
    return Field(sa_type=LargeBinary, primary_key=primary_key, **options)


def instant_column(**options: Any) -> Any:
    """Return a column for an instant in UTC."""
    return Field(sa_type=DateTime(timezone=True), **options)


def count_column(**options: Any) -> Any:
    """Return a 64-bit integer column: tokens, bytes, nano-USD."""
    return Field(sa_type=BigInteger, **options)


def zero_column() -> Any:
    """Return a 64-bit integer column with the default 0, also in SQL."""
    return count_column(default=0, sa_column_kwargs={"server_default": "0"})


def flag_column() -> Any:
    """Return a boolean column with the default false, also in SQL."""
    return Field(default=False, sa_column_kwargs={"server_default": "false"})


def state_column(first: str) -> Any:
    """Return a text column with the default `first`, also in SQL."""
    return Field(default=first, sa_column_kwargs={"server_default": first})


def created_column(**options: Any) -> Any:
    """Return a column for an instant with the default now(), in SQL only."""
    return instant_column(nullable=False, sa_column_kwargs={"server_default": text("now()")}, **options)


def organization_column() -> Any:
    """Return the tenant's id, the first column of every key."""
    return Field(sa_type=BigInteger, primary_key=True)


class TokenColumns(SQLModel):
    """The five disjoint token kinds (DESIGN §2) and their cost at list price."""

    input_uncached: int = zero_column()
    cache_read: int = zero_column()
    cache_write: int = zero_column()
    output_visible: int = zero_column()
    output_reasoning: int = zero_column()
    cost_nano_usd: int = zero_column()


class EvidenceColumns(SQLModel):
    """Keyed hashes that link tokens to work, strongest evidence first."""

    artifact: bytes | None = hash_column(default=None, nullable=True)
    number: bytes | None = hash_column(default=None, nullable=True)
    commit: bytes | None = hash_column(default=None, nullable=True)
    branch: bytes | None = hash_column(default=None, nullable=True)
    repository: bytes | None = hash_column(default=None, nullable=True)


class RetryColumns(SQLModel):
    """Attempts of a worker at a row, and when to try again."""

    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    next_attempt_at: datetime = created_column()
    failure: str | None = Field(default=None, description="a reason of schema/failures.py")
