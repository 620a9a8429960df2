"""Kinds of values that several contracts share, with their limits."""

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

Instant: TypeAlias = Annotated[datetime, Meta(tz=True, description="RFC 3339, with its offset from UTC")]
Number: TypeAlias = Annotated[int, Meta(ge=1, le=2**53)]
ForgeId: TypeAlias = Annotated[int, Meta(ge=1, le=2**53, description="the forge's numeric id of the repository")]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=1000)]
Title: TypeAlias = Annotated[str, Meta(pattern=r"\S", max_length=200)]
Revision: TypeAlias = Annotated[str, Meta(pattern=r"^(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$", description="full SHA")]
Forge: TypeAlias = Literal["github", "gitlab"]
UsdText: TypeAlias = Annotated[str, Meta(pattern=r"^-?[0-9]+\.[0-9]{2,9}$", description="US dollars")]


class TokensShown(Struct, frozen=True, kw_only=True):
    """Tokens by kind; the kinds are disjoint and sum to the total."""

    input_uncached: int
    cache_read: int
    cache_write: int
    output_visible: int
    output_reasoning: int
    total: int
