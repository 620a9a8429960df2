"""PyGithub with our line in place of its own connections, retries and pauses."""

import threading
from typing import Any

from github import Auth, Github
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester

from workers.forges.transport import Line

USER_AGENT = "shipledger"

_CONNECTING = threading.Lock()


def open_github(line: Line, url: str, auth: Auth.Auth | None) -> Github:
    """A client of the API at `url`; without `auth` it asks as nobody.

    PyGithub takes a connection class for all clients at once, and each client keeps that of the moment in which it was
    made.
    """

    class Secure(HTTPSRequestsConnectionClass):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            line.carry(self.session)

    class Plain(HTTPRequestsConnectionClass):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            line.carry(self.session)

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
