"""The attacker's process: `python -m tests.benchmarks.attacks.attacker NAME PORT WEBHOOK CONNECTIONS SECONDS`."""

import asyncio
import contextlib
import sys
import time

import uvloop

from tests.benchmarks.attacks.attacks import ATTACKS, Attack, Link, Target

ADDRESS = "127.0.0.1"
CONNECT_SECONDS = 5.0


async def attack(chosen: Attack, target: Target, connections: int, seconds: float) -> None:
    """Repeat an attack on so many connections at once."""
    end = time.monotonic() + seconds
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.gather(*(repeat(chosen, target, end) for _ in range(connections)))


async def repeat(chosen: Attack, target: Target, end: float) -> None:
    while time.monotonic() < end:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                link = Link(*await asyncio.open_connection(ADDRESS, target.port))
        except OSError:  # refused, or the backlog is full
            await asyncio.sleep(0.05)
            continue
        try:
            await chosen(link, target)
        except OSError:
            await asyncio.sleep(0.01)
        finally:
            link.close()


def main() -> None:
    """Run the process."""
    name, port, webhook, connections, seconds = sys.argv[1:]
    target = Target(int(port), webhook)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(attack(ATTACKS[name], target, int(connections), float(seconds)))


if __name__ == "__main__":
    main()
