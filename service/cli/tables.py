"""A plain table in the terminal."""

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

PIPE_WIDTH = 1000


def print_table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Rows under column heads; None becomes a dash, and an empty table one line that says so."""
    # In a pipe nothing is cut to the width of a terminal.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)
    if not rows:
        console.print("none")
        return
    table = Table(*heads, box=None, pad_edge=False)
    for row in rows:
        # As text: a name in square brackets is no markup.
        table.add_row(*(Text("-" if cell is None else str(cell)) for cell in row))
    console.print(table)
