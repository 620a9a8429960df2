"""`python -m tests.benchmarks.accuracy.calibrate`: measure the quantiles of workers/attribution/interval_defaults.py.

Measures errors of the current method on teams of all simulated worlds with tuning seeds, and of other worlds in a
folder, and prints them in the format of that module.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np

from service.simulation.truth import TeamTruth
from tests.benchmarks.accuracy.engine import Settled, pooled_evidence, pooled_offset, settle_team
from tests.benchmarks.accuracy.engine_inputs import facts, windows
from tests.benchmarks.accuracy.quantile_lines import quantile_line
from tests.benchmarks.accuracy.settings import ALL_SETTINGS, Setting
from tests.benchmarks.accuracy.simulated import SimulatedTeam
from tests.benchmarks.accuracy.worlds import read_worlds, simulated_worlds
from vocabulary.intervals import COVERAGE
from workers.attribution.calibration import disperse
from workers.attribution.dispersion import Dispersion
from workers.attribution.disturbances import disturbances
from workers.attribution.interval_defaults import LEAST_CLOSENESS, Line, Seen, Simulated
from workers.attribution.intervals import SIZES, Real, sum_errors
from workers.attribution.methods import CURRENT, METHODS, Method
from workers.attribution.overhead import DEFAULT_SHARE
from workers.attribution.settle import prepare
from workers.attribution.window_columns import Windows

POINTS = 100
# A team has too few larger sums to measure differences between teams: all get the values of a typical team. Between
# worlds they differ more than errors of single pull requests do, so less is left out.
LARGEST_REPORTED = 5
LEFT_OUT, LEFT_OUT_OF_SUMS = (1 - COVERAGE) / 2, 0.07


class TeamErrors(NamedTuple):
    """Log errors of a team's pooled tokens by size of the sum, and their covariates in its ledger."""

    by_size: Mapping[int, Real]
    dispersion: Dispersion


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--method", default=CURRENT.name, show_default=True, type=click.Choice(list(METHODS)), help="Whose errors."
)
@click.option(
    "--seeds", default=1, show_default=True, type=click.IntRange(1, 9), help="Number of tuning seeds, from 1 on."
)
@click.option(
    "--teams", default=3, show_default=True, type=click.IntRange(1, 100), help="Teams of each world and seed."
)
@click.option("--worlds", type=click.Path(path_type=Path, exists=True), help="Folder of more worlds.")
def main(method: str, seeds: int, worlds: Path | None, teams: int) -> None:
    """Print the default quantiles by evidence, share of linked sessions, and size of the sum."""
    known = [world for seed in range(1, seeds + 1) for world in simulated_worlds(seed=seed, teams=teams)]
    known += read_worlds(worlds, teams) if worlds else []
    drawn = [team for world in known for team in world.teams]
    with get_context("spawn").Pool(2) as pool:
        measured = pool.map(partial(team_errors, method=METHODS[method]), drawn, chunksize=1)
    for setting in ALL_SETTINGS:
        found = simulated_in([team[setting] for team in measured if setting in team])
        click.echo("\n".join(_source(setting, found)))


def team_errors(team: TeamTruth | SimulatedTeam, method: Method) -> dict[Setting, TeamErrors]:
    """Return errors in every setting with pooled tokens."""
    truth = team.truth() if isinstance(team, SimulatedTeam) else team
    errors = {}
    for setting in ALL_SETTINGS:
        settled = settle_team(truth, setting, method)
        true, estimate = _pooled(truth, setting, settled)
        given = Windows.of(windows(truth, setting))
        known = facts(truth)
        dispersion = disperse(given, known, DEFAULT_SHARE, method, pooled_evidence(setting))
        if dispersion is not None:
            closeness = disturbances(prepare(given, known)[2], method).closeness
            dispersion = dispersion._replace(closeness=closeness)
            offset = pooled_offset(truth, settled)
            errors[setting] = TeamErrors({size: sum_errors(true, estimate, offset, size) for size in SIZES}, dispersion)
    return errors


def simulated_in(teams: Sequence[TeamErrors]) -> Simulated:
    """Return quantiles of the errors of all teams together, with equal weight for each team."""
    crowding, thin, closeness = (
        np.array(column, float) for column in zip(*(each.dispersion for each in teams), strict=True)
    )
    closeness = np.maximum(closeness, LEAST_CLOSENESS)
    typical = float(np.exp(np.log(crowding).mean())), float(thin.mean()), float(np.exp(np.log(closeness).mean()))
    covariates = np.column_stack([np.log(crowding / typical[0]), thin - typical[1], np.log(closeness / typical[2])])
    lines = []
    for size in SIZES:
        reported = [(place, _evenly(errors)) for place, team in enumerate(teams) if len(errors := team.by_size[size])]
        at = np.repeat(covariates[[place for place, _ in reported]], POINTS, axis=0)
        errors = np.concatenate([points for _, points in reported])
        at, tail = (at, LEFT_OUT) if size <= LARGEST_REPORTED else (0 * at, LEFT_OUT_OF_SUMS)
        low, high = (quantile_line(at, errors, part) for part in (tail, 1 - tail))
        lines.append(Line(size, tuple(low.tolist()), tuple(high.tolist())))
    of_crowding, of_thin, of_closeness = (
        Seen(float(column.min()), middle, float(column.max()))
        for column, middle in zip((crowding, thin, closeness), typical, strict=True)
    )
    return Simulated(of_crowding, of_thin, of_closeness, tuple(lines))


def _source(setting: Setting, found: Simulated) -> Iterator[str]:
    yield f"({pooled_evidence(setting).upper()}, {setting.links}): Simulated("
    yield f"    crowding=Seen({', '.join(f'{each:.2f}' for each in found.crowding)}),"
    yield f"    thin=Seen({', '.join(f'{each:.2f}' for each in found.thin)}),"
    yield f"    closeness=Seen({', '.join(f'{each:.2f}' for each in found.closeness)}),"
    yield "    lines=("
    for line in found.lines:
        low, high = (", ".join(f"{each:.2f}" for each in tail) for tail in (line.low, line.high))
        yield f"        Line({line.pull_requests}, ({low}), ({high})),"
    yield "    ),"
    yield "),"


def _evenly(errors: Real) -> Real:
    """Return POINTS errors of a team, whatever its size."""
    points: Real = np.quantile(errors, (np.arange(POINTS) + 0.5) / POINTS, method="inverted_cdf")
    return points


def _pooled(team: TeamTruth, setting: Setting, settled: Settled) -> tuple[Real, Real]:
    """Return true and estimated unlinked tokens of the merged pull requests, in order of merge."""
    linked = defaultdict[int | None, int](int)
    for event in team.token_events:
        linked[event.pull_request] += event.tokens * setting.is_linked(event)
    merged = sorted(team.merged, key=lambda each: (each.closed_hour or 0, each.pull_request))
    true = [each.tokens - linked[each.pull_request] for each in merged]
    return np.array(true, float), np.array([settled.pooled[each.pull_request] for each in merged], float)


if __name__ == "__main__":
    main()
