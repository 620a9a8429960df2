"""`python -m tests.benchmarks.backfill`: requests per pull request, and refused requests, at GitHub's limits."""

import json
import logging
from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table

from tests.benchmarks.backfill.measure import POINTS_AN_HOUR, Measured, measure

# Points per hour of a token that others use, too.
SCARCE = 50


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--pull-requests", default=10_000, show_default=True, type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def main(pull_requests: int, as_json: bool) -> None:
    """Backfill from a fake GitHub with the real limits, with a hundredth of them, and with owners and authors."""
    logging.disable(logging.INFO)
    measured = [measure(pull_requests, points) for points in (POINTS_AN_HOUR, SCARCE)]
    measured.append(measure(pull_requests, owned=True))
    if as_json:
        click.echo(json.dumps([asdict(each) for each in measured], indent=2))
        return
    Console(width=140).print(_table(measured))


def _table(measured: list[Measured]) -> Table:
    table = Table(title="Backfill from GitHub")
    for name in (
        "owners",
        "points/h",
        "pull requests",
        "stored",
        "requests",
        "a pull request",
        "refused",
        "in a row",
        "s",
        "forge's h",
    ):
        table.add_column(name, justify="right")
    for each in measured:
        table.add_row(
            "yes" if each.owned else "no",
            *(f"{count:,}" for count in (each.points_an_hour, each.pull_requests, each.stored, each.requests)),
            f"{each.requests_a_pull_request:.4f}",
            *(str(each.refused), str(each.refused_in_a_row), f"{each.seconds:.1f}", f"{each.forge_seconds / 3600:.2f}"),
        )
    return table


if __name__ == "__main__":
    main()
