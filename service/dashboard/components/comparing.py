"""Whether a period can be compared with an earlier one. Pure."""

from datetime import date

from service.dashboard.numbers.days import full_day_text
from service.dashboard.view.view import View
from service.queries.upkeep.freshness import Freshness


def why_not_compared(view: View, freshness: Freshness, silent_since: date | None) -> str:
    """Return the sentence that says why the period is not compared with an earlier one; empty if it is."""
    if view.period.before is None:
        return "It is not compared with an earlier period."
    if silent_since is not None and silent_since < view.period.span.last:
        return f"Days after {full_day_text(silent_since)} are missing, so nothing is compared or forecast."
    if freshness.first_day is None or freshness.first_day > view.period.before.first:
        since = f": data begins on {full_day_text(freshness.first_day)}" if freshness.first_day else ""
        return f"It cannot be compared with {view.period.before_name}{since}."
    return ""
