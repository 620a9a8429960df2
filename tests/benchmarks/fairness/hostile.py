"""A process that sends one attack over many connections: `python -m tests.benchmarks.fairness.hostile …`."""

import collections
import http.client
import itertools
import json
import sys
import threading
import time

from tests.benchmarks.fairness.attacks import ATTACKS, Attack

# Bodies are made in advance, because making them takes longer than sending them.
BODIES = 6


def main(name: str, port: str, key: str, seconds: str, first: str) -> None:
    """Attack after a line on stdin; print the numbers of answers by status as JSON."""
    attack = ATTACKS[name]
    bodies = [attack.make(int(first) + number) for number in range(BODIES)] if attack.make else [b""]
    answers: collections.Counter[str] = collections.Counter()
    print("ready", flush=True)  # noqa: T201 - the protocol with the parent
    sys.stdin.readline()
    until, numbers = time.monotonic() + float(seconds), itertools.count()

    def attacking() -> None:
        while time.monotonic() < until:
            answers[send(attack, int(port), key, bodies[next(numbers) % len(bodies)])] += 1

    threads = [threading.Thread(target=attacking, daemon=True) for _ in range(attack.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until + 10 - time.monotonic()))
    print(json.dumps(answers))  # noqa: T201


def send(attack: Attack, port: int, key: str, body: bytes) -> str:
    """Send one request on its own connection; return its status, or the error's name."""
    headers = {"Authorization": f"Bearer {key}", **attack.headers}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST" if attack.make else "GET", attack.path, body or None, headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    else:
        return str(answer.status)
    finally:
        connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
