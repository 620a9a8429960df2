"""The life of a pull request as a path: first tokens, opened, worked on, merged, released, what came back. Pure."""

from typing import NamedTuple

from schema.identifiers import artifact_text
from service.dashboard.components.costs import name_of
from service.dashboard.numbers.days import day_text, full_day_text
from service.dashboard.numbers.units import percent_text
from service.dashboard.pull_request.facts import OneFacts
from service.dashboard.view.view import View


class Step(NamedTuple):
    """A step of the path; `kind` is empty for what happened, `not` for what has not, `bad` for what came back."""

    title: str
    text: str
    link: str = ""
    kind: str = ""


def path_of(view: View, facts: OneFacts) -> list[Step]:
    """Return the steps in their usual order."""
    steps = []
    if facts.days:
        steps.append(Step("First tokens", full_day_text(facts.days[0].day)))
    steps += [Step("Opened", f"{full_day_text(facts.opened_at.date())}{_spent_before(facts)}"), _reviews(facts)]
    steps.append(_end(facts))
    if facts.shown.state == "merged":
        steps += [_release(view, facts), _came_back(view, facts)]
    return steps


def _spent_before(facts: OneFacts) -> str:
    whole = sum(each.spend.tokens.total for each in facts.days)
    before = sum(each.spend.tokens.total for each in facts.days if each.day < facts.opened_at.date())
    return f", after {percent_text(before / whole)} of the tokens" if before else ""


def _reviews(facts: OneFacts) -> Step:
    outcomes = facts.shown.outcomes
    rounds, pushes = outcomes.review_rounds, outcomes.pushes_after_opening
    title = f"{rounds} review round{'s' * (rounds != 1)}" if rounds else "Not reviewed"
    text = f"{pushes} push{'es' * (pushes != 1)} after opening" if pushes else "No push after opening"
    return Step(title, text, kind="" if rounds or pushes else "not")


def _end(facts: OneFacts) -> Step:
    shown = facts.shown
    if shown.merged_at is not None:
        how = {"commit": ", by a push", "number": ", as a commit says"}.get(shown.landed_by or "", "")
        return Step("Merged", f"{full_day_text(shown.merged_at.date())}{how}")
    if shown.state == "open":
        return Step("Still open", "its cost may grow", kind="not")
    day = full_day_text(facts.closed_at.date()) if facts.closed_at else "without a merge"
    return Step("Closed without a merge", day, kind="bad")


def _release(view: View, facts: OneFacts) -> Step:
    if not facts.releases:
        return Step("Not released yet", "its repository waits for a tag", kind="not")
    first, *others = facts.releases
    text = artifact_text(first.artifact_id)
    also = f", and in {len(others)} more" if others else ""
    return Step(
        f"Released in {name_of(first.label, text)}",
        f"{day_text(first.released_at.date())}{also}",
        view.lead(f"/releases/{text}"),
    )


def _came_back(view: View, facts: OneFacts) -> Step:
    outcomes = facts.shown.outcomes
    if outcomes.reverted_at is not None:
        by = outcomes.reverted_by
        what = f" by {name_of(facts.reverted_by_label, by)}" if by else " by a commit"
        link = view.lead(f"/pull-requests/{by}") if by else ""
        return Step("Reverted", f"{full_day_text(outcomes.reverted_at.date())}{what}", link, "bad")
    if outcomes.fix_released_at is not None:
        day = full_day_text(outcomes.fix_released_at.date())
        return Step("A fix release followed", f"{day}, within 14 days", kind="bad")
    return Step("No revert, no fix", "within 14 days of its release", kind="not")
