"""Signing in at an identity provider: a real OpenID provider, and GitHub's OAuth."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from schema.database import Database
from tests.harness.identity_providers import GithubSignIn, OpenIdServer
from tests.harness.organization import Organization

SUBJECT = "CANARY-subject"
MAIL = {"email": "CANARY.person@example.com", "email_verified": True}
PLATFORM = {"provider": "oidc", "kind": "group", "value": "platform", "role": "admin"}
EXAMPLE = {"provider": "oidc", "kind": "domain", "value": "example.com", "role": "viewer"}


async def set_rule(site: httpx.AsyncClient, organization: Organization, **rule: Any) -> dict[str, Any]:
    answer = await site.post("/api/v1/sign-in-rules", json=rule, headers=organization.headers)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def begin(site: httpx.AsyncClient, path: str = "/sign-in/with/oidc") -> str:
    answer = await site.get(path)
    assert answer.status_code == 303, answer.text
    address: str = answer.headers["location"]
    return address


async def sign_in(
    site: httpx.AsyncClient, openid: OpenIdServer, path: str = "/sign-in/with/oidc", **claims: Any
) -> httpx.Response:
    return await site.get(await openid.sign_in(await begin(site, path), SUBJECT, **claims))


async def members(site: httpx.AsyncClient, organization: Organization) -> list[dict[str, Any]]:
    answer = await site.get("/api/v1/members", headers=organization.headers)
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_the_sign_in_page_offers_the_providers_that_are_set_up(site: httpx.AsyncClient) -> None:
    text = (await site.get("/sign-in")).text
    assert 'href="/sign-in/with/oidc">Sign in with Example Login<' in text
    assert "Sign in with GitHub" in text
    assert "GitLab" not in text
    asked = (await site.get("/repairs?unit=usd")).text
    assert 'href="/sign-in/with/oidc?to=%2Frepairs%3Funit%3Dusd"' in asked


async def test_a_person_of_a_group_gets_its_role_and_is_stored_as_a_hash_only(
    site: httpx.AsyncClient, openid: OpenIdServer, organization: Organization
) -> None:
    await set_rule(site, organization, **PLATFORM)
    await set_rule(site, organization, **EXAMPLE)
    answer = await sign_in(site, openid, groups=["other", "Platform"], **MAIL)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await site.get("/github")).status_code == 200
    (member,) = await members(site, organization)
    assert (member["provider"], member["role"], member["is_fixed"]) == ("oidc", "admin", False)
    assert member["id"].startswith("m1_")
    # The harness checks that no CANARY was stored.
    again = await sign_in(site, openid, groups=["platform"], **MAIL)
    assert again.status_code == 303
    assert [each["id"] for each in await members(site, organization)] == [member["id"]]


async def test_a_domain_counts_only_if_the_address_is_verified(
    site: httpx.AsyncClient, openid: OpenIdServer, organization: Organization
) -> None:
    await set_rule(site, organization, **EXAMPLE)
    for unverified in ({"email_verified": False}, {"email_verified": "true"}, {"email": "CANARY@example.org"}):
        answer = await sign_in(site, openid, **{**MAIL, **unverified})
        assert (answer.status_code, "no rule" in answer.text.lower()) == (403, True)
    assert await members(site, organization) == []
    assert (await sign_in(site, openid, **MAIL)).status_code == 303
    assert [(await site.get(path)).status_code for path in ("/", "/github")] == [200, 403]


async def test_an_answer_belongs_to_the_browser_that_asked_and_works_once(
    site: httpx.AsyncClient, openid: OpenIdServer, organization: Organization
) -> None:
    await set_rule(site, organization, **EXAMPLE)
    back = await openid.sign_in(await begin(site), SUBJECT, **MAIL)
    attempt = dict(site.cookies)
    site.cookies.clear()
    assert (await site.get(back)).status_code == 403
    site.cookies.update(attempt)
    state = parse_qs(urlsplit(back).query)["state"][0]
    assert (await site.get(back.replace(state, "another"))).status_code == 403
    assert (await site.get(back.replace("/oidc/", "/github/"))).status_code == 403
    assert (await site.get(back)).status_code == 303
    site.cookies.update(attempt)
    assert (await site.get(back)).status_code == 502
    site.cookies.clear()
    await begin(site)
    assert (await site.get(back)).status_code == 403


async def test_an_id_token_for_another_attempt_is_refused(
    site: httpx.AsyncClient, openid: OpenIdServer, organization: Organization
) -> None:
    await set_rule(site, organization, **EXAMPLE)
    address = await begin(site)
    nonce = parse_qs(urlsplit(address).query)["nonce"][0]
    back = await openid.sign_in(address.replace(nonce, "n" * 43), SUBJECT, **MAIL)
    answer = await site.get(back)
    assert (answer.status_code, "InvalidClaimError" in answer.text) == (502, True)


async def test_a_provider_that_says_no_signs_nobody_in(site: httpx.AsyncClient) -> None:
    state = parse_qs(urlsplit(await begin(site)).query)["state"][0]
    answer = await site.get(f"/sign-in/with/oidc/answer?error=access_denied&state={state}")
    assert (answer.status_code, "did not sign you in" in answer.text) == (403, True)
    assert (await site.get("/sign-in/with/nosuch")).status_code == 404


async def test_a_removed_member_stays_out_and_a_role_can_be_set(
    site: httpx.AsyncClient, openid: OpenIdServer, organization: Organization
) -> None:
    await set_rule(site, organization, **EXAMPLE)
    await sign_in(site, openid, **MAIL)
    (member,) = await members(site, organization)
    path = f"/api/v1/members/{member['id']}"
    set_ = await site.put(path, json={"role": "auditor"}, headers=organization.headers)
    assert (set_.json()["role"], set_.json()["is_fixed"]) == ("auditor", True)
    assert (await site.get("/")).status_code == 401
    await sign_in(site, openid, **MAIL)
    assert (await members(site, organization))[0]["role"] == "auditor"
    assert (await site.delete(path, headers=organization.headers)).status_code == 204
    assert (await site.get("/")).status_code == 401
    answer = await sign_in(site, openid, **MAIL)
    assert (answer.status_code, "removed you" in answer.text) == (403, True)
    await site.put(path, json={"role": None}, headers=organization.headers)
    assert (await sign_in(site, openid, **MAIL)).status_code == 303
    assert (await members(site, organization))[0]["role"] == "viewer"


async def test_changed_rules_sign_members_out(
    site: httpx.AsyncClient, openid: OpenIdServer, organization: Organization
) -> None:
    rule = await set_rule(site, organization, **EXAMPLE)
    await sign_in(site, openid, **MAIL)
    assert (await site.get("/")).status_code == 200
    answer = await site.delete(f"/api/v1/sign-in-rules/{rule['id']}", headers=organization.headers)
    assert answer.status_code == 204
    assert (await site.get("/")).status_code == 401
    assert (await sign_in(site, openid, **MAIL)).status_code == 403


async def test_who_may_sign_in_to_several_organizations_chooses_one(
    site: httpx.AsyncClient,
    openid: OpenIdServer,
    organization: Organization,
    other_organization: Organization,
) -> None:
    for each in (organization, other_organization):
        await set_rule(site, each, **EXAMPLE)
    choice = await sign_in(site, openid, **MAIL)
    assert choice.status_code == 200
    path = f"/sign-in/with/oidc?organization={other_organization.organization_id}"
    assert f'href="{path}">another<' in choice.text
    assert (await sign_in(site, openid, path, **MAIL)).status_code == 303
    assert await members(site, organization) == []
    assert len(await members(site, other_organization)) == 1


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("/repairs?unit=usd", "/repairs?unit=usd"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil", "/"),
    ],
)
async def test_signing_in_leads_to_the_page_that_was_asked_for_and_never_elsewhere(
    site: httpx.AsyncClient, openid: OpenIdServer, organization: Organization, to: str, expected: str
) -> None:
    await set_rule(site, organization, **EXAMPLE)
    path = str(httpx.URL("/sign-in/with/oidc", params={"to": to}))
    assert (await sign_in(site, openid, path, **MAIL)).headers["location"] == expected


async def test_github_organizations_teams_and_verified_addresses_give_roles(
    site: httpx.AsyncClient, github: GithubSignIn, organization: Organization, database: Database
) -> None:
    github.organizations = [f"org-{number}" for number in range(100)] + ["Octo-Org"]
    github.teams = [("octo-org", "platform")]
    github.emails = [
        {"email": "CANARY@example.com", "verified": True},
        {"email": "CANARY@example.org", "verified": False},
    ]
    roles = {}
    for kind, value, role in (
        ("group", "octo-org", "viewer"),
        ("group", "octo-org/platform", "auditor"),
        ("domain", "example.com", "admin"),
        ("domain", "example.org", "owner"),
    ):
        rule = await set_rule(site, organization, provider="github", kind=kind, value=value, role=role)
        answer = await site.get(github.sign_in(await begin(site, "/sign-in/with/github")))
        async with database.organization(organization.organization_id) as tenant:
            roles[value] = await tenant.fetchval("SELECT role FROM dashboard_session WHERE organization_id = $1")
        assert answer.status_code == (303 if value != "example.org" else 403), answer.text
        await site.delete(f"/api/v1/sign-in-rules/{rule['id']}", headers=organization.headers)
    assert roles == {"octo-org": "viewer", "octo-org/platform": "auditor", "example.com": "admin", "example.org": None}


async def test_groups_of_gitlab_give_roles_by_their_path(
    gitlab_site: httpx.AsyncClient, openid: OpenIdServer, organization: Organization
) -> None:
    await set_rule(gitlab_site, organization, provider="gitlab", kind="group", value="octo/platform", role="auditor")
    path = "/sign-in/with/gitlab"
    assert f'href="{path}">Sign in with GitLab<' in (await gitlab_site.get("/sign-in")).text
    assert (await sign_in(gitlab_site, openid, path, groups=["octo"], **MAIL)).status_code == 403
    assert (await sign_in(gitlab_site, openid, path, groups=["octo", "octo/platform"], **MAIL)).status_code == 303
    (member,) = await members(gitlab_site, organization)
    assert (member["provider"], member["role"]) == ("gitlab", "auditor")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"value": "person@example.com"}, "value"),
        ({"kind": "domain", "value": "gmail.com"}, "value"),
        ({"kind": "domain", "value": "localhost"}, "value"),
        ({"role": "root"}, "role"),
        ({"provider": "nosuch"}, "provider"),
        ({"team": "nosuch"}, "team"),
    ],
)
async def test_a_bad_rule_is_refused_with_its_field(
    site: httpx.AsyncClient, organization: Organization, changed: dict[str, str], field: str
) -> None:
    answer = await site.post("/api/v1/sign-in-rules", json={**PLATFORM, **changed}, headers=organization.headers)
    assert (answer.status_code in {400, 404}, answer.json()["field"]) == (True, field), answer.text
