"""What a GitHub and a GitLab tell, by turns, and what goes wrong with it on the way."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from tests.benchmarks.deliveries.reported import reported
from tests.harness.forges.gitlab_state import deliveries
from tests.harness.forges.histories import make_repository
from tests.harness.reported import Delivery

GROUP = "octo"
MERGE_REQUESTS = 100

# How many later events overtake one that is delayed.
DELAYED_BY = 200


@dataclass(frozen=True, slots=True)
class Event:
    """A delivery of one forge, by what all of its attempts bear."""

    forge: str
    key: str
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Sent:
    """One attempt: `is_lost` is that it never arrives, `is_again` that it is the second of its event."""

    event: Event
    is_lost: bool = False
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Shares of the events that go wrong, told apart by a source of its own."""

    dropped: float = 0.05
    repeated: float = 0.05
    delayed: float = 0.10
    seed: int = 1


def reported_by_both(number: int) -> list[Event]:
    """So many events, half of them a GitHub's and half a GitLab's, those of each in the order of time."""
    github = [
        Event("github", each.delivery, Delivery(each.event, json.loads(each.body))) for each in reported(number // 2)
    ]
    gitlab = _gitlab()
    return [event for each in github for event in (each, next(gitlab))]


def _gitlab() -> Iterator[Event]:
    """One project after another."""
    project = 0
    while True:
        project += 1
        path = f"{GROUP}/project-{project}"
        repository = make_repository(project, path, pull_requests=MERGE_REQUESTS, seed=project, days=400)
        for place, delivery in enumerate(deliveries(repository)):
            yield Event("gitlab", str(uuid5(NAMESPACE_URL, f"{path}/{place}")), delivery)


def disturbed(events: Sequence[Event], wrong: Disturbance) -> list[Sent]:
    """What is sent at first: some in vain, some twice, and those delayed at a later place."""
    draw = random.Random(wrong.seed)
    places: list[tuple[float, Sent]] = []
    for place, event in enumerate(events):
        if draw.random() < wrong.dropped:
            places.append((place, Sent(event, is_lost=True)))
            continue
        at = place + (draw.uniform(1, DELAYED_BY) if draw.random() < wrong.delayed else 0.0)
        places.append((at, Sent(event)))
        if draw.random() < wrong.repeated:
            places.append((at + draw.uniform(0, DELAYED_BY), Sent(event, is_again=True)))
    return [sent for _, sent in sorted(places, key=lambda each: each[0])]
