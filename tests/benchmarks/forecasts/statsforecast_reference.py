"""`python -m tests.benchmarks.forecasts.statsforecast_reference`: compare our forecasts with those of statsforecast.

It needs statsforecast, which is not among the requirements: none of its models beats our choice.
"""

import importlib
import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import click
import numpy as np

from tests.benchmarks.forecasts.__main__ import EVERY, FIRST, HORIZON, LAST
from tests.benchmarks.spikes.simulated import WORLDS, Real, team_spend
from workers.statistics.forecasts import forecast

WEEK = 7


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--seed", default=1_000, show_default=True, help="Seed of the first team.")
@click.option("--teams", default=50, show_default=True, help="Number of teams in each world.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def main(seed: int, teams: int, as_json: bool) -> None:
    """Compare the errors of 28-day forecasts, median and P90."""
    models = _models()
    found = {world: _errors(world, range(seed, seed + teams), models) for world in WORLDS}
    if as_json:
        click.echo(json.dumps({"first_seed": seed, "teams": teams, "found": found}))
        return
    for world, errors in found.items():
        shown = ", ".join(f"{name} {median:.1%} / {ninetieth:.1%}" for name, (median, ninetieth) in errors.items())
        click.echo(f"{world:>12}: {shown}")


def _models() -> Mapping[str, Callable[[Real], float]]:
    theirs = importlib.import_module("statsforecast.models")
    weekly = {"AutoETS": theirs.AutoETS, "AutoTheta": theirs.AutoTheta}

    def sum_of(model: Callable[..., Any], spend: Real) -> float:
        weeks = spend[len(spend) % WEEK :].reshape(-1, WEEK).sum(axis=1)
        return float(model(season_length=1).forecast(y=weeks, h=HORIZON // WEEK)["mean"].sum())

    def ours(spend: Real) -> float:
        found = forecast(spend, HORIZON)
        assert found is not None
        return found.total

    return {
        "ours": ours,
        "run-rate": lambda spend: float(spend[-HORIZON:].sum()),
        **{name: partial(sum_of, model) for name, model in weekly.items()},
    }


def _errors(world: str, seeds: range, models: Mapping[str, Callable[[Real], float]]) -> dict[str, tuple[float, float]]:
    errors: dict[str, list[float]] = {name: [] for name in models}
    for seed in seeds:
        spend = team_spend(np.random.default_rng(seed), WORLDS[world], LAST + HORIZON)
        for today in range(FIRST, LAST, EVERY):
            true = float(spend[today : today + HORIZON].sum())
            for name, model in models.items():
                errors[name].append(abs(model(spend[:today]) / true - 1))
    return {name: (float(np.quantile(each, 0.5)), float(np.quantile(each, 0.9))) for name, each in errors.items()}


if __name__ == "__main__":
    main()
