"""Webhook endpoints: verify the raw bytes, store them in one commit, answer 202, then wake a worker.

They are plain ASGI, because Litestar's overhead for a handler exceeds the rest of a delivery.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
from litestar import asgi
from litestar.exceptions import MethodNotAllowedException, NotFoundException
from litestar.types import Receive, Scope, Send

from schema.errors import NotFoundError
from schema.settings import Settings
from service.connections.names import ConnectionName, parse_connection_name
from service.http.raw_bodies import read_pieces
from service.webhooks.apps import SigningApp, signer
from service.webhooks.envelopes import github_key, gitlab_key, json_bytes
from service.webhooks.headers import Headers
from service.webhooks.intake import WebhookIntake
from service.webhooks.signatures import (
    require_github_signature,
    require_gitlab_signature,
    verify_github,
    verify_gitlab,
)

NO_APP = (
    "this GitHub App is not registered; register one with shipledger github create-app, or set "
    "SHIPLEDGER_GITHUB_WEBHOOK_SECRET to the webhook secret of your App"
)


class Forge(NamedTuple):
    """A forge's event header, checks of the head and of the signature, and deduplication key."""

    name: str
    event_header: str
    check_head: Callable[[Mapping[str, str], str], None]
    verify: Callable[[Mapping[str, str], bytes, str, Settings], None]
    key: Callable[[Mapping[str, str], bytes, str], str]


def _verify_gitlab(headers: Mapping[str, str], body: bytes, secret: str, settings: Settings) -> None:
    verify_gitlab(headers, body, secret, now=datetime.now(UTC), tolerance=settings.webhook_timestamp_tolerance)


GITHUB = Forge(
    "github",
    "x-github-event",
    lambda headers, _: require_github_signature(headers),
    lambda headers, body, secret, _: verify_github(headers, body, secret),
    github_key,
)
GITLAB = Forge("gitlab", "x-gitlab-event", require_gitlab_signature, _verify_gitlab, gitlab_key)
FORGES = {forge.name: forge for forge in (GITHUB, GITLAB)}


# Whose turn it is to verify large bodies for the App-wide endpoint.
NO_ORGANIZATION = 0
# What a request has instead of a key.
VERIFIED = "signature"
# Paths below /webhooks, as Litestar passes them to a mounted application, and route names for request counts.
APP_PATH = "/github/"
APP_ROUTE = "/webhooks/github"
CONNECTION_PATH = re.compile(r"/(github|gitlab)/([^/]+)/")
CONNECTION_ROUTE = "/webhooks/{forge}/{connection_id}"


def _answer(outcome: str) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    content = msgspec.json.encode({"delivery": outcome})
    return content, [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]


ANSWERS = {outcome: _answer(outcome) for outcome in ("stored", "repeated", "dropped")}


@asgi("/webhooks", is_mount=True, copy_scope=False)
async def webhooks(scope: Scope, receive: Receive, send: Send) -> None:
    """Route a webhook request; raises NotFoundException and MethodNotAllowedException."""
    path = scope["path"]
    match = CONNECTION_PATH.fullmatch(path)
    if match is None and path != APP_PATH:
        raise NotFoundException
    scope["path_template"] = CONNECTION_ROUTE.replace("{forge}", match[1]) if match else APP_ROUTE
    if scope.get("method") != "POST":
        raise MethodNotAllowedException(headers={"Allow": "POST"})
    intake: WebhookIntake = scope["litestar_app"].state.webhook_intake
    headers = Headers(scope["headers"])
    if match is None:
        await take_for_app(intake, headers, scope, receive, send)
    else:
        await take(FORGES[match[1]], match[2], intake, headers, scope, receive, send)


async def take_for_app(
    intake: WebhookIntake, headers: Mapping[str, str], scope: Scope, receive: Receive, send: Send
) -> None:
    """Accept a delivery of a registered App or of the operator's; the installation determines the organization.

    Nothing is read of a body that cannot be verified.

    Raises NotFoundError if the App is not registered, and the errors of `take`.
    """
    secret = intake.settings.github_webhook_secret.get_secret_value()
    apps = await intake.apps.named(headers)
    if not apps and not secret:
        raise NotFoundError(NO_APP)
    require_github_signature(headers)
    pieces = await read_pieces(receive, headers, intake.settings.webhook_body_limit)

    def read(raw: bytes) -> tuple[SigningApp | None, bytes]:
        app = signer(apps, headers, raw)
        if app is None:
            verify_github(headers, raw, secret)
        scope["auth"] = VERIFIED
        return app, json_bytes(headers.get("content-type"), raw)

    # No organization is known before one of the secrets fits.
    app, body = await intake.read(NO_ORGANIZATION, pieces, read)
    connection = await intake.connection_of_installation(headers, body, app)
    if connection is None:
        await answer(send, "dropped")
        return
    key = github_key(headers, body, secret if app is None else app.secret)
    await store(GITHUB, intake, connection, headers, body, key, send)


async def take(
    forge: Forge,
    connection_id: str,
    intake: WebhookIntake,
    headers: Mapping[str, str],
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """Accept a delivery for a connection without an App. Nothing is read of a body that cannot be verified.

    Raises NotFoundError for an unknown connection, TooLargeError, UnauthorizedError for a wrong signature,
    BadInputError if the body is not JSON, and UnavailableError if PostgreSQL is unavailable.
    """
    name = parse_connection_name(connection_id)
    secret = await intake.connections.secret(name, forge.name)
    forge.check_head(headers, secret)
    pieces = await read_pieces(receive, headers, intake.settings.webhook_body_limit)

    def read(raw: bytes) -> tuple[bytes, str]:
        forge.verify(headers, raw, secret, intake.settings)
        scope["auth"] = VERIFIED
        body = json_bytes(headers.get("content-type"), raw)
        return body, forge.key(headers, body, secret)

    body, key = read(pieces[0]) if len(pieces) == 1 else await intake.read(name.organization_id, pieces, read)
    await store(forge, intake, name, headers, body, key, send)


async def store(
    forge: Forge,
    intake: WebhookIntake,
    connection: ConnectionName,
    headers: Mapping[str, str],
    body: bytes,
    key: str,
    send: Send,
) -> None:
    """Store a verified delivery, answer, then wake a worker."""
    is_new = await intake.store(connection, event=headers.get(forge.event_header), key=key, body=body)
    await answer(send, "stored" if is_new else "repeated")
    if is_new:
        await intake.wake(connection.organization_id)


async def answer(send: Send, outcome: str) -> None:
    """Send 202 with the outcome of the delivery: `stored`, `repeated` or `dropped`."""
    content, headers = ANSWERS[outcome]
    await send({"type": "http.response.start", "status": 202, "headers": headers})
    await send({"type": "http.response.body", "body": content, "more_body": False})


ROUTES = [webhooks]
