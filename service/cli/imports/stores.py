"""`shipledger import codex`, `gemini` and so on: tokens from what agents keep on this machine."""

# ruff: noqa: PLC0415 - what sends is imported when something is sent, so that reading starts at once

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from service.cli.imports.group import OWNERS
from service.cli.imports.stored import Choice, StoreImport, as_text
from service.cli.options import example, service_options

# What each command reads by default.
PLACES = {
    "codex": "CODEX_HOME, else ~/.codex",
    "gemini": "GEMINI_CLI_HOME, else ~/.gemini",
    "opencode": "OPENCODE_DATA_DIR, else ~/.local/share/opencode",
    "copilot": "COPILOT_HOME, else ~/.copilot",
    "amp": "AMP_DATA_DIR, else ~/.local/share/amp",
    "cline": "~/.cline and what VS Code stores, also for Roo Code and Kilo Code",
    "qwen": "QWEN_DATA_DIR, else ~/.qwen",
    "kimi": "KIMI_SHARE_DIR and KIMI_CODE_HOME, else ~/.kimi and ~/.kimi-code",
}


def _command(name: str) -> click.Command:

    @click.command(
        name,
        help=f"Import tokens from {OWNERS[name]} local sessions.\n\nReads DIR, else {PLACES[name]}. Only token counts, "
        "model, time, session, repository and branch of each request are read; prompts, responses and paths are not. "
        "A request that telemetry reports too counts once.",
        epilog=example(f"shipledger import {name} --dry-run"),
    )
    @click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path, exists=True))
    @click.option("--team", help="Team that the tokens belong to.  [default: the key's team, else the default team]")
    @click.option(
        "--before",
        type=click.DateTime(["%Y-%m-%d"]),
        help="Import only days before this UTC day, as YYYY-MM-DD.",
    )
    @click.option("--all", "read_all", is_flag=True, help="Read unchanged sessions again, too.")
    @click.option("--dry-run", is_flag=True, help="Read and count, and send nothing.")
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
    @service_options
    def import_store(
        folder: Path | None,
        team: str | None,
        before: datetime | None,
        read_all: bool,
        dry_run: bool,
        as_json: bool,
        url: str | None,
        key: str | None,
    ) -> None:
        from service.client import find_address

        end = before.replace(tzinfo=UTC) if before else None
        address = None if dry_run else find_address(url, key)
        store = StoreImport(name, Choice(folder, team, end, read_all), address)
        store.read()
        summary = store.summary(store.send(address) if address else None)
        click.echo(json.dumps(summary) if as_json else as_text(summary))
        if address:
            from service.cli.spending import end_import

            end_import(address, summary["sent"]["added"], as_json=as_json)

    return import_store


import_codex = _command("codex")
import_gemini = _command("gemini")
import_opencode = _command("opencode")
import_copilot = _command("copilot")
import_amp = _command("amp")
import_cline = _command("cline")
import_qwen = _command("qwen")
import_kimi = _command("kimi")
