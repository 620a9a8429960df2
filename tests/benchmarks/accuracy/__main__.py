"""`python -m tests.benchmarks.accuracy`: how wrong attributions are, where the truth is known."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console

from tests.benchmarks.accuracy.reference import ReferenceFolderError, read_reference
from tests.benchmarks.accuracy.runs import engine_scores
from tests.benchmarks.accuracy.scores import Scores
from tests.benchmarks.accuracy.settings import REFERENCE_SETTINGS
from tests.benchmarks.accuracy.tables import scores_table

# What --json prints of each setting.
JSON_SCORES = (
    *("weighted_error", "median_relative_error", "rank_correlation", "team_bias"),
    *("coverage_80", "coverage_80_worst_team", "conservation_error"),
)


WIDTH = 140


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--reference", type=click.Path(path_type=Path), required=True, help="A folder of the reference format.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@click.option("--processes", default=2, show_default=True, type=click.IntRange(1, 2), help="How many at a time.")
def main(reference: Path, as_json: bool, processes: int) -> None:
    """Settle teams whose truth is known, and print how far the ledger is from it.

    Medians over teams, of merged pull requests only; of intervals the mean over teams and the worst one.
    """
    try:
        teams = read_reference(reference)
    except ReferenceFolderError as error:
        raise click.ClickException(str(error)) from error
    scores = engine_scores(teams, REFERENCE_SETTINGS, processes)
    if as_json:
        click.echo(as_json_text(scores))
    else:
        Console(width=WIDTH).print(scores_table(f"{len(teams)} teams of {reference}", scores))


def as_json_text(scores: Mapping[str, Scores]) -> str:
    """One object, a key a setting."""
    wanted = {name: {key: asdict(line)[key] for key in JSON_SCORES} for name, line in scores.items()}
    return json.dumps(wanted, indent=2)


if __name__ == "__main__":
    main()
