"""`shipledger service`: run only the service, with DATABASE_URL and REDIS_URL."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import click

from service.cli.options import example


@click.command(epilog=example("shipledger service --port 8787"))
@click.option("--host", help="Address to listen on.  [default: SHIPLEDGER_HOST or 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on.  [default: SHIPLEDGER_PORT or 8787]")
def service(host: str | None, port: int | None) -> None:
    """Run the service: intake, API and dashboard.

    Reads DATABASE_URL, REDIS_URL and SHIPLEDGER_SECRET_KEY. Stop it with SIGTERM; it finishes the requests in progress.

    """
    from schema.logs import configure_logs
    from schema.settings import load_settings
    from service.server import serve

    settings = load_settings(
        **{name: value for name, value in {"host": host, "port": port}.items() if value is not None}
    )
    configure_logs(settings.log_level)
    # Printed, not logged: the person who starts the service reads it.
    click.echo("To open the dashboard, get a link with: shipledger dashboard-link")
    serve(settings)
