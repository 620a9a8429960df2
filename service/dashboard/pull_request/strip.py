"""The figures of a pull request, and how far to trust them. Pure."""

from service.dashboard.components.costs import cost_shown, direct_share, nano_of, tokens_shown
from service.dashboard.components.figures import Figure, Line, Trust
from service.dashboard.numbers.days import full_day_text, span_text
from service.dashboard.numbers.sureness import Shown, Sureness, nothing
from service.dashboard.numbers.units import count_text, exact_text, percent_text, usd_text
from service.dashboard.pull_request.facts import OneFacts
from service.dashboard.pull_request.sizes import size_of
from service.dashboard.view.view import View
from vocabulary.reliability import doubt_phrase

MILLION = 1_000_000
DEFINITIONS = {
    "Dollars": "Everything attributed to this pull request, whenever it was spent.",
    "Tokens": "All tokens attributed to it, of every kind.",
    "Days": "UTC days on which tokens were spent on it.",
    "Iterations": "Pushes and review rounds after it was opened.",
    "Size": "Classes of changed lines: XS to 9, S to 99, M to 399, L to 999, XL beyond.",
}


def build_strip(view: View, facts: OneFacts) -> list[Figure]:
    """Return the five figures."""
    shown, outcomes = facts.shown, facts.shown.outcomes
    size = size_of(outcomes.changed_lines)
    days = sorted({each.day for each in facts.days})
    iterations = outcomes.pushes_after_opening + outcomes.review_rounds
    values: dict[str, tuple[Shown, list[Line]]] = {
        "Dollars": (_cost(facts), [Line("", view.price_name)]),
        "Tokens": (_tokens(facts), _price(facts)),
        "Days": (
            Shown(count_text(len(days))) if days else nothing("no tokens are attributed to it"),
            [Line("", span_text(days[0], days[-1]))] if days else [],
        ),
        "Iterations": (Shown(count_text(iterations)), [Line("", _iterations(facts))]),
        "Size": (
            Shown(size.name) if size else nothing("its forge did not report it"),
            [Line("", f"{exact_text(outcomes.changed_lines or 0)} changed lines{_files(facts)}")] if size else [],
        ),
    }
    basis = f"Up to now. {view.price_name.capitalize()}."
    request = f"/api/v1/attributions?artifact_id={shown.artifact_id}"
    return [Figure(name, value, DEFINITIONS[name], basis, request, lines) for name, (value, lines) in values.items()]


def build_trust(facts: OneFacts, heard: Trust) -> list[Trust]:
    """Return the trust strip."""
    items = []
    if facts.shown.tokens.total:
        items.append(Trust("", percent_text(direct_share(facts.shown)), "linked directly"))
        items.append(Trust("", "Reliable" if facts.shown.reliable else "Not reliable", _reason(facts)))
    if facts.shown.method:
        settled = facts.settled.settled_at
        items.append(Trust("Method", facts.shown.method, f"settled {full_day_text(settled.date())}" if settled else ""))
    return [*items, heard]


def _reason(facts: OneFacts) -> str:
    if not facts.shown.reliable:
        return f"alone: {doubt_phrase(facts.shown.unreliable_because)}"
    return "alone" if facts.shown.interval else "alone; its interval is not measured yet"


def _cost(facts: OneFacts) -> Shown:
    shown = cost_shown(facts.shown)
    if facts.is_estimate and facts.shown.interval is None:
        linked = nano_of(facts.shown) * direct_share(facts.shown)
        return Shown(f"at least {usd_text(linked)}", Sureness.UNSURE, "what is linked to it")
    return shown


def _tokens(facts: OneFacts) -> Shown:
    shown = tokens_shown(facts.shown)
    if facts.is_estimate and facts.shown.interval is None:
        linked = facts.shown.tokens.total * direct_share(facts.shown)
        return Shown(f"at least {count_text(linked)}", Sureness.UNSURE, "what is linked to it")
    return shown


def _price(facts: OneFacts) -> list[Line]:
    total = facts.shown.tokens.total
    return [Line("", f"{usd_text(nano_of(facts.shown) * MILLION / total)} per million")] if total else []


def _iterations(facts: OneFacts) -> str:
    pushes, rounds = facts.shown.outcomes.pushes_after_opening, facts.shown.outcomes.review_rounds
    reviews = f"{rounds} review round{'s' * (rounds != 1)}"
    return f"{pushes} push{'es' * (pushes != 1)} and {reviews} after opening"


def _files(facts: OneFacts) -> str:
    files = facts.shown.outcomes.changed_files
    return f" in {exact_text(files)} file{'s' * (files != 1)}" if files else ""
