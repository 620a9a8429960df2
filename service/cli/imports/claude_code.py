"""`shipledger import claude-code`: tokens from Claude Code's local transcripts."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from schema.vocabulary.tokens import TokenCounts
from service.cli.bulks import progress_bar, send_in_bulks, service_options
from service.cli.options import example
from service.client import Client, find_address
from service.contracts.token_event import TokenEventIn
from service.imports.claude_code import Skipped, token_event
from service.imports.transcripts_reader import Answers, Repositories, find_files, find_folder


@click.command("claude-code", epilog=example("shipledger import claude-code --dry-run"))
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--team", help="Team that the tokens belong to.  [default: the key's team, else the default team]")
@click.option(
    "--before",
    type=click.DateTime(["%Y-%m-%d"]),
    help="First UTC day with telemetry, as YYYY-MM-DD: only earlier days are imported, so nothing counts twice.",
)
@click.option("--dry-run", is_flag=True, help="Read and count, and send nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@service_options
def import_claude_code(
    folder: Path | None,
    team: str | None,
    before: datetime | None,
    dry_run: bool,
    as_json: bool,
    url: str | None,
    key: str | None,
) -> None:
    """Import tokens from Claude Code's local transcripts.

    Reads DIR, else CLAUDE_CONFIG_DIR, else ~/.claude. Only token counts, model, time, session, branch and repository of
    each model response are read; prompts, responses and paths are not. Use it for the time before you turned on
    telemetry.

    """
    address = None if dry_run else find_address(url, key)
    files = find_files(find_folder(folder))
    with Answers() as answers:
        with progress_bar("reading", sum(file.stat().st_size for file in files), in_bytes=True) as advance:
            answers.read(files, advance)
        counted = Counted()
        events = counted.events(answers, team, before.replace(tzinfo=UTC) if before else None)
        sent: Counter[str] | None = None
        if address:
            with Client(address) as client:
                sent = send_in_bulks(client, "/api/v1/token-events", events, len(answers), "token events")
        else:
            for _ in events:
                pass
        summary = summarise(answers, counted, sent)
    click.echo(json.dumps(summary) if as_json else as_text(summary))


class Counted:
    """Converts model responses to token events and counts them."""

    def __init__(self) -> None:
        self.events_made = 0
        self.with_repository = 0
        self.tokens = TokenCounts()

    def events(self, answers: Answers, team: str | None, before: datetime | None) -> Iterator[TokenEventIn]:
        """Yield the token events of all responses, or of those earlier than `before`."""
        repositories = Repositories()
        for answer in answers:
            if before and answer.occurred_at >= before:
                continue
            repository = repositories.of(answer.folder)
            self.events_made += 1
            self.with_repository += repository is not None
            self.tokens = self.tokens.plus(answer.tokens)
            yield token_event(answer, repository, team)


def summarise(answers: Answers, counted: Counted, sent: Counter[str] | None) -> dict[str, Any]:
    """Return the counts of the import."""
    found = answers.found
    summary = {
        "files": found.files,
        "unreadable_files": found.unreadable_files,
        "token_events": counted.events_made,
        "with_repository": counted.with_repository,
        "repeated_lines": found.answers - len(answers),
        "broken_lines": found.skipped[Skipped.BROKEN],
        "messages_without_model": found.skipped[Skipped.MADE_UP],
        "tokens": {**counted.tokens._asdict(), "total": counted.tokens.total},
    }
    return summary if sent is None else {**summary, "sent": sent}


def as_text(summary: dict[str, Any]) -> str:
    """Format the summary as text."""
    lines = [
        f"{summary['files']} transcripts",
        f"  {summary['token_events']} model responses with {summary['tokens']['total']:,} tokens",
        f"  {summary['with_repository']} of them with a repository",
        f"  {summary['repeated_lines']} repeated lines counted once",
        f"  {summary['broken_lines']} incomplete or broken lines skipped",
        f"  {summary['messages_without_model']} messages without a model skipped",
    ]
    if summary["unreadable_files"]:
        lines.append(f"  {summary['unreadable_files']} files could not be opened")
    if "sent" in summary:
        counts = ", ".join(f"{count} {name}" for name, count in summary["sent"].items())
        return "\n".join([*lines, f"  sent: {counts or 'nothing'}"])
    return "\n".join([*lines, "  nothing was sent (--dry-run)"])
