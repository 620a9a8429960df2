"""How the interpreter shares its time in long-lived processes: garbage collection, and turns of threads."""

import asyncio
import gc
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

# The default is 5 ms.
SWITCH_SECONDS = 0.001
# Rows that are looked at in some ten milliseconds.
FEW_ROWS = 5_000


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


async def aside(
    rows: int, function: Callable[Parameters, Result], *arguments: Parameters.args, **named: Parameters.kwargs
) -> Result:
    """Call a function that looks at so many rows, in a thread if they are many, so that the event loop goes on."""
    if rows <= FEW_ROWS:
        return function(*arguments, **named)
    return await asyncio.to_thread(function, *arguments, **named)
