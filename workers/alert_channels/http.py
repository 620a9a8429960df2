"""Posts messages to chats, webhooks and PagerDuty: without redirects, and only to public addresses unless allowed."""

from datetime import UTC, datetime, timedelta

import httpx

from schema.failures import Failure
from workers.alert_channels.errors import ChannelError
from workers.alerts.bodies import Post
from workers.forge_access.answers import read_answer
from workers.forge_access.broken import broken_by
from workers.providers.addresses import PublicTransport
from workers.providers.client import PrivateHostError, retry_after

TIMEOUT = timedelta(seconds=10)
LONGEST_ANSWER = 20_000
# What a receiver answers that may accept the same message later.
AGAIN = {httpx.codes.REQUEST_TIMEOUT, httpx.codes.CONFLICT, httpx.codes.TOO_EARLY}
# Address or key are wrong, or the webhook was deleted.
REFUSED = {
    httpx.codes.UNAUTHORIZED,
    httpx.codes.FORBIDDEN,
    httpx.codes.NOT_FOUND,
    httpx.codes.METHOD_NOT_ALLOWED,
    httpx.codes.GONE,
}
HEADERS = {"Content-Type": "application/json", "User-Agent": "shipledger"}


def open_http(*, allow_private: bool) -> httpx.AsyncClient:
    """Return a client for channels; without `allow_private` it checks the address at each connection."""
    transport = None if allow_private else PublicTransport()
    return httpx.AsyncClient(follow_redirects=False, transport=transport, timeout=TIMEOUT.total_seconds())


async def post(http: httpx.AsyncClient, request: Post) -> None:
    """Send a request; raises ChannelError unless it is accepted."""
    headers = {**HEADERS, **request.headers}
    try:
        async with http.stream("POST", request.url, content=request.body, headers=headers) as answer:
            if not answer.is_success:
                raise refusal(answer.status_code, await _beginning(answer), answer.headers.get("retry-after"))
    except PrivateHostError:
        raise ChannelError(Failure.PRIVATE_ADDRESS) from None
    except httpx.HTTPError as error:
        raise ChannelError(Failure.CHANNEL_AWAY, broken_by(error)) from None
    except httpx.InvalidURL:
        raise ChannelError(Failure.CHANNEL_REFUSED) from None


def refusal(status: int, body: str, wait: str | None) -> ChannelError:
    """Return the error for an answer that is not a success."""
    said = read_answer(status, body, {})
    if httpx.codes.is_redirect(status):
        return ChannelError(Failure.CHANNEL_REDIRECTS, said)
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return ChannelError(Failure.CHANNEL_LIMITED, said, retry_after(wait, datetime.now(UTC)))
    if httpx.codes.is_server_error(status) or status in AGAIN:
        return ChannelError(Failure.CHANNEL_AWAY, said)
    return ChannelError(Failure.CHANNEL_REFUSED if status in REFUSED else Failure.ALERT_REFUSED, said)


async def _beginning(answer: httpx.Response) -> str:
    """Return the beginning of a body, however large it is."""
    read = b""
    async for part in answer.aiter_bytes():
        read += part
        if len(read) >= LONGEST_ANSWER:
            break
    return read[:LONGEST_ANSWER].decode(errors="replace")
