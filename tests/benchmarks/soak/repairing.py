"""Requests repairs of missed webhooks, as `shipledger github redeliver` does."""

import time
from typing import Any

import httpx

from tests.harness.shipledger_up import Up

FORGES = ("github", "gitlab")
# States in which waiting does not help.
REFUSED = {"refused", "not_offered"}
LOOK_SECONDS = 0.5
# If the first redelivery fails, the next is requested minutes later.
PATIENCE_SECONDS = 1800.0


def repair(stack: Up) -> dict[str, dict[str, int]]:
    """Repair until nothing is missing; return what was found, requested again, and recovered at each forge.

    Raises RuntimeError if that does not end, or a check fails.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    shown: list[dict[str, Any]] = []
    while time.monotonic() < deadline:
        shown = [_look(stack, forge) for forge in FORGES]
        if all(each["state"] == "healthy" and not each["missing"] for each in shown):
            names = ("found", "redelivery_requests", "recovered")
            return {forge: {name: each[name] for name in names} for forge, each in zip(FORGES, shown, strict=True)}
        if any(each["state"] in REFUSED for each in shown):
            break
        time.sleep(LOOK_SECONDS)
    raise RuntimeError(f"the repair does not end: {shown}")


def _look(stack: Up, forge: str) -> dict[str, Any]:
    """Return the check of failed deliveries, after workers have listed them again."""
    begun = _ask(stack, "POST", {"forge": forge})
    connections = {each["connection"] for each in begun["items"]}
    while True:
        listed = _ask(stack, "GET", None)["items"]
        (shown,) = [each for each in listed if each["connection"] in connections and each["kind"] == "deliveries"]
        if shown["state"] != "running":
            return shown
        time.sleep(LOOK_SECONDS)


def _ask(stack: Up, method: str, body: dict[str, Any] | None) -> dict[str, Any]:
    """Send a request until the service responds: it may be restarting."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            answer = httpx.request(
                method, f"{stack.url}/api/v1/repairs", json=body, headers=stack.headers, trust_env=False, timeout=30
            )
            return answer.raise_for_status().json()
        except (httpx.TransportError, httpx.HTTPStatusError):
            if time.monotonic() > deadline:
                raise
            time.sleep(LOOK_SECONDS)
