"""`shipledger effect`: whether teams ship more if they use more tokens."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from typing import Any

import click

from service.cli.options import example, json_option, service_options

NAMES = {"tokens": "tokens", "merged": "merged", "released": "released", "unreverted": "not reverted"}


@click.command("effect", epilog=example("shipledger effect --new review/7 --old review/6"))
@click.option("--kind", type=click.Choice(["prompt_version", "model"]), help="Compare versions of prompts, or models.")
@click.option("--new", metavar="VERSION", help="Compare this later version of a prompt, or model.")
@click.option("--old", metavar="VERSION", help="Compare with this earlier version of a prompt, or model.")
@click.option(
    "--design",
    type=click.Choice(["side_by_side", "before_after"]),
    help="Compare in the same weeks, or before and after.",
)
@json_option
@service_options
def effect(as_json: bool, url: str | None, key: str | None, **wanted: str | None) -> None:
    """Show whether teams ship more if they use more tokens.

    Teams that adopted agents are compared with similar teams that had not adopted, or not yet. With an option, show
    what versions of prompts or models changed instead.

    """
    from service.client import Client, find_address

    query = {name: value for name, value in wanted.items() if value}
    with Client(find_address(url, key)) as client:
        shown = client.get("/api/v1/effects", query)
    lines = version_lines(shown) if query else as_lines(shown)
    click.echo(json.dumps(shown) if as_json else "\n".join(lines))


def as_lines(shown: dict[str, Any]) -> list[str]:
    """Format the effects as lines, the answer first."""
    found = shown["found"]
    if not found:
        return [shown["sentence"]]
    lines = [shown["sentence"], f"Weeks from {shown['first_week']} to {shown['last_week']}."]
    lines += _rollout("adopted agents", found["adoption"])
    for model in found["models"]:
        lines += _rollout(f"switched to {model['model']}", model)
    for trial in found["randomised"]:
        lines += _trial(trial)
    versions = [f"  {each['sentence']}" for each in found["versions"]]
    return [*lines, *_associations(found["associations"]), *(["", "Versions:", *versions] if versions else [])]


COMPARED = {
    "input_tokens": "input tokens",
    "output_tokens": "output tokens",
    "cost": "cost",
    "failed": "failures",
    "merged": "merged",
    "reverted": "reverted",
}


def version_lines(shown: dict[str, Any]) -> list[str]:
    """Format comparisons of versions as lines."""
    versions = shown["found"]["versions"] if shown["found"] else []
    if not versions:
        return [shown["sentence"]]
    lines: list[str] = []
    for each in versions:
        design = each["design"].replace("_", " ")
        lines += ["", f"{each['sentence']}", f"  {design}, {each['teams']} team{'s' * (each['teams'] != 1)}:"]
        lines += [f"  {words:<13} {_range(each[name])}" for name, words in COMPARED.items() if each[name]]
    return lines[1:]


def _rollout(adopted: str, effects: dict[str, Any]) -> list[str]:
    compared = f"{effects['adopters']} {adopted}, {effects['comparisons']} to compare with"
    left_out = sum(effects["left_out"].values())
    verdicts = [f"  {NAMES[each['outcome']]:<13} {each['verdict']}" for each in effects["outcomes"]]
    return ["", f"Teams: {compared}{f', {left_out} left out' if left_out else ''}", *verdicts]


def _trial(trial: dict[str, Any]) -> list[str]:
    left_out = sum(trial["left_out"].values())
    head = (
        f"By chance: {trial['given']} teams were given {trial['name']}, {trial['held_back']} held back;"
        f" {trial['weeks']} weeks{f', {left_out} left out' if left_out else ''}"
    )
    return ["", head, *(f"  {NAMES[each['outcome']]:<13} {each['verdict']}" for each in trial["outcomes"])]


def _associations(associations: list[dict[str, Any]]) -> list[str]:
    known = [each for each in associations if each["doubled_use"]]
    if not known:
        return []
    lines = (f"  {NAMES[each['outcome']]:<13} {_range(each['doubled_use'])}" for each in known)
    return ["", "Goes with doubled use (an association, not an effect):", *lines]


def _range(change: dict[str, Any]) -> str:
    shares = (change[name] for name in ("change", "low", "high"))
    middle, low, high = (
        "?" if share is None else f"{100 * share:+.0f} %".replace("-", "\N{MINUS SIGN}") for share in shares
    )
    return f"{middle} ({low} to {high})"
