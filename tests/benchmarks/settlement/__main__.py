"""`python -m tests.benchmarks.settlement`: cost of settling a year of a team."""

import json
from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table

from tests.benchmarks.settlement import pure, written
from tests.benchmarks.settlement.pure import Pure
from tests.benchmarks.settlement.written import Written
from workers.attribution.methods import CURRENT, METHODS

SCALES = (1, 2, 4)
WIDTH = 140
MILLION = 1_000_000


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--method", type=click.Choice(list(METHODS)), default=CURRENT.name, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def main(method: str, as_json: bool) -> None:
    """Settle a year of 10,000 pull requests and 5 models at once, then with two and four times as many pull requests.

    The baselines are a plain exact split of as many rows, and COPY of these rows into a bare table.
    """
    pures = [pure.measure(method, scale) for scale in SCALES]
    stored = written.measure(method)
    if as_json:
        click.echo(json.dumps({"pure": [asdict(each) for each in pures], "written": asdict(stored)}, indent=2))
        return
    console = Console(width=WIDTH)
    console.print(_pure_table(pures))
    console.print(_written_table(stored))


def _pure_table(pures: list[Pure]) -> Table:
    table = Table(title=f"The pure part, {pures[0].method}")
    for name in ("pull requests", "pairs", "rows", "s", "core s", "µs a pair", "plain split s", "peak MB", "lost"):
        table.add_column(name, justify="right")
    for each in pures:
        table.add_row(
            *(f"{count:,}" for count in (each.pull_requests, each.pairs, each.rows)),
            *(f"{each.seconds:.2f}", f"{each.processor_seconds:.2f}"),
            *(f"{each.processor_seconds / each.pairs * MILLION:.2f}", f"{each.split_seconds:.2f}"),
            *(f"{each.peak_megabytes:.0f}", str(each.lost)),
        )
    return table


def _written_table(stored: Written) -> Table:
    table = Table(title="Including writing the rows")
    for name in ("rows", "rollup rows", "settle s", "write s", "together s", "write again s", "COPY alone s"):
        table.add_column(name, justify="right")
    together = stored.settle_seconds + stored.write_seconds
    table.add_row(
        *(f"{count:,}" for count in (stored.rows, stored.rollup_rows)),
        *(f"{seconds:.2f}" for seconds in (stored.settle_seconds, stored.write_seconds, together)),
        *(f"{seconds:.2f}" for seconds in (stored.again_seconds, stored.copy_seconds)),
    )
    return table


if __name__ == "__main__":
    main()
