"""Sending a simulated company to a running service through the endpoints that forges and agents use."""

import asyncio
import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx

from schema.errors import SetUpError
from service.client import Address, Client
from service.simulation.company import FORGE_HOST, Company
from service.simulation.github_payloads import Webhook, company_webhooks
from service.simulation.marks import FEATURES, with_marks
from service.simulation.otlp_bodies import CONTENT_TYPE, company_bodies

AT_ONCE = 12
ATTEMPTS = 6
FIRST_WAIT_SECONDS = 0.25
REQUEST_SECONDS = 30.0
# Responses to retry; everything sent here is idempotent.
BUSY = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook connection at the service: its public id, and the secret that signs webhooks."""

    connection_id: str
    secret: str = field(repr=False)


def make_hook(client: Client) -> Hook:
    """Create a connection for a GitHub webhook."""
    made = client.post("/api/v1/connections", {"forge": "github"})
    return Hook(made["id"], made["secret"])


def make_teams(client: Client, company: Company) -> None:
    """Create the company's teams with size and repositories; update those that exist."""
    for team in company.teams:
        client.post(
            "/api/v1/teams",
            {
                "name": team.plan.name,
                "size": team.plan.size,
                "telemetry_ids": [team.plan.name],
                "repositories": [f"{FORGE_HOST}/{repository.path}" for repository in team.repositories],
            },
        )


def show_names(client: Client) -> None:
    """Turn names on, which nobody could mind here, and map the company's labels to features."""
    client.put("/api/v1/labels", {"enabled": True})
    for feature in FEATURES:
        client.put("/api/v1/features", {"name": feature, "labels": [f"area/{feature}"]})


class Bodies:
    """All request bodies of a company."""

    def __init__(self, company: Company) -> None:
        self.webhooks = company_webhooks(with_marks(company))
        self.telemetry = [gzip.compress(body, 1) for body in company_bodies(company)]

    @property
    def total(self) -> int:
        """Return the number of requests."""
        return len(self.webhooks) + len(self.telemetry)


def send_bodies(bodies: Bodies, address: Address, hook: Hook, advance: Advance) -> None:
    """Send all requests, several at a time; raises SetUpError if the service refuses one or stops answering."""
    asyncio.run(deliver(bodies, address, hook, advance))


async def deliver(bodies: Bodies, address: Address, hook: Hook, advance: Advance) -> None:
    """Do what `send_bodies` does, in an event loop."""
    async with httpx.AsyncClient(base_url=address.url, timeout=REQUEST_SECONDS) as client:
        for requests in (_webhook_requests(client, bodies, hook), _telemetry_requests(client, bodies, address)):
            await _send_some_at_once(client, requests, advance)


def _webhook_requests(client: httpx.AsyncClient, bodies: Bodies, hook: Hook) -> Iterator[httpx.Request]:
    for webhook in bodies.webhooks:
        yield _webhook_request(client, webhook, hook)


def _webhook_request(client: httpx.AsyncClient, webhook: Webhook, hook: Hook) -> httpx.Request:
    path = f"/webhooks/github/{hook.connection_id}"
    return client.build_request("POST", path, content=webhook.body, headers=webhook.headers(hook.secret))


def _telemetry_requests(client: httpx.AsyncClient, bodies: Bodies, address: Address) -> Iterator[httpx.Request]:
    headers = {
        "Authorization": f"Bearer {address.key}",
        "Content-Type": CONTENT_TYPE,
        "Content-Encoding": "gzip",
    }
    for body in bodies.telemetry:
        yield client.build_request("POST", "/v1/logs", content=body, headers=headers)


async def _send_some_at_once(client: httpx.AsyncClient, requests: Iterator[httpx.Request], advance: Advance) -> None:
    """Send with several senders that share one iterator, so that at most AT_ONCE requests are in flight."""

    async def send_rest() -> None:
        for request in requests:
            await _send_one(client, request)
            advance(1)

    await asyncio.gather(*(send_rest() for _ in range(AT_ONCE)))


async def _send_one(client: httpx.AsyncClient, request: httpx.Request) -> None:
    for attempt in range(ATTEMPTS):
        try:
            response = await client.send(request)
        except httpx.TransportError as error:
            if attempt == ATTEMPTS - 1:
                raise SetUpError(
                    f"the service at {client.base_url} stopped answering; run the command again later"
                ) from error
        else:
            if response.is_success:
                return
            if response.status_code not in BUSY or attempt == ATTEMPTS - 1:
                raise SetUpError(f"the service answered {request.url.path} with {response.status_code}")
        await asyncio.sleep(FIRST_WAIT_SECONDS * 2**attempt)
