"""What of a request through a gateway is told by its bytes, and how bytes are summed: by part and by size.

Input is told by request bytes, output by response bytes; those of a stream are apart, since every chunk comes in an
envelope of its own. Sums are kept by the power of two that a request's bytes reach, because a few requests that carry
pictures hold more bytes than all others together, and must not be taken for text.
"""

from enum import StrEnum
from typing import Final

MAXIMUM_BYTES: Final = 10**10


class Part(StrEnum):
    """What a sum of bytes or a calibration is about."""

    INPUT = "input"
    OUTPUT = "output"
    OUTPUT_STREAM = "output_stream"


def size_class(size: int) -> int:
    """The power of two that so many bytes do not reach: 0 for none, 1 for 1, 10 for 512 to 1023."""
    return size.bit_length()
