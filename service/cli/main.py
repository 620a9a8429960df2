"""`shipledger`: the commands, imported only when they run, and errors printed as one line."""

import sys
from typing import Any

import click

from schema.errors import ShipledgerError
from service.cli.lazy_group import LazyGroup, Place
from service.cli.options import example

COMMANDS = {
    "up": Place("service.cli.up", "up", "Run Shipledger on this machine, with all data in one folder."),
    "demo": Place("service.cli.demo.demo", "demo", "Show Shipledger with the data of a simulated company."),
    "import": Place(
        "service.cli.imports.group", "imports", "Import pull requests, tokens and bills from this machine."
    ),
    "github": Place(
        "service.cli.forges.github", "github", "Connect GitHub, fetch its history, and show figures there."
    ),
    "gitlab": Place(
        "service.cli.forges.gitlab", "gitlab", "Connect GitLab, fetch its history, and show figures there."
    ),
    "pr": Place("service.cli.answers.pr", "pull_request", "Show what a pull request cost."),
    "release": Place("service.cli.answers.release", "release", "Show what a release cost."),
    "month": Place("service.cli.answers.month", "month", "Show what a month cost, and what it shipped."),
    "spend": Place("service.cli.answers.spend", "spend", "Show what was spent, by up to two dimensions."),
    "dearest": Place("service.cli.answers.dearest", "dearest", "Show the dearest pull requests, releases or features."),
    "conversion": Place(
        "service.cli.answers.conversion", "conversion", "Show how much of spend was merged and released."
    ),
    "percentiles": Place(
        "service.cli.answers.percentiles", "percentiles", "Show how widely the cost of pull requests spreads."
    ),
    "ownership": Place("service.cli.answers.ownership", "ownership", "Show token cost with overhead, and energy."),
    "guardrails": Place("service.cli.answers.guardrails", "guardrails", "Show what refused requests and retries cost."),
    "ledger": Place("service.cli.answers.ledger", "ledger", "Show where every token went."),
    "releases": Place("service.cli.answers.releases", "releases", "Show what the releases of a period cost."),
    "why": Place("service.cli.answers.why", "why", "Show why spend changed from one period to another."),
    "export": Place("service.cli.answers.export", "export", "Export the ledger or FOCUS charges to a file."),
    "outcomes": Place("service.cli.answers.outcomes", "outcomes", "Show what outcomes cost, such as resolved tickets."),
    "effect": Place("service.cli.answers.effect", "effect", "Show whether teams ship more if they use more tokens."),
    "iterations": Place(
        "service.cli.answers.iterations", "iterations", "Show how often merged pull requests were reworked."
    ),
    "budget": Place("service.cli.alerts.budget", "budget", "List and set budgets of a month or quarter."),
    "forecast": Place(
        "service.cli.alerts.forecast", "forecast", "Show what will be spent, and when budgets are exceeded."
    ),
    "alerts": Place("service.cli.alerts.alerts", "alerts", "List and answer alerts about spend."),
    "digest": Place("service.cli.alerts.digest", "digest", "Show the digest of the last full week."),
    "alert-channel": Place(
        "service.cli.alerts.channel", "alert_channel", "Send alerts to chats, mailboxes, webhooks and PagerDuty."
    ),
    "mcp": Place("service.cli.answers.mcp", "mcp", "Answer questions of AI assistants about cost (MCP)."),
    "doctor": Place("service.cli.doctor", "doctor", "Check the installation and list what to fix, in order."),
    "dashboard-link": Place(
        "service.cli.access.dashboard_link", "dashboard_link", "Print a link that opens the dashboard, once."
    ),
    "shared-link": Place(
        "service.cli.access.shared_link", "shared_link", "Share one view of the dashboard, read-only."
    ),
    "members": Place("service.cli.access.members", "members", "Set who may sign in, and with which role."),
    "key": Place("service.cli.key", "key", "Create, list and revoke API keys."),
    "keys": Place("service.cli.access.keys", "keys", "Show and rotate the secret keys that encrypt stored values."),
    "audit": Place("service.cli.access.audit", "audit", "Show what administrators did, newest first."),
    "organization": Place("service.cli.access.organization", "organization", "Create, list and erase organizations."),
    "provider-account": Place(
        "service.cli.provider_account", "provider_account", "Fetch usage and costs from providers every hour."
    ),
    "agent-config": Place(
        "service.cli.agent_config", "agent_config", "Print the settings that send an agent's telemetry here."
    ),
    "link": Place("service.cli.link", "link", "Link agent sessions to commits with git hooks."),
    "teams": Place("service.cli.teams", "teams", "List, create, change and remove teams."),
    "labels": Place("service.cli.labels", "labels", "Show pull requests, releases and repositories by name."),
    "changes": Place("service.cli.changes", "changes", "Send and list changes that explain curves."),
    "policy": Place("service.cli.alerts.policy", "policy", "Set which providers, models and regions teams may use."),
    "prices": Place("service.cli.costs.prices", "prices", "List and set the prices that you negotiated."),
    "overhead": Place("service.cli.costs.overhead", "overhead", "Set what running models costs beside their tokens."),
    "layers": Place("service.cli.layers", "layers", "Choose which source counts when several report the same."),
    "dead-letters": Place("service.cli.dead_letters", "dead_letters", "List and retry rows that workers gave up on."),
    "resettle": Place("service.cli.resettle", "resettle", "Recompute a period with another method."),
    "service": Place("service.cli.service", "service", "Run the service: intake, API and dashboard."),
    "worker": Place("service.cli.worker", "worker", "Run a worker."),
    "migrate": Place("service.cli.migrate", "migrate", "Create or upgrade the database's tables."),
    "backup": Place("service.cli.backups.backup", "backup", "Back up the whole database to a new FOLDER."),
    "restore": Place("service.cli.backups.restore", "restore", "Restore a backup into an empty database."),
    "simulate": Place("service.cli.demo.simulate", "simulate", "Send a simulated company to a running service."),
}


class ClearError(click.ClickException):
    """One line on standard error, exit code 1."""

    def show(self, file: Any = None) -> None:  # noqa: ARG002 - click's signature
        """Print the error."""
        click.echo(f"error: {self.message}", err=True)


class Commands(LazyGroup):
    """The commands, in the order in which a new user needs them."""

    places = COMMANDS

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a Shipledger error becomes one line without a traceback."""
        try:
            return super().invoke(ctx)
        except ShipledgerError as error:
            message = f"{error.field}: {error.detail}" if error.field else error.detail
            raise ClearError(message) from error


def _show_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - takes longer than most commands

        click.echo(f"shipledger {version('shipledger')}")
        ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=example("shipledger demo"))
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_show_version, help="Show the version."
)
def main() -> None:
    """The ledger between AI token spend and shipped software.

    Start with `shipledger demo`, or with `shipledger up` for your own data.

    """


if __name__ == "__main__":
    sys.exit(main())
