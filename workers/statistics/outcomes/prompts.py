"""Prompts ranked by tokens per outcome, within each workflow, because outcomes of different workflows differ.

The ratio is all tokens divided by all outcomes. Its error follows from the days, which are taken as independent: how
far a day's tokens are from the ratio times its outcomes (Cochran 1977, ratio estimation).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import log

import numpy as np

from workers.statistics.arrays import Mask, Real
from workers.statistics.estimates import Estimate

# A prompt with fewer days or outcomes has no rank: a few cases would decide it.
LEAST_DAYS = 8
LEAST_OUTCOMES = 20


@dataclass(frozen=True, slots=True)
class PromptDays:
    """Each day of each prompt in a workflow: names (n,), and amounts (n,). `quality` is the sum over `with_quality`."""

    workflows: tuple[str, ...]
    prompts: tuple[str, ...]
    tokens: Real
    nano_usd: Real
    outcomes: Real
    successes: Real
    with_success: Real
    quality: Real
    with_quality: Real


@dataclass(frozen=True, slots=True)
class RankedPrompt:
    """Sums of a prompt; its place in the workflow, 1 for the fewest tokens, and what it needs beside the first."""

    workflow: str
    prompt: str
    days: int
    tokens: int
    nano_usd: int
    outcomes: int
    success_rate: float | None
    quality: float | None
    per_outcome: Estimate | None
    rank: int | None = None
    than_first: Estimate | None = None


def rank_prompts(uses: PromptDays) -> list[RankedPrompt]:
    """Return prompts by workflow and rank, then those that have none, by name."""
    names = sorted(set(zip(uses.workflows, uses.prompts, strict=True)))
    keys = np.array([names.index(each) for each in zip(uses.workflows, uses.prompts, strict=True)], dtype=np.int64)
    summed = [_summed(uses, workflow, prompt, keys == place) for place, (workflow, prompt) in enumerate(names)]
    workflows = dict.fromkeys(each.workflow for each in summed)
    return [ranked for workflow in workflows for ranked in _ranked([e for e in summed if e.workflow == workflow])]


def _ranked(prompts: list[RankedPrompt]) -> Iterator[RankedPrompt]:
    known = [(each.per_outcome.log_ratio, each) for each in prompts if each.per_outcome]
    known.sort(key=lambda pair: (pair[0], pair[1].prompt))
    first = known[0][1].per_outcome if known else None
    for rank, (_, each) in enumerate(known, start=1):
        than_first = _beyond(each.per_outcome, first) if rank > 1 and each.per_outcome and first else None
        yield RankedPrompt(*_sums(each), each.per_outcome, rank, than_first)
    yield from (each for each in prompts if each.per_outcome is None)


def _sums(each: RankedPrompt) -> tuple[str, str, int, int, int, int, float | None, float | None]:
    return (
        *(each.workflow, each.prompt, each.days, each.tokens),
        *(each.nano_usd, each.outcomes, each.success_rate, each.quality),
    )


def _summed(uses: PromptDays, workflow: str, prompt: str, mine: Mask) -> RankedPrompt:
    tokens, outcomes = uses.tokens[mine], uses.outcomes[mine]
    return RankedPrompt(
        workflow,
        prompt,
        int(mine.sum()),
        round(float(tokens.sum())),
        round(float(uses.nano_usd[mine].sum())),
        round(float(outcomes.sum())),
        _ratio(uses.successes[mine], uses.with_success[mine]),
        _ratio(uses.quality[mine], uses.with_quality[mine]),
        tokens_per_outcome(tokens, outcomes),
    )


def _ratio(part: Real, whole: Real) -> float | None:
    return float(part.sum() / whole.sum()) if whole.sum() else None


def tokens_per_outcome(tokens: Real, outcomes: Real) -> Estimate | None:
    """Return the logarithm of tokens per outcome over days (n,); None with too few days or outcomes."""
    days = len(tokens)
    if days < LEAST_DAYS or outcomes.sum() < LEAST_OUTCOMES or not tokens.sum():
        return None
    ratio = float(tokens.sum() / outcomes.sum())
    left = (tokens - ratio * outcomes) / tokens.sum()
    error = float(np.sqrt(days / (days - 1) * (left**2).sum()))
    return Estimate(log(ratio), error, days - 1)


def _beyond(other: Estimate, first: Estimate) -> Estimate:
    """Return how much more one needs than another, whose errors are independent (Welch)."""
    parts = [(each.standard_error**2, each.freedom) for each in (other, first)]
    variance = sum(part for part, _ in parts)
    spread = sum(part**2 / freedom for part, freedom in parts)
    return Estimate(other.log_ratio - first.log_ratio, variance**0.5, variance**2 / spread if spread else float("inf"))
