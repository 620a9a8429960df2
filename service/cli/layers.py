"""`shipledger layers`: choose the layer that counts when agents, gateways and providers report the same tokens."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from collections.abc import Iterator, Sequence
from typing import Any

import click

from service.cli.options import ServiceGroup, example, group_service_options, json_option, service_options
from vocabulary.layers import ORDER

PATH = "/api/v1/layers"
COVERAGE = "/api/v1/coverage"


@click.group(cls=ServiceGroup, epilog=example("shipledger layers show"))
@group_service_options
def layers() -> None:
    """Choose which source counts when several report the same.

    Agents, gateways and providers can report the same tokens. Only one layer counts; the others reconcile against it.

    """


@layers.command(epilog=example("shipledger layers show"))
@json_option
@service_options
def show(as_json: bool, url: str | None, key: str | None) -> None:
    """Show sources by layer, what counts, and what may count twice."""
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        policy = client.get(PATH)
        coverage = client.get(COVERAGE)["layers"]
    if as_json:
        click.echo(
            json.dumps(
                {**policy, "reported_sources": coverage["sources"], "double_counting": coverage["double_counting"]}
            )
        )
        return
    from service.cli.tables import print_table

    print_table(
        ["layer", "source", "requests", "tokens", "not counted", "counted from", "also reported by another layer"],
        [row for source in coverage["sources"] for row in _rows(source)],
    )
    click.echo("\n".join([*_policy_lines(policy), *_warning_lines(coverage["double_counting"])]))


@layers.command("set", epilog=example("shipledger layers set --order gateway,agent,provider"))
@click.option("--order", metavar="LAYERS", help="Layers in order of preference, such as gateway,agent,provider.")
@click.option(
    "--source",
    "sources",
    metavar="SOURCE=LAYER",
    multiple=True,
    help="Layer of a source, as SOURCE=agent, gateway or provider; SOURCE= removes it. Repeatable.",
)
@click.option(
    "--supersede",
    "superseded",
    metavar="SOURCE[:TEAM]",
    multiple=True,
    help="Source to supersede, as SOURCE or SOURCE:TEAM: another layer reports all its tokens and counts. Repeatable.",
)
@click.option("--count", metavar="SOURCE[:TEAM]", multiple=True, help="Source to count again. Repeatable.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@json_option
@service_options
def set_(
    order: str | None,
    sources: Sequence[str],
    superseded: Sequence[str],
    count: Sequence[str],
    dry_run: bool,
    as_json: bool,
    url: str | None,
    key: str | None,
) -> None:
    """Set which layer counts first, and exceptions for sources.

    Options that you do not pass stay as they are. A change applies to new tokens, and to earlier ones whose raw events
    are still stored.

    """
    from service.client import Client, find_address

    layers_in_order = None if order is None else _order(order)
    assigned = [_assignment(text) for text in sources]
    with Client(find_address(url, key)) as client:
        policy = client.get(PATH)
        policy["order"] = layers_in_order or policy["order"]
        policy["sources"] = {name: layer for name, layer in {**policy["sources"], **dict(assigned)}.items() if layer}
        gone = [_rule(text) for text in (*count, *superseded)]
        policy["superseded"] = [rule for rule in policy["superseded"] if rule not in gone]
        policy["superseded"] += [_rule(text) for text in dict.fromkeys(superseded)]
        shown = policy if dry_run else client.put(PATH, policy)
    if as_json:
        click.echo(json.dumps({**shown, "dry_run": dry_run}))
    else:
        click.echo("\n".join([*_policy_lines(shown), *(["nothing was changed (--dry-run)"] if dry_run else [])]))


def _order(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if sorted(names) != sorted(ORDER):
        raise click.BadParameter(
            "must name each of agent, gateway and provider once, separated by commas", param_hint="--order"
        )
    return names


def _assignment(text: str) -> tuple[str, str]:
    source, equals, layer = text.partition("=")
    if not source or not equals or layer not in {"", *ORDER}:
        raise click.BadParameter(
            "must be SOURCE=agent, SOURCE=gateway, SOURCE=provider or SOURCE=", param_hint="--source"
        )
    return source, layer


def _rule(text: str) -> dict[str, str | None]:
    source, _, team = text.partition(":")
    return {"source": source, "team": team or None}


def _rows(source: dict[str, Any]) -> Iterator[list[object]]:
    share = None if source["also_reported_share"] is None else f"{100 * source['also_reported_share']:.0f} %"
    superseded = [(each["requests"], each["counted_source"] or "(excluded)") for each in source["superseded"]]
    for number, (requests, counted) in enumerate(superseded or [(0, None)]):
        known = [source["layer"], source["source"], source["requests"], source["tokens"]]
        yield [*(known if number == 0 else ["", "", "", ""]), requests, counted, share if number == 0 else ""]


def _policy_lines(policy: dict[str, Any]) -> Iterator[str]:
    yield f"order of preference: {', then '.join(policy['order'])}"
    for source, layer in policy["sources"].items():
        yield f"{source} is in the layer {layer}"
    for rule in policy["superseded"]:
        yield f"{rule['source']} is not counted{' for team ' + rule['team'] if rule['team'] else ''}"


def _warning_lines(found: list[dict[str, str]]) -> Iterator[str]:
    for each in found:
        yield f"!! {each['detail']}  ->  {each['remedy']}"
