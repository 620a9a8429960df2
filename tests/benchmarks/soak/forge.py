"""A GitHub that loses, repeats and delays what it sends, and asks again for what was not accepted, as its owner may.

It knows every delivery by its GUID and whether it was ever answered with 2xx; GitHub never tries again by itself.
"""

import asyncio
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import httpx

from service.simulation.github_payloads import Webhook

AT_ONCE = 16
PATIENCE_SECONDS = 10.0
# How many later events overtake one that is delayed.
DELAYED_BY = 200
ROUND_PAUSE_SECONDS = 1.0
ROUNDS = 120


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Shares of the events that go wrong, told apart by a source of its own."""

    dropped: float = 0.05
    repeated: float = 0.05
    delayed: float = 0.10
    seed: int = 1


@dataclass(slots=True)
class Forge:
    """Sends webhooks to one hook."""

    client: httpx.AsyncClient
    path: str
    secret: str
    accepted: set[str] = field(default_factory=set)
    tried: int = 0
    failed: int = 0
    again: int = 0

    async def send(self, webhooks: Sequence[Webhook]) -> None:
        """Try each once, several at a time, begun in this order."""
        waiting = iter(webhooks)

        async def sender() -> None:
            for webhook in waiting:
                await self._try(webhook)

        await asyncio.gather(*(sender() for _ in range(AT_ONCE)))

    async def repair(self, webhooks: Iterable[Webhook]) -> None:
        """Ask for what was never accepted, round by round; raises RuntimeError when that does not end."""
        webhooks = list(webhooks)
        for _ in range(ROUNDS):
            missing = [each for each in webhooks if each.delivery not in self.accepted]
            if not missing:
                return
            self.again += len(missing)
            await self.send(missing)
            await asyncio.sleep(ROUND_PAUSE_SECONDS)
        raise RuntimeError("some deliveries are refused again and again")

    async def _try(self, webhook: Webhook) -> None:
        self.tried += 1
        headers = webhook.headers(self.secret)
        try:
            answer = await self.client.post(self.path, content=webhook.body, headers=headers, timeout=PATIENCE_SECONDS)
        except httpx.TransportError:
            self.failed += 1
            return
        if answer.is_success:
            self.accepted.add(webhook.delivery)
        else:
            self.failed += 1


def disturbed(webhooks: Sequence[Webhook], wrong: Disturbance) -> list[Webhook]:
    """What is sent at first: without those dropped, with those repeated, and those delayed at a later place."""
    draw = random.Random(wrong.seed)
    places: list[tuple[float, Webhook]] = []
    for place, webhook in enumerate(webhooks):
        if draw.random() < wrong.dropped:
            continue
        at = place + (draw.uniform(1, DELAYED_BY) if draw.random() < wrong.delayed else 0.0)
        places.append((at, webhook))
        if draw.random() < wrong.repeated:
            places.append((at + draw.uniform(0, DELAYED_BY), webhook))
    return [webhook for _, webhook in sorted(places, key=lambda each: each[0])]
