"""Split token usage, as emitters nest it, into disjoint kinds."""

from schema.vocabulary.tokens import TokenCounts


def split_inclusive(
    total_input: int, cache_read: int, cache_write: int, total_output: int, reasoning: int
) -> TokenCounts:
    """Split input that includes the cache and output that includes reasoning.

    A part larger than its total is cut to it, so that totals stay what was billed.
    """
    read = min(cache_read, total_input)
    written = min(cache_write, total_input - read)
    thought = min(reasoning, total_output)
    return TokenCounts(
        input_uncached=total_input - read - written,
        cache_read=read,
        cache_write=written,
        output_visible=total_output - thought,
        output_reasoning=thought,
    )


def split_exclusive(
    fresh_input: int, cache_read: int, cache_write: int, total_output: int, reasoning: int
) -> TokenCounts:
    """Split input that excludes the cache and output that includes reasoning."""
    output = split_inclusive(0, 0, 0, total_output, reasoning)
    return output._replace(input_uncached=fresh_input, cache_read=cache_read, cache_write=cache_write)
