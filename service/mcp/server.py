"""The MCP server: its tools, over standard input and output or over HTTP."""

import sys
from importlib.metadata import version

from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import ToolAnnotations

from service.http.admission.admission import Admission
from service.http.admission.limits import Limits
from service.http.admission.serving import AdmittingServer
from service.http.listening_socket import listen, local_url
from service.mcp.artifact_tools import ArtifactTools
from service.mcp.period_tools import PeriodTools
from service.mcp.service_requests import Service
from service.mcp.watch_tools import WatchTools

INSTRUCTIONS = """What merged pull requests and releases cost in AI tokens and dollars, and which spend never shipped.

Every figure comes from the REST API of Shipledger with the caller's key. Repeat `reliable`, intervals and withheld
reasons with a figure. A figure that is withheld stays withheld: do not compute it from others. Days are UTC days."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
PATH = "/mcp"


def build(service: Service, default_repository: str | None = None) -> MCPServer:
    """Return a server whose tools read from a running service."""
    server = MCPServer(
        "shipledger",
        title="Shipledger",
        version=version("shipledger"),
        instructions=INSTRUCTIONS,
        log_level="WARNING",
    )
    reading = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    tools = (*ArtifactTools(service, default_repository).all, *PeriodTools(service).all, *WatchTools(service).all)
    for tool in tools:
        server.add_tool(tool, annotations=reading)
    return server


def serve_http(server: MCPServer, host: str, port: int, public_hosts: tuple[str, ...] = ()) -> None:
    """Serve streamable HTTP at /mcp until a signal stops it; raises SetUpError if the port is taken.

    Requests must name a loopback address or one of `public_hosts` in their Host header, so that no page in a browser
    reaches the server under a name of its own.
    """
    hosts = [*(f"{name}:*" for name in LOOPBACK), *public_hosts, *(f"{name}:*" for name in public_hosts)]
    origins = [f"{scheme}://{name}" for scheme in ("http", "https") for name in hosts]
    security = TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins)
    # Each request stands alone, so that any number of these processes may run behind a proxy.
    app = server.streamable_http_app(
        streamable_http_path=PATH, stateless_http=True, json_response=True, transport_security=security, host=host
    )
    listening = listen(host, port)
    print(f"MCP: {local_url(listening)}{PATH}", file=sys.stderr, flush=True)  # noqa: T201 - for whoever started it
    # The service counts what its callers may ask; here nobody has shown a key yet.
    limits = Limits(connections=512, requests_of_address=0)
    AdmittingServer(app, Admission(limits)).run(sockets=[listening])
