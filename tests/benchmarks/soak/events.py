"""Events of a GitHub and a GitLab, alternating, and their disturbances."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from tests.benchmarks.deliveries.reported import reported
from tests.harness.bodies import Delivery
from tests.harness.forges.gitlab_state import deliveries
from tests.harness.forges.histories import make_repository

GROUP = "octo"
MERGE_REQUESTS = 100

# How many later events overtake a delayed one.
DELAYED_BY = 200


@dataclass(frozen=True, slots=True)
class Event:
    """A delivery of one forge, with the key that all of its attempts have."""

    forge: str
    key: str
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Sent:
    """One attempt; `is_lost`: it never arrives, `is_again`: it is the second of its event."""

    event: Event
    is_lost: bool = False
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Shares of disturbed events, with their own random generator."""

    dropped: float = 0.05
    repeated: float = 0.05
    delayed: float = 0.10
    seed: int = 1


def reported_by_both(number: int) -> list[Event]:
    """Return `number` events, half of them of each forge, in order of time."""
    github = [
        Event("github", each.delivery, Delivery(each.event, json.loads(each.body))) for each in reported(number // 2)
    ]
    gitlab = _gitlab()
    return [event for each in github for event in (each, next(gitlab))]


def _gitlab() -> Iterator[Event]:
    """Yield the events of one project after another."""
    project = 0
    while True:
        project += 1
        path = f"{GROUP}/project-{project}"
        repository = make_repository(project, path, pull_requests=MERGE_REQUESTS, seed=project, days=400)
        for place, delivery in enumerate(deliveries(repository)):
            yield Event("gitlab", str(uuid5(NAMESPACE_URL, f"{path}/{place}")), delivery)


def disturbed(events: Sequence[Event], wrong: Disturbance) -> list[Sent]:
    """Return the first attempts: some lost, some twice, and delayed ones later."""
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
