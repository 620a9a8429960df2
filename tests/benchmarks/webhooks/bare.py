"""A Litestar application that reads and drops a body: the baseline for accepting webhooks."""

import socket
import sys
from typing import Any

import uvicorn
from litestar import Litestar, Request, get, post

PATH = "/dropped"
READY = "/ready"


@post(PATH, status_code=202)
async def drop(request: Request[Any, Any, Any]) -> dict[str, str]:
    await request.body()
    return {"delivery": "stored"}


@get(READY)
async def ready() -> None:
    return None


def main() -> None:
    """Serve on the socket `--listen-fd=N`, under the same server as service/server.py."""
    listening = socket.socket(fileno=int(sys.argv[1].partition("=")[2]))
    app = Litestar(route_handlers=[drop, ready], openapi_config=None)
    config = uvicorn.Config(
        app, http="httptools", loop="uvloop", ws="none", access_log=False, log_level="warning", server_header=False
    )
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
