"""`shipledger dearest`: the dearest pull requests, releases or features."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from typing import Any

import click

from service.cli.options import example, json_option, service_options

PULL_REQUESTS, RELEASES, FEATURES = "pull-requests", "releases", "features"


@click.command("dearest", epilog=example("shipledger dearest --state open"))
@click.argument("what", type=click.Choice([PULL_REQUESTS, RELEASES, FEATURES]), default=PULL_REQUESTS)
@click.option("--state", type=click.Choice(["open", "merged", "abandoned"]), help="State of pull requests.")
@click.option("--team", help="Only pull requests of this team.")
@click.option("--limit", type=click.IntRange(1, 200), default=10, show_default=True, help="Number of rows.")
@json_option
@service_options
def dearest(
    what: str, state: str | None, team: str | None, limit: int, as_json: bool, url: str | None, key: str | None
) -> None:
    """Show the dearest pull requests, releases or features.

    What an open pull request costs is what was spent on it so far; features are those of the last 12 weeks.

    """
    from schema.errors import SetUpError
    from service.cli.tables import print_table
    from service.client import Client, find_address

    for option, value in (("--state", state), ("--team", team)):
        if value and what != PULL_REQUESTS:
            raise SetUpError(f"{option} applies to pull-requests only; leave it out")
    queries: dict[str, tuple[str, dict[str, str | None]]] = {
        PULL_REQUESTS: ("/api/v1/attributions", {"state": state, "team": team}),
        RELEASES: ("/api/v1/releases", {}),
        FEATURES: ("/api/v1/spend", {"group_by": "feature"}),
    }
    path, query = queries[what]
    asked = {name: value for name, value in query.items() if value}
    with Client(find_address(url, key)) as client:
        answer: dict[str, Any] = client.get(path, {**asked, "sort": "cost", "limit": str(limit)})
    if as_json:
        click.echo(json.dumps(answer["items"]))
        return
    heads, row = {
        PULL_REQUESTS: (["pull request", "state", "team", "cost", "tokens"], _pull_request),
        RELEASES: (["release", "team", "cost", "tokens"], _release),
        FEATURES: (["feature", "cost", "tokens"], _feature),
    }[what]
    print_table(heads, [row(item) for item in answer["items"]])


def _pull_request(item: dict[str, Any]) -> list[str]:
    return [item["label"] or item["artifact_id"], item["state"].replace("_", " "), item["team"], *_cost(item)]


def _release(item: dict[str, Any]) -> list[str]:
    return [item["label"] or item["artifact_id"], item["team"], *_cost(item)]


def _feature(item: dict[str, Any]) -> list[str]:
    name = item["feature"] or "(none)"
    return [name, "withheld"] if item["figures"] is None else [name, *_cost(item["figures"])]


def _cost(figures: dict[str, Any]) -> list[str]:
    from service.cli.figures import money, tokens

    return [money(figures["cost_usd"]), tokens(figures["tokens"]["total"])]
