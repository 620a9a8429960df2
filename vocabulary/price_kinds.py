"""What a price is asked for: a token of a kind, a token written to the cache for an hour, or a piece."""

from enum import StrEnum


class PriceKind(StrEnum):
    """Kinds of prices. `output` stands for visible and reasoning output alike."""

    INPUT_UNCACHED = "input_uncached"
    CACHE_READ = "cache_read"
    CACHE_WRITE = "cache_write"
    CACHE_WRITE_1H = "cache_write_1h"
    OUTPUT = "output"
    OUTPUT_REASONING = "output_reasoning"
    WEB_SEARCH = "web_search"
    CODE_EXECUTION = "code_execution"


# Charged for each; all other kinds are priced by a million tokens.
PIECES = (PriceKind.WEB_SEARCH, PriceKind.CODE_EXECUTION)
