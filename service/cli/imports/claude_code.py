"""`shipledger import claude-code`: tokens from Claude Code's local transcripts."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from schema.vocabulary.tokens import TokenCounts
from service.cli.bulks import send_in_bulks
from service.cli.options import example, service_options
from service.cli.progress import progress_bar
from service.cli.spending import end_import
from service.client import Client, find_address
from service.contracts.token_event import TokenEventIn
from service.imports.claude_code import Reason, Skipped, token_events
from service.imports.transcript_folders import find_files, find_folders
from service.imports.transcripts_reader import Answers, Repositories

# Problems that the text names one by one.
NAMED_PROBLEMS = 20


@click.command("claude-code", epilog=example("shipledger import claude-code --dry-run"))
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--team", help="Team that the tokens belong to.  [default: the key's team, else the default team]")
@click.option(
    "--before",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Import only days before this UTC day, as YYYY-MM-DD.",
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

    Reads DIR, else each folder in CLAUDE_CONFIG_DIR, else ~/.config/claude and ~/.claude. Only token counts, model,
    tier, time, session, branch, repository and pull request of each model response are read; prompts, responses and
    paths are not. A request that telemetry reports too counts once.

    """
    address = None if dry_run else find_address(url, key)
    files = find_files(find_folders(folder))
    end = before.replace(tzinfo=UTC) if before else None
    with Answers() as answers:
        with progress_bar("reading", sum(file.size for file in files), in_bytes=True) as advance:
            answers.read([file.path for file in files], advance)
        repositories = Repositories()
        counted = count(answers, repositories, end)
        sent: Counter[str] | None = None
        if address:
            with Client(address) as client:
                events = events_of(answers, repositories, team, end)
                sent = send_in_bulks(client, "/api/v1/token-events", events, counted.events, "token events")
        summary = summarise(answers, counted, sent)
    click.echo(json.dumps(summary) if as_json else as_text(summary))
    if address:
        end_import(address, sent["added"] if sent else 0, as_json=as_json)


@dataclass(frozen=True)
class Counted:
    """Token events, how many of them have a repository, and their tokens."""

    events: int
    with_repository: int
    tokens: TokenCounts


def count(answers: Answers, repositories: Repositories, end: datetime | None) -> Counted:
    """Count the token events of all responses, or of those before an instant."""
    index = answers.index
    events, tokens, folders = index.sums(end)
    known = sum(number for folder, number in folders.items() if repositories.of(index.folders.get(folder)))
    return Counted(events, known + answers.events_of_links(index.folders, repositories, end), tokens)


def events_of(
    answers: Answers, repositories: Repositories, team: str | None, end: datetime | None
) -> Iterator[TokenEventIn]:
    """Yield the token events of all responses, or of those before an instant."""
    for answer in answers.before(end):
        yield from token_events(answer, repositories.of(answer.folder), team)


def summarise(answers: Answers, counted: Counted, sent: Counter[str] | None) -> dict[str, Any]:
    """Return the counts of the import."""
    found = answers.found
    summary = {
        "files": found.files,
        "unreadable_files": found.unreadable_files,
        "token_events": counted.events,
        "with_repository": counted.with_repository,
        "repeated_lines": found.answers - len(answers),
        "broken_lines": sum(one.problem.reason != Reason.COUNT for one in found.problems),
        "messages_without_model": found.skipped[Skipped.MADE_UP],
        "tokens": {**counted.tokens._asdict(), "total": counted.tokens.total},
        "left_out": [
            {"file": one.file.name, "line": one.line, "reason": one.problem.reason, "tokens": one.problem.tokens}
            for one in found.problems
        ],
        "only_in_progress": {"responses": found.only_in_progress, "tokens": found.only_in_progress_tokens},
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
    lines += _left_out(summary["left_out"])
    nested = summary["only_in_progress"]
    if nested["responses"]:
        lines.append(
            f"  {nested['responses']} responses of sub-agents with {nested['tokens']:,} tokens stand only in progress "
            "records and were not counted"
        )
    if "sent" in summary:
        counts = ", ".join(f"{count} {name}" for name, count in summary["sent"].items())
        return "\n".join([*lines, f"  sent: {counts or 'nothing'}"])
    return "\n".join([*lines, "  nothing was sent (--dry-run)"])


def _left_out(problems: list[dict[str, Any]]) -> Iterator[str]:
    if not problems:
        return
    tokens = sum(problem["tokens"] for problem in problems)
    yield f"  left out: {tokens:,} tokens that can be seen"
    for problem in problems[:NAMED_PROBLEMS]:
        held = f" ({problem['tokens']:,} tokens)" if problem["tokens"] else ""
        yield f"    {problem['file']}:{problem['line']}: {problem['reason']}{held}"
    if len(problems) > NAMED_PROBLEMS:
        yield f"    and {len(problems) - NAMED_PROBLEMS} more; --json lists all"
