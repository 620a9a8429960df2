"""PyGithub over our transport, which replaces its connections, retries and pauses."""

import json
import threading
from typing import Any

from github import Auth, Github, GithubException
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester

from workers.forge_access.answers import read_answer
from workers.forge_access.errors import RefusedError
from workers.forges.transport import Transport

USER_AGENT = "shipledger"

_CONNECTING = threading.Lock()


def refused(error: GithubException, status: int | None = None) -> RefusedError:
    """Return our error for a refusal, because PyGithub's quotes the answer, which may contain people and secrets."""
    answer = read_answer(error.status, json.dumps(error.data, default=str), error.headers or {})
    return RefusedError(status or error.status, answer)


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
