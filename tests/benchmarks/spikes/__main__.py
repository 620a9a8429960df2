"""`python -m tests.benchmarks.spikes`: measure false alarms, how soon rises are found, and whether causes are named."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from tests.benchmarks.spikes.causes import DIMENSIONS, TEAMS, measure_named
from tests.benchmarks.spikes.company import measure_company
from tests.benchmarks.spikes.measure import measure_false_alarms, measure_steps
from tests.benchmarks.spikes.shares import RULES, measure_shifts
from tests.benchmarks.spikes.simulated import WORLDS

SIZES = (1.5, 2.0)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--seed", default=1_000, show_default=True, help="Seed of the first team; below 1,000 for tuning.")
@click.option("--teams", default=300, show_default=True, help="Number of teams in each world.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def main(seed: int, teams: int, as_json: bool) -> None:
    """Watch teams that do not change for a year, and teams, models and prompt versions that come to cost more."""
    seeds = range(seed, seed + teams)
    alarms = [measure_false_alarms(world, seeds) for world in WORLDS]
    steps = [measure_steps(world, seeds, size) for world in WORLDS for size in SIZES]
    named = [measure_named(dimension, seeds) for dimension in DIMENSIONS]
    shifts = [measure_shifts(rule, seeds) for rule in RULES]
    whole = measure_company(range(seed, seed + teams // TEAMS))
    if as_json:
        parts: dict[str, Sequence[Any]] = {
            "false_alarms": alarms,
            "steps": steps,
            "causes": named,
            "shifts": shifts,
            "companies": [whole],
        }
        click.echo(json.dumps({"first_seed": seed, "teams": teams} | {k: [*map(asdict, v)] for k, v in parts.items()}))
        return
    click.echo(f"{teams} teams in each world, from seed {seed}")
    for each in alarms:
        click.echo(f"{each.world:>12}: {each.each_year:.2f} false alarms per team-year")
    for step in steps:
        click.echo(
            f"{step.world:>12}: rise to {step.size} times found within 7 days {step.within_week:.0%}, "
            f"14 days {step.within_fortnight:.0%}, dated within two days {step.dated:.0%}"
        )
    for cause in named:
        click.echo(
            f"{cause.dimension:>12}: doubled, found within 7 days {cause.found:.0%}, named first {cause.named:.0%}"
        )
    for shift in shifts:
        found = ", ".join(f"within {days} days {share:.0%}" for days, share in shift.within.items())
        click.echo(f"{shift.rule:>16}: {shift.each_year:.2f} false alarms per team-year, found {found}")
    click.echo(
        f"{'companies':>12}: {whole.each_team_year:.2f} false alarms per team-year of all {whole.series:.0f} series of "
        f"{TEAMS} teams together"
    )


if __name__ == "__main__":
    main()
