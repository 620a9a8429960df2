"""How sure a figure is, in words. Pure."""

from collections.abc import Mapping
from typing import Any

from service.dashboard.numbers.units import count_text, percent_text

DIRECT = ("artifact", "commit", "branch")
EVIDENCE = {
    "artifact": "pull request",
    "commit": "commit",
    "branch": "branch",
    "repository": "repository",
    "cohort": "team and hour",
}


def certainty(item: Mapping[str, Any]) -> str | None:
    """Return the evidence, the interval and whether the figure can stand alone; None without tokens."""
    if not item["tokens"]["total"]:
        return None
    return ", ".join(part for part in (_evidence(item["evidence"]), _interval(item), _reliable(item)) if part)


def linked_share(evidence: Mapping[str, float]) -> float:
    """Return the share of tokens that are linked directly."""
    return sum(evidence[kind] for kind in DIRECT)


def _evidence(shares: Mapping[str, float]) -> str:
    found = sorted(((share, kind) for kind, share in shares.items() if share > 0), reverse=True)
    return "linked by " + " and ".join(f"{EVIDENCE.get(kind, kind)} ({percent_text(share)})" for share, kind in found)


def _interval(item: Mapping[str, Any]) -> str | None:
    interval = item["interval"]
    if not interval or interval["low"] == interval["high"]:
        return None
    low, high = count_text(interval["low"]), count_text(interval["high"])
    return f"between {low} and {high} tokens with {percent_text(interval['coverage'])} probability"


def _reliable(item: Mapping[str, Any]) -> str:
    if item["reliable"]:
        return "reliable"
    reasons = ", ".join(item.get("unreliable_because") or ())
    return "an estimate that is not reliable on its own" + (f" ({reasons})" if reasons else "")
