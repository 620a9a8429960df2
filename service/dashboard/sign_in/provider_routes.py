"""Routes to sign in through an identity provider: to it, and back from it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from key_services.configured import ring_of
from schema.database import Database
from schema.errors import NotFoundError
from schema.organization_keys import OrganizationKeys
from schema.settings import Settings
from service.auth.members.matching import Identity, Rule, granted
from service.auth.members.rules import find_rules
from service.auth.members.store import member_text, sign_member_in
from service.auth.providers.attempt import (
    ATTEMPT_SECONDS,
    Attempt,
    new_attempt,
    open_attempt,
    safe_path,
    seal_attempt,
)
from service.auth.roles import Role
from service.auth.sessions.cookie import is_secure
from service.auth.sessions.store import NewSession
from service.connections.public_address import public_base
from service.dashboard.shell.answers import HEADERS
from service.dashboard.shell.sign_in_page import Choice, choice_page
from service.dashboard.sign_in.beginning import begin_session, end_former_session, strangers_of
from service.errors import ForbiddenError
from service.http.admission.strangers import address_of

if TYPE_CHECKING:
    from service.auth.providers.provider import Provider

PageRequest = Request[Any, Any, Any]

ATTEMPT = "shipledger_sign_in"
START_AGAIN = "this sign-in was not started in this browser, or more than 10 minutes ago; start again at /sign-in"
NO_RULE = (
    "no rule of an organization lets you sign in; ask an administrator for one: shipledger members allow, or for a"
    " link: shipledger dashboard-link"
)
REMOVED = "an administrator removed you; ask them to let you in again: shipledger members set"


@get("/sign-in/with/{provider:str}", summary="Sign in at an identity provider")
async def begin(request: PageRequest, provider: FromPath[str], settings: NamedDependency[Settings]) -> Redirect:
    """Redirect to the provider."""
    chosen = _provider(request, provider)
    wanted = request.query_params.get("organization", "")
    organization_id = int(wanted) if wanted.isdecimal() and len(wanted) < 18 else None  # noqa: PLR2004 - a bigint
    attempt = new_attempt(provider, safe_path(request.query_params.get("to")), organization_id)
    address = await chosen.address(attempt, _answer_address(request, settings, provider))
    sealed = seal_attempt(ring_of(settings), attempt)
    return Redirect(address, status_code=303, headers=HEADERS, cookies=[_cookie(settings, sealed, ATTEMPT_SECONDS)])


@get("/sign-in/with/{provider:str}/answer", summary="Answer of an identity provider")
async def finish(
    request: PageRequest,
    provider: FromPath[str],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
    organization_keys: NamedDependency[OrganizationKeys],
) -> Response[Any]:
    """Verify the answer, and sign in to the organization whose rules fit."""
    chosen = _provider(request, provider)
    strangers_of(request).require_few_failures(address_of(request.scope))
    sealed = request.cookies.get(_name(settings), "")
    attempt = open_attempt(ring_of(settings), sealed)
    if attempt is None or not attempt.is_answered_by(provider, request.query_params.get("state", "")):
        strangers_of(request).fail(address_of(request.scope))
        raise ForbiddenError(START_AGAIN)
    code = request.query_params.get("code")
    if not code:
        raise ForbiddenError(f"{chosen.title} did not sign you in; start again at /sign-in")
    identity = await chosen.identify(attempt, code, _answer_address(request, settings, provider))
    offers = await find_rules(database, identity)
    rules = granted(identity, (offer.rule for offer in offers))
    rule = _chosen_rule(attempt, rules)
    if rule is None and len(rules) > 1:
        names = {offer.rule.organization_id: offer.organization for offer in offers}
        return choice_page([Choice(names[each], _again(attempt, each)) for each in sorted(rules)])
    if rule is None:
        raise ForbiddenError(NO_RULE)
    answer = await _sign_in(identity, rule, attempt, settings, database, organization_keys)
    await end_former_session(request, settings, database)
    return answer


async def _sign_in(
    identity: Identity,
    rule: Rule,
    attempt: Attempt,
    settings: Settings,
    database: Database,
    organization_keys: OrganizationKeys,
) -> Redirect:
    hasher = await organization_keys.hasher(rule.organization_id)
    member = hasher.subject(identity.issuer, identity.subject)
    async with database.organization(rule.organization_id) as tenant:
        held = await sign_member_in(tenant, member, identity.provider, rule.role, rule.team_id)
        if held["removed_at"] is not None:
            raise ForbiddenError(REMOVED)
        new = NewSession(
            role=Role(held["role"]), actor=f"member {member_text(member)}", team_id=held["team_id"], member=member
        )
        answer = await begin_session(tenant, settings, new, attempt.to)
    answer.set_cookie(_cookie(settings, "", 0))
    return answer


def _chosen_rule(attempt: Attempt, rules: Mapping[int, Rule]) -> Rule | None:
    """Return the rule of the organization that was asked for, or of the only one that fits."""
    if attempt.organization_id is not None:
        return rules.get(attempt.organization_id)
    return next(iter(rules.values())) if len(rules) == 1 else None


def _provider(request: PageRequest, name: str) -> "Provider":
    provider: Provider | None = request.app.state.providers.get(name)
    if provider is None:
        raise NotFoundError("this identity provider is not set up; see /sign-in")
    return provider


def _answer_address(request: PageRequest, settings: Settings, provider: str) -> str:
    return f"{public_base(request, settings)}/sign-in/with/{provider}/answer"


def _again(attempt: Attempt, organization_id: int) -> str:
    return f"/sign-in/with/{attempt.provider}?organization={organization_id}"


def _name(settings: Settings) -> str:
    return f"__Host-{ATTEMPT}" if is_secure(settings) else ATTEMPT


def _cookie(settings: Settings, value: str, max_age: int) -> Cookie:
    secure = is_secure(settings)
    return Cookie(
        key=_name(settings), value=value, max_age=max_age, path="/", secure=secure, httponly=True, samesite="lax"
    )


ROUTES = [begin, finish]
