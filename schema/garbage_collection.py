"""Garbage collection in long-lived processes."""

import gc


def collect_rarely(objects: int) -> None:
    """Exclude existing objects from garbage collection, and collect only after this number of net allocations.

    Call it after all imports. Service and workers rarely create reference cycles.
    """
    gc.freeze()
    gc.set_threshold(objects)
