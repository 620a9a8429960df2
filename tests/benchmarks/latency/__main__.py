"""Time from a merge webhook until its attribution can be read, on an idle installation.

    .venv/bin/python -m tests.benchmarks.latency [--merges 50] [--without-redis] [--json]

Everything runs as `shipledger up` starts it. Each time, tokens were spent on an unknown branch and settled as overhead.
Then GitHub sends a signed merge webhook, and the pull request is polled until it is merged and has those tokens: the
webhook is stored and processed, the team's days are settled again, and the response shows the tokens.
"""

import argparse
import copy
import json
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import click
import httpx

from tests.harness.missing import machine_without_redis
from tests.harness.shipledger_up import Up, up
from tests.harness.webhooks import github_signature, recorded

BAR_SECONDS = 2.0
GIVEN_UP_SECONDS = 30.0
POLL_SECONDS = 0.005
TOKENS = 1234


class Merges:
    """Pull requests of one repository, each merged once."""

    def __init__(self, stack: Up, client: httpx.Client) -> None:
        self._client = client
        self._stack = stack
        self._payload = recorded("github", "pull_request__merged")
        self._repository = f"github.com/{self._payload['repository']['full_name']}"
        self._hook = client.post("/api/v1/connections", json={"forge": "github"}).raise_for_status().json()

    def measure(self, number: int) -> float:
        """Return the seconds from sending the webhook to the response that shows it."""
        now = datetime.now(UTC)
        self._spend(number, now - timedelta(minutes=30))
        wait_until(self._is_settled)
        body = self._webhook(number, now)
        headers = {
            "X-GitHub-Event": "pull_request",
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-GitHub-Hook-ID": "1",
            "X-Hub-Signature-256": github_signature(self._hook["secret"], body),
        }
        sent = time.perf_counter()
        answer = self._client.post(f"/webhooks/github/{self._hook['id']}", content=body, headers=headers)
        answer.raise_for_status()
        wait_until(lambda: self._is_readable(number))
        return time.perf_counter() - sent

    def _spend(self, number: int, occurred_at: datetime) -> None:
        event = {
            "event_id": f"latency-{number}",
            "occurred_at": occurred_at.isoformat(),
            "source": "claude-code",
            "provider": "anthropic",
            "model": "claude-sonnet-4-5",
            "repository": self._repository,
            "branch": f"branch-{number}",
            "tokens": {"input_uncached": TOKENS},
        }
        self._client.post("/api/v1/token-events", json={"items": [event]}).raise_for_status()

    def _is_settled(self) -> bool:
        ledger = self._client.get("/api/v1/ledger").raise_for_status().json()
        return bool(ledger["pending"]["total"] == 0)

    def _webhook(self, number: int, now: datetime) -> bytes:
        payload = copy.deepcopy(self._payload)
        reported: dict[str, Any] = payload["pull_request"]
        payload["number"] = reported["number"] = number
        reported["head"]["ref"] = f"branch-{number}"
        reported["created_at"] = instant(now - timedelta(hours=1))
        for name in ("merged_at", "closed_at", "updated_at"):
            reported[name] = instant(now)
        return json.dumps(payload).encode()

    def _is_readable(self, number: int) -> bool:
        asked: dict[str, str | int] = {"forge": "github", "repository": self._repository, "number": number}
        items = self._client.get("/api/v1/attributions", params=asked).raise_for_status().json()["items"]
        return bool(items and items[0]["state"] == "merged" and items[0]["tokens"]["total"] == TOKENS)


def instant(at: datetime) -> str:
    """Return a time as GitHub writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def wait_until(is_so: Callable[[], bool]) -> None:
    """Poll until a condition is true; raises RuntimeError if it never is."""
    deadline = time.monotonic() + GIVEN_UP_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise RuntimeError(f"the condition is still false after {GIVEN_UP_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)


def run(merges: int, without_redis: bool) -> dict[str, float]:
    """Run the whole benchmark; return seconds."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with (
            up(home, home / "data", **(machine_without_redis(home) if without_redis else {})) as stack,
            httpx.Client(base_url=stack.url, headers=stack.headers, trust_env=False, timeout=10) as client,
        ):
            measured = Merges(stack, client)
            # A warm-up, which creates plans and connections and imports modules.
            measured.measure(1)
            seconds = sorted(measured.measure(number) for number in range(2, merges + 2))
    return {
        "merges": merges,
        "p50": round(median(seconds), 3),
        "p95": round(seconds[round(0.95 * (len(seconds) - 1))], 3),
        "largest": round(seconds[-1], 3),
        "bar_p95": BAR_SECONDS,
    }


def main() -> int:
    """Run the command; return 1 if the bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.latency", description=__doc__.partition("\n")[0])
    parser.add_argument("--merges", type=int, default=50, help="number of merges (default: %(default)s)")
    parser.add_argument("--without-redis", action="store_true", help="run as on a machine without Redis")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    chosen = parser.parse_args()
    found = run(chosen.merges, chosen.without_redis)
    if chosen.json:
        click.echo(json.dumps(found))
    else:
        click.echo(
            f"{found['merges']} merge webhooks, readable after {found['p50']:.3f} s (median),"
            f" {found['p95']:.3f} s (p95), {found['largest']:.3f} s (largest); the bar is p95 < {BAR_SECONDS:.0f} s"
        )
    return int(found["p95"] >= BAR_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
