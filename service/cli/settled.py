"""Waiting until workers have processed everything that was sent."""

import re
import time
from collections.abc import Callable
from typing import Any

from schema.errors import SetUpError
from service.client import Client

PAUSE_SECONDS = 0.25
# Rows by state in the service's Prometheus metrics.
ROWS = re.compile(r'^shipledger_rows\{[^}]*state="(?P<state>waiting|dead)"[^}]*\} (?P<rows>[0-9.e+]+)$', re.MULTILINE)


def wait_until_settled(client: Client, seconds: float, show: Callable[[int], None]) -> None:
    """Wait until no row waits for a worker and no token is pending; `show` receives the number of waiting rows.

    Raises SetUpError after `seconds` without progress, or if workers gave up on rows.

    """
    fewest, deadline = None, time.monotonic() + seconds
    while True:
        rows = rows_of(client)
        if rows["dead"]:
            raise SetUpError(f"workers gave up on {rows['dead']} rows; list them with: shipledger dead-letters list")
        show(rows["waiting"])
        if not rows["waiting"] and not pending_tokens(client):
            return
        if fewest is None or rows["waiting"] < fewest:
            fewest, deadline = rows["waiting"], time.monotonic() + seconds
        if time.monotonic() > deadline:
            raise SetUpError(f"{rows['waiting']} rows are waiting for a worker; start one with: shipledger worker")
        time.sleep(PAUSE_SECONDS)


def pending_tokens(client: Client) -> int:
    """Return the number of tokens that are stored but not yet settled; 0 if the key's team is withheld."""
    ledger: dict[str, Any] = client.get("/api/v1/ledger", {"from": "2000-01-01", "to": "2100-01-01"})
    return int(ledger["pending"]["total"]) if ledger["pending"] else 0


def rows_of(client: Client) -> dict[str, int]:
    """Return the number of rows that are `waiting` for a worker and `dead`, of all organizations.

    Both are 0 if the service shows its metrics only on another port; what is pending then tells when it is settled.
    """
    text = client.text("/metrics")
    rows = {"waiting": 0, "dead": 0}
    for match in ROWS.finditer(text):
        rows[match["state"]] += int(float(match["rows"]))
    return rows
