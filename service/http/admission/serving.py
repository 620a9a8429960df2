"""A uvicorn server that applies the limits, for the service and for the MCP server."""

import resource
from typing import Any

import uvicorn

from service.http.admission.admission import Admission
from service.http.admission.protocol import admitting

# uvicorn ticks ten times a second, the sweep once.
TICKS = 10
# Files beside connections of clients: those to PostgreSQL and Redis, logs, libraries.
OTHER_FILES = 128


class AdmittingServer(uvicorn.Server):
    """Serves an application within the limits of an admission."""

    def __init__(self, app: Any, admission: Admission, **options: Any) -> None:
        allow_files(admission.limits.connections + OTHER_FILES)
        config = uvicorn.Config(
            app,
            http=admitting(admission),
            loop="uvloop",
            ws="none",
            lifespan="on",
            access_log=False,
            log_level="warning",
            server_header=False,
            # X-Forwarded-For is read by the protocol, from trusted proxies only.
            proxy_headers=False,
            **options,
        )
        super().__init__(config)
        self._admission = admission

    async def on_tick(self, counter: int) -> bool:
        """Sweep the connections once a second."""
        if counter % TICKS == 0:
            self._admission.sweep(self.server_state.connections)  # type: ignore[arg-type]  # all are of our protocol
        return await super().on_tick(counter)


def allow_files(number: int) -> None:
    """Let this process open so many files, if its hard limit allows it: each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = number if hard == resource.RLIM_INFINITY else min(number, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
