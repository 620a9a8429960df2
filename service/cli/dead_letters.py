"""`shipledger dead-letters`: what failed too often to be tried again by itself."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import asyncio
import json
from dataclasses import asdict
from pathlib import Path

import click

from service.cli.options import data_option, json_option, organization_option


@click.group("dead-letters")
def dead_letters() -> None:
    """List and replay deliveries, token events and settlements that workers gave up on."""


@dead_letters.command("list")
@organization_option
@data_option
@json_option
def list_(organization: int | None, data: Path | None, as_json: bool) -> None:
    """List them, with the type of the error that each last met."""
    from service.administration.dead_letters import list_dead_letters
    from service.cli.environment import find_settings
    from service.cli.tables import print_table

    letters = asyncio.run(list_dead_letters(find_settings(data), organization))
    if as_json:
        items = [{**asdict(letter), "since": letter.since.isoformat(timespec="seconds")} for letter in letters]
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
                letter.failure,
                "possible" if letter.can_replay else "body deleted: redeliver from the forge",
            ]
            for letter in letters
        ],
    )


@dead_letters.command()
@click.argument("letter_id", required=False)
@click.option("--all", "everything", is_flag=True, help="Replay all of them.")
@organization_option
@data_option
def replay(letter_id: str | None, everything: bool, organization: int | None, data: Path | None) -> None:
    """Try again from the first attempt: one dead letter by its id, or --all."""
    from service.administration.dead_letters import replay as hand_back
    from service.cli.environment import find_settings

    if everything == (letter_id is not None):
        raise click.UsageError("name one dead letter, or say --all")
    count = asyncio.run(hand_back(find_settings(data), organization, letter_id))
    click.echo(f"handed {count} back to the workers")
