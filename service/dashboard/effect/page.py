"""The page of effects, from a study to what its template shows. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from service.contracts.effects.study import AdoptionEffects, EffectShown, EffectsShown
from service.dashboard.charts.parts import Chart
from service.dashboard.components.effects import interval_of_effect, share_text
from service.dashboard.components.figures import Answer, Export, Figure, Line, Trust
from service.dashboard.effect.answering import build_answer, outcome_of
from service.dashboard.effect.drawings import returns_chart, weeks_chart
from service.dashboard.effect.lists import EffectTable, chain_table, false_dates, model_table, trial_table, use_table
from service.dashboard.numbers.days import ago_text, span_text
from service.dashboard.numbers.sureness import Shown, Sureness, nothing
from service.dashboard.numbers.units import count_text, exact_text, percent_text
from service.queries.teams.comparisons import Thresholds

SIX_DAYS = timedelta(days=6)
REQUEST = "/api/v1/effects"
DEFINITIONS = {
    "Merged pull requests": (
        "What teams merged in the half year after they started with agents, against what they would have merged "
        "without: as teams did that had not started, or not yet, in the same weeks."
    ),
    "Smallest effect that would have shown": "The smallest rise that these data would have shown in 4 of 5 cases.",
    "Teams that started": "Teams that started with agents after 8 weeks with known tokens, and can be compared.",
    "Before they started": "How much more these teams grew each week than the others, before they started.",
}


@dataclass(frozen=True, slots=True)
class EffectPage:
    """All values that the template shows. Tables are None before the first study."""

    answer: Answer
    strip: list[Figure]
    trust: list[Trust]
    weeks: Chart | None
    chain: EffectTable | None
    false_dates: EffectTable | None
    use: EffectTable | None
    models: EffectTable | None
    trials: EffectTable | None
    returns: Chart | None
    returns_line: str
    left_out: str
    export: Export


def build_effect(shown: EffectsShown, thresholds: Thresholds, heard: Trust, now: datetime) -> EffectPage:
    """Build the page; `heard` opens the trust strip."""
    found = shown.found
    adoption = found.adoption if found else None
    returns = found.returns if found else None
    return EffectPage(
        answer=build_answer(shown),
        strip=_strip(adoption, _basis(shown)),
        trust=_trust(shown, heard, now),
        weeks=weeks_chart(outcome_of(adoption, "merged")) if adoption else None,
        chain=chain_table(adoption) if adoption else None,
        false_dates=false_dates(adoption) if adoption else None,
        use=use_table(found.associations) if found else None,
        models=model_table(found) if found and found.models else None,
        trials=trial_table(found) if found and found.randomised else None,
        returns=returns_chart(returns) if returns else None,
        returns_line=_returns_line(returns.flat_from if returns else None),
        left_out=_left_out(adoption, thresholds) if adoption else "",
        export=_export(adoption),
    )


def _basis(shown: EffectsShown) -> str:
    if shown.first_week is None or shown.last_week is None:
        return "No weeks are known yet."
    weeks = span_text(shown.first_week, shown.last_week + SIX_DAYS)
    return f"{weeks}: weeks since tokens are known, without the last five, whose pull requests may yet be released."


def _strip(adoption: AdoptionEffects | None, basis: str) -> list[Figure]:
    merged = outcome_of(adoption, "merged") if adoption else None
    effect = merged.effect if merged else None
    trend = merged.weekly_growth_before if merged else None
    visible = effect.smallest_visible if effect else None
    shown: dict[str, tuple[Shown, list[Line]]] = {
        "Merged pull requests": (_estimate(effect), []),
        "Smallest effect that would have shown": (
            (Shown(percent_text(visible)), [Line("", "in 4 of 5 cases, at 5 % error")])
            if visible is not None
            else (nothing("nothing could be compared"), [])
        ),
        "Teams that started": (
            (Shown(exact_text(adoption.adopters)), [Line("", f"{exact_text(adoption.comparisons)} to compare with")])
            if adoption
            else (nothing("not studied yet"), [])
        ),
        "Before they started": (_trend(trend), [Line("", interval) for interval in [_weekly(trend)] if interval]),
    }
    return [Figure(name, value, DEFINITIONS[name], basis, REQUEST, lines) for name, (value, lines) in shown.items()]


def _estimate(effect: EffectShown | None) -> Shown:
    if effect is None or effect.change is None or effect.low is None or effect.high is None:
        return nothing("nothing could be compared")
    is_clear = effect.low * effect.high > 0
    interval = f"{interval_of_effect(effect)}, 95 % interval"
    return Shown(share_text(effect.change), Sureness.SURE if is_clear else Sureness.UNSURE, interval)


def _trend(trend: EffectShown | None) -> Shown:
    if trend is None or trend.low is None or trend.high is None:
        return nothing("too few weeks before")
    if trend.low <= 0 <= trend.high:
        return Shown("flat")
    return Shown("rising" if trend.low > 0 else "falling", Sureness.UNFINISHED)


def _weekly(trend: EffectShown | None) -> str:
    if trend is None or trend.low is None or trend.high is None:
        return ""
    return f"{100 * trend.low:+.1f} to {100 * trend.high:+.1f} % a week".replace("-", "\N{MINUS SIGN}")


def _trust(shown: EffectsShown, heard: Trust, now: datetime) -> list[Trust]:
    items = [heard]
    if shown.studied_at is not None:
        items.append(Trust("Studied", ago_text(shown.studied_at, now)))
    if shown.first_week is not None and shown.last_week is not None:
        items.append(Trust("Weeks of", span_text(shown.first_week, shown.last_week + SIX_DAYS)))
    return items


def _left_out(adoption: AdoptionEffects, thresholds: Thresholds) -> str:
    left = adoption.left_out
    reasons = {
        f"with fewer than {thresholds.people} people or {thresholds.pull_requests} merged pull requests": left.small,
        "that started before there were enough weeks to compare with": left.too_early,
        "unlike any team that had not started": left.without_comparison,
    }
    said = [f"{number} {reason}" for reason, number in reasons.items() if number]
    return f"Left out: {'; '.join(said)}." if said else "No team is left out."


def _returns_line(flat_from: float | None) -> str:
    line = "Within teams of known size, against the lowest use. What goes with use need not be caused by it."
    if flat_from is None:
        return line
    from_here = f"From {count_text(flat_from)} tokens a person and week on, doubled use goes with less than 5 % more."
    return f"{from_here} {line}"


def _export(adoption: AdoptionEffects | None) -> Export:
    columns = ("outcome", "week", "answer", "change", "low", "high", "smallest_visible", "teams", "actual", "expected")
    rows: list[tuple[object, ...]] = []
    for each in adoption.outcomes if adoption else ():
        rows.append((each.outcome, None, each.answer, *_parts(each.effect), None, each.actual, each.expected))
        rows += [(each.outcome, week.week, None, *_parts(week.effect), week.teams, None, None) for week in each.weeks]
    return Export("effect", columns, rows)


def _parts(effect: EffectShown | None) -> tuple[float | None, ...]:
    if effect is None:
        return (None, None, None, None)
    return effect.change, effect.low, effect.high, effect.smallest_visible
