"""`shipledger worker`: becomes the worker process, which shares no code with the service."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import os
import sys

import click


@click.command()
def worker() -> None:
    """Run a worker: turns what arrived into the ledger. Run as many as you like.

    Reads DATABASE_URL, REDIS_URL and SHIPLEDGER_SECRET_KEY. Stop it with SIGTERM; killing it loses nothing either.
    """
    from schema.settings import load_settings

    load_settings()
    os.execv(sys.executable, [sys.executable, "-P", "-m", "workers.main"])  # noqa: S606 - our own module, no shell
