"""The webhook endpoints: verify over the raw bytes, store in one commit, answer 202, then wake a worker."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from litestar import Request, Response, post
from litestar.background_tasks import BackgroundTask
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath

from schema.database import Database
from schema.encryption import Vault
from schema.errors import NotFoundError
from schema.queue import Job, Queue
from schema.settings import Settings
from service.webhooks.apps import KnownApps
from service.webhooks.bodies import read_body
from service.webhooks.connection_names import ConnectionName, parse_connection_name
from service.webhooks.connections import find_secret
from service.webhooks.envelopes import github_key, gitlab_key, json_bytes
from service.webhooks.intake import connection_of_installation, keep
from service.webhooks.signatures import verify_github, verify_gitlab

Answer = Response[dict[str, str]]
WebhookRequest = Request[Any, Any, State]

NO_APP = (
    "no such GitHub App is set up; register one with shipledger github create-app, or set "
    "SHIPLEDGER_GITHUB_WEBHOOK_SECRET to the webhook secret of one that you made"
)

# The limit is ours, counted while the body streams in; the framework's would be a second one.
OPTIONS: dict[str, Any] = {"status_code": 202, "request_max_body_size": None, "security": [], "tags": ["webhooks"]}


class Forge(NamedTuple):
    """How one forge signs, names an event, and tells that a delivery is the same again."""

    name: str
    event_header: str
    verify: Callable[[Mapping[str, str], bytes, str, Settings], None]
    key: Callable[[Mapping[str, str], bytes, str], str]


def _verify_gitlab(headers: Mapping[str, str], body: bytes, secret: str, settings: Settings) -> None:
    verify_gitlab(headers, body, secret, now=datetime.now(UTC), tolerance=settings.webhook_timestamp_tolerance)


GITHUB = Forge(
    "github", "x-github-event", lambda headers, body, secret, _: verify_github(headers, body, secret), github_key
)
GITLAB = Forge("gitlab", "x-gitlab-event", _verify_gitlab, gitlab_key)


@post("/webhooks/github/{connection_id:str}", summary="A webhook of a GitHub repository or organization", **OPTIONS)
async def github_webhook(
    request: WebhookRequest,
    connection_id: FromPath[str],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> Answer:
    """Signed with the connection's secret (`X-Hub-Signature-256`); a repeated delivery adds nothing."""
    return await receive(GITHUB, request, connection_id, settings, database, queue)


@post("/webhooks/gitlab/{connection_id:str}", summary="A webhook of a GitLab project, group or instance", **OPTIONS)
async def gitlab_webhook(
    request: WebhookRequest,
    connection_id: FromPath[str],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> Answer:
    """Signed with the connection's secret (`webhook-signature`), or carrying it (`X-Gitlab-Token`)."""
    return await receive(GITLAB, request, connection_id, settings, database, queue)


@post("/webhooks/github", summary="Webhooks of the GitHub App, for all its installations", **OPTIONS)
async def github_app_webhook(
    request: WebhookRequest,
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> Answer:
    """Signed with the secret of a registered App, or of the operator's; the installation says whose it is."""
    secret = settings.github_webhook_secret.get_secret_value()
    headers, raw = request.headers, await read_body(request, settings.webhook_body_limit)
    known_apps: KnownApps = request.app.state.known_apps
    app = await known_apps.signer(headers, raw)
    if app is None:
        if not secret:
            raise NotFoundError(NO_APP)
        verify_github(headers, raw, secret)
    else:
        secret = app.secret
    body = json_bytes(headers.get("content-type"), raw)
    connection = await connection_of_installation(database, headers, body, app)
    if connection is None:
        return Response({"delivery": "dropped"}, status_code=202)
    return await store(GITHUB, request, connection, body, github_key(headers, raw, secret), settings, database, queue)


async def receive(
    forge: Forge, request: WebhookRequest, connection_id: str, settings: Settings, database: Database, queue: Queue
) -> Answer:
    """Take a delivery for a connection made by hand.

    Raises NotFoundError for an unknown connection, TooLargeError, UnauthorizedError when the signature does not fit,
    BadInputError when the body is no JSON, and UnavailableError when PostgreSQL is away.
    """
    name = parse_connection_name(connection_id)
    secrets = Vault(settings.secret_key.get_secret_value(), "secret")
    secret = await find_secret(database, secrets, name, forge.name)
    raw = await read_body(request, settings.webhook_body_limit)
    forge.verify(request.headers, raw, secret, settings)
    body = json_bytes(request.headers.get("content-type"), raw)
    return await store(forge, request, name, body, forge.key(request.headers, raw, secret), settings, database, queue)


async def store(
    forge: Forge,
    request: WebhookRequest,
    connection: ConnectionName,
    body: bytes,
    key: str,
    settings: Settings,
    database: Database,
    queue: Queue,
) -> Answer:
    """Store a verified delivery and answer; the wake-up follows the answer, so a Redis that is away delays nothing."""
    bodies = Vault(settings.secret_key.get_secret_value(), "body")
    event = request.headers.get(forge.event_header)
    if not await keep(database, bodies, connection, event=event, key=key, body=body):
        return Response({"delivery": "repeated"}, status_code=202)
    wake = BackgroundTask(queue.wake, Job.PROCESS_DELIVERIES, connection.organization_id)
    return Response({"delivery": "stored"}, status_code=202, background=wake)


ROUTES = [github_webhook, gitlab_webhook, github_app_webhook]
