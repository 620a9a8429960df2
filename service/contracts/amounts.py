"""Amounts and page cursors as all responses show them."""

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

NextCursor: TypeAlias = Annotated[str | None, Meta(description="`cursor` of the next page; null on the last page")]
# What every amount of money in a response looks like, and no other text.
USD_PATTERN = r"^-?[0-9]+\.[0-9]{2,9}$"
UsdText: TypeAlias = Annotated[str, Meta(pattern=USD_PATTERN, description="US dollars")]


class TokensShown(Struct, frozen=True, kw_only=True):
    """Tokens by kind; the kinds are disjoint and sum to the total."""

    input_uncached: Annotated[int, Meta(description="Input tokens neither read from nor written to a cache")]
    cache_read: Annotated[int, Meta(description="Input tokens read from a cache")]
    cache_write: Annotated[int, Meta(description="Input tokens written to a cache")]
    output_visible: Annotated[int, Meta(description="Output tokens without reasoning")]
    output_reasoning: Annotated[int, Meta(description="Output tokens of reasoning")]
    total: Annotated[int, Meta(description="Sum of the kinds")]
