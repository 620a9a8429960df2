"""Long computations of a transaction, beside the event loop."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

# Rows that are looked at in some ten milliseconds.
FEW = 5_000


async def aside(
    rows: int, function: Callable[Parameters, Result], *arguments: Parameters.args, **named: Parameters.kwargs
) -> Result:
    """Call a function that looks at so many rows, in a thread if they are many, so that other requests go on."""
    if rows <= FEW:
        return function(*arguments, **named)
    return await asyncio.to_thread(function, *arguments, **named)
