"""Tables of worlds: a row per world, setting and entrant, with the bars that a row misses."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table

from tests.benchmarks.accuracy.settings import REFERENCE_SETTINGS
from tests.benchmarks.accuracy.world_scores import WorldLine
from tests.benchmarks.accuracy.worlds import KERNEL, SHIPLEDGER, Row

COLUMNS = {
    "weighted_error": ("weighted\nerror", "{:.3f}"),
    "median_error": ("median\nerror", "{:.3f}"),
    "bias": ("bias\nmedian", "{:+.1%}"),
    "bias_mean": ("\nmean", "{:+.1%}"),
    "bias_worst": ("worst\nteam", "{:+.0%}"),
    "single": ("single\nhold", "{:.1%}"),
    "single_worst": ("worst\nteam", "{:.1%}"),
    "sums": ("sums of 25\nhold", "{:.1%}"),
    "sums_worst": ("worst\nteam", "{:.0%}"),
    "sums_reliable": ("reliable\nsums hold", "{:.1%}"),
    "sums_reliable_share": ("sums called\nreliable", "{:.0%}"),
    "total": ("totals\nhold", "{:.0%}"),
    "reliable_share": ("called\nreliable", "{:.0%}"),
    "off_reliable": ("off by\nhalf", "{:.1%}"),
    "conservation_error": ("lost", "{:,}"),
}
LINKS = {setting.name: setting.links for setting in REFERENCE_SETTINGS}
SOME, MANY = 0.3, 0.6


def worlds_table(title: str, rows: Sequence[Row], *, all_entrants: bool) -> Table:
    """Return a table of all rows, or of Shipledger's."""
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for head in ("world", "known", "by"):
        table.add_column(head, no_wrap=True)
    for head, _ in COLUMNS.values():
        table.add_column(head, justify="right")
    table.add_column("of the\nkernel", justify="right")
    table.add_column("misses", no_wrap=True)
    kernel = {(row.world, row.setting): row.scores.weighted_error for row in rows if row.entrant == KERNEL}
    world = ""
    for row in rows:
        if row.entrant != SHIPLEDGER and not all_entrants:
            continue
        if world and row.world != world:
            table.add_section()
        world = row.world
        ratio = _ratio(row.scores.weighted_error, kernel.get((row.world, row.setting)))
        missed = ", ".join(misses(row.scores, LINKS[row.setting], ratio)) if row.entrant == SHIPLEDGER else ""
        cells = (_cell(row.scores, column, form) for column, (_, form) in COLUMNS.items())
        table.add_row(*row[:3], *cells, "-" if ratio is None else f"{ratio:.2f}", missed)
    return table


def misses(line: WorldLine, links: float, of_kernel: float | None) -> list[str]:
    """Return the names of the bars that a row misses; a score that is None misses none."""
    bias = 0.05 if links >= MANY else 0.12 if links >= SOME else None
    bars = {
        "single": _outside(line.single, 0.75, 0.90),
        "worst": _outside(line.single_worst, 0.65, 1.0),
        "sums": _outside(line.sums_reliable, 0.76, 1.0),
        "totals": _outside(line.total, 0.78, 1.0),
        "bias": bias is not None and _outside(line.bias, -bias, bias),
        "kernel": _outside(of_kernel, 0.0, 1.0),
        "off": _outside(line.off_reliable, 0.0, 0.12),
        "lost": line.conservation_error != 0,
    }
    return [name for name, is_missed in bars.items() if is_missed]


def _outside(value: float | None, low: float, high: float) -> bool:
    return value is not None and not low <= value <= high


def _ratio(own: float | None, other: float | None) -> float | None:
    return own / other if own is not None and other else None


def _cell(line: WorldLine, column: str, form: str) -> str:
    value = getattr(line, column)
    return "-" if value is None else form.format(value)
