"""Shares work on files among processes: forks on Linux, where that is safe and costs milliseconds."""

import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

MAXIMUM_PROCESSES = 4
# Less work than this is done faster than it is shared.
SHARED_BYTES = 24 * 1024 * 1024

Share = list[int]


def share_work(
    sizes: Sequence[int], prepare: Callable[[int], object], work: Callable[[int, Share], bytes]
) -> Iterator[tuple[Share, bytes]]:
    """Yield each share of the files (by number) and the result of its work, in the order of shares.

    `prepare` is called with the number of each share in this process before any begins. Raises ChildProcessError if a
    process ends early.
    """
    shares = split_evenly(sizes, _processes(sum(sizes)))
    for number in range(len(shares)):
        prepare(number)
    helpers = [_Helper(number, share, work) for number, share in enumerate(shares) if number]
    yield shares[0], work(0, shares[0])
    for helper in helpers:
        yield helper.share, helper.result()


def split_evenly(sizes: Sequence[int], count: int) -> list[Share]:
    """Split files into shares of about the same size; each keeps their order."""
    shares: list[Share] = [[] for _ in range(count)]
    loads = [0] * count
    for file in sorted(range(len(sizes)), key=lambda each: -sizes[each]):
        least = loads.index(min(loads))
        shares[least].append(file)
        loads[least] += sizes[file]
    return [sorted(share) for share in shares]


def _processes(size: int) -> int:
    if size < SHARED_BYTES or sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return min(len(os.sched_getaffinity(0)), MAXIMUM_PROCESSES)


class _Helper:
    """A process that works on one share and leaves the result in a file."""

    def __init__(self, number: int, share: Share, work: Callable[[int, Share], bytes]) -> None:
        self.share = share
        self._number, self._work = number, work
        self._output: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the result
        self._process = os.fork()
        if not self._process:
            self._run()

    def _run(self) -> None:
        status = 1
        try:
            self._output.write(self._work(self._number, self.share))
            self._output.flush()
            status = 0
        finally:
            os._exit(status)

    def result(self) -> bytes:
        """Wait for the process and return its result."""
        _, status = os.waitpid(self._process, 0)
        with self._output:
            if status:
                raise ChildProcessError
            self._output.seek(0)
            return self._output.read()
