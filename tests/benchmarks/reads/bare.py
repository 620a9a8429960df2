"""A Litestar application that only encodes JSON: the baseline of the service's responses."""

import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn
from litestar import Litestar, get

ANSWERS = "BENCHMARK_ANSWERS"


def create_app(answers: dict[str, Any]) -> Litestar:
    """Create an application with a handler per path that returns its answer."""
    return Litestar(
        route_handlers=[bare_handler(path, answer) for path, answer in answers.items()], openapi_config=None
    )


def bare_handler(path: str, answer: dict[str, Any]) -> Any:
    @get(path)
    async def handler() -> dict[str, Any]:
        return answer

    return handler


def main() -> None:
    """Serve the answers in a file on the socket `--listen-fd=N`, as service/server.py does."""
    app = create_app(json.loads(Path(os.environ[ANSWERS]).read_text()))
    listening = socket.socket(fileno=int(sys.argv[1].partition("=")[2]))
    config = uvicorn.Config(
        app, http="httptools", loop="uvloop", ws="none", access_log=False, log_level="warning", server_header=False
    )
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
