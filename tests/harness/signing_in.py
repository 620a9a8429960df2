"""A browser that is signed in: the cookie of a session, and what it sends with a form."""

from datetime import timedelta

import httpx

from schema.database import Database
from service.auth.roles import Role
from service.auth.sessions.cookie import NAME
from service.auth.sign_in import LINK_LIFETIME, create_sign_in_link
from service.auth.tokens import csrf_token
from tests.harness.organization import Organization


async def make_sign_in_link(
    database: Database,
    organization: Organization,
    role: Role = Role.OWNER,
    team_id: int | None = None,
    lifetime: timedelta = LINK_LIFETIME,
) -> str:
    """Create a one-time link and return its path."""
    async with database.organization(organization.organization_id) as tenant:
        return "/sign-in/" + await create_sign_in_link(tenant, role, team_id, lifetime)


async def sign_in(
    client: httpx.AsyncClient,
    database: Database,
    organization: Organization,
    role: Role = Role.OWNER,
    team_id: int | None = None,
) -> None:
    """Sign a client in by a one-time link."""
    answer = await client.get(await make_sign_in_link(database, organization, role, team_id))
    assert answer.status_code == 303, answer.text


def of_a_form(client: httpx.AsyncClient, cookie: str = NAME) -> dict[str, str]:
    """Return the headers that a browser sends with a form of a page, and the token of the form."""
    return {"Origin": str(client.base_url).rstrip("/"), "X-CSRF-Token": csrf_token(client.cookies[cookie])}
