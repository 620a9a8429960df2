"""`shipledger demo`: the embedded stack with a simulated company, sent through the real endpoints."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from platformdirs import user_data_dir

from service.cli.ending import Ended, ending_signals, wait_for_end
from service.cli.options import example

if TYPE_CHECKING:
    from rich.console import Console

    from service.cli.demo.record import DemoRecord
    from service.client import Client
    from service.embedded import EmbeddedStack

SETTLED_SECONDS = 60.0


@click.command(epilog=example("shipledger demo"))
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Data folder of the demo.  [default: shipledger-demo in this user's data folder]",
)
@click.option(
    "--port",
    default=0,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 takes any free port.",
)
@click.option("--once", is_flag=True, help="End once the figures are shown.")
def demo(data: Path | None, port: int, once: bool) -> None:
    """Show Shipledger with the data of a simulated company.

    Three teams work for eight weeks. Their work is sent as signed webhooks and OpenTelemetry. Run it again to see the
    same company: nothing counts twice.

    """
    from rich.console import Console

    from schema.logs import configure_logs
    from service.embedded import EmbeddedStack

    os.environ.setdefault("SHIPLEDGER_LOG_LEVEL", "warning")
    # All days arrive at once, so the usual pause between fits would only delay the table.
    os.environ.setdefault("SHIPLEDGER_REFIT_PAUSE", "PT1S")
    configure_logs(os.environ["SHIPLEDGER_LOG_LEVEL"])
    console = Console(highlight=False)
    status = 1
    with ending_signals():
        try:
            with console.status("Starting PostgreSQL, service and worker …"):
                stack = EmbeddedStack(data or Path(user_data_dir("shipledger-demo")), port, is_demo=True)
                stack.start()
            try:
                status = 0 if show(stack, console) else 1
                if once:
                    console.print("See its dashboard with: make demo (or shipledger demo)")
                elif status == 0:
                    _print_links(stack, console)
                    console.print("Press Ctrl-C to stop. The next run shows the same company.")
                    wait_for_end(stack.announce)
            finally:
                stack.stop()
        except Ended:
            sys.exit(status)
    sys.exit(status)


def show(stack: "EmbeddedStack", console: "Console") -> bool:
    """Send the company unless that is done, then print figures; returns whether the ledger is balanced."""
    from service.cli.demo.company_tables import print_tables
    from service.cli.demo.record import DemoRecord
    from service.cli.settled import wait_until_settled
    from service.client import Address, Client
    from service.simulation.plans import plan_company

    record = DemoRecord.read_or_begin(stack.data, datetime.now(UTC))
    plan = plan_company(seed=record.seed, ends_at=record.ends_at, weeks=record.weeks)
    address = Address(stack.url, stack.api_key)
    with Client(address) as client:
        if not record.is_sent:
            send(stack, client, record)
        with console.status("Settling the ledger …") as status:
            wait_until_settled(
                client, SETTLED_SECONDS, lambda rows: status.update(f"Settling the ledger … {rows:,} rows")
            )
        return print_tables(console, client, plan.starts_at.date(), plan.ends_at.date())


def _print_links(stack: "EmbeddedStack", console: "Console") -> None:
    console.print(f"Dashboard  {stack.dashboard_link}  (opens once)", soft_wrap=True)
    console.print(f"API        {stack.url}/schema  (key in {stack.data / 'credentials.json'})", soft_wrap=True)


def send(stack: "EmbeddedStack", client: "Client", record: "DemoRecord") -> None:
    """Send the whole company with a progress bar; the service skips what an earlier run sent."""
    from service.cli.demo.company_sending import Bodies, Hook, make_hook, make_teams, send_bodies, show_names
    from service.cli.progress import progress_bar
    from service.client import Address
    from service.simulation.plans import plan_company
    from service.simulation.simulator import simulate_company

    company = simulate_company(plan_company(seed=record.seed, ends_at=record.ends_at, weeks=record.weeks))
    if not record.connection_id:
        hook = make_hook(client)
        record = record.connected(hook.connection_id, hook.secret)
        record.write(stack.data)
    show_names(client)
    make_teams(client, company)
    bodies = Bodies(company)
    click.echo(
        f"Sending a simulated company: {company.merged_pull_requests} merged pull requests and {company.requests:,} "
        f"model requests, as {len(bodies.webhooks):,} signed webhooks and {len(bodies.telemetry)} OTLP bodies."
    )
    with progress_bar("sending", bodies.total) as advance:
        hook = Hook(record.connection_id, record.secret)
        send_bodies(bodies, Address(stack.url, stack.api_key), hook, advance)
    record.sent().write(stack.data)
