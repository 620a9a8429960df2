"""The page of set-up, from facts to what its template shows. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from service.dashboard.components.figures import Answer
from service.dashboard.numbers.sureness import Shown, Sureness, figure
from service.dashboard.numbers.units import count_text, percent_text
from service.dashboard.set_up.facts import MergeFigure, SetUpFacts
from service.dashboard.set_up.guide import GuideStep, build_guide
from service.dashboard.set_up.steps import Step, next_steps

MOST_TEAMS: Final = 200
NUMBERS: Final = ("no", "one", "two", "three", "four", "five")


class First(NamedTuple):
    """The first figure: what one pull request cost."""

    cost: Shown
    name: str
    address: str
    line: str


class Later(NamedTuple):
    """What can be done whenever one likes. `address` leads to a page, or is empty."""

    icon: str
    text: str
    note: str
    address: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True)
class SetUpPage:
    """All values that the template shows; `current` is the name of the step to do now."""

    answer: Answer
    steps: list[GuideStep]
    current: str
    first: First | None
    waiting_for: str
    improvements: list[Step]
    later: list[Later]
    url: str
    teams: list[str]


def build_set_up(facts: SetUpFacts, url: str, now: datetime, teams: Sequence[str] = ()) -> SetUpPage:
    """Build the page; `url` is the instance's address, `teams` are proposed in forms."""
    steps = build_guide(facts, url, now)
    current = next((step.name for step in steps if not step.is_done and not step.is_optional), "first-figure")
    return SetUpPage(
        answer=_answer(facts, steps),
        steps=steps,
        current=current,
        first=_first(facts.first) if facts.first else None,
        waiting_for=_waiting_for(facts),
        improvements=next_steps(facts),
        later=_later(facts),
        url=url,
        teams=[*facts.teams_without_size, *(team for team in teams if team not in facts.teams_without_size)][
            :MOST_TEAMS
        ],
    )


def _answer(facts: SetUpFacts, steps: Sequence[GuideStep]) -> Answer:
    needed = [step for step in steps if not step.is_optional]
    left = [step for step in needed if not step.is_done]
    if facts.first is None:
        done = sum(step.is_done for step in steps)
        whole = NUMBERS[len(steps) + 1]
        return Answer(
            f"From nothing to the first figure: {NUMBERS[done]} of {whole} steps done"
            if done
            else f"From nothing to the first figure in {whole} steps",
            [("About ten minutes. Every step can be left and taken up again; nothing counts twice.", False)],
        )
    if not left:
        optional = [step.title for step in steps if not step.is_done]
        more = f"What remains is optional: {', '.join(optional).lower()}." if optional else "Nothing is missing."
        return Answer("Everything is set up", [(more, False)])
    titles = ", then ".join(step.title[:1].lower() + step.title[1:] for step in left)
    return Answer(
        f"Your first figure is there; {NUMBERS[len(left)]} step{'s are' if len(left) != 1 else ' is'} left",
        [(f"Most important first: {titles}." if len(left) > 1 else f"To do: {titles}.", False)],
    )


def _first(merge: MergeFigure) -> First:
    low = high = None
    if merge.bounds is not None and merge.tokens:
        low, high = (merge.nano_usd * end / merge.tokens for end in merge.bounds)
    value = figure(merge.nano_usd, low, high, merge.linked_share)
    parts = [
        value.note,
        f"{count_text(merge.tokens)} tokens",
        f"{percent_text(merge.linked_share)} linked directly" if value.sureness is not Sureness.UNSURE else "",
    ]
    return First(
        value,
        merge.label or f"{merge.artifact_id[:11]}…",
        f"/pull-requests/{merge.artifact_id}",
        " · ".join(part for part in parts if part),
    )


def _waiting_for(facts: SetUpFacts) -> str:
    if not facts.has_requests and not facts.pull_requests:
        return "It appears here once a forge and an agent are connected and a pull request is merged."
    if not facts.pull_requests:
        return "Tokens arrive. What is missing is a pull request: connect the forge, or import a clone."
    if not facts.has_requests:
        return "Pull requests are known. What is missing are tokens: let an agent report, or import its transcripts."
    return "Both arrive. The figure appears when a pull request that agents worked on is merged and its day is settled."


def _later(facts: SetUpFacts) -> list[Later]:
    alerts = f"{facts.channels} channel{'s' * (facts.channels != 1)} so far." if facts.channels else ""
    return [
        Later("bell", "Set a budget, and where alerts go", alerts, "/alerts", "shipledger budget set month 2000"),
        Later(
            "check", "See how far the figures can be trusted", "Sources, links, and what is not counted.", "/quality"
        ),
        Later(
            "pull-request",
            "Show the cost on each pull request",
            "Off at first; withheld for small teams.",
            command="shipledger github summaries on",
        ),
    ]
