"""Findings as values that JSON can hold."""

from dataclasses import dataclass
from math import isfinite
from typing import Any

from workers.statistics.estimates import Estimate
from workers.statistics.event_study import EventWeek
from workers.statistics.history import Findings
from workers.statistics.iterations import GroupFound, IterationStudy
from workers.statistics.placebo import Placebo
from workers.statistics.returns import Returns
from workers.statistics.study import Effects, Size, Studied
from workers.statistics.trials import TrialEffects, TrialOutcome
from workers.statistics.version_changes import VersionChange

# The false date whose weeks are shown as the trend before adoption.
SHOWN_SHIFT = 8
TOO_FEW = "the group has fewer than {} pull requests"
WOULD_REVEAL = "the only other withheld group could be computed from the total and this group"


@dataclass(frozen=True, slots=True)
class Versions:
    """What the newest versions changed, and all compared pairs, of prompts and of models."""

    prompts: tuple[VersionChange, ...]
    models: tuple[VersionChange, ...]
    prompt_pairs: tuple[VersionChange, ...] = ()
    model_pairs: tuple[VersionChange, ...] = ()


def report(
    findings: Findings,
    versions: Versions,
    iterations: dict[str, Any] | None = None,
    trials: tuple[TrialEffects, ...] = (),
) -> dict[str, Any]:
    """Return the findings, what versions changed, iterations, and roll-outs by chance, as the API shows them."""
    return {
        "adoption": _effects(findings.adoption),
        "models": [{"model": model, **_effects(effects)} for model, effects in findings.models.items()],
        "associations": [
            {"outcome": outcome, "doubled_use": effect(found)} for outcome, found in findings.associations.items()
        ],
        "returns": returns_points(findings.returns, "tokens_per_person"),
        "versions": _versions(versions.prompts, versions.models),
        "version_pairs": _versions(versions.prompt_pairs, versions.model_pairs),
        "iterations": iterations,
        "randomised": [_trial(each) for each in trials],
    }


def iteration_report(study: IterationStudy, least: Size, first_week: str, last_week: str) -> dict[str, Any]:
    """Return how often pull requests were reworked as `GET /api/v1/iterations` shows it; small groups are withheld."""
    return {
        "first_week": first_week,
        "last_week": last_week,
        "total": _group(study.total),
        "dimensions": {name: _withheld(groups, least) for name, groups in study.dimensions.items()},
    }


def _withheld(groups: tuple[GroupFound, ...], least: Size) -> list[dict[str, Any]]:
    """Return groups; of those that are too small only the name. A single one would be known from the total."""
    places = range(len(groups))
    hidden = {
        place: TOO_FEW.format(least.pull_requests)
        for place in places
        if groups[place].pull_requests < least.pull_requests
    }
    shown = [place for place in places if place not in hidden]
    if shown and len(hidden) == 1:
        hidden[min(shown, key=lambda place: groups[place].pull_requests)] = WOULD_REVEAL
    return [
        {"group": each.group, "withheld_reason": hidden[place]} if place in hidden else _group(each)
        for place, each in enumerate(groups)
    ]


def _group(found: GroupFound) -> dict[str, Any]:
    return {
        "group": found.group,
        "pull_requests": found.pull_requests,
        "teams": found.teams,
        "rates": {name: rate._asdict() for name, rate in found.rates.items()},
        "design": found.design,
        "compared_teams": max((each.teams for each in found.effects.values() if each), default=0),
        "effects": {name: effect(each.effect if each else None) for name, each in found.effects.items()} or None,
        "withheld_reason": None,
    }


def _versions(prompts: tuple[VersionChange, ...], models: tuple[VersionChange, ...]) -> list[dict[str, Any]]:
    kinds = (("prompt_version", prompts), ("model", models))
    return [{"kind": kind, **_version(each)} for kind, found in kinds for each in found]


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


def _trial(found: TrialEffects) -> dict[str, Any]:
    return {
        "name": found.trial.name,
        "weeks": found.weeks,
        "given": found.given,
        "held_back": found.held_back,
        "left_out": {"small": found.small, "too_early": found.too_early},
        "outcomes": [_trial_outcome(each) for each in found.outcomes],
    }


def _trial_outcome(each: TrialOutcome) -> dict[str, Any]:
    return {
        "outcome": each.outcome,
        "answer": each.verdict.answer,
        "verdict": each.verdict.words,
        "effect": effect(each.found.effect) if each.found else None,
        "explained": each.found.explained if each.found else None,
    }


def returns_points(returns: Returns | None, use: str) -> dict[str, Any] | None:
    """Return a curve as points, whose use is named `use`."""
    if returns is None:
        return None
    columns = (returns.use, returns.relative, returns.low, returns.high)
    points = zip(*(column.tolist() for column in columns), strict=True)
    names = (use, "relative", "low", "high")
    return {"points": [dict(zip(names, point, strict=True)) for point in points], "flat_from": returns.flat_from}
