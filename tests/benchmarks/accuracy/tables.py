"""Tables of scores, a row per method and setting."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table

from tests.benchmarks.accuracy.entrants import Entrant
from tests.benchmarks.accuracy.scores import Scores

COLUMNS = {
    "weighted_error": "weighted\nerror",
    "median_relative_error": "median rel.\nerror",
    "rank_correlation": "rank\ncorrelation",
    "team_bias": "team\nbias",
    "p50_bias": "P50\nbias",
    "coverage_80": "coverage\nmean",
    "coverage_80_p10": "\nP10",
    "coverage_80_worst_team": "worst\nteam",
    "coverage_80_worst_by_chance": "worst by\nchance",
    "conservation_error": "conservation\nerror",
}
PERCENT = {"team_bias": "{:+.1%}", "p50_bias": "{:+.1%}"} | dict.fromkeys(
    ("coverage_80", "coverage_80_p10", "coverage_80_worst_team", "coverage_80_worst_by_chance"), "{:.1%}"
)


def scores_table(title: str, entrants: Sequence[Entrant], scores: Sequence[Scores]) -> Table:
    """Return a table with a row for each entrant, in order."""
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    table.add_column("", no_wrap=True)
    table.add_column("known", no_wrap=True)
    for head in COLUMNS.values():
        table.add_column(head, justify="right")
    label = ""
    for entrant, line in zip(entrants, scores, strict=True):
        is_next = entrant.label != label
        if is_next and label:
            table.add_section()
        label = entrant.label
        table.add_row(label if is_next else "", entrant.setting.text, *(_cell(line, column) for column in COLUMNS))
    return table


def _cell(line: Scores, column: str) -> str:
    value = getattr(line, column)
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    return PERCENT.get(column, "{:.3f}").format(value)
