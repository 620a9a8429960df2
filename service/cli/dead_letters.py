"""`shipledger dead-letters`: rows that failed too often to be retried automatically."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import asyncio
import json
from dataclasses import asdict
from pathlib import Path

import click

from service.cli.options import data_option, example, json_option, organization_option


@click.group("dead-letters", epilog=example("shipledger dead-letters list"))
def dead_letters() -> None:
    """List and retry rows that workers gave up on.

    These are deliveries, events and other work that failed on every attempt, or that a forge or provider refused.

    """


@dead_letters.command("list", epilog=example("shipledger dead-letters list"))
@organization_option
@data_option
@json_option
def list_(organization: int | None, data: Path | None, as_json: bool) -> None:
    """List dead letters with what happened and what to do."""
    from service.administration.dead_letters import list_dead_letters
    from service.cli.environment import find_settings
    from service.cli.tables import print_table

    letters = asyncio.run(list_dead_letters(find_settings(data), organization))
    if as_json:
        items = [
            {
                **{name: value for name, value in asdict(letter).items() if name != "stored_failure"},
                "failure": letter.failure,
                "since": letter.since.isoformat(timespec="seconds"),
                "explanation": letter.explanation.happened,
                "remedy": letter.explanation.remedy,
            }
            for letter in letters
        ]
        click.echo(json.dumps({"items": items}))
        return
    print_table(
        ["id", "what", "since", "tries", "error", "replay"],
        [
            [
                letter.letter_id,
                letter.what,
                letter.since.isoformat(timespec="seconds"),
                letter.attempts,
                letter.explanation.happened,
                "possible" if letter.can_replay else letter.explanation.remedy,
            ]
            for letter in letters
        ],
    )


@dead_letters.command(epilog=example("shipledger dead-letters replay --all"))
@click.argument("letter_id", required=False)
@click.option("--all", "everything", is_flag=True, help="Retry all dead letters.")
@organization_option
@data_option
def replay(letter_id: str | None, everything: bool, organization: int | None, data: Path | None) -> None:
    """Retry one dead letter by its id, or all with --all."""
    from service.administration.dead_letters import replay as replay_letters
    from service.cli.environment import find_settings

    if everything == (letter_id is not None):
        raise click.UsageError("pass the id of one dead letter, or --all")
    count = asyncio.run(replay_letters(find_settings(data), organization, letter_id))
    click.echo(f"queued {count} for another attempt")
