"""Routes that set up GitHub in the browser: create an App from a manifest, install it, follow its backfill."""

import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from key_services.configured import ring_of
from schema.database import Database
from schema.errors import BadInputError, NotFoundError
from schema.github_apps import AppVault
from schema.kinds import AppState
from schema.queue import Job, Queue
from schema.settings import Settings
from service.api.forge.github_apps import install_url
from service.auth.roles import Role
from service.auth.viewer import require_viewer, signed_in_viewer
from service.connections.names import LARGEST_ID, ConnectionName, parse_connection_name
from service.connections.public_address import public_base
from service.contracts.github_app import NewGithubApp
from service.dashboard.github.page import build_github_page
from service.dashboard.github.reading import read_github
from service.dashboard.shell.answers import HEADERS, message, render
from service.dashboard.shell.opening import PageRequest, open_page
from service.errors import ConflictError, ForbiddenError
from service.failures import failure_sentence
from service.github_apps.begin import begin_registration
from service.github_apps.states import is_installation_state, parse_state
from service.queries.forge.github_apps import accept_code, claim_installation, find_by_state

START_AGAIN = "start again with shipledger github create-app or on the dashboard page /github"
FOREIGN = f"this App set-up is unknown or older than an hour; {START_AGAIN}"
USED = f"GitHub has already answered this App set-up; {START_AGAIN}"
NO_CODE = f"GitHub's answer contains no valid code; {START_AGAIN}"

_CODE = re.compile(r"[A-Za-z0-9_-]{1,200}")
_ID = re.compile(r"[1-9][0-9]{0,18}")


@get("/github", summary="Set up GitHub")
async def github_set_up(
    request: PageRequest, settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[str]:
    """Show Apps, installations and backfills of the signed-in organization."""
    async with open_page(request, settings, database, role=Role.ADMIN) as opened:
        facts = await read_github(opened.tenant, settings)
        return opened.show("github/page.html", opened.frame("GitHub"), build_github_page(facts))


@post("/github", summary="Start registering an App", status_code=303)
async def begin_in_browser(
    request: PageRequest, settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Redirect:
    """Start a registration from the form and redirect to its page."""
    organization_id = require_viewer(request, Role.ADMIN).organization_id
    form = await request.form()

    def field(name: str) -> str | None:
        value = form.get(name)
        return value.strip() or None if isinstance(value, str) else None

    requested = NewGithubApp(
        base_url=field("base_url"),
        organization=field("organization"),
        public_url=field("public_url"),
        team_sync=field("team_sync") is not None,
        summaries=field("summaries") is not None,
    )
    started = await begin_registration(database, settings, organization_id, requested, public_base(request, settings))
    assert started.page is not None, "it is not a dry run"
    return Redirect(urlsplit(started.page).path, status_code=303, headers=HEADERS)


@get("/github/register/{registration_state:str}", summary="Register an App on GitHub")
async def registration_page(
    registration_state: FromPath[str],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
) -> Response[str]:
    """Show the button that sends the manifest to GitHub, and afterwards the result.

    The state in the address is the only credential: the command line opens this page in a browser without a session.
    """
    parsed = parse_state(registration_state)
    if parsed is None:
        raise NotFoundError(FOREIGN)
    async with database.organization(parsed.organization_id) as tenant:
        row = await find_by_state(tenant, parsed.digest)
    if row is None or (row["is_expired"] and row["state"] != AppState.FAILED):
        raise NotFoundError(FOREIGN)
    form = None
    if row["sealed_form"] is not None:
        ring = ring_of(settings)
        form = AppVault(ring).values(parsed.organization_id, row["sealed_form"])
    registration = ConnectionName(parsed.organization_id, row["registration_id"])
    answer = render(
        "github/registration.html",
        state=row["state"],
        host=row["host"],
        action=f"{form['action']}?state={registration_state}" if form else "",
        manifest=json.dumps(form["manifest"]) if form else "",
        shown=json.dumps(form["manifest"], indent=2) if form else "",
        warnings=form["warnings"] if form else [],
        install_url=install_url(settings, registration, row["sealed_credentials"]) or "",
        failure=failure_sentence(row["failure"]) or "",
    )
    # Only this form may be sent to another site. GitHub may see which site it comes from, but not which page.
    parts = urlsplit(row["base_url"])
    place = f"{parts.scheme}://{parts.netloc}"
    policy = HEADERS["Content-Security-Policy"].replace("form-action 'self'", f"form-action {place}")
    answer.headers.update({"Content-Security-Policy": policy, "Referrer-Policy": "strict-origin"})
    return answer


@get("/github/registered", summary="GitHub's answer to a manifest")
async def registered(
    request: PageRequest,
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> Redirect:
    """Store the code that GitHub sends back, encrypted, and wake a worker to exchange it."""
    state = request.query_params.get("state", "")
    parsed = parse_state(state)
    if parsed is None:
        raise ForbiddenError(FOREIGN)
    code = request.query_params.get("code", "")
    if not _CODE.fullmatch(code):
        raise BadInputError(NO_CODE)
    sealed = AppVault(ring_of(settings)).seal(parsed.organization_id, code)
    async with database.organization(parsed.organization_id) as tenant:
        is_accepted = await accept_code(tenant, parsed.digest, sealed)
        row = None if is_accepted else await find_by_state(tenant, parsed.digest)
    if not is_accepted:
        if row is None or (row["state"] == AppState.STARTED and row["is_expired"]):
            raise ForbiddenError(FOREIGN)
        raise ConflictError(USED)
    await queue.wake(Job.SET_UP_GITHUB_APPS, parsed.organization_id)
    return Redirect(f"/github/register/{state}", status_code=303, headers=HEADERS)


@get("/github/installed/{registration:str}", summary="GitHub's redirect after an installation")
async def installed(
    request: PageRequest,
    registration: FromPath[str],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> Response[Any]:
    """Claim the installation if the state is ours or the user is signed in; a worker then verifies it with GitHub.

    Anybody can forge this address, so it proves nothing by itself.
    """
    name = parse_connection_name(registration)
    ring = ring_of(settings)
    state, installation_id = (request.query_params.get(each, "") for each in ("state", "installation_id"))
    is_ours = is_installation_state(ring, registration, state, datetime.now(UTC))
    viewer = signed_in_viewer(request)
    is_signed_in = viewer is not None and viewer.organization_id == name.organization_id and viewer.may(Role.ADMIN)
    if not is_ours and not is_signed_in:
        raise ForbiddenError("this installation was not started here; it appears once GitHub reports it by webhook")
    if installation_id:
        if not _ID.fullmatch(installation_id) or int(installation_id) > LARGEST_ID:
            raise BadInputError("must be a positive whole number", field="installation_id")
        async with database.organization(name.organization_id) as tenant:
            await claim_installation(tenant, name.connection_id, int(installation_id))
        await queue.wake(Job.SET_UP_GITHUB_APPS, name.organization_id)
    if is_signed_in:
        return Redirect("/github", status_code=303, headers=HEADERS)
    if not installation_id:
        return message(200, "Almost there", "An owner of the account must approve the installation on GitHub first.")
    return message(
        200,
        "The App is installed",
        "Shipledger is fetching pull requests, commits, reviews and releases of the last 12 months.",
        "You can close this page. The dashboard page /github and the terminal where you started show the progress.",
    )


ROUTES = [github_set_up, begin_in_browser, registration_page, registered, installed]
