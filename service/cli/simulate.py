"""`shipledger simulate`: a simulated company, sent to any running service."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
from datetime import UTC, datetime

import click

from service.cli.bulks import progress_bar, service_options
from service.client import Client, find_address

MOST_TEAMS = 30
MOST_WEEKS = 52


@click.command()
@click.option("--weeks", default=8, show_default=True, type=click.IntRange(1, MOST_WEEKS), help="Up to this week.")
@click.option("--teams", default=3, show_default=True, type=click.IntRange(1, MOST_TEAMS), help="How many teams.")
@click.option("--seed", default=1, show_default=True, type=int, help="Equal seeds make equal companies.")
@click.option(
    "--ends",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d"]),
    help="Last instant, UTC.  [default: the hour that has begun]",
)
@click.option("--dry-run", is_flag=True, help="Say what would be sent, send nothing.")
@service_options
def simulate(
    weeks: int, teams: int, seed: int, ends: datetime | None, dry_run: bool, url: str | None, key: str | None
) -> None:
    """Send a company that does not exist, as signed webhooks and OpenTelemetry.

    Its teams, repositories and figures become part of the organization whose key is used: never use it on real data.
    """
    from service.cli.company_sending import Bodies, make_hook, make_teams, send_bodies
    from service.simulation.simulator import plan_company, simulate_company

    address = None if dry_run else find_address(url, key)
    ends_at = (ends or datetime.now(UTC)).replace(
        tzinfo=UTC, minute=ends.minute if ends else 0, second=0, microsecond=0
    )
    company = simulate_company(plan_company(seed=seed, ends_at=ends_at, weeks=weeks, teams=teams))
    bodies = Bodies(company)
    click.echo(
        f"{teams} teams over {weeks} weeks until {ends_at:%Y-%m-%dT%H:%MZ}, seed {seed}: "
        f"{company.merged_pull_requests} merged pull requests, {company.requests:,} model requests, "
        f"{company.tokens:,} tokens"
    )
    if address is None:
        click.echo("nothing was sent (--dry-run)")
        return
    with Client(address) as client:
        make_teams(client, company)
        hook = make_hook(client)
    with progress_bar("sending", bodies.total) as advance:
        send_bodies(bodies, address, hook, advance)
    click.echo(f"sent {len(bodies.webhooks):,} webhooks and {len(bodies.telemetry)} OTLP bodies to {address.url}")
