"""How the interpreter shares its time in long-lived processes: garbage collection, and turns of threads."""

import gc
import sys

# The default is 5 ms.
SWITCH_SECONDS = 0.001


def collect_rarely(objects: int) -> None:
    """Exclude existing objects from garbage collection, and collect only after this number of net allocations.

    Call it after all imports. Service and workers rarely create reference cycles.
    """
    gc.freeze()
    gc.set_threshold(objects)


def switch_often() -> None:
    """Let the event loop wait at most a millisecond for a thread that computes.

    A request waits for the interpreter after each answer of PostgreSQL, some ten times.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
