"""The service process: the application under uvicorn, until SIGTERM or SIGINT.

`python -m service.server` reads its settings from the environment; `--listen-fd=N` takes a socket that is already
listening, which outlives this process, so that a restart refuses no connection.
"""

import contextlib
import signal
import socket
import sys

import uvicorn

from schema.collector import spare_collector
from schema.errors import ShipledgerError
from schema.logs import configure_logs
from schema.settings import Settings, load_settings
from service.app import create_app
from service.http.joined_writes import JoiningProtocol
from service.http.listening_socket import listen

# Requests under way may end; whoever is cut off was not answered, and sends again.
GRACEFUL_SECONDS = 4
# Objects that may be made, beyond those that are freed, before garbage is collected: requests leave little behind.
GARBAGE = 10_000
LISTEN_OPTION = "--listen-fd="


def serve(settings: Settings, listening: socket.socket | None = None) -> None:
    """Serve until told to stop; raises SetUpError when the settings do not suffice or the port cannot be had."""
    app = create_app(settings)
    spare_collector(GARBAGE)
    listening = listening or listen(settings.host, settings.port)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http=JoiningProtocol,
            loop="uvloop",
            ws="none",
            lifespan="on",
            access_log=False,
            log_config=None,
            log_level="warning",
            server_header=False,
            # Whoever needs X-Forwarded-* behind a proxy sets a public URL; believing it from anyone would be wrong.
            proxy_headers=False,
            timeout_graceful_shutdown=GRACEFUL_SECONDS,
        )
    )
    # uvicorn raises the signal again after a clean stop; it has been heeded by then.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])


def main(arguments: list[str]) -> int:
    """The process: one clear line when it cannot start."""
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
