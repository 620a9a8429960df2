"""Plain tables in the terminal."""

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

PIPE_WIDTH = 1000


def print_table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under column heads; None is shown as a dash, and an empty table as `none`."""
    # Cells are not cut in a pipe.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)
    if not rows:
        console.print("none")
        return
    table = Table(*heads, box=None, pad_edge=False)
    for row in rows:
        # Text, because rich would read a name in square brackets as markup.
        table.add_row(*(Text("-" if cell is None else str(cell)) for cell in row))
    console.print(table)
