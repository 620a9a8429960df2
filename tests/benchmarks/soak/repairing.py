"""Has the product repair what webhooks missed, by asking it as `shipledger github redeliver` does."""

import time
from typing import Any

import httpx

from tests.harness.shipledger_up import Up

FORGES = ("github", "gitlab")
# What no patience helps.
REFUSED = {"refused", "not_offered"}
LOOK_SECONDS = 0.5
# A failed delivery is asked for again after some minutes when the first time was in vain.
PATIENCE_SECONDS = 1800.0


def repair(stack: Up) -> dict[str, dict[str, int]]:
    """What was found, asked for again, and recovered at each forge, once nothing is missing any more.

    Raises RuntimeError when that does not end, or a check does not succeed.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    shown: list[dict[str, Any]] = []
    while time.monotonic() < deadline:
        shown = [_look(stack, forge) for forge in FORGES]
        if all(each["state"] == "well" and not each["missing"] for each in shown):
            names = ("found", "asked_again", "recovered")
            return {forge: {name: each[name] for name in names} for forge, each in zip(FORGES, shown, strict=True)}
        if any(each["state"] in REFUSED for each in shown):
            break
        time.sleep(LOOK_SECONDS)
    raise RuntimeError(f"the repair does not end: {shown}")


def _look(stack: Up, forge: str) -> dict[str, Any]:
    """The check of failed deliveries, once workers have looked at the list anew."""
    begun = _ask(stack, "POST", {"forge": forge})
    connections = {each["connection"] for each in begun["items"]}
    while True:
        listed = _ask(stack, "GET", None)["items"]
        (shown,) = [each for each in listed if each["connection"] in connections and each["kind"] == "deliveries"]
        if shown["state"] != "running":
            return shown
        time.sleep(LOOK_SECONDS)


def _ask(stack: Up, method: str, body: dict[str, Any] | None) -> dict[str, Any]:
    """Until the service answers: it may just be coming back."""
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
