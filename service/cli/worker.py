"""`shipledger worker`: replace this process with a worker, which shares no code with the service."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import os
import sys

import click

from service.cli.options import example


@click.command(epilog=example("shipledger worker"))
def worker() -> None:
    """Run a worker.

    It computes the ledger from what the service stored. Run as many as you like. Reads DATABASE_URL, REDIS_URL and
    SHIPLEDGER_SECRET_KEY. Stop it with SIGTERM; nothing is lost if it is killed.

    """
    from schema.settings import load_settings

    load_settings()
    os.execv(sys.executable, [sys.executable, "-P", "-m", "workers.main"])  # noqa: S606 - our own module, no shell
