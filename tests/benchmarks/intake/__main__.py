"""`python -m tests.benchmarks.intake`: how fast telemetry gets from a request's bytes to durable rows."""

import json
import sys
from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table

from tests.benchmarks.intake import measure, memory
from tests.benchmarks.intake.measure import Rates
from tests.benchmarks.intake.memory import Memory

STORED_BAR = 0.65
WANTED_BAR = 65_000
MEMORY_BAR = 400
GROWTH_BAR = 1.05


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--records", default=1000, show_default=True, help="Records a body.")
@click.option("--bodies", default=20, show_default=True, help="Bodies a turn.")
@click.option("--turns", default=7, show_default=True, help="Turns of each way.")
@click.option("--minutes", default=0.0, show_default=True, help="Watch a service's memory for so long; 0 does not.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def main(records: int, bodies: int, turns: int, minutes: float, as_json: bool) -> None:
    """Claude Code's records, gzipped protobuf, each way in turn over the same bodies in one process.

    The baseline is gunzip, parse and take the wanted attributes, in the plainest code. Its status is 1 when a bar is
    missed: 65 % of the baseline to durable rows, 65,000 records of wanted attributes a second a core, 400 MB and flat.
    """
    rates = measure.measure(records, bodies, turns)
    watched = memory.measure(minutes, records) if minutes else None
    if as_json:
        kept = None if watched is None else {**asdict(watched), "growth": watched.growth}
        click.echo(json.dumps({"rates": asdict(rates), "memory": kept}))
    else:
        show(rates, watched)
    sys.exit(int(missed(rates, watched)))


def missed(rates: Rates, watched: Memory | None) -> bool:
    """Whether any bar is."""
    too_slow = rates.stored_to_plain < STORED_BAR or rates.wanted.per_core < WANTED_BAR
    return too_slow or (watched is not None and (watched.peak >= MEMORY_BAR or watched.growth > GROWTH_BAR))


def show(rates: Rates, watched: Memory | None) -> None:
    """The figures as tables."""
    console = Console(width=110)
    table = Table(title=f"Bodies of {rates.records:,} records")
    for name in ("way", "records/s", "a core of this process", "to the baseline", "bar"):
        table.add_column(name, justify="left" if name == "way" else "right")
    for name, rate, ratio, bar in (
        ("gunzip, parse, wanted attributes: plain", rates.plain, "1.00", ""),
        ("the same, as the service does it", rates.wanted, "", f"{WANTED_BAR:,} a core"),
        ("to rows", rates.rows, f"{rates.rows_to_plain:.2f}", ""),
        ("to durable rows", rates.stored, f"{rates.stored_to_plain:.2f}", f"{STORED_BAR:.2f}"),
    ):
        table.add_row(name, f"{rate.records_per_second:,.0f}", f"{rate.per_core:,.0f}", ratio, bar)
    console.print(table)
    console.print(f"To durable rows is {rates.stored_to_wanted:.2f} of the service's own decoding alone.")
    if watched is not None:
        console.print(
            f"A service took {watched.records:,} records in {watched.minutes:g} minutes with at most "
            f"{watched.peak:.0f} MB; {watched.early:.0f} MB early, {watched.late:.0f} MB late."
        )


if __name__ == "__main__":
    main()
