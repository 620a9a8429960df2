"""Whether the FOCUS 1.2 export keeps the rules of the specification, by the FinOps Foundation's own validator.

    python3.12 -m venv focus && focus/bin/pip install focus-validator==2.2.1 'pyarrow<22'
    .venv/bin/python -m tests.benchmarks.focus --validator focus/bin/focus-validator [--json]

The validator needs Python 3.12 and older libraries than ours, so it has an environment of its own.
"""

import asyncio
import json
import re
import subprocess
import tempfile
from pathlib import Path

import asyncpg
import click

from schema.database import Database
from service.administration.migrations import upgrade
from service.exports.dataset_files import stream_dataset
from service.exports.datasets import DATASETS, DatasetName
from service.exports.formats import Format
from service.queries.ledger.dataset_rows import Selection
from tests.benchmarks.exports.fill import fill
from tests.harness.servers import postgres, url_of

MASTER_SECRET = "a secret of the benchmark, long enough to be one"
DATABASE = "benchmark"
# What the export claims to support; the rules for everything else do not apply to it.
CRITERIA = "SUB_ACCOUNT_SUPPORTED,USAGE_MEASUREMENT_SUPPORTED,TAGGING_SUPPORTED"
# One rule demands that InvoiceId is null without an invoice, and its twin that it never is. One of them always fails.
CONTRADICTED = {"InvoiceId-C-005-C"}
_COUNTS = re.compile(r"Total: (\d+) \| Pass: (\d+) \| Fail: (\d+)")
_FAILED = re.compile(r"(\S+): FAIL ")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--validator", required=True, type=click.Path(exists=True, path_type=Path), help="The focus-validator.")
@click.option("--rows", default=20_000, show_default=True, help="Ledger rows to export.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def main(validator: Path, rows: int, as_json: bool) -> None:
    """Export a ledger as FOCUS 1.2 and validate it."""
    with postgres() as socket_folder, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "focus.csv"
        file.write_bytes(asyncio.run(_export(socket_folder, rows)))
        printed = _validate(validator.absolute(), file)
    counts, failed = _COUNTS.search(printed), set(_FAILED.findall(printed)) - CONTRADICTED
    if counts is None:
        raise click.ClickException(printed[-2000:])
    found = {"rules": int(counts[1]), "passed": int(counts[2]), "failed": sorted(failed)}
    text = f"{found['rules']} rules: {found['passed']} passed, {len(failed)} failed {' '.join(sorted(failed))}".strip()
    click.echo(json.dumps(found) if as_json else text)
    raise SystemExit(int(bool(failed)))


def _validate(validator: Path, file: Path) -> str:
    """Return what the validator prints. It reads its rules relative to the folder of its packages."""
    packages = next((validator.parents[1] / "lib").glob("python3.*")) / "site-packages"
    command: list[str | Path] = [validator, "--data-file", file, "--validate-version", "1.2", "--block-download"]
    return subprocess.run(
        [*command, "--applicability-criteria", CRITERIA], cwd=packages, capture_output=True, text=True, check=False
    ).stdout


async def _export(socket_folder: str, rows: int) -> bytes:
    administration = await asyncpg.connect(url_of(socket_folder, "postgres", "postgres"))
    await administration.execute(f"CREATE DATABASE {DATABASE} OWNER shipledger")
    await administration.close()
    await asyncio.to_thread(upgrade, url_of(socket_folder, DATABASE))
    database = Database(url_of(socket_folder, DATABASE))
    await database.open()
    try:
        url = url_of(socket_folder, DATABASE, "postgres")
        organization_id, _ = await fill(database, url, MASTER_SECRET, rows)
        dataset = DATASETS[DatasetName.FOCUS_1_2]
        selection = Selection(dataset.view, dataset.day)
        chunks = stream_dataset(database, organization_id, dataset, selection, Format.CSV)
        return b"".join([chunk async for chunk in chunks])
    finally:
        await database.close()


if __name__ == "__main__":
    main()
