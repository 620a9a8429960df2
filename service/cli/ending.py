"""SIGINT, SIGTERM and SIGHUP as one exception, raised once so that a second signal cannot interrupt the shutdown."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


NAP_SECONDS = 0.5
NAPS = 6


class Ended(BaseException):
    """A signal that ends the command."""


@contextmanager
def ending_signals() -> Iterator[None]:
    """Raise Ended in the main thread on the first such signal inside the block; ignore later ones."""

    def end(_number: int, _frame: FrameType | None) -> None:
        for number in ENDING_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise Ended

    before = [(number, signal.signal(number, end)) for number in ENDING_SIGNALS]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def wait_for_end(meanwhile: Callable[[], None] = lambda: None) -> None:
    """Wait until a signal raises Ended, and call `meanwhile` every few seconds.

    Sleeps in short naps, because `signal.pause` would miss a signal that arrives just before it.

    """
    while True:
        for _ in range(NAPS):
            time.sleep(NAP_SECONDS)
        meanwhile()
