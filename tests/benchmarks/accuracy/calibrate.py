"""`python -m tests.benchmarks.accuracy.calibrate`: measure the quantiles of workers/attribution/interval_defaults.py.

Measures errors of the current method on simulated teams with tuning seeds, half of them with recorded life cycles if
there is a file of them, and prints them in the format of that module.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np

from service.simulation.life_cycles import LifeCycles
from service.simulation.recorded_life_cycles import parse_life_cycles
from service.simulation.simulator import MODEL
from service.simulation.truth import TeamTruth
from tests.benchmarks.accuracy.engine import Settled, pooled_evidence, pooled_offset, settle_team
from tests.benchmarks.accuracy.engine_inputs import facts, windows
from tests.benchmarks.accuracy.quantile_lines import quantile_line
from tests.benchmarks.accuracy.settings import ALL_SETTINGS, Setting
from tests.benchmarks.accuracy.simulated import SimulatedTeam, simulated_teams
from vocabulary.intervals import COVERAGE
from workers.attribution.calibration import disperse
from workers.attribution.dispersion import Dispersion
from workers.attribution.interval_defaults import Line, Seen, Simulated
from workers.attribution.intervals import SIZES, Real, sum_errors
from workers.attribution.methods import CURRENT, METHODS, Method
from workers.attribution.model import COHORT, REPOSITORY
from workers.attribution.overhead import DEFAULT_SHARE
from workers.attribution.window_columns import Windows

TUNING_SEEDS = tuple(range(1, 10))
TEAMS, WEEKS = 15, 10
POINTS = 200

# Coverage still differs between teams by 1 to 3 hundredths, and more if repositories divide a team's tokens into
# small pools. Without links a team cannot know whether it is above or below, so defaults add this allowance; with
# links its own errors count.
ALLOWANCE = {COHORT: 0.015, REPOSITORY: 0.03}
# A team has too few larger sums to measure differences between teams: all get the values of a typical team.
LARGEST_REPORTED = 5


class TeamErrors(NamedTuple):
    """Log errors of a team's pooled tokens by size of the sum, and their covariates in its ledger."""

    by_size: Mapping[int, Real]
    dispersion: Dispersion


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--method", default=CURRENT.name, show_default=True, type=click.Choice(list(METHODS)), help="Whose errors."
)
@click.option(
    "--life-cycles", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="JSON of real life cycles."
)
def main(method: str, life_cycles: Path | None) -> None:
    """Print the default quantiles by evidence, share of linked sessions, and size of the sum."""
    sources: list[LifeCycles] = [MODEL, *([parse_life_cycles(life_cycles.read_bytes())] if life_cycles else [])]
    teams = [
        team
        for seed in TUNING_SEEDS
        for source in sources
        for team in simulated_teams(seed=seed, teams=TEAMS, weeks=WEEKS, life_cycles=source)
    ]
    with get_context("spawn").Pool(2) as pool:
        measured = pool.map(partial(team_errors, method=METHODS[method]), teams, chunksize=1)
    for setting in ALL_SETTINGS:
        found = simulated_in(setting, [team[setting] for team in measured if setting in team])
        click.echo("\n".join(_source(setting, found)))


def team_errors(team: SimulatedTeam, method: Method) -> dict[Setting, TeamErrors]:
    """Return errors in every setting with pooled tokens."""
    truth, errors = team.truth(), {}
    for setting in ALL_SETTINGS:
        settled = settle_team(truth, setting, method)
        true, estimate = _pooled(truth, setting, settled)
        given = Windows.of(windows(truth, setting))
        dispersion = disperse(given, facts(truth), DEFAULT_SHARE, method, pooled_evidence(setting))
        if dispersion is not None:
            offset = pooled_offset(truth, settled)
            errors[setting] = TeamErrors({size: sum_errors(true, estimate, offset, size) for size in SIZES}, dispersion)
    return errors


def simulated_in(setting: Setting, teams: Sequence[TeamErrors]) -> Simulated:
    """Return quantiles of the errors of all teams together, with equal weight for each team."""
    tail = (1 - COVERAGE - ALLOWANCE[pooled_evidence(setting)] * (1 - setting.links)) / 2
    crowding, thin = (np.array(column) for column in zip(*(team.dispersion for team in teams), strict=True))
    typical = float(np.exp(np.log(crowding).mean())), float(thin.mean())
    covariates = np.column_stack([np.log(crowding / typical[0]), thin - typical[1]])
    lines = []
    for size in SIZES:
        reported = [(place, _evenly(errors)) for place, team in enumerate(teams) if len(errors := team.by_size[size])]
        at = np.repeat(covariates[[place for place, _ in reported]], POINTS, axis=0)
        errors = np.concatenate([points for _, points in reported])
        low, high = (quantile_line(at, errors, part) for part in (tail, 1 - tail))
        if size > LARGEST_REPORTED:
            low[1:] = high[1:] = 0.0
        lines.append(Line(size, tuple(low.tolist()), tuple(high.tolist())))
    of_crowding, of_thin = (
        Seen(float(column.min()), middle, float(column.max()))
        for column, middle in zip((crowding, thin), typical, strict=True)
    )
    return Simulated(of_crowding, of_thin, tuple(lines))


def _source(setting: Setting, found: Simulated) -> Iterator[str]:
    yield f"({pooled_evidence(setting).upper()}, {setting.links}): Simulated("
    yield f"    crowding=Seen({', '.join(f'{each:.2f}' for each in found.crowding)}),"
    yield f"    thin=Seen({', '.join(f'{each:.2f}' for each in found.thin)}),"
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
