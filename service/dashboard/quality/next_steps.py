"""What would make the figures better, by how much. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from service.dashboard.numbers.days import ago_text
from service.dashboard.numbers.units import exact_text, percent_text
from service.dashboard.quality.facts import QualityFacts
from service.dashboard.quality.gaps import lost_records
from service.dashboard.quality.links import gain, linked_share
from service.dashboard.quality.sources import silent_sources
from service.dashboard.set_up.steps import link_environment

MOST_STEPS: Final = 4
# A smaller gain is not worth a change on many machines.
LEAST_GAIN: Final = 0.02
ENOUGH: Final = 0.9


class NextStep(NamedTuple):
    """What to do, what it brings, and the command."""

    title: str
    why: str
    command: str


FIRST: Final = NextStep(
    "Let agents report",
    "Connect one agent and one forge. The page of set-up shows both, and says when they are heard.",
    "shipledger agent-config claude-code --team TEAM",
)


def find_next_steps(facts: QualityFacts, now: datetime) -> list[NextStep]:
    """Return the steps, most useful first."""
    if not facts.tokens and not facts.known:
        return [FIRST]
    found = [*_double_counting(facts), *_silent(facts, now), *_links(facts), *_dropped(facts), *_bills(facts)]
    return [*found, *_repositories(facts), *_unpriced(facts), *_dead(facts)][:MOST_STEPS]


def _double_counting(facts: QualityFacts) -> Iterator[NextStep]:
    for each in facts.double_counting[:1]:
        yield NextStep(
            "Count each token once",
            f"{each.source} and {', '.join(each.others)} seem to report the same tokens. If so, count only one.",
            f"shipledger layers set --supersede {each.source}",
        )


def _silent(facts: QualityFacts, now: datetime) -> Iterator[NextStep]:
    for source, at in silent_sources(facts, now)[:1]:
        yield NextStep(
            f"Find out why {source} is silent",
            f"It was last heard {ago_text(at, now)}, while others still report.",
            "shipledger doctor",
        )


def _links(facts: QualityFacts) -> Iterator[NextStep]:
    share = linked_share(facts.linked)
    if share is None or share >= ENOUGH:
        return
    found = gain(facts)
    why = "Then figures of single pull requests are known, not estimated. Names are hashed on arrival."
    title = "Let agents report their repository, branch and commits"
    if found is not None and found[2] - share >= LEAST_GAIN:
        worst, best, then = found
        title = f"Let the agents of {worst.team} report their repository and branch"
        why = f"If {worst.team} were linked as well as {best.team} ({percent_text(best.share)}), "
        why += f"{percent_text(then)} of all would be, instead of {percent_text(share)}. Names are hashed on arrival."
    yield NextStep(title, why, link_environment())


def _dropped(facts: QualityFacts) -> Iterator[NextStep]:
    if number := lost_records(facts):
        yield NextStep(
            "Recover what is dropped",
            f"{exact_text(number)} records hold tokens that are not counted. The list below says why.",
            "shipledger doctor",
        )


def _bills(facts: QualityFacts) -> Iterator[NextStep]:
    if not facts.billed[0] and not facts.is_of_own_team:
        yield NextStep(
            "Compare with the bill",
            "Without a bill, nobody can tell which requests telemetry did not see.",
            "shipledger provider-account add anthropic",
        )


def _repositories(facts: QualityFacts) -> Iterator[NextStep]:
    if number := facts.repositories.unknown:
        yield NextStep(
            f"Connect {number} unknown repositor{'y' if number == 1 else 'ies'}",
            "Agents name them, but their pull requests are not known.",
            "shipledger import git PATH",
        )


def _unpriced(facts: QualityFacts) -> Iterator[NextStep]:
    for model in [*facts.unpriced][:1]:
        yield NextStep(
            f"Set a price for {model or 'the unknown model'}",
            "Its tokens count and cost $0.",
            f"shipledger prices set {model or 'MODEL'} output USD",
        )


def _dead(facts: QualityFacts) -> Iterator[NextStep]:
    if number := sum(facts.dead.values()):
        yield NextStep(
            f"Look at {exact_text(number)} dead letter{'s' * (number != 1)}",
            "Each says what failed and what to do.",
            "shipledger dead-letters list",
        )
