"""The service process: the application under uvicorn, until SIGTERM or SIGINT.

`python -m service.server` reads its settings from the environment. `--listen-fd=N` passes a socket that is already
listening and outlives this process, so that a restart refuses no connections.
"""

import asyncio
import contextlib
import signal
import socket
import sys

from schema.database import require_database
from schema.errors import ShipledgerError
from schema.interpreter import collect_rarely, switch_often
from schema.logs import configure_logs
from schema.settings import Settings, load_settings
from service.app import create_app
from service.connections.public_address import require_public_url
from service.http.admission.serving import AdmittingServer
from service.http.listening_socket import listen

# Requests in progress may finish. Clients that are cut off got no response and send again.
GRACEFUL_SECONDS = 4
# Net allocations before a garbage collection; requests leave little garbage.
GARBAGE = 10_000
LISTEN_OPTION = "--listen-fd="


def serve(settings: Settings, listening: socket.socket | None = None) -> None:
    """Serve until a signal stops it. Off loopback, SHIPLEDGER_PUBLIC_URL must be set.

    Raises SetUpError if settings are missing, the port is taken, or PostgreSQL does not have the database. Another
    outage of PostgreSQL or Redis is logged, and serving goes on.
    """
    require_public_url(listening.getsockname()[0] if listening else settings.host, settings.public_url)
    app = create_app(settings)
    asyncio.run(require_database(settings.database_url))
    collect_rarely(GARBAGE)
    switch_often()
    sockets = [listening or listen(settings.host, settings.port)]
    if settings.metrics_port is not None:
        sockets.append(listen(settings.host, settings.metrics_port, "SHIPLEDGER_METRICS_PORT"))
    server = AdmittingServer(app, app.state.admission, log_config=None, timeout_graceful_shutdown=GRACEFUL_SECONDS)
    # uvicorn raises the signal again after a clean shutdown.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=sockets)


def main(arguments: list[str]) -> int:
    """Run the process; print one line if it cannot start."""
    try:
        settings = load_settings()
        configure_logs(settings.log_level)
        numbers = [int(argument.removeprefix(LISTEN_OPTION)) for argument in arguments]
        serve(settings, socket.socket(fileno=numbers[0]) if numbers else None)
    except ShipledgerError as error:
        sys.stderr.write(f"error: {error.detail}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
