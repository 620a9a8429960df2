"""What a bill charges for: token kinds of bills, and categories of charges.

Bills price visible and reasoning output alike, so they have one kind of output where windows have two.
"""

from decimal import Decimal
from enum import StrEnum

from vocabulary.tokens import TokenCounts

MAXIMUM_BILLED_TOKENS = 10**15
# In nano-units, even sums of many such costs fit a bigint.
LARGEST_COST = Decimal(10**9)


class ChargeKind(StrEnum):
    """What a charge is for. Searches and executions are charged by piece; OTHER is credits, taxes, seats, capacity."""

    INPUT_UNCACHED = "input_uncached"
    CACHE_READ = "cache_read"
    CACHE_WRITE = "cache_write"
    OUTPUT = "output"
    WEB_SEARCH = "web_search"
    CODE_EXECUTION = "code_execution"
    OTHER = "other"


# Charges for tokens, in the order of every list.
BILLED_KINDS = (ChargeKind.INPUT_UNCACHED, ChargeKind.CACHE_READ, ChargeKind.CACHE_WRITE, ChargeKind.OUTPUT)


def billed_tokens(tokens: TokenCounts) -> tuple[int, int, int, int]:
    """Return the tokens of a window by kind, in the order of BILLED_KINDS."""
    return (
        tokens.input_uncached,
        tokens.cache_read,
        tokens.cache_write,
        tokens.output_visible + tokens.output_reasoning,
    )
