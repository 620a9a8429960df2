"""The figures of a release, and how far to trust them. Pure."""

from decimal import Decimal

from service.dashboard.components.costs import cost_shown, direct_share, nano_of, tokens_shown
from service.dashboard.components.figures import Figure, Line, Trust
from service.dashboard.numbers.sureness import Shown, nothing
from service.dashboard.numbers.units import count_text, exact_text, percent_text, usd_text
from service.dashboard.release.facts import ReleaseFacts
from service.dashboard.view.view import View
from vocabulary.reliability import doubt_phrase
from vocabulary.tokens import nano_usd

DEFINITIONS = {
    "Cost": (
        "Everything ever spent on the pull requests that it was the first of its family to ship, without reverted ones."
    ),
    "Tokens": "All tokens attributed to them, of every kind.",
    "Pull requests": "Shipped by this release first in its family, and not reverted since.",
    "Reverted": "Shipped by it and reverted since; in no other figure here.",
    "Size": "Changed lines of the pull requests whose forge reports them.",
}


def build_strip(view: View, facts: ReleaseFacts) -> list[Figure]:
    """Return the five figures."""
    shown, sums = facts.shown, facts.shown.outcomes
    number, reverted = shown.pull_requests, shown.reverted.pull_requests
    lost = nano_usd(Decimal(shown.reverted.cost_usd))
    values: dict[str, tuple[Shown, list[Line]]] = {
        "Cost": (cost_shown(shown), [Line("", view.price_name)]),
        "Tokens": (tokens_shown(shown), []),
        "Pull requests": (
            Shown(count_text(number), exact=exact_text(number)),
            [Line("", f"{usd_text(nano_of(shown) / number)} each")] if number and not facts.is_estimate else [],
        ),
        "Reverted": (
            Shown(count_text(reverted)),
            [Line("", f"{usd_text(lost)} were spent on them")] if reverted else [],
        ),
        "Size": (
            Shown(count_text(sums.changed_lines), exact=exact_text(sums.changed_lines))
            if sums.sized
            else nothing("the forge reports no sizes"),
            [Line("", f"changed lines of {exact_text(sums.sized)} pull request{'s' * (sums.sized != 1)}")]
            if sums.sized
            else [],
        ),
    }
    request = f"/api/v1/releases/{shown.artifact_id}"
    basis = f"Up to now. {view.price_name.capitalize()}."
    return [Figure(name, value, DEFINITIONS[name], basis, request, lines) for name, (value, lines) in values.items()]


def build_trust(facts: ReleaseFacts, heard: Trust) -> list[Trust]:
    """Return the trust strip."""
    if not facts.shown.tokens.total:
        return [heard]
    why = doubt_phrase(facts.shown.unreliable_because) or "enough is linked"
    return [
        Trust("", percent_text(direct_share(facts.shown)), "linked directly"),
        Trust("", "Reliable:" if facts.shown.reliable else "Not reliable:", why),
        heard,
    ]
