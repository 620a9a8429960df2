"""PyGithub over our transport, which replaces its connections, retries and pauses."""

import threading
from typing import Any

from github import Auth, Github
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester

from workers.forges.transport import Transport

USER_AGENT = "shipledger"

_CONNECTING = threading.Lock()


def open_github(transport: Transport, url: str, auth: Auth.Auth | None) -> Github:
    """Return a client of the API at `url`, without authentication if `auth` is None.

    PyGithub sets connection classes globally, and each client keeps those set when it was created.
    """

    class Secure(HTTPSRequestsConnectionClass):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            transport.carry(self.session)

    class Plain(HTTPRequestsConnectionClass):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            transport.carry(self.session)

    with _CONNECTING:
        Requester.injectConnectionClasses(Plain, Secure)
        try:
            return Github(
                auth=auth,
                base_url=url,
                user_agent=USER_AGENT,
                retry=None,
                seconds_between_requests=None,
                seconds_between_writes=None,
                lazy=True,
            )
        finally:
            Requester.resetConnectionClasses()
