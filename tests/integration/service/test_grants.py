"""Nobody gives or takes a role above their own: each role, each kind of grant, on pages and with API keys."""

from typing import Any

import httpx
import pytest

from schema.database import Database
from service.auth.members.store import member_text, sign_member_in
from service.auth.roles import Role
from tests.harness.organization import Organization
from tests.harness.signing_in import of_a_form, sign_in

SCOPES = {Role.VIEWER: "read", Role.AUDITOR: "audit", Role.ADMIN: "admin", Role.OWNER: "owner"}
DONE = {200, 201, 204, 303}


class Target:
    """What has a role already: a member, a rule and a key for each."""

    def __init__(self, client: httpx.AsyncClient, organization: Organization) -> None:
        self.client, self.organization = client, organization
        self.keys: dict[Role, str] = {}
        self.rules: dict[Role, int] = {}

    @staticmethod
    def member(role: Role) -> bytes:
        return bytes([list(Role).index(role) + 1]) * 32

    async def make(self, database: Database) -> None:
        """Make all of them again, as an owner."""
        async with database.organization(self.organization.organization_id) as tenant:
            for role in Role:
                await sign_member_in(tenant, self.member(role), "oidc", role, None)
        for role in Role:
            made = await self.send("POST", "keys", name=role, scopes=[SCOPES[role]])
            rule = await self.send("POST", "sign-in-rules", **rule_of(role, role))
            self.keys[role], self.rules[role] = made["id"], rule["id"]

    async def send(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        answer = await self.client.request(method, f"/api/v1/{path}", json=body, headers=self.organization.headers)
        assert answer.status_code in DONE, answer.text
        made: dict[str, Any] = answer.json()
        return made


def rule_of(about: Role, role: Role) -> dict[str, str]:
    return {"provider": "oidc", "kind": "group", "value": f"the-{about}s", "role": role}


@pytest.fixture
async def target(client: httpx.AsyncClient, database: Database, organization: Organization) -> Target:
    found = Target(client, organization)
    await found.make(database)
    return found


def grants(target: Target, role: Role) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Requests of the API that give a role to someone below it, or take it."""
    member = member_text(target.member(role))
    viewer = member_text(target.member(Role.VIEWER))
    return {
        "sign in by a link": ("POST", "dashboard-links", {"role": role}),
        "give a member": ("PUT", f"members/{viewer}", {"role": role}),
        "change a member": ("PUT", f"members/{member}", {"role": "viewer"}),
        "remove a member": ("DELETE", f"members/{member}", {}),
        "invite by a rule": ("POST", "sign-in-rules", {**rule_of(Role.VIEWER, role), "value": "new"}),
        "replace a rule": ("POST", "sign-in-rules", rule_of(role, Role.VIEWER)),
        "delete a rule": ("DELETE", f"sign-in-rules/{target.rules[role]}", {}),
        "create a key": ("POST", "keys", {"name": "a key", "scopes": [SCOPES[role]]}),
        "revoke a key": ("DELETE", f"keys/{target.keys[role]}", {}),
    }


def forms(target: Target, role: Role) -> dict[str, tuple[str, dict[str, Any]]]:
    """The forms of pages that do the same."""
    member = member_text(target.member(role))
    viewer = member_text(target.member(Role.VIEWER))
    return {
        "give a member": (f"members/{viewer}/role", {"role": role}),
        "change a member": (f"members/{member}/role", {"role": "viewer"}),
        "remove a member": (f"members/{member}/remove", {}),
        "invite by a rule": ("sign-in-rules", {**rule_of(Role.VIEWER, role), "value": "new"}),
        "replace a rule": ("sign-in-rules", rule_of(role, Role.VIEWER)),
        "delete a rule": (f"sign-in-rules/{target.rules[role]}/delete", {}),
        "create a key": ("keys", {"name": "a key", "scopes": [SCOPES[role]]}),
        "revoke a key": (f"keys/{target.keys[role]}/revoke", {}),
    }


def may(held: Role, role: Role) -> bool:
    """Only who may change settings grants at all."""
    return held.includes(Role.ADMIN) and held.includes(role)


async def test_a_key_grants_no_role_above_its_own(target: Target, database: Database) -> None:
    for held in Role:
        acting = await target.send("POST", "keys", name="acting", scopes=[SCOPES[held]])
        headers = {"Authorization": f"Bearer {acting['key']}"}
        for role in Role:
            for name in grants(target, role):
                method, path, body = grants(target, role)[name]
                answer = await target.client.request(method, f"/api/v1/{path}", json=body or None, headers=headers)
                assert (answer.status_code in DONE) is may(held, role), (held, role, name, answer.text)
                assert answer.status_code in DONE | {403}, (held, role, name, answer.text)
                if answer.status_code in DONE:
                    await target.make(database)


async def test_a_form_grants_no_role_above_that_of_who_sends_it(
    target: Target, database: Database, client: httpx.AsyncClient, organization: Organization
) -> None:
    for held in Role:
        await sign_in(client, database, organization, held)
        for role in Role:
            for name in forms(target, role):
                path, body = forms(target, role)[name]
                answer = await client.post(f"/administration/{path}", data=body, headers=of_a_form(client))
                assert (answer.status_code in DONE) is may(held, role), (held, role, name, answer.text)
                assert answer.status_code in DONE | {403}, (held, role, name, answer.text)
                if answer.status_code in DONE:
                    await target.make(database)


async def test_a_key_that_only_sends_grants_nothing(target: Target) -> None:
    made = await target.send("POST", "keys", name="agents", scopes=["intake"])
    headers = {"Authorization": f"Bearer {made['key']}"}
    body = {"name": "another", "scopes": ["intake"]}
    assert (await target.client.post("/api/v1/keys", json=body, headers=headers)).status_code == 403
