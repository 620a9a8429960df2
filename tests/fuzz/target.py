"""A parser under fuzzing: how it is called, from which inputs fuzzing starts, and what every input must keep to."""

import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType

LONGEST_SECONDS = 1.0
MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Target:
    """`run` gets any bytes and raises only if the parser is wrong: it swallows the errors that the parser documents."""

    name: str
    run: Callable[[bytes], object]
    seeds: Callable[[], Iterator[bytes]]
    longest: int = 4096

    def check(self, data: bytes) -> float:
        """Run one input; return its CPU seconds. Raises TooSlowError beyond LONGEST_SECONDS, and what `run` raises."""
        begun = time.thread_time()
        RUNNING[:] = [begun]
        self.run(data)
        RUNNING.clear()
        spent = time.thread_time() - begun
        if spent > LONGEST_SECONDS:
            raise TooSlowError(f"{self.name}: {spent:.1f} s for {len(data)} bytes")
        return spent


def check_memory(most: float) -> None:
    """Raise TooLargeError if this process ever had more than `most` MiB."""
    if peak_mebibytes() > most:
        raise TooLargeError(f"{peak_mebibytes():.0f} MiB")


# When the input under way began.
RUNNING: list[float] = []


def watch() -> None:
    """Raise TooSlowError in the main thread, in a regular expression too, while an input takes too long."""

    def look(_number: int, _frame: FrameType | None) -> None:
        if RUNNING and time.thread_time() - RUNNING[0] > LONGEST_SECONDS:
            RUNNING.clear()
            raise TooSlowError(f"more than {LONGEST_SECONDS} s")

    signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, LONGEST_SECONDS / 2, LONGEST_SECONDS / 2)


class TooSlowError(Exception):
    """An input took longer than it may."""


class TooLargeError(Exception):
    """A process grew more than it may."""


def peak_mebibytes() -> float:
    """Return the most memory that this process ever had."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / MEBIBYTE if sys.platform == "darwin" else peak * 1024 / MEBIBYTE


def stop_watching() -> None:
    """Stop what `watch` began, before the process ends."""
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, signal.SIG_IGN)
