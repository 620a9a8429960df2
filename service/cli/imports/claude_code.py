"""`shipledger import claude-code`: tokens from Claude Code's local transcripts."""

# ruff: noqa: PLC0415 - what sends is imported when something is sent, so that reading starts at once

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.cli.imports.counted import counted
from service.cli.options import example, service_options
from service.cli.progress import progress_bar
from service.contracts.token_event import TokenEventIn
from service.imports.left_out import UnusableRow
from service.imports.transcripts.claude_code import SOURCE, Reason, Skipped, token_events
from service.imports.transcripts.evidence import session_evidence
from service.imports.transcripts.folder_repositories import Repositories
from service.imports.transcripts.folders import TranscriptFile, find_files, find_folders
from service.imports.transcripts.reader import Answers, LineProblem
from service.imports.transcripts.remembered_files import RememberedFiles
from vocabulary.tokens import TokenCounts

if TYPE_CHECKING:
    from service.client import Address

# Problems that the text names one by one.
NAMED_PROBLEMS = 20
# Problems that leave out no record.
WHOLE_RECORDS = (Reason.COUNT, Reason.UNREADABLE)
FIELDS = {Reason.TIME: "timestamp", Reason.COUNT: "usage"}


@click.command("claude-code", epilog=example("shipledger import claude-code --dry-run"))
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--team", help="Team that the tokens belong to.  [default: the key's team, else the default team]")
@click.option(
    "--before",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Import only days before this UTC day, as YYYY-MM-DD.",
)
@click.option("--all", "read_all", is_flag=True, help="Read unchanged transcripts again, too.")
@click.option("--dry-run", is_flag=True, help="Read and count, and send nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@service_options
def import_claude_code(
    folder: Path | None,
    team: str | None,
    before: datetime | None,
    read_all: bool,
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
    end = before.replace(tzinfo=UTC) if before else None
    if dry_run:
        summary = count_only(find_folders(folder), end, read_all=read_all)
    else:
        from service.client import find_address

        address = find_address(url, key)
        summary = send(find_folders(folder), address, team, end, read_all=read_all)
    click.echo(json.dumps(summary) if as_json else as_text(summary))
    if not dry_run:
        from service.cli.spending import end_import

        end_import(address, summary["sent"].get("added", 0), as_json=as_json)


def count_only(folders: Sequence[Path], end: datetime | None, *, read_all: bool) -> dict[str, Any]:
    """Count what all transcripts hold; if none changed since they were counted, what was found then."""
    files, memory = find_files(folders), RememberedFiles("count", str(end), *map(str, folders))
    if memory.summary and not read_all and memory.holds(files):
        return memory.summary
    with Answers(keeps_contents=False) as answers:
        read(answers, files)
        repositories = Repositories()
        repositories.learn(answers.worktrees)
        summary = {**summarise(answers, count(answers, repositories, end)), "unchanged_files": 0}
    if not answers.found.unreadable_files:
        memory.keep(files, summary)
    return summary


def send(
    folders: Sequence[Path], address: "Address", team: str | None, end: datetime | None, *, read_all: bool
) -> dict[str, Any]:
    """Send what new and changed transcripts hold; it counts once, whatever was sent before."""
    files = find_files(folders)
    memory = RememberedFiles("send", address.url, address.key, team or "", str(end), *map(str, folders))
    changed = files if read_all else memory.changed(files)
    sent = Counter(received=0, added=0, duplicates=0)
    with Answers() as answers:
        if changed:
            from service.cli.imports.bulks import send_in_bulks
            from service.cli.imports.requests import LeftOut
            from service.client import Client

            read(answers, changed)
            repositories = Repositories()
            repositories.learn(answers.worktrees)
            counted = count(answers, repositories, end)
            with Client(address) as client:
                events = events_of(answers, repositories, team, end)
                sent.update(send_in_bulks(client, "/api/v1/token-events", events, counted.events, "token events"))
                marks = [mark for mark in answers.marks if end is None or mark.occurred_at < end]
                evidence = session_evidence(marks, repositories)
                marked = send_in_bulks(client, "/api/v1/session-evidence", evidence, len(marks), "session evidence")
            left_out = LeftOut()
            for one in answers.found.problems:
                if one.problem.tokens:
                    left_out.add(unusable(one))
            left_out.send(address, SOURCE)
        else:
            counted, marked = Counted(0, 0, TokenCounts()), Counter()
        if len(changed) < len(files):
            # What stands only in progress records may stand in a transcript that was not read.
            answers.found.only_in_progress = answers.found.only_in_progress_tokens = 0
        summary = summarise(answers, counted)
    if not answers.found.unreadable_files:
        memory.keep(files)
    return {
        **summary,
        "unchanged_files": len(files) - len(changed),
        "sent": sent,
        "session_evidence": {name: marked[name] for name in ("received", "added", "duplicates")},
    }


def unusable(one: LineProblem) -> UnusableRow:
    """Return a record that was left out as the service counts it, known by its file and line."""
    place = f"{one.file.name}:{one.line}"
    digest = hashlib.sha256(place.encode(errors="replace")).hexdigest()
    return UnusableRow(place, FIELDS.get(one.problem.reason, "record"), digest, one.problem.tokens)


def read(answers: Answers, files: Sequence[TranscriptFile]) -> None:
    """Read transcripts, with a progress bar."""
    with progress_bar("reading", sum(file.size for file in files), in_bytes=True) as advance:
        answers.read([file.path for file in files], advance)


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


def summarise(answers: Answers, counted: Counted) -> dict[str, Any]:
    """Return the counts of the import."""
    found = answers.found
    return {
        "files": found.files,
        "unreadable_files": found.unreadable_files,
        "token_events": counted.events,
        "with_repository": counted.with_repository,
        "repeated_lines": found.answers - len(answers),
        "broken_lines": sum(one.problem.reason not in WHOLE_RECORDS for one in found.problems),
        "messages_without_model": found.skipped[Skipped.MADE_UP],
        "tokens": {**counted.tokens._asdict(), "total": counted.tokens.total},
        "left_out": [
            {"file": one.file.name, "line": one.line, "reason": one.problem.reason, "tokens": one.problem.tokens}
            for one in found.problems
        ],
        "only_in_progress": {"responses": found.only_in_progress, "tokens": found.only_in_progress_tokens},
    }


def as_text(summary: dict[str, Any]) -> str:
    """Format the summary as text."""
    if summary["unchanged_files"] and not summary["files"]:
        return f"{summary['unchanged_files']} transcripts did not change since the last import; nothing was sent"
    lines = [
        counted(summary["files"], "transcript"),
        f"  {counted(summary['token_events'], 'model response')} with {summary['tokens']['total']:,} tokens",
        f"  {summary['with_repository']:,} of them with a repository",
        f"  {counted(summary['repeated_lines'], 'repeated line')} counted once",
        f"  {counted(summary['broken_lines'], 'incomplete or broken line')} skipped",
        f"  {counted(summary['messages_without_model'], 'message')} without a model skipped",
    ]
    if summary["unchanged_files"]:
        lines.append(f"  {summary['unchanged_files']} transcripts did not change since the last import")
    if summary["unreadable_files"]:
        lines.append(f"  {counted(summary['unreadable_files'], 'file')} could not be opened")
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
    yield f"  left out, with {tokens:,} tokens that can be seen:" if tokens else "  left out:"
    for problem in problems[:NAMED_PROBLEMS]:
        held = f" ({problem['tokens']:,} tokens)" if problem["tokens"] else ""
        place = f"{problem['file']}:{problem['line']}" if problem["line"] else problem["file"]
        yield f"    {place}: {problem['reason']}{held}"
    if len(problems) > NAMED_PROBLEMS:
        yield f"    and {len(problems) - NAMED_PROBLEMS} more; --json lists all"
