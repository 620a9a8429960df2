"""`python -m tests.benchmarks.imports`: time `import claude-code` beside ccusage, the fastest counter of tokens."""

import json
import tempfile
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from tests.benchmarks.imports.measure import Medians, Run, ccusage_command, import_command, medians, run
from tests.benchmarks.imports.transcripts import write_folder

# Megabytes, files, and the largest allowed ratio of wall times.
SIZES = ((94, 552, 1.5), (1_700, 3_000, 1.0))
SECOND_IMPORT_SECONDS = 0.5
MEMORY_MB = 150
MEGABYTE = 1_000_000


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--runs", default=5, show_default=True, help="Number of runs of each program, in turn.")
@click.option("--scale", default=1.0, show_default=True, help="Factor on the sizes of the folders.")
@click.option("--place", type=click.Path(path_type=Path, exists=True), help="Folder for the transcripts.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def main(runs: int, scale: float, place: Path | None, as_json: bool) -> None:
    """Count generated transcripts of the mix of real ones, beside ccusage where npx finds it; medians of one run.

    Also times a second import of an unchanged folder.
    """
    reported = []
    for megabytes, files, bar in SIZES:
        with tempfile.TemporaryDirectory(dir=place) as folder:
            size, number = round(megabytes * scale * MEGABYTE), max(1, round(files * scale))
            written = write_folder(Path(folder) / "claude", size, number)
            reported.append({"bytes": written, "files": number, "bar": bar, **_compare(Path(folder), runs)})
    if as_json:
        click.echo(json.dumps(reported, indent=2))
    else:
        Console(width=140).print(_table(reported))


def _compare(folder: Path, runs: int) -> dict[str, Any]:
    transcripts = folder / "claude"
    environment = {"CLAUDE_CONFIG_DIR": str(transcripts), "XDG_STATE_HOME": str(folder / "state")}
    programs = {"import": import_command(transcripts, "--all"), "ccusage": ccusage_command()}
    found: dict[str, list[Run]] = {name: [] for name, command in programs.items() if command}
    for _ in range(runs):
        for name, of_program in found.items():
            of_program.append(run(programs[name] or [], environment))
    second = medians([run(import_command(transcripts), environment) for _ in range(runs)])
    of = {name: medians(of_program) for name, of_program in found.items()}
    ratio = of["import"].wall_seconds / of["ccusage"].wall_seconds if "ccusage" in of else None
    return {
        **{name: each._asdict() for name, each in of.items()},
        "second_import": second._asdict(),
        "ratio": ratio,
        "tokens_agree": len({each.tokens for each in (*of.values(), second)}) == 1,
    }


def _table(reported: list[dict[str, Any]]) -> Table:
    table = Table(title="Counting transcripts")
    for name in ("MB", "files", "program", "wall s", "processor s", "MB of memory", "ratio of wall times", "bar"):
        table.add_column(name, justify="left" if name == "program" else "right")
    for each in reported:
        for program, bar in (
            ("import", f"≤ {each['bar']}, < {MEMORY_MB} MB"),
            ("ccusage", ""),
            ("second_import", f"< {SECOND_IMPORT_SECONDS} s"),
        ):
            if program in each:
                shown = Medians(**each[program])
                ratio = f"{each['ratio']:.2f}" if program == "import" and each["ratio"] else ""
                figures = (f"{shown.wall_seconds:.2f}", f"{shown.cpu_seconds:.2f}", f"{shown.memory_mb:.0f}")
                size = (f"{each['bytes'] / MEGABYTE:,.0f}", f"{each['files']:,}")
                table.add_row(*size, program.replace("_", " "), *figures, ratio, bar)
    return table


if __name__ == "__main__":
    main()
