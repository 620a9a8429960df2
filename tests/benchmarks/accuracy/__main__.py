"""`python -m tests.benchmarks.accuracy`: measure the error of attributions against known truth.

Parameters and default intervals are tuned only on seeds 1 to 9. Reports use seeds from 100 on, which tuning never
sees.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from schema.errors import ShipledgerError
from service.simulation.life_cycles import LifeCycles
from service.simulation.recorded_life_cycles import parse_life_cycles
from service.simulation.simulator import MODEL
from service.simulation.truth import TeamTruth
from tests.benchmarks.accuracy.entrants import Entrant, engine_entrants, oracle_entrants, peer_entrants
from tests.benchmarks.accuracy.reference import ReferenceFolderError, read_reference
from tests.benchmarks.accuracy.runs import run
from tests.benchmarks.accuracy.scores import Scores
from tests.benchmarks.accuracy.settings import ALL_SETTINGS, REFERENCE_SETTINGS, Setting
from tests.benchmarks.accuracy.simulated import SimulatedTeam, simulated_teams
from tests.benchmarks.accuracy.tables import scores_table
from tests.benchmarks.accuracy.world_tables import worlds_table
from tests.benchmarks.accuracy.worlds import World, read_worlds, score_worlds, simulated_worlds
from workers.attribution.methods import CURRENT, METHODS, Method

WIDTH = 220
OWN_WORLDS = "simulated"
# The scores that --json prints for each setting of a reference set.
JSON_SCORES = (
    *("weighted_error", "median_relative_error", "rank_correlation", "team_bias"),
    *("coverage_80", "coverage_80_worst_team", "conservation_error"),
)
FIRST_REPORT_SEED = 100

FilePath = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--reference", type=click.Path(path_type=Path), help="Folder of teams in the reference format.")
@click.option("--teams", default=45, show_default=True, type=click.IntRange(1, 1000), help="Number of simulated teams.")
@click.option("--weeks", default=10, show_default=True, type=click.IntRange(1, 52), help="Number of weeks.")
@click.option(
    "--seed", default=FIRST_REPORT_SEED, show_default=True, help="Seed: 1 to 9 for tuning, from 100 on for reports."
)
@click.option("--life-cycles", type=FilePath, help="JSON of real life cycles.  [default: modelled]")
@click.option(
    "--method",
    default=CURRENT.name,
    show_default=True,
    type=click.Choice(list(METHODS)),
    help="Attribution method of the engine.",
)
@click.option(
    "--worlds",
    is_flag=False,
    flag_value=OWN_WORLDS,
    help="Measure untidy worlds instead: a folder of folders in the reference format.  [default: simulated ones]",
)
@click.option("--peers", "with_peers", is_flag=True, help="With --worlds, measure the rules of other tools as well.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@click.option("--processes", default=2, show_default=True, type=click.IntRange(1, 2), help="Number of processes.")
def main(
    reference: Path | None,
    teams: int,
    weeks: int,
    seed: int,
    life_cycles: Path | None,
    method: str,
    worlds: str | None,
    with_peers: bool,
    as_json: bool,
    processes: int,
) -> None:
    """Settle teams with known truth, and print the error of the ledger and of the rules of other tools.

    Scores are medians over teams, of merged pull requests only; for intervals the mean, the tenth percentile and the
    worst team; for conservation the sum.
    """
    if worlds is not None:
        _measure_worlds(worlds, METHODS[method], seed, teams, processes, with_peers=with_peers, as_json=as_json)
        return
    if reference:
        known = _read(reference)
        entrants = engine_entrants(REFERENCE_SETTINGS, METHODS[method])
        entrants += [] if as_json else _others(REFERENCE_SETTINGS)
        scores = run(known, entrants, processes)
        title, printed = f"{len(known)} teams of {reference}", reference_json(entrants, scores)
    else:
        entrants = [*engine_entrants(ALL_SETTINGS, METHODS[method]), *_others(ALL_SETTINGS)]
        scores = run(_simulated(seed, teams, weeks, life_cycles), entrants, processes)
        lives = f"life cycles of {life_cycles.name}" if life_cycles else "modelled life cycles"
        title, printed = f"{teams} teams, {weeks} weeks, seed {seed}, {lives}", simulation_json(entrants, scores)
    if as_json:
        click.echo(json.dumps(printed, indent=2))
    else:
        Console(width=WIDTH).print(scores_table(title, entrants, scores))


def _measure_worlds(
    folder: str, method: Method, seed: int, teams: int, processes: int, *, with_peers: bool, as_json: bool
) -> None:
    if folder == OWN_WORLDS:
        chosen, title = simulated_worlds(seed=seed, teams=teams), f"simulated worlds, {teams} teams each, seed {seed}"
    else:
        chosen, title = _read_worlds(Path(folder), teams), f"worlds of {folder}, at most {teams} teams each"
    rows = score_worlds(chosen, method, processes, with_peers=with_peers)
    if as_json:
        click.echo(json.dumps([row._asdict() | {"scores": asdict(row.scores)} for row in rows], indent=2))
    else:
        Console(width=WIDTH + 40).print(worlds_table(title, rows, all_entrants=True))


def _read_worlds(folder: Path, teams: int) -> list[World]:
    try:
        return read_worlds(folder, teams)
    except ReferenceFolderError as error:
        raise click.ClickException(str(error)) from error


def _others(settings: Sequence[Setting]) -> list[Entrant]:
    return [*oracle_entrants(settings), *peer_entrants(settings)]


def _read(folder: Path) -> list[TeamTruth]:
    try:
        return read_reference(folder)
    except ReferenceFolderError as error:
        raise click.ClickException(str(error)) from error


def _simulated(seed: int, teams: int, weeks: int, path: Path | None) -> Sequence[SimulatedTeam]:
    try:
        life_cycles: LifeCycles = parse_life_cycles(path.read_bytes()) if path else MODEL
    except ShipledgerError as error:
        raise click.ClickException(f"{path}: {error.detail}") from error
    return simulated_teams(seed=seed, teams=teams, weeks=weeks, life_cycles=life_cycles)


def reference_json(entrants: Sequence[Entrant], scores: Sequence[Scores]) -> dict[str, Any]:
    """Return the engine's scores by setting."""
    return {
        entrant.setting.name: {key: asdict(line)[key] for key in JSON_SCORES}
        for entrant, line in zip(entrants, scores, strict=True)
    }


def simulation_json(entrants: Sequence[Entrant], scores: Sequence[Scores]) -> dict[str, dict[str, Any]]:
    """Return all scores by entrant and setting."""
    printed: dict[str, dict[str, Any]] = {}
    for entrant, line in zip(entrants, scores, strict=True):
        printed.setdefault(entrant.label, {})[entrant.setting.name] = asdict(line)
    return printed


if __name__ == "__main__":
    main()
