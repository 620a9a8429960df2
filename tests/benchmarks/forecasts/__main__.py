"""`python -m tests.benchmarks.forecasts`: measure the errors of 28-day forecasts, and whether their intervals hold."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import click
import numpy as np

from tests.benchmarks.spikes.simulated import WORLDS, Real, team_spend
from workers.statistics.forecasts import RUN_RATE, forecast

HORIZON = 28
FIRST, LAST, EVERY = 16 * 7, 64 * 7, 28
RUN_RATE_DAYS = 28
SHORT = 7


@dataclass(frozen=True, slots=True)
class Errors:
    """Relative errors, and the share of intervals of 80 % that hold; `chosen` is how often the run-rate was beaten."""

    world: str
    median: float
    ninetieth: float
    run_rate_median: float
    run_rate_ninetieth: float
    held: float
    held_week: float
    chosen: float


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--seed", default=1_000, show_default=True, help="Seed of the first team; below 1,000 for tuning.")
@click.option("--teams", default=200, show_default=True, help="Number of teams in each world.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def main(seed: int, teams: int, as_json: bool) -> None:
    """Forecast the next 28 days of teams at many days of a year, and compare with the run-rate of the last 28 days."""
    found = [measure(world, range(seed, seed + teams)) for world in WORLDS]
    if as_json:
        click.echo(json.dumps({"first_seed": seed, "teams": teams, "found": [asdict(each) for each in found]}))
        return
    click.echo(f"Error of 28-day forecasts, median / P90; {teams} teams in each world, from seed {seed}")
    for each in found:
        click.echo(
            f"{each.world:>12}: {each.median:.1%} / {each.ninetieth:.1%}, "
            f"run-rate {each.run_rate_median:.1%} / {each.run_rate_ninetieth:.1%}; "
            f"80 % intervals hold {each.held:.1%}, of 7 days {each.held_week:.1%}; "
            f"run-rate beaten in {each.chosen:.0%}"
        )


def measure(name: str, seeds: Sequence[int]) -> Errors:
    """Forecast each team at many days."""
    results = np.array([each for seed in seeds for each in _results(name, seed)])
    error, run_rate, held, held_week, chosen = results.T
    median, ninetieth, by_run_rate, ninetieth_by_run_rate = (
        float(np.quantile(each, part)) for each in (error, run_rate) for part in (0.5, 0.9)
    )
    return Errors(
        name,
        median,
        ninetieth,
        by_run_rate,
        ninetieth_by_run_rate,
        float(held.mean()),
        float(held_week.mean()),
        float(chosen.mean()),
    )


def _results(name: str, seed: int) -> list[tuple[float, ...]]:
    spend = team_spend(np.random.default_rng(seed), WORLDS[name], LAST + HORIZON)
    return [_compare(spend, today) for today in range(FIRST, LAST, EVERY)]


def _compare(spend: Real, today: int) -> tuple[float, ...]:
    month, week = forecast(spend[:today], HORIZON), forecast(spend[:today], SHORT)
    assert month is not None
    assert week is not None
    true, true_week = spend[today : today + HORIZON].sum(), spend[today : today + SHORT].sum()
    run_rate = spend[today - RUN_RATE_DAYS : today].sum() / RUN_RATE_DAYS * HORIZON
    return (
        abs(month.total / true - 1),
        abs(run_rate / true - 1),
        month.low <= true <= month.high,
        week.low <= true_week <= week.high,
        month.model != RUN_RATE,
    )


if __name__ == "__main__":
    main()
