"""Findings as values that JSON can hold."""

from math import isfinite
from typing import Any

from workers.statistics.estimates import Estimate
from workers.statistics.event_study import EventWeek
from workers.statistics.history import Findings
from workers.statistics.placebo import Placebo
from workers.statistics.returns import Returns
from workers.statistics.study import Effects, Studied
from workers.statistics.version_changes import VersionChange

# The false date whose weeks are shown as the trend before adoption.
SHOWN_SHIFT = 8


def report(findings: Findings, versions: tuple[VersionChange, ...]) -> dict[str, Any]:
    """Return the findings, and what versions changed, as `GET /api/v1/effects` shows them."""
    return {
        "adoption": _effects(findings.adoption),
        "models": [{"model": model, **_effects(effects)} for model, effects in findings.models.items()],
        "associations": [
            {"outcome": outcome, "doubled_use": effect(found)} for outcome, found in findings.associations.items()
        ],
        "returns": _returns(findings.returns),
        "versions": [_version(each) for each in versions],
    }


def effect(found: Estimate | None) -> dict[str, float | None] | None:
    """Return an estimate as shares: 0.12 is 12 % more; an end that is beyond all numbers is None."""
    if found is None:
        return None
    shares = {name: getattr(found, name) for name in ("change", "low", "high", "smallest_visible")}
    return {name: share if isfinite(share) else None for name, share in shares.items()}


def _effects(effects: Effects) -> dict[str, Any]:
    return {
        "adopters": effects.adopters,
        "comparisons": effects.comparisons,
        "left_out": {
            "small": effects.small,
            "too_early": effects.too_early,
            "without_comparison": effects.without_comparison,
        },
        "outcomes": [_outcome(each) for each in effects.outcomes],
    }


def _outcome(studied: Studied) -> dict[str, Any]:
    found = studied.effect
    return {
        "outcome": studied.outcome,
        "answer": studied.verdict.answer,
        "verdict": studied.verdict.words,
        "effect": effect(found.total) if found else None,
        "actual": found.actual if found else None,
        "expected": found.expected if found else None,
        "weeks": [*_before(studied.placebos), *(_week(each, 0) for each in (found.weeks if found else ()))],
        "weekly_growth_before": effect(studied.trend),
        "false_dates": [{"weeks_before": each.shift, "effect": effect(each.study.total)} for each in studied.placebos],
    }


def _before(placebos: tuple[Placebo, ...]) -> list[dict[str, Any]]:
    shown = next((each for each in placebos if each.shift == SHOWN_SHIFT), None)
    return [_week(each, SHOWN_SHIFT) for each in shown.study.weeks] if shown else []


def _week(week: EventWeek, moved: int) -> dict[str, Any]:
    return {"week": week.week - moved, "teams": week.teams, "effect": effect(week.effect)}


def _version(change: VersionChange) -> dict[str, Any]:
    return {
        "new": change.new,
        "old": change.old,
        "design": change.design,
        "teams": change.teams,
        "sentence": change.sentence,
        **{name: effect(found) for name, found in change.effects.items()},
    }


def _returns(returns: Returns | None) -> dict[str, Any] | None:
    if returns is None:
        return None
    columns = (returns.use, returns.relative, returns.low, returns.high)
    points = zip(*(column.tolist() for column in columns), strict=True)
    names = ("tokens_per_person", "relative", "low", "high")
    return {"points": [dict(zip(names, point, strict=True)) for point in points], "flat_from": returns.flat_from}
