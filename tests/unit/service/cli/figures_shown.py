"""Figures as the API shows them."""

from typing import Any

KINDS = ("input_uncached", "cache_read", "cache_write", "output_visible", "output_reasoning")


def tokens_shown(total: int) -> dict[str, int]:
    return {**dict.fromkeys(KINDS, 0), "input_uncached": total, "total": total}


def amounts(total: int, usd: str) -> dict[str, Any]:
    return {**tokens_shown(total), "cost_usd": usd}


def overview(**changes: Any) -> dict[str, Any]:
    parts = {"received": (5_000_000, "88.62"), "merged": (4_000_000, "76.86"), "pending": (0, "0.00")}
    shown: dict[str, Any] = {
        "merged_pull_requests": 41,
        "known_pull_requests": 60,
        "dearest": {"artifact_id": "a1_" + "0" * 64, "label": "octo-org/web#2201", "cost_usd": "3.40"},
        **parts,
        **changes,
    }
    return {**shown, **{part: amounts(*shown[part]) for part in parts}}


def pull_request(**changes: Any) -> dict[str, Any]:
    return {
        "artifact_id": "a1_" + "0" * 64,
        "label": "octo-org/web#2201",
        "state": "merged",
        "team": "platform",
        "merged_at": "2026-11-18T15:00:00Z",
        **amounts_of(1_240_000, "3.40"),
        "by_model": [
            {"model": "claude-sonnet-4-5", **amounts_of(1_040_000, "1.30")},
            {"model": "claude-opus-4-1", **amounts_of(200_000, "2.10")},
        ],
        "evidence": {"artifact": 0.0, "commit": 0.0, "branch": 0.75, "repository": 0.0, "cohort": 0.25},
        "interval": {"low": 1_100_000, "high": 1_400_000, "coverage": 0.8},
        "reliable": True,
        "outcomes": {"reverted_at": None},
        **changes,
    }


def amounts_of(total: int, usd: str) -> dict[str, Any]:
    return {"tokens": tokens_shown(total), "cost_usd": usd}


def release(**changes: Any) -> dict[str, Any]:
    return {
        **pull_request(label=None),
        "released_at": "2026-11-18T20:00:00Z",
        "pull_requests": 12,
        "reverted": {"pull_requests": 1, **amounts_of(100, "0.50")},
        "shipped": [],
        "by_team": [
            {"team": "platform", "withheld_reason": None, **amounts_of(1_240_000, "3.40")},
            {"team": "mobile", "withheld_reason": "too small", "tokens": None, "cost_usd": None},
        ],
        **changes,
    }


def row(team: str, merged: int | None) -> dict[str, Any]:
    day = {"period_start": "2026-11-01"}
    if merged is None:
        nothing = dict.fromkeys(("tokens", "tokens_per_merged_pr", "cost_usd", "cost_per_merged_pr_usd"))
        reason = "the team has fewer than 5 people"
        return {**day, "team": team, "merged_pull_requests": None, **nothing, "withheld_reason": reason}
    return {
        **day,
        "team": team,
        "merged_pull_requests": merged,
        **amounts_of(1_240_000 if merged else 0, "3.40" if merged else "0.00"),
        "tokens_per_merged_pr": 1_240_000 / merged if merged else None,
        "cost_per_merged_pr_usd": "0.08" if merged else None,
        "withheld_reason": None,
    }
