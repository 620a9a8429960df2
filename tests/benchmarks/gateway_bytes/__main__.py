"""`python -m tests.benchmarks.gateway_bytes`: measure the error of tokens estimated from bytes."""

import json
from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table

from tests.benchmarks.gateway_bytes.drifting import WATCHED, Seen, measure_drift
from tests.benchmarks.gateway_bytes.measure import Scores, measure

WIDTH = 140
FIRST_SEED = 100


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--seed", default=FIRST_SEED, show_default=True, help="Seed of the first company; below 100 for tuning.")
@click.option("--companies", default=10, show_default=True, help="Number of companies, with successive seeds.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def main(seed: int, companies: int, as_json: bool) -> None:
    """Estimate a week of six models in three languages from the week before; 5 % of the requests are outliers.

    Errors are of the sums of each model and day, compared with bytes divided by four and ordinary least squares.
    """
    seeds = range(seed, seed + companies)
    scores, drifts = measure(seeds), measure_drift(seeds)
    if as_json:
        reported = {"scores": [asdict(each) for each in scores], "drift": [asdict(each) for each in drifts]}
        click.echo(json.dumps(reported, indent=2))
        return
    console = Console(width=WIDTH)
    console.print(_table(scores))
    console.print(_drift_table(drifts))


def _table(scores: list[Scores]) -> Table:
    table = Table(title="Tokens from bytes: relative error of sums by model and day")
    for name in (
        "method",
        "part",
        "sums",
        "median",
        "P90",
        "bias",
        "intervals hold requests",
        "… sums",
        "width of sums",
    ):
        table.add_column(name, justify="left" if name in {"method", "part"} else "right")
    for each in scores:
        shares = (each.requests_held, each.sums_held, each.width)
        table.add_row(
            *(
                each.method,
                each.part,
                f"{each.sums:,}",
                f"{each.median:.1%}",
                f"{each.ninetieth:.1%}",
                f"{each.bias:+.1%}",
            ),
            *("none" if share is None else f"{share:.1%}" for share in shares),
        )
    return table


def _drift_table(drifts: list[Seen]) -> Table:
    table = Table(title=f"Drift detected within {WATCHED:,} requests with tokens")
    for name in ("more tokens for the same bytes", "detected", "after requests"):
        table.add_column(name, justify="right")
    for each in drifts:
        after = "" if each.median_requests is None else f"{each.median_requests:,}"
        table.add_row(f"{each.shift:.0%}", f"{each.seen} of {each.watches}", after)
    return table


if __name__ == "__main__":
    main()
