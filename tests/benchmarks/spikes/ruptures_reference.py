"""`python -m tests.benchmarks.spikes.ruptures_reference`: date rises with ruptures, and compare with our dates.

It needs ruptures, which is not among the requirements: it dates fewer rises within two days.
"""

import importlib
import json
from collections.abc import Iterator

import click
import numpy as np

from tests.benchmarks.spikes.measure import NEAR, STEP, _stepped
from tests.benchmarks.spikes.simulated import WORLDS, Real
from workers.statistics.spikes import LONGEST_DAYS, Spike, find_spikes
from workers.statistics.usual_days import LEAST_WEEKS, NOTHING, WEEK, usual_days

SIZES = (1.5, 2.0)
BEFORE = 4 * WEEK


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--seed", default=1_000, show_default=True, help="Seed of the first team.")
@click.option("--teams", default=150, show_default=True, help="Number of teams in each world.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def main(seed: int, teams: int, as_json: bool) -> None:
    """Compare the shares of rises that are dated within two days."""
    found = [
        {"world": world, "size": size, "ours": float(np.mean(ours)), "ruptures": float(np.mean(theirs))}
        for world in WORLDS
        for size in SIZES
        for ours, theirs in [zip(*_dated(world, size, range(seed, seed + teams)), strict=True)]
    ]
    if as_json:
        click.echo(json.dumps({"first_seed": seed, "teams": teams, "found": found}))
        return
    for each in found:
        click.echo(f"{each['world']:>12}, {each['size']} times: {each['ours']:.0%}, ruptures {each['ruptures']:.0%}")


def _dated(world: str, size: float, seeds: range) -> Iterator[tuple[bool, bool]]:
    spend = np.stack([_stepped(WORLDS[world], seed, size) for seed in seeds])
    for series, spikes in zip(spend, find_spikes(spend), strict=True):
        spike = next((each for each in spikes if each.found >= STEP), None)
        if spike is not None:
            yield abs(spike.began - STEP) <= NEAR, abs(_date(series, spike) - STEP) <= NEAR


def _date(series: Real, spike: Spike) -> int:
    """Return the change point of the days before the alarm, without weekdays, in units of their deviation."""
    longest = min(LONGEST_DAYS, spike.found + 1 - LEAST_WEEKS * WEEK)
    start = spike.found + 1 - longest
    usual = usual_days(series[None, :start])
    expected = usual.expected(WEEK)[0][np.arange(-BEFORE, longest) % WEEK]
    deviation = np.sqrt(np.maximum(expected * usual.workday[0], NOTHING))
    residuals = (series[start - BEFORE : spike.found + 1] - expected) / deviation
    search = importlib.import_module("ruptures").Dynp(model="l2", min_size=1, jump=1)
    return start - BEFORE + int(search.fit(residuals[:, None]).predict(n_bkps=1)[0])


if __name__ == "__main__":
    main()
