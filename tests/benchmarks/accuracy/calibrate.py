"""`python -m tests.benchmarks.accuracy.calibrate`: measures the quantiles of workers/attribution/interval_defaults.py.

Errors of the current method are measured on simulated teams of seeds that tuning may see, half of them with recorded
life cycles where a file of those is given, and printed as that file wants them.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import click
import numpy as np

from schema.intervals import Quantiles
from service.simulation.life_cycles import LifeCycles
from service.simulation.recorded_life_cycles import parse_life_cycles
from service.simulation.simulator import MODEL
from service.simulation.truth import TeamTruth
from tests.benchmarks.accuracy.engine import Settled, pooled_evidence, pooled_offset, settle_team
from tests.benchmarks.accuracy.settings import ALL_SETTINGS, Setting
from tests.benchmarks.accuracy.simulated import SimulatedTeam, simulated_teams
from workers.attribution.intervals import SIZES, Real, conformal_quantiles, sum_errors
from workers.attribution.methods import CURRENT, METHODS, Method

TUNING_SEEDS = tuple(range(1, 10))
TEAMS, WEEKS = 15, 10
POINTS = 200

Errors = dict[tuple[Setting, int], Real]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--method", default=CURRENT.name, show_default=True, type=click.Choice(list(METHODS)), help="Whose errors."
)
@click.option("--life-cycles", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="JSON of real ones.")
def main(method: str, life_cycles: Path | None) -> None:
    """Print the default quantiles, by evidence, share of sessions that are linked, and size of the sum."""
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
        sizes = [f"({size}, {low:.2f}, {high:.2f})" for size, low, high in default_quantiles(measured, setting)]
        click.echo(f"({pooled_evidence(setting).upper()}, {setting.links}): ({', '.join(sizes)}),")


def team_errors(team: SimulatedTeam, method: Method) -> Errors:
    """Log errors of a team's pooled tokens, by setting and size of the sum."""
    truth, errors = team.truth(), {}
    for setting in ALL_SETTINGS:
        settled = settle_team(truth, setting, method)
        true, estimate = _pooled(truth, setting, settled)
        for size in SIZES:
            errors[setting, size] = sum_errors(true, estimate, pooled_offset(truth, settled), size)
    return errors


def default_quantiles(measured: Sequence[Errors], setting: Setting) -> list[Quantiles]:
    """For each size of sum, from the errors of all teams together, in which each team counts alike."""
    return [
        conformal_quantiles(np.concatenate([_evenly(team[setting, size]) for team in measured]), size) for size in SIZES
    ]


def _evenly(errors: Real) -> Real:
    """As many errors (POINTS,) of every team, whatever its size; none of one that has none."""
    if not len(errors):
        return errors
    points: Real = np.quantile(errors, (np.arange(POINTS) + 0.5) / POINTS, method="inverted_cdf")
    return points


def _pooled(team: TeamTruth, setting: Setting, settled: Settled) -> tuple[Real, Real]:
    """True and estimated tokens that no link tells, of the merged pull requests in the order of their merge."""
    linked = defaultdict[int | None, int](int)
    for event in team.token_events:
        linked[event.pull_request] += event.tokens * setting.is_linked(event)
    merged = sorted(team.merged, key=lambda each: (each.closed_hour or 0, each.pull_request))
    true = [each.tokens - linked[each.pull_request] for each in merged]
    return np.array(true, float), np.array([settled.pooled[each.pull_request] for each in merged], float)


if __name__ == "__main__":
    main()
