"""python-gitlab over our transport; its errors are converted here."""

from collections.abc import Callable
from typing import TypeVar

from gitlab import Gitlab
from gitlab.exceptions import GitlabError
from requests import RequestException

from workers.forge_access.answers import read_answer
from workers.forge_access.errors import ForgeError, RefusedError
from workers.forges.transport import Transport

USER_AGENT = "shipledger"
NOT_FOUND = 404

Answer = TypeVar("Answer")


def open_gitlab(transport: Transport, base_url: str, token: str) -> Gitlab:
    """Return python-gitlab's client for one server."""
    return Gitlab(base_url, private_token=token, session=transport.session(), user_agent=USER_AGENT, keep_base_url=True)


def call(request: Callable[[], Answer]) -> Answer:
    """Send a request and convert errors, because python-gitlab's quote answers, which may contain people."""
    try:
        return request()
    except GitlabError as error:
        status = error.response_code or NOT_FOUND
        raise RefusedError(
            status, read_answer(status, (error.response_body or b"").decode(errors="replace"), {})
        ) from None
    except RequestException:
        raise ForgeError("the server does not answer like GitLab") from None
