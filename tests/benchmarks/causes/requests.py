"""A team's requests in one period, drawn one by one, and what one cause makes of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vocabulary.causes.split import ModelUse, Use
from vocabulary.tokens import TokenCounts

Floats: TypeAlias = NDArray[np.float64]

# Micro-USD per token by kind, as makers ask in 2026: cached input costs a tenth to a half, output four to ten times.
PRICES: Mapping[str, tuple[float, ...]] = {
    "claude-opus": (5.0, 0.5, 6.25, 25.0, 25.0),
    "claude-sonnet": (3.0, 0.3, 3.75, 15.0, 15.0),
    "claude-haiku": (1.0, 0.1, 1.25, 5.0, 5.0),
    "gpt": (1.25, 0.125, 1.25, 10.0, 10.0),
    "gpt-4o": (2.5, 1.25, 2.5, 10.0, 10.0),
    "gemini-pro": (1.25, 0.31, 1.25, 10.0, 10.0),
}
NANO = 1_000
# Kinds of work differ in size, so that requests of one model are no average of each other.
WORK_INPUTS = np.array([3_000.0, 25_000.0, 90_000.0])
WORK_OUTPUTS = np.array([300.0, 900.0, 2_500.0])


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests as columns; `price_level` multiplies list prices."""

    model: NDArray[np.int64]
    inputs: Floats
    cached: Floats
    written: Floats
    output: Floats
    reasoning: Floats
    price_level: float = 1.0

    def take(self, chosen: NDArray[np.int64]) -> "Requests":
        """Return some requests, possibly repeated."""
        columns = ("model", "inputs", "cached", "written", "output", "reasoning")
        return replace(self, **{name: getattr(self, name)[chosen] for name in columns})


Cause: TypeAlias = Callable[[Requests, float, np.random.Generator], Requests]


def draw(random: np.random.Generator, number: int) -> Requests:
    """Draw the requests of a period."""
    model = random.choice(len(PRICES), number, p=random.dirichlet(np.full(len(PRICES), 2.0)))
    work = random.choice(len(WORK_INPUTS), number, p=random.dirichlet(np.full(len(WORK_INPUTS), 3.0)))
    return Requests(
        model,
        inputs=WORK_INPUTS[work] * random.lognormal(0, 0.8, number),
        cached=np.where(random.random(number) < 0.85, random.beta(12, 2, number), 0.0),
        written=random.beta(2, 4, number),
        output=WORK_OUTPUTS[work] * random.lognormal(0, 0.9, number),
        reasoning=random.beta(2, 5, number),
    )


def more_requests(requests: Requests, strength: float, random: np.random.Generator) -> Requests:
    """Repeat a share of the requests, whichever they are."""
    number = len(requests.model)
    return requests.take(np.concatenate([np.arange(number), random.choice(number, round(number * strength))]))


def longer_requests(requests: Requests, strength: float, random: np.random.Generator) -> Requests:
    """Make each request longer, about equally."""
    longer = 1 + strength * random.gamma(25, 1 / 25, len(requests.model))
    return replace(requests, inputs=requests.inputs * longer, output=requests.output * longer)


def dearer_models(requests: Requests, strength: float, random: np.random.Generator) -> Requests:
    """Move a share of the requests of every other model to the dearest."""
    moves = random.random(len(requests.model)) < strength
    return replace(requests, model=np.where(moves, 0, requests.model))


def less_caching(requests: Requests, strength: float, random: np.random.Generator) -> Requests:
    """Let a share of the requests find no cache."""
    misses = random.random(len(requests.model)) < strength
    return replace(requests, cached=np.where(misses, 0.0, requests.cached))


def higher_prices(requests: Requests, strength: float, random: np.random.Generator) -> Requests:  # noqa: ARG001
    """Raise all prices."""
    return replace(requests, price_level=1 + strength)


CAUSES: Mapping[str, Cause] = {
    "volume": more_requests,
    "size": longer_requests,
    "model_mix": dearer_models,
    "cache": less_caching,
    "price": higher_prices,
}


def compare(before: Requests, after: Requests, *, known_prices: bool) -> list[ModelUse]:
    """Sum both periods by model, with the models' prices or without them."""
    uses = zip(PRICES.values(), _sums(before), _sums(after), strict=True)
    return [ModelUse(old, new, prices) if known_prices else ModelUse(old, new) for prices, old, new in uses]


def _sums(requests: Requests) -> list[Use]:
    read = requests.inputs * requests.cached
    written = (requests.inputs - read) * requests.written
    reasoning = requests.output * requests.reasoning
    kinds = np.rint([requests.inputs - read - written, read, written, requests.output - reasoning, reasoning])
    return [_sum(kinds[:, requests.model == place], prices, requests) for place, prices in enumerate(PRICES.values())]


def _sum(kinds: Floats, prices: tuple[float, ...], requests: Requests) -> Use:
    tokens = TokenCounts(*(int(kind.sum()) for kind in kinds))
    micro_usd = sum(count * price for count, price in zip(tokens, prices, strict=True))
    return Use(kinds.shape[1], tokens, round(micro_usd * NANO * requests.price_level))
