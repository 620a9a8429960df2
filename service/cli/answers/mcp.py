"""`shipledger mcp`: answer questions of AI assistants."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import contextlib
from pathlib import Path

import click

from service.cli.options import example, service_options

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@click.command("mcp", epilog=example("shipledger mcp --url https://shipledger.example.com"))
@click.option(
    "--transport",
    type=click.Choice(["stdio", "http"]),
    default="stdio",
    show_default=True,
    help="Standard input and output, or streamable HTTP.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on, with http.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8788, show_default=True, help="Port to listen on, with http."
)
@click.option(
    "--allow-host",
    "public_hosts",
    multiple=True,
    metavar="NAME",
    help="Host name that requests may use beside this machine's, with http.",
)
@click.option(
    "--repository",
    metavar="HOST/OWNER/NAME",
    help="Repository that questions without one are about.  [default: of the clone in this folder]",
)
@service_options
def mcp(
    transport: str,
    host: str,
    port: int,
    public_hosts: tuple[str, ...],
    repository: str | None,
    url: str | None,
    key: str | None,
) -> None:
    """Answer questions of AI assistants about cost (MCP).

    Assistants read with the key that you pass; a key with the scope read is enough. Over HTTP, each request may bring
    its own key in Authorization: Bearer. On other addresses than this machine's, it must.

    """
    from schema.errors import SetUpError

    try:
        from service.mcp.server import build, serve_http
    except ModuleNotFoundError as missing:
        raise SetUpError("this command needs an extra; install it with: pip install 'shipledger[mcp]'") from missing
    from service.client import find_address
    from service.mcp.service_requests import Service

    needs_own_key = transport == "http" and host not in LOOPBACK
    address = find_address(url, "required in each request" if needs_own_key else key)
    server = build(Service(address.url, None if needs_own_key else address.key), repository or _clone())
    if transport == "stdio":
        with contextlib.suppress(KeyboardInterrupt):
            server.run("stdio")
        return
    serve_http(server, host, port, public_hosts)


def _clone() -> str | None:
    """Return the repository of the clone in this folder."""
    from schema.errors import BadInputError
    from schema.identifiers import parse_repository
    from service.imports.git.reader import GitRepository

    with contextlib.suppress(BadInputError):
        if remote := GitRepository(Path.cwd()).remote_url("origin"):
            return str(parse_repository(remote))
    return None
