"""python-gitlab over a line: every request takes it, and the library's errors end here."""

from collections.abc import Callable
from typing import TypeVar

from gitlab import Gitlab
from gitlab.exceptions import GitlabError
from requests import RequestException

from workers.forges.errors import ForgeError, RefusedError
from workers.forges.transport import Line

USER_AGENT = "shipledger"
NOT_FOUND = 404

Answer = TypeVar("Answer")


def open_gitlab(line: Line, base_url: str, token: str) -> Gitlab:
    """The library's client for one GitLab."""
    return Gitlab(base_url, private_token=token, session=line.session(), user_agent=USER_AGENT, keep_base_url=True)


def asked(ask: Callable[[], Answer]) -> Answer:
    """What was answered; the library's errors quote answers, which may quote people, so they end here."""
    try:
        return ask()
    except GitlabError as error:
        raise RefusedError(error.response_code or NOT_FOUND) from None
    except RequestException:
        raise ForgeError("the server does not answer like GitLab") from None
