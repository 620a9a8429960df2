"""What was spent and what it shipped, in a sentence, and what to do next."""

import sys
import time
from decimal import Decimal
from typing import Any

import click

from schema.errors import SetUpError
from service.cli.figures import money, pull_requests, tokens
from service.cli.progress import waiting
from service.cli.quick_reads import get_quickly
from service.cli.settled import rows_of
from service.client import Address, Client

PATH = "/api/v1/overview"
LABELS = "/api/v1/labels"
# How long an import waits for its figures: while somebody watches, and else, unless it sent many requests.
WATCHED_SECONDS = 120.0
UNWATCHED_SECONDS = 15.0
MANY_REQUESTS = 5_000
PAUSE_SECONDS = 0.2
UNSEEN = "What it cost: see the dashboard, or shipledger month with a key that has the scope read."


def end_import(address: Address, sent: int, *, as_json: bool) -> None:
    """Print what was spent so far and the next step; `sent` is the number of new model requests or pull requests.

    Prints nothing as JSON, and only where to see it if the key may not read.
    """
    if as_json:
        return
    found = None if sent else get_quickly(address, PATH, LABELS)
    try:
        overview, labels = found or _read(address, sent)
    except SetUpError:
        click.echo(f"\n{UNSEEN}")
        return
    click.echo(f"\n{spending_sentence(overview)}")
    click.echo(f"Next: {next_step(overview, has_labels=labels['enabled'])}")


def end_bills(address: Address, billed: dict[str, str], count: int, *, as_json: bool) -> None:
    """Print what was billed, by currency, for a number of tokens, then what was spent so far and the next step.

    Prints nothing as JSON, and only where to see it if the key may not read.
    """
    if as_json:
        return
    try:
        with Client(address) as client:
            overview = client.get(PATH)
    except SetUpError:
        click.echo(f"\n{UNSEEN}")
        return
    amounts = [money(amount) if code == "USD" else f"{amount} {code}" for code, amount in billed.items()]
    click.echo(f"\nYou were billed {' and '.join(amounts) or 'nothing'} for {tokens(count)} tokens.")
    if overview["withheld_reason"] or overview["received"]["total"]:
        click.echo(f"By what your agents reported: {spending_sentence(overview)}")
        click.echo("Next: see by model how far bills and reports agree: GET /api/v1/reconciliation")
    else:
        click.echo("No agent reported tokens so far, so that the bill cannot be split over pull requests.")
        click.echo(f"Next: {next_step(overview, has_labels=True)}")


def spending_sentence(overview: dict[str, Any]) -> str:
    """Return what was spent, what of it shipped, and the dearest pull request, as one sentence."""
    if reason := overview.get("withheld_reason"):
        return f"Withheld: {reason}."
    received, merged = overview["received"], overview["merged"]
    if not received["total"]:
        return "Nothing was spent: no tokens were received."
    spent = money(received["cost_usd"])
    if not Decimal(received["cost_usd"]):
        spent = f"{tokens(received['total'])} tokens, which have no price yet"
    parts = [f"You spent {spent}"]
    if number := overview["merged_pull_requests"]:
        parts.append(f"{money(merged['cost_usd'])} of it shipped in {pull_requests(number)}")
    else:
        parts.append("none of it on merged pull requests")
    if dearest := overview["dearest"]:
        name = f"{dearest['label']}, " if dearest["label"] else ""
        parts.append(f"the dearest: {name}{money(dearest['cost_usd'])}")
    if pending := overview["pending"]["total"]:
        parts.append(f"{tokens(pending)} tokens are still being settled")
    return "; ".join(parts) + "."


def next_step(overview: dict[str, Any], *, has_labels: bool) -> str:
    """Return the most useful next step, with its command."""
    if overview["received"] and not overview["received"]["total"]:
        command = "shipledger import claude-code"
        return f"import what your agents spent: {command}, or let them report: shipledger agent-config claude-code"
    if not overview["known_pull_requests"]:
        return "import the pull requests that it was spent on: shipledger import git PATH"
    following = "see the month: shipledger month --by team, or one pull request: shipledger pr NUMBER"
    return following if has_labels else f"{following}. For names instead of ids: shipledger labels on"


def _read(address: Address, sent: int) -> tuple[dict[str, Any], dict[str, Any]]:
    with Client(address) as client:
        return _settled(client, sent), client.get(LABELS)


def _settled(client: Client, sent: int) -> dict[str, Any]:
    """Return the overview once everything is settled, or as it is after the wait."""
    is_watched = sys.stderr.isatty()
    seconds = WATCHED_SECONDS if is_watched else UNWATCHED_SECONDS if sent <= MANY_REQUESTS else 0.0
    deadline = time.monotonic() + (seconds if sent else 0.0)
    with waiting("Settling the ledger …"):
        while True:
            is_settled = not rows_of(client)["waiting"]
            overview: dict[str, Any] = client.get(PATH)
            pending = overview["pending"]["total"] if overview["pending"] else 0
            if (is_settled and not pending) or time.monotonic() >= deadline:
                return overview
            time.sleep(PAUSE_SECONDS)
