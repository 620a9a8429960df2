"""How bytes of gateway requests are summed: by part of the request and by size class.

Request bytes indicate input tokens, response bytes output tokens. Streamed responses are kept apart, because each chunk
has its own envelope. Size classes are powers of two: a few requests with images hold more bytes than all others
together and must not be mistaken for text.
"""

from enum import StrEnum
from typing import Final

MAXIMUM_BYTES: Final = 10**10


class Part(StrEnum):
    """The part of a request that a byte sum or a calibration covers."""

    INPUT = "input"
    OUTPUT = "output"
    OUTPUT_STREAM = "output_stream"


def size_class(size: int) -> int:
    """Return the exponent of the smallest power of two above a size in bytes: 0 → 0, 1 → 1, 512 to 1023 → 10."""
    return size.bit_length()
