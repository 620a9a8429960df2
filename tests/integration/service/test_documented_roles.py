"""Each page and form opens to the roles that the page on security names, and to nobody else; a session opens no API."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from schema.database import Database
from schema.settings import Settings
from service.app import create_app, pages
from service.auth.roles import Role
from tests.harness.documents import DOCS, documented_scopes, table_rows
from tests.harness.organization import Organization
from tests.harness.signing_in import of_a_form, sign_in
from tests.integration.service.test_documented_scopes import FILLED

SECURITY = DOCS / "security.md"
COLUMNS = ("nobody", "viewer", "auditor", "admin", "owner", "viewer of one team", "shared link")
STATUSES = {
    "yes": {200, 303, 400, 404},
    "no": {403},
    "sign in": {401},
    "its view": {200, 404},
    # Of a team without data, some things do not exist.
    "its team": {200, 404},
}
FILES = (".csv", ".json")
OWN = {"Origin": "http://127.0.0.1"}


def cells(heading: str) -> dict[str, dict[str, str]]:
    """Page or form, and what each column says."""
    rows = table_rows(SECURITY, heading)
    return {row[0].strip("`"): dict(zip(COLUMNS, row[1:], strict=True)) for row in rows}


PAGES, FORMS = cells("### Pages"), cells("### Forms")
# Where an address names something: what exists in an empty organization, or nothing.
FILLED_PAGES = {"/teams/{path}": "/teams/default", "/pull-requests/{artifact_id}": "/pull-requests/a1_" + "0" * 64}
FILLED_PAGES |= {"/alerts/{alert_id}": "/alerts/1", "/releases/{artifact_id}": "/releases/a1_" + "0" * 64}
# Pages about one thing, which does not exist in an empty organization.
ONE_THING = ("/pull-requests/", "/releases/", "/alerts/")
NO_ID = "00000000-0000-0000-0000-000000000000"
FILLED_FORMS = {"key_id": NO_ID, "link_id": NO_ID, "member_id": "m1_" + "0" * 64, "rule_id": "1"}
FILLED_FORMS |= {"channel_id": "1", "mute_id": "1"}


def address_of(path: str) -> str:
    return FILLED_PAGES[path] if path in FILLED_PAGES else path.format(**FILLED_FORMS)


def files_of(path: str) -> list[str]:
    """The files of a page with a period: those that share its address."""
    has_files = path not in {"/setup", "/github", "/repairs", "/benchmark"}
    named = "/overview" if path == "/" else address_of(path)
    return [f"{named}{suffix}" for suffix in FILES] if has_files else []


async def begin(
    column: str, client: httpx.AsyncClient, database: Database, organization: Organization, path: str
) -> None:
    """Sign a client in as a column of the table says."""
    client.cookies.clear()
    if column == "shared link":
        body = {"view": address_of(path) if PAGES.get(path, {}).get(column) == "its view" else "/"}
        made = await client.post("/api/v1/shared-links", json=body, headers=organization.headers)
        await client.get(urlsplit(made.json()["url"]).path)
    elif column == "viewer of one team":
        await sign_in(client, database, organization, Role.VIEWER, organization.default_team_id)
    elif column != "nobody":
        await sign_in(client, database, organization, Role(column))


@pytest.mark.parametrize("column", COLUMNS)
async def test_each_page_and_form_opens_as_documented(
    column: str, client: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    for path, said in PAGES.items():
        await begin(column, client, database, organization, path)
        for address in (address_of(path), *files_of(path)):
            answer = await client.get(address)
            assert answer.status_code in STATUSES[said[column]], (address, column, answer.status_code)
    for path, said in FORMS.items():
        await begin(column, client, database, organization, path)
        headers = OWN if column == "nobody" else of_a_form(client)
        answer = await client.post(address_of(path), data={"base_url": "ftp://x"}, headers=headers)
        assert answer.status_code in STATUSES[said[column]], (path, column, answer.status_code)
        if column != "nobody":
            await begin(column, client, database, organization, path)
            foreign = {**of_a_form(client), "Origin": "https://evil.example"}
            answer = await client.post(address_of(path), data={"base_url": "ftp://x"}, headers=foreign)
            assert answer.status_code == 403, (path, column)
        forged = await client.get(address_of(path), headers={"Host": "evil.example"})
        assert forged.status_code in {405, 421}, (path, column)


def handlers(settings: Settings) -> dict[str, set[str]]:
    """The paths of all pages, by method."""
    app: Litestar = create_app(settings)
    own = {id(handler.fn) for handler in all_handlers(pages())}
    found: dict[str, set[str]] = {"GET": set(), "POST": set()}
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(handler, HTTPRouteHandler) and id(handler.fn) in own:
                for method in handler.http_methods & found.keys():
                    found[method].add(route.path_format)
    return found


def all_handlers(router: Any) -> list[HTTPRouteHandler]:
    return [handler for route in router.routes for handler in getattr(route, "route_handlers", ())]


def test_the_tables_list_every_page_and_form_that_exists(settings: Settings) -> None:
    found = handlers(settings)
    text = SECURITY.read_text().split("### Pages for everyone")[1].split("###")[0]
    open_to_all = {path for path in found["GET"] if f"`{path}`" in text}
    files = {path for path in found["GET"] if path.endswith(FILES)}
    assert found["GET"] - open_to_all - files == set(PAGES)
    assert found["POST"] == set(FORMS)


async def test_a_session_opens_no_endpoint_of_the_api(
    client: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    for role in Role:
        await sign_in(client, database, organization, role)
        for method, path in documented_scopes():
            answer = await client.request(method, path.format(**FILLED), headers=OWN)
            assert answer.status_code == 401, (role, method, path)


@pytest.fixture
async def secure(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The service as browsers reach it over TLS."""
    from tests.harness.applications import application
    from tests.harness.service import serve

    with application(settings.model_copy(update={"public_url": "https://tokens.example.com"})) as app:
        async with serve(app) as client:
            client.base_url = httpx.URL("https://tokens.example.com")
            yield client


async def test_over_tls_the_cookie_belongs_to_the_host_and_only_this_origin_may_post(
    secure: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await sign_in(secure, database, organization)
    (name,) = secure.cookies
    assert name == "__Host-shipledger_session"
    assert (await secure.get("/")).status_code == 200
    headers = of_a_form(secure, name)
    for origin in ("http://tokens.example.com", "https://tokens.example.com:8443"):
        assert (await secure.post("/sign-out", headers={**headers, "Origin": origin})).status_code == 403
    assert (await secure.post("/sign-out", headers=headers)).status_code == 303


async def test_who_may_see_one_team_sees_no_other_by_any_address(
    client: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    answer = await client.post("/api/v1/teams", json={"name": "secret-team", "size": 9}, headers=organization.headers)
    assert answer.status_code == 201
    await sign_in(client, database, organization, Role.VIEWER, organization.default_team_id)
    of_team = [path for path, said in PAGES.items() if said["viewer of one team"] == "its team"]
    assert of_team
    for page in of_team:
        for path in (address_of(page), *files_of(page)):
            shown = await client.get(path)
            status = 404 if path.startswith(ONE_THING) else 200
            assert (shown.status_code, "secret-team" in shown.text) == (status, False), path
            assert (await client.get(path, params={"team": "secret-team"})).status_code in {400, 403}, path
