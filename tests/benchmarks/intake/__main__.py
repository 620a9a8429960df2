"""`python -m tests.benchmarks.intake`: measure the speed of telemetry from a request's bytes to rows and windows."""

import json
import sys
from collections.abc import Collection
from dataclasses import asdict, dataclass

import click
from rich.console import Console
from rich.table import Table

from tests.benchmarks.intake import folding, measure, memory, services, written
from tests.benchmarks.intake.folding import Folded
from tests.benchmarks.intake.measure import Rates
from tests.benchmarks.intake.memory import Memory
from tests.benchmarks.intake.pouring import Poured
from tests.benchmarks.intake.services import Services
from tests.benchmarks.intake.written import Written

DECODING, WRITTEN, SERVICES, FOLDING, MEMORY = "decoding", "written", "services", "folding", "memory"
PARTS = (DECODING, WRITTEN, SERVICES, FOLDING, MEMORY)
STORED_BAR = 0.65
WANTED_BAR = 65_000
MEMORY_BAR = 400
GROWTH_BAR = 1.05


@dataclass(frozen=True, slots=True)
class Measured:
    """The measurements; None for a part that was not selected."""

    rates: Rates | None = None
    written: Written | None = None
    folded: Folded | None = None
    poured: Poured | None = None
    memory: Memory | None = None
    services: Services | None = None

    @property
    def missed(self) -> list[str]:
        """Return the parts that missed a bar."""
        rates, watched = self.rates, self.memory
        reported = {
            DECODING: rates is not None and (rates.stored_to_plain < STORED_BAR or rates.wanted.per_core < WANTED_BAR),
            WRITTEN: self.written is not None and self.written.is_missed,
            SERVICES: self.services is not None and self.services.is_missed,
            FOLDING: (self.folded is not None and self.folded.is_missed)
            or (self.poured is not None and self.poured.is_growing),
            MEMORY: watched is not None and (watched.peak >= MEMORY_BAR or watched.growth > GROWTH_BAR),
        }
        return [part for part in PARTS if reported[part]]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--part", "parts", multiple=True, type=click.Choice(PARTS), help="Part to measure; may be repeated.")
@click.option("--records", default=1000, show_default=True, help="Records per body, for decoding, services and memory.")
@click.option("--bodies", default=60, show_default=True, help="Bodies per turn, for decoding and services.")
@click.option("--turns", default=7, show_default=True, help="Turns of each way, for decoding, written and services.")
@click.option("--rows-before", default=200_000, show_default=True, help="Rows at the start, for written.")
@click.option("--events", default=500_000, show_default=True, help="Events in the backlog, for folding.")
@click.option("--seconds", default=30.0, show_default=True, help="Seconds of folding during intake; 0 for none.")
@click.option("--minutes", default=10.0, show_default=True, help="Minutes of watching a service's memory.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def main(
    *,
    parts: tuple[str, ...],
    records: int,
    bodies: int,
    turns: int,
    rows_before: int,
    events: int,
    seconds: float,
    minutes: float,
    as_json: bool,
) -> None:
    """Measure the parts of intake, by default all but memory. Exits with 1 if a bar is missed.

    \b
    decoding  to durable rows at 65 % of the speed of gunzip, parse and read attributes in the simplest code;
              65,000 records with wanted attributes per second and core
    written   rows at 70 % of the speed of COPY into the same table
    services  two services take telemetry of one organization at least as fast as one, over HTTP
    folding   150,000 events per second of CPU time; no growing backlog during intake at top speed
    memory    a service under that load stays below 400 MB, without growth
    """
    wanted: Collection[str] = parts or (DECODING, WRITTEN, SERVICES, FOLDING)
    rates = measure.measure(records, bodies, turns) if DECODING in wanted else None
    stored = written.measure(turns, rows_before) if WRITTEN in wanted else None
    shared = services.measure(records, bodies, turns) if SERVICES in wanted else None
    # Folding comes late because it changes the garbage collector of this process.
    folded, poured = folding.measure(events, seconds) if FOLDING in wanted else (None, None)
    watched = memory.measure(minutes, records) if MEMORY in wanted else None
    measured = Measured(rates, stored, folded, poured, watched, shared)
    if as_json:
        click.echo(json.dumps(as_object(measured)))
    else:
        show(measured)
    sys.exit(int(bool(measured.missed)))


def as_object(measured: Measured) -> dict[str, object]:
    """Return all measurements and derived figures by name."""
    shown = asdict(measured)
    if measured.folded is not None:
        shown["folded"]["events_per_second"] = measured.folded.events_per_second
        shown["folded"]["events_per_working_second"] = measured.folded.events_per_working_second
    if measured.memory is not None:
        shown["memory"]["growth"] = measured.memory.growth
    return {**shown, "missed": measured.missed}


def show(measured: Measured) -> None:
    """Print the figures as a table and lines."""
    console = Console(width=110)
    if measured.rates is not None:
        show_rates(console, measured.rates)
    for figures in (measured.written, measured.services, measured.folded, measured.poured):
        if figures is not None:
            console.print(str(figures))
    if (watched := measured.memory) is not None:
        console.print(
            f"A service stored {watched.records:,} records in {watched.minutes:g} minutes with at most "
            f"{watched.peak:.0f} MB; {watched.early:.0f} MB early, {watched.late:.0f} MB late."
        )
    if measured.missed:
        console.print(f"Bars missed: {', '.join(measured.missed)}.")


def show_rates(console: Console, rates: Rates) -> None:
    """Print each way next to the baseline."""
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
    console.print(
        f"Storing durable rows reaches {rates.stored_to_plain_cpu:.2f} of the baseline by CPU time of this process, and"
        f" {rates.stored_to_wanted:.2f} of the service's decoding alone by elapsed time."
    )


if __name__ == "__main__":
    main()
