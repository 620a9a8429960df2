"""Alerts in words: what is unusual, since when, and why."""

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from vocabulary.causes.split import Causes
from vocabulary.causes.words import money, named_causes, signed, words_of
from workers.alert_rules.use import Change
from workers.statistics.leading_causes import Candidate

# Labels by which the page of spend is narrowed.
_PARAMETERS = ("team", "provider", "model", "prompt", "workflow", "feature", "region")
_KINDS: Mapping[str, str] = {
    "prompt_template": "prompt template",
    "retrieval_depth": "retrieval depth",
    "rollout": "rollout",
}


def subject_name(subject: Candidate) -> str:
    """Return a subject as it is stored and shown: `team web`, `organization`."""
    return " ".join(subject).strip()


def candidate_of(change: Change) -> Candidate | None:
    """Return the series that a change begins; None for changes that are no model or prompt."""
    dimension = {"model": "model", "prompt_template": "prompt"}.get(change.kind)
    return Candidate(dimension, change.after) if dimension and change.after else None


def day_text(day: date) -> str:
    """Return a day such as `3 Nov 2026`."""
    return f"{day.day} {day:%b %Y}"


def period_text(period: str, first: date) -> str:
    """Return a calendar period such as `November 2026` or `Q4 2026`."""
    return f"{first:%B %Y}" if period == "month" else f"Q{(first.month + 2) // 3} {first.year}"


def rise_sentence(subject: str, began: date, usual: int, spent: int) -> str:
    """Return how much more was spent than usual."""
    times = f", {spent / usual:.1f} times the usual {money(usual, spent)}" if usual > 0 else ", and nothing is usual"
    return f"Spend of {subject_text(subject)} since {day_text(began)}: {money(spent, spent)}{times}."


def subject_text(subject: str) -> str:
    """Return a subject within a sentence."""
    return "the organization" if subject == "organization" else subject


def change_sentence(change: Change) -> str:
    """Return what changed on a day, such as `The model changed from sonnet-4 to sonnet-5 on 3 Nov 2026.`."""
    if change.kind in {"rollout", "other"}:
        what = f"A {change.kind} change" if change.kind == "other" else "A rollout"
        verb = f"{what}{f' of {change.after}' if change.after else ''} took place"
    else:
        verb = f"The {_KINDS.get(change.kind, change.kind)} changed"
        verb += f" from {change.before}" if change.before else ""
        verb += f" to {change.after}" if change.after else ""
    where = f" in workflow {change.workflow}" if change.workflow else ""
    who = f" for team {change.team}" if change.team else ""
    return f"{verb}{where}{who} on {day_text(change.day)}."


def causes_sentence(causes: Causes, moved: str | None) -> str:
    """Return the parts of a rise, largest first, such as `Of the rise: +$310 more requests, +$90 from a to b.`."""
    if not any(causes):
        return ""
    largest = max(map(abs, causes))
    parts = [(name, getattr(causes, name)) for name in named_causes(causes)]
    said = [
        f"{signed(part, money(abs(part), largest))} {(moved if name == 'model_mix' else None) or words_of(name, part)}"
        for name, part in parts
    ]
    return f"Of the rise: {', '.join(said)}."


def percent(share: float) -> str:
    """Return a share such as `35 %`."""
    return f"{100 * share:.0f} %"


def dollars(nano_usd: int) -> str:
    """Return whole dollars, or cents of small amounts."""
    return money(nano_usd, nano_usd)


def link(subject: Candidate, first: date, last: date, team: str | None = None) -> str:
    """Return the address of the page that shows the spend of a subject in some days, without a host."""
    query = {"period": f"{first}..{last}"}
    if team:
        query["team"] = team
    if subject.dimension in _PARAMETERS and subject.value:
        query[subject.dimension] = subject.value
    return f"/spend?{urlencode(query, safe=':/')}"
