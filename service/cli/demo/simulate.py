"""`shipledger simulate`: send a simulated company to a running service, or write its true attribution to files."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from schema.errors import BadInputError
from service.cli.options import example, service_options
from service.cli.progress import progress_bar
from service.client import Address, Client, find_address
from service.simulation.worlds import BASE, WORLDS

if TYPE_CHECKING:
    from service.simulation.company import Company, CompanyPlan
    from service.simulation.life_cycles import LifeCycles

MOST_TEAMS = 200
MOST_WEEKS = 52


@click.command(epilog=example("shipledger simulate --weeks 4 --dry-run"))
@click.option(
    "--weeks", default=8, show_default=True, type=click.IntRange(1, MOST_WEEKS), help="Number of weeks to simulate."
)
@click.option("--teams", default=3, show_default=True, type=click.IntRange(1, MOST_TEAMS), help="Number of teams.")
@click.option(
    "--seed", default=1, show_default=True, type=int, help="Random seed; the same seed gives the same company."
)
@click.option(
    "--ends",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d"]),
    help="Last instant in UTC, such as YYYY-MM-DD.  [default: the current hour]",
)
@click.option(
    "--life-cycles",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="JSON file of real pull requests; their commit and merge times are used.  [default: a model]",
)
@click.option(
    "--write-reference",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write the true attribution to, for the accuracy benchmark; nothing is sent.",
)
@click.option(
    "--world",
    default=BASE,
    show_default=True,
    type=click.Choice(list(WORLDS)),
    help="How untidy the teams' work is; see docs/accuracy.md.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be sent, and send nothing.")
@service_options
def simulate(
    weeks: int,
    teams: int,
    seed: int,
    ends: datetime | None,
    life_cycles: Path | None,
    write_reference: Path | None,
    world: str,
    dry_run: bool,
    url: str | None,
    key: str | None,
) -> None:
    """Send a simulated company to a running service.

    Sends signed webhooks and OpenTelemetry. Its teams of 5 to 30 people, repositories and figures become part of the
    organization that the key belongs to. Never use it on real data.

    """
    from service.simulation.plans import plan_varied_company
    from service.simulation.simulator import simulate_company

    address = None if dry_run or write_reference else find_address(url, key)
    ends_at = (ends or datetime.now(UTC)).replace(
        tzinfo=UTC, minute=ends.minute if ends else 0, second=0, microsecond=0
    )
    plan = plan_varied_company(seed=seed, ends_at=ends_at, weeks=weeks, teams=teams, world=world)
    company = simulate_company(plan, _life_cycles(life_cycles))
    click.echo(_summary(plan, company))
    if write_reference:
        _write(write_reference, company)
    elif address is None:
        click.echo("nothing was sent (--dry-run)")
    else:
        _send(address, company)


def _life_cycles(path: Path | None) -> "LifeCycles":
    from service.simulation.recorded_life_cycles import parse_life_cycles
    from service.simulation.simulator import MODEL

    return parse_life_cycles(path.read_bytes()) if path else MODEL


def _summary(plan: "CompanyPlan", company: "Company") -> str:
    teams = "1 team" if len(plan.teams) == 1 else f"{len(plan.teams)} teams"
    return (
        f"{teams} over {plan.weeks} weeks until {plan.ends_at:%Y-%m-%dT%H:%MZ}, seed {plan.seed}: "
        f"{company.merged_pull_requests:,} merged pull requests, {company.requests:,} model requests, "
        f"{company.tokens:,} tokens"
    )


def _write(folder: Path, company: "Company") -> None:
    from service.simulation.reference_files import write_reference
    from service.simulation.truth import team_truth

    starts_at = company.plan.starts_at
    truths = (team_truth(number, team, starts_at) for number, team in enumerate(company.teams))
    try:
        write_reference(folder, truths)
    except OSError as error:
        raise BadInputError(f"cannot write to {folder}: {error.strerror}", field="write-reference") from error
    click.echo(f"wrote the true attribution to {folder}")


def _send(address: Address, company: "Company") -> None:
    from service.cli.demo.company_sending import Bodies, make_hook, make_teams, send_bodies

    bodies = Bodies(company)
    with Client(address) as client:
        make_teams(client, company)
        hook = make_hook(client)
    with progress_bar("sending", bodies.total) as advance:
        send_bodies(bodies, address, hook, advance)
    click.echo(f"sent {len(bodies.webhooks):,} webhooks and {len(bodies.telemetry)} OTLP bodies to {address.url}")
