"""`python -m tests.benchmarks.causes`: measure how much of a change is explained by the cause that made it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import click
import numpy as np

from tests.benchmarks.causes.requests import CAUSES, compare, draw
from vocabulary.causes.split import split_change

STRENGTHS = (0.1, 0.5)
REQUESTS = (3_000, 60_000)


@dataclass(frozen=True, slots=True)
class Found:
    """Shares of the change that the split gives to its cause: the median, and what nine of ten teams exceed."""

    cause: str
    known_prices: bool
    median: float
    tenth: float


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--seed", default=100, show_default=True, help="Seed of the first team.")
@click.option("--teams", default=60, show_default=True, help="Number of teams for each cause and strength.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def main(seed: int, teams: int, as_json: bool) -> None:
    """Change one thing about a period's requests, by 10 and by 50 %, and split the change of spend."""
    seeds = range(seed, seed + teams)
    found = [measure(cause, seeds, known_prices=known) for cause in CAUSES for known in (True, False)]
    if as_json:
        click.echo(json.dumps({"first_seed": seed, "teams": teams, "found": [asdict(each) for each in found]}))
        return
    click.echo(f"Share of the change that its cause gets; {teams} teams from seed {seed}")
    for each in found:
        prices = "known prices" if each.known_prices else "usual prices"
        click.echo(f"{each.cause:>10}, {prices}: median {each.median:.1%}, P10 {each.tenth:.1%}")


def measure(cause: str, seeds: Sequence[int], *, known_prices: bool) -> Found:
    """Inject a cause into the requests of many teams."""
    shares = [_share(cause, seed, strength, known_prices) for seed in seeds for strength in STRENGTHS]
    return Found(cause, known_prices, float(np.median(shares)), float(np.quantile(shares, 0.1)))


def _share(cause: str, seed: int, strength: float, known_prices: bool) -> float:
    random = np.random.default_rng(seed)
    before = draw(random, int(random.integers(*REQUESTS)))
    causes = split_change(compare(before, CAUSES[cause](before, strength, random), known_prices=known_prices))
    return float(getattr(causes, cause) / sum(causes))


if __name__ == "__main__":
    main()
