"""`shipledger export`: a dataset as a CSV or Parquet file."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from datetime import datetime
from pathlib import Path

import click

from service.cli.options import example, json_option, service_options

DATASETS = (
    *("attributions", "ledger", "pull-requests", "releases", "release-pull-requests"),
    *("focus-1.2", "focus-1.4"),
)
FORMATS = ("csv", "parquet")
DAY = click.DateTime(["%Y-%m-%d"])


@click.command("export", epilog=example("shipledger export focus-1.2 --from 2026-11-01 --to 2026-11-30"))
@click.argument("dataset", type=click.Choice(DATASETS))
@click.option("--from", "first", type=DAY, help="First UTC day, as YYYY-MM-DD.  [default: all]")
@click.option("--to", "last", type=DAY, help="Last UTC day, inclusive, as YYYY-MM-DD.  [default: today]")
@click.option("--team", help="Only this team.  [default: all teams]")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write; its suffix, .csv or .parquet, selects the format.  [default: DATASET.csv]",
)
@json_option
@service_options
def export(
    dataset: str,
    first: datetime | None,
    last: datetime | None,
    team: str | None,
    output: Path | None,
    as_json: bool,
    url: str | None,
    key: str | None,
) -> None:
    """Export the ledger or FOCUS charges to a file.

    `ledger` holds the tokens and costs of every team, day, pull request and model, `attributions` the same by hour, and
    `focus-1.2` and `focus-1.4` the ledger as charges of the FinOps Open Cost and Usage Specification. See docs/views.md
    for every column.

    """
    from schema.errors import SetUpError
    from service.client import Client, find_address

    output = output or Path(f"{dataset}.csv")
    file_format = output.suffix.removeprefix(".")
    if file_format not in FORMATS:
        raise SetUpError(f"{output.name} must end with .csv or .parquet", field="--output")
    parameters = {"format": file_format, **({"team": team} if team else {})}
    parameters |= {name: f"{day:%Y-%m-%d}" for name, day in (("from", first), ("to", last)) if day}
    with Client(find_address(url, key)) as client:
        size = client.download(f"/api/v1/exports/{dataset}", parameters, output)
    if as_json:
        click.echo(json.dumps({"dataset": dataset, "file": str(output), "bytes": size}))
    else:
        click.echo(f"{output}: {size / 1000:,.1f} kB")
