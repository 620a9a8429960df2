"""What came back of a release: reverts, and the fix that followed; and what it fixed itself. Pure."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from schema.identifiers import artifact_text
from service.dashboard.components.costs import name_of
from service.dashboard.numbers.days import full_day_text
from service.dashboard.numbers.units import usd_text
from service.dashboard.release.facts import ReleaseFacts
from service.dashboard.view.view import View

FIX_WITHIN: Final = timedelta(days=14)
MOST: Final = 20


class Came(NamedTuple):
    """Something that came back, with a link and when."""

    title: str
    link: str
    text: str


def came_back_lines(view: View, facts: ReleaseFacts) -> list[Came]:
    """Return reverted pull requests, then fix releases."""
    lines = []
    for each in facts.reverted[:MOST]:
        text = artifact_text(each.artifact_id)
        by = name_of(each.reverted_by_label, artifact_text(each.reverted_by)) if each.reverted_by else "a commit"
        when = full_day_text(each.reverted_at.date())
        name = f"{name_of(each.label, text)} was reverted"
        lines.append(Came(name, view.lead(f"/pull-requests/{text}"), f"{when}, by {by}"))
    if len(facts.reverted) > MOST:
        lines.append(Came(f"{len(facts.reverted) - MOST} more were reverted", "", ""))
    for fix in facts.fixed_by:
        text = artifact_text(fix.artifact_id)
        when = f"{full_day_text(fix.released_at.date())}, cost {usd_text(fix.nano_usd)}"
        lines.append(Came(f"{name_of(fix.label, text)} fixed it", view.lead(f"/releases/{text}"), when))
    for fixed in facts.fixes[:MOST]:
        text = artifact_text(fixed.artifact_id)
        lines.append(
            Came(
                f"It fixed {name_of(fixed.label, text)}",
                view.lead(f"/releases/{text}"),
                f"released {full_day_text(fixed.released_at.date())}",
            )
        )
    return lines


def nothing_came_back(facts: ReleaseFacts, now: datetime) -> str:
    """Return what to say if nothing came back; the 14 days may not be over."""
    left = (facts.shown.released_at + FIX_WITHIN - now).days + 1
    if left > 0:
        return f"Nothing so far; a fix counts for {left} more day{'s' * (left != 1)}."
    return "No revert, and no fix release within 14 days."
