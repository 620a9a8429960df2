"""/api/v1/github-apps: register a GitHub App of the organization's own from a manifest."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from key_services.configured import ring_of
from schema.database import Database
from schema.errors import NotFoundError
from schema.github_apps import AppVault
from schema.kinds import AppState
from schema.settings import Settings
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, read_cursor
from service.audit.acts import note_trial
from service.auth.caller import Caller
from service.auth.guards import requires
from service.connections.names import ConnectionName, parse_connection_name
from service.connections.public_address import public_base
from service.contracts.github_app import GithubAppList, GithubAppShown, GithubAppStarted, NewGithubApp
from service.contracts.trial import Trial
from service.failures import failure_sentence, standing_of
from service.github_apps.begin import begin_registration
from service.github_apps.states import installation_state
from service.queries.forge.github_apps import read_registrations

EXPIRED = "GitHub's limit of one hour has passed; start again"


@post("/api/v1/github-apps", guards=[requires("admin")], summary="Register a GitHub App", tags=["connections"])
async def begin_github_app(
    request: Request[Any, Any, State],
    data: JSONBody[NewGithubApp],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
) -> Response[GithubAppStarted]:
    """Start a registration. Open `page` within an hour, in a browser that is signed in to GitHub; it works once."""
    started = await begin_registration(database, settings, caller.organization_id, data, public_base(request, settings))
    note_trial(is_trial=data.dry_run)
    return Response(started, status_code=200 if data.dry_run else 201)


@get("/api/v1/github-apps", guards=[requires("read")], summary="List GitHub Apps", tags=["connections"])
async def list_github_apps(
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> GithubAppList:
    """List registrations with their state, newest first. Secrets are never shown."""
    after = read_cursor(cursor, tuple[datetime, UUID])
    async with database.organization(caller.organization_id) as tenant:
        rows = await read_registrations(tenant, after=after, limit=limit + 1)
    page, next_cursor = cut(rows, limit, lambda row: (row["created_at"], row["registration_id"]))
    return GithubAppList([app_shown(settings, caller.organization_id, row) for row in page], next_cursor)


@get(
    "/api/v1/github-apps/{app_id:str}",
    guards=[requires("read")],
    summary="Get a GitHub App",
    tags=["connections"],
)
async def show_github_app(
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
    app_id: Annotated[str, PathParameter(description="Id of a registration")],
) -> GithubAppShown:
    """Get the state of a registration."""
    name = parse_connection_name(app_id)
    rows: list[Mapping[str, Any]] = []
    if name.organization_id == caller.organization_id:
        async with database.organization(caller.organization_id) as tenant:
            rows = await read_registrations(tenant, registration_id=name.connection_id, limit=1)
    if not rows:
        raise NotFoundError("no App has this id; create one with: shipledger github create-app")
    return app_shown(settings, caller.organization_id, rows[0])


def app_shown(settings: Settings, organization_id: int, row: Mapping[str, Any]) -> GithubAppShown:
    """Convert a row to the API's contract."""
    registration = ConnectionName(organization_id, row["registration_id"])
    is_over = row["state"] == AppState.STARTED and row["is_expired"]
    is_registered = row["state"] == AppState.REGISTERED
    reason = failure_sentence(row["failure"])
    return GithubAppShown(
        id=str(registration),
        state=AppState.FAILED if is_over else row["state"],
        failure=EXPIRED if is_over else None if is_registered else reason,
        trial=Trial(standing_of(row["failure"], otherwise="works"), reason) if is_registered else None,
        install_url=install_url(settings, registration, row["sealed_credentials"]),
        connections=[str(ConnectionName(organization_id, connection_id)) for connection_id in row["connections"]],
        **{name: row[name] for name in ("host", "app_id", "created_at", "registered_at")},
    )


def install_url(settings: Settings, registration: ConnectionName, sealed: bytes | None) -> str | None:
    """Return the page to install an App, None before it is registered; GitHub sends its `state` back."""
    if sealed is None:
        return None
    ring = ring_of(settings)
    credentials = AppVault(ring).credentials(registration.organization_id, sealed)
    state = installation_state(ring, str(registration), datetime.now(UTC))
    return f"{credentials.page}/installations/new?state={state}"


ROUTES = [begin_github_app, list_github_apps, show_github_app]
