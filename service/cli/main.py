"""`shipledger`: the commands, loaded one at a time, and the one place where an error becomes one clear line."""

import importlib
import sys
from importlib.metadata import version
from typing import Any, NamedTuple

import click

from schema.errors import ShipledgerError


class Place(NamedTuple):
    """Where a command is defined, and its line in the overview, so that the overview loads none of them."""

    module: str
    name: str
    summary: str


COMMANDS = {
    "up": Place("service.cli.up", "up", "Run everything on this machine, data in one folder."),
    "demo": Place("service.cli.demo.demo", "demo", "See it work: a simulated company, through the real endpoints."),
    "import": Place("service.cli.imports.group", "imports", "Bring in your own pull requests, tokens and bills."),
    "github": Place(
        "service.cli.forges.github", "github", "Register a GitHub App, and fetch what GitHub already knows."
    ),
    "gitlab": Place("service.cli.forges.gitlab", "gitlab", "Fetch what GitLab already knows."),
    "doctor": Place("service.cli.doctor", "doctor", "Say what is missing, in order of what to do about it."),
    "key": Place("service.cli.key", "key", "Create, list and revoke API keys."),
    "provider-account": Place(
        "service.cli.provider_account", "provider_account", "Have usage pulled from providers, gateways and agents."
    ),
    "agent-config": Place(
        "service.cli.agent_config", "agent_config", "Print what makes a coding agent report here, without content."
    ),
    "teams": Place("service.cli.teams", "teams", "List, make, change and remove teams, with sizes and repositories."),
    "layers": Place("service.cli.layers", "layers", "Show and set what counts where several tell the same tokens."),
    "dead-letters": Place("service.cli.dead_letters", "dead_letters", "List and replay what failed too often."),
    "resettle": Place("service.cli.resettle", "resettle", "Compute a period again by another method."),
    "service": Place("service.cli.service", "service", "Run the service: intake, API and dashboard."),
    "worker": Place("service.cli.worker", "worker", "Run a worker."),
    "migrate": Place("service.cli.migrate", "migrate", "Bring the database to the newest revision."),
    "simulate": Place("service.cli.demo.simulate", "simulate", "Send a simulated company to a running service."),
}


class ClearError(click.ClickException):
    """One line on standard error, exit code 1."""

    def show(self, file: Any = None) -> None:  # noqa: ARG002 - click's signature
        """Say what is wrong and what to do."""
        click.echo(f"error: {self.message}", err=True)


class Commands(click.Group):
    """The group whose members are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """In the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import the one asked for."""
        if (place := COMMANDS.get(cmd_name)) is None:
            return None
        command: click.Command = getattr(importlib.import_module(place.module), place.name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """The overview, from the summaries alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.summary) for name, place in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what it cannot do becomes one line, never a traceback."""
        try:
            return super().invoke(ctx)
        except ShipledgerError as error:
            message = f"{error.field}: {error.detail}" if error.field else error.detail
            raise ClearError(message) from error


def _show_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"shipledger {version('shipledger')}")
        ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_show_version, help="Show the version."
)
def main() -> None:
    """The ledger between AI token spend and shipped software.

    Begin with `shipledger demo`, or with `shipledger up` for your own data.
    """


if __name__ == "__main__":
    sys.exit(main())
