"""`shipledger import agents`: find what all agents keep on this machine, show it, and import it."""

# ruff: noqa: PLC0415 - what sends is imported when something is sent, so that reading starts at once

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from schema.errors import SetUpError
from service.cli.figures import columns
from service.cli.imports import claude_code
from service.cli.imports.stored import Choice, StoreImport, problem_lines, table
from service.cli.options import example, service_options
from service.cli.progress import waiting
from service.imports.stores.preview import Preview
from service.imports.stores.registry import STORES
from service.imports.transcripts.claude_code import PROVIDER, SOURCE
from service.imports.transcripts.folders import TranscriptFile, find_files, find_folders
from service.imports.transcripts.reader import Answers

if TYPE_CHECKING:
    from service.client import Address

CLAUDE_CODE = "Claude Code"
HEAD = ["", "files", "sessions", "days", "tokens", "list price"]


@click.command("agents", epilog=example("shipledger import agents --dry-run"))
@click.option("--team", help="Team that the tokens belong to.  [default: the key's team, else the default team]")
@click.option(
    "--before",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Import only days before this UTC day, as YYYY-MM-DD.",
)
@click.option("--all", "read_all", is_flag=True, help="Read unchanged sessions again, too.")
@click.option("--yes", is_flag=True, help="Send without asking.")
@click.option("--dry-run", is_flag=True, help="Read and count, and send nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else; needs --yes to send.")
@service_options
def import_agents(
    team: str | None,
    before: datetime | None,
    read_all: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
    url: str | None,
    key: str | None,
) -> None:
    """Import tokens from the local sessions of all agents.

    Finds Claude Code, Codex, Gemini CLI, OpenCode, GitHub Copilot CLI, Amp, Cline, Qwen Code and Kimi in their usual
    folders, shows what would be sent, and asks. A request that telemetry reports too counts once.

    """
    from service.client import find_address

    if as_json and not yes and not dry_run:
        raise SetUpError("needs --yes to send, or --dry-run to count only", field="json")
    choice = Choice(team=team, end=before.replace(tzinfo=UTC) if before else None, read_all=read_all)
    address = None if dry_run else find_address(url, key)
    found = Found(choice, address)
    summaries = found.read()
    if not as_json:
        click.echo("\n".join(_overview(summaries)))
    sends = address is not None and _is_wanted(summaries, yes=yes)
    sent = found.send(address) if sends and address else {}
    for summary in summaries:
        if summary["agent"] in sent:
            summary["sent"] = sent[summary["agent"]]
    added = sum(counts["added"] for counts in sent.values())
    if as_json:
        click.echo(json.dumps({"agents": summaries, "added": added}))
    elif sent:
        click.echo(f"Sent: {added:,} new requests.")
    else:
        click.echo("Nothing was sent (--dry-run)." if dry_run else "Nothing was sent.")
    if address and sent:
        from service.cli.spending import end_import

        end_import(address, added, as_json=as_json)


class Found:
    """What was found of all agents; raises SetUpError if there is nothing."""

    def __init__(self, choice: Choice, address: "Address | None") -> None:
        self._choice = choice
        self._stores: list[StoreImport] = []
        for name in STORES:
            with suppress(SetUpError):
                self._stores.append(StoreImport(name, choice, address))
        self._transcripts = _transcripts()
        if not self._stores and not self._transcripts:
            raise SetUpError(
                "No sessions of any agent were found in their usual folders. Pass the folder of one: "
                "shipledger import claude-code DIR"
            )

    def read(self) -> list[dict[str, Any]]:
        """Read everything that is new; return a summary for each agent."""
        summaries = [self._claude_code()] if self._transcripts else []
        for store in self._stores:
            store.read()
            summaries.append({**store.summary(), "title": STORES[store.name].title})
        return summaries

    def send(self, address: "Address") -> dict[str, Mapping[str, int]]:
        """Send everything that was read; return the service's counts by agent."""
        sent: dict[str, Mapping[str, int]] = {}
        if self._transcripts:
            summary = claude_code.send(
                find_folders(None), address, self._choice.team, self._choice.end, read_all=self._choice.read_all
            )
            sent[SOURCE] = summary["sent"]
        return sent | {store.name: store.send(address) for store in self._stores}

    def _claude_code(self) -> dict[str, Any]:
        preview, files = Preview(), self._transcripts
        with Answers() as answers, waiting(f"Reading sessions of {CLAUDE_CODE} …"):
            answers.read([file.path for file in files], lambda _: None)
            for answer in answers.before(self._choice.end):
                parts = [(answer.model, answer.tokens), *((part.model, part.tokens) for part in answer.further)]
                for model, tokens in parts:
                    preview.add(answer.session, answer.occurred_at, model, PROVIDER, tokens)
            problems = answers.found
        return {
            "agent": SOURCE,
            "title": CLAUDE_CODE,
            "files": len(files),
            "unchanged_files": 0,
            "unreadable_files": problems.unreadable_files,
            "broken_records": len(problems.problems) - problems.unreadable_files,
            "places": [],
            **preview.summary(),
        }


def _transcripts() -> list[TranscriptFile]:
    try:
        return find_files(find_folders(None))
    except SetUpError:
        return []


def _overview(summaries: Sequence[Mapping[str, Any]]) -> list[str]:
    problems = [line for summary in summaries for line in problem_lines(summary)]
    return [*columns([HEAD, *table(summaries)], indent=""), *problems]


def _is_wanted(summaries: Sequence[Mapping[str, Any]], *, yes: bool) -> bool:
    """Return whether to send: there is something, and somebody says so."""
    if not any(summary["token_events"] for summary in summaries):
        return False
    return yes or click.confirm("Send these requests?")
