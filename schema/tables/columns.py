"""Column types that every table shares, so that a hash, an instant or a token count is declared one way."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, LargeBinary, text
from sqlmodel import Field, SQLModel


def hash_column(*, primary_key: bool = False, **options: Any) -> Any:
    """A keyed hash, 32 bytes."""
    return Field(sa_type=LargeBinary, primary_key=primary_key, **options)


def instant_column(**options: Any) -> Any:
    """A moment in UTC."""
    return Field(sa_type=DateTime(timezone=True), **options)


def count_column(**options: Any) -> Any:
    """A whole number that may exceed 32 bits: tokens, bytes, nano-USD."""
    return Field(sa_type=BigInteger, **options)


def zero_column() -> Any:
    """A count that starts at nothing, for rows written by SQL too."""
    return count_column(default=0, sa_column_kwargs={"server_default": "0"})


def flag_column() -> Any:
    """A switch that starts off, for rows written by SQL too."""
    return Field(default=False, sa_column_kwargs={"server_default": "false"})


def state_column(first: str) -> Any:
    """Where a row stands, beginning with `first`, for rows written by SQL too."""
    return Field(default=first, sa_column_kwargs={"server_default": first})


def created_column(**options: Any) -> Any:
    """When the row was made: now, unless told."""
    return instant_column(nullable=False, sa_column_kwargs={"server_default": text("now()")}, **options)


def organization_column() -> Any:
    """The tenant; first in every key."""
    return Field(sa_type=BigInteger, primary_key=True)


class TokenColumns(SQLModel):
    """The five disjoint token kinds of DESIGN §2 and what they cost at list price."""

    input_uncached: int = zero_column()
    cache_read: int = zero_column()
    cache_write: int = zero_column()
    output_visible: int = zero_column()
    output_reasoning: int = zero_column()
    cost_nano_usd: int = zero_column()


class EvidenceColumns(SQLModel):
    """What is known of the work behind some tokens, each a keyed hash or nothing, strongest first."""

    artifact: bytes | None = hash_column(default=None, nullable=True)
    number: bytes | None = hash_column(default=None, nullable=True)
    commit: bytes | None = hash_column(default=None, nullable=True)
    branch: bytes | None = hash_column(default=None, nullable=True)
    repository: bytes | None = hash_column(default=None, nullable=True)


class RetryColumns(SQLModel):
    """A row that waits for a worker: how often it was tried, and when to try again."""

    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    next_attempt_at: datetime = created_column()
    failure: str | None = Field(default=None, description="a reason of schema/failures.py")
