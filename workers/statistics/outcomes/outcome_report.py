"""What tokens do for reported outcomes, as values that JSON can hold."""

from math import exp, isfinite
from typing import Any

from workers.statistics.outcomes.outcome_returns import OutcomeWeeks, quality_returns, success_returns
from workers.statistics.outcomes.prompts import PromptDays, RankedPrompt, rank_prompts
from workers.statistics.report import effect, returns_points


def outcome_report(weeks: OutcomeWeeks, days: PromptDays) -> dict[str, Any]:
    """Return what `GET /api/v1/outcomes/study` shows."""
    return {
        "success": returns_points(success_returns(weeks), "tokens_per_outcome"),
        "quality": returns_points(quality_returns(weeks), "tokens_per_outcome"),
        "prompts": [_prompt(each) for each in rank_prompts(days)],
    }


def _prompt(each: RankedPrompt) -> dict[str, Any]:
    ratio = each.tokens / each.outcomes if each.outcomes else None
    found = each.per_outcome
    return {
        "workflow": each.workflow,
        "prompt_version": each.prompt,
        "rank": each.rank,
        "days": each.days,
        "tokens": each.tokens,
        "nano_usd": each.nano_usd,
        "outcomes": each.outcomes,
        "tokens_per_outcome": ratio,
        "low": exp(found.log_ratio - found.margin) if found else None,
        "high": _finite(found.log_ratio + found.margin) if found else None,
        "success_rate": each.success_rate,
        "quality": each.quality,
        "than_first": effect(each.than_first),
    }


def _finite(logarithm: float) -> float | None:
    largest = 700.0
    return exp(logarithm) if isfinite(logarithm) and logarithm < largest else None
