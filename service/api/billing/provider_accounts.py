"""/api/v1/provider-accounts: accounts whose usage and cost reports are pulled."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from key_services.configured import ring_of
from schema.database import Database, Tenant
from schema.encryption import Vault
from schema.errors import BadInputError, NotFoundError
from schema.identifiers import Hasher
from schema.organization_keys import OrganizationKeys
from schema.queue import Queue
from schema.settings import Settings
from service.api.billing.key_trials import try_key
from service.api.parameters import AccountId
from service.audit.acts import note_made
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import read_whole, require_whole_organization
from service.connections.web_addresses import checked_address
from service.contracts.provider_account import (
    MembersIn,
    NewKey,
    NewProviderAccount,
    ProviderAccountList,
    ProviderAccountShown,
)
from service.contracts.trial import Trial
from service.errors import ConflictError
from service.failures import explained
from service.queries.billing.provider_accounts import (
    add_account,
    close_account,
    find_same_account,
    find_teams,
    list_accounts,
    renew_account,
    replace_members,
)

LOOK_BACK = timedelta(days=30)
EARLIEST = date(2023, 1, 1)
EXAMPLE = "https://api.example.com"
WITH_ADDRESSES = {"cursor"}
WITH_SCOPE = {"github-copilot"}


@post("/api/v1/provider-accounts", guards=[requires("admin")], summary="Add a provider account", tags=["connections"])
async def add_provider_account(
    data: JSONBody[NewProviderAccount],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
    organization_keys: NamedDependency[OrganizationKeys],
) -> ProviderAccountShown:
    """Pull an account's usage and cost reports every hour. The key is stored encrypted.

    A worker tries the key at once; `trial` says whether it works, and otherwise what the provider answered.
    An account that is already pulled, with this key or for this scope, is refused with 409.
    """
    require_whole_organization(caller)
    check_account(data)
    since = check_since(data.since or datetime.now(UTC).date() - LOOK_BACK)
    organization_id = caller.organization_id
    sealed = _sealed(settings, organization_id, data.key)
    hasher = await organization_keys.hasher(organization_id)
    async with database.organization(organization_id) as tenant:
        same = await find_same_account(
            tenant,
            _vault(settings),
            provider=data.provider,
            key=data.key,
            base_url=account_base(data.base_url),
            scope=data.scope,
        )
        if same is not None:
            raise ConflictError(
                f"this account is already pulled as {same}; replace its key with: shipledger provider-account "
                f"renew {same}",
                field="key",
            )
        team = await find_teams(tenant, [data.team] if data.team else [], "team")
        account_id = await add_account(
            tenant,
            provider=data.provider,
            sealed_key=sealed,
            next_day=since,
            team_id=team[data.team] if data.team else None,
            base_url=account_base(data.base_url),
            scope=data.scope,
        )
        if data.teams:
            members = await _members(tenant, hasher, data.teams)
            await replace_members(tenant, account_id, members)
    note_made(account_id)
    trial = await try_key(database, queue, organization_id, account_id, settings.trial_wait)
    async with database.organization(organization_id) as tenant:
        (row,) = await list_accounts(tenant, account_id)
    return _shown(row, trial)


@put(
    "/api/v1/provider-accounts/{account_id:uuid}/key",
    guards=[requires("admin")],
    status_code=200,
    summary="Replace an account's key",
    tags=["connections"],
)
async def renew_key(
    account_id: AccountId,
    data: JSONBody[NewKey],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> Trial:
    """Replace the key and pull again, even if the account was dead. Days that are pulled again are replaced.

    A worker tries the key at once; the response says whether it works, and otherwise what the provider answered.
    """
    require_whole_organization(caller)
    since = check_since(data.since) if data.since else None
    sealed = _sealed(settings, caller.organization_id, data.key)
    async with database.organization(caller.organization_id) as tenant:
        if not await renew_account(tenant, account_id, sealed, since):
            raise NotFoundError(
                "no open account has this id; list them with GET /api/v1/provider-accounts", field="account_id"
            )
    return await try_key(database, queue, caller.organization_id, account_id, settings.trial_wait)


@put(
    "/api/v1/provider-accounts/{account_id:uuid}/teams",
    guards=[requires("admin")],
    status_code=204,
    summary="Map e-mail addresses to teams",
    tags=["connections"],
)
async def set_members(
    account_id: AccountId,
    data: JSONBody[MembersIn],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    organization_keys: NamedDependency[OrganizationKeys],
) -> None:
    """Set which e-mail addresses belong to which team, from the next pull on. Only keyed hashes of them are stored."""
    require_whole_organization(caller)
    hasher = await organization_keys.hasher(caller.organization_id)
    async with database.organization(caller.organization_id) as tenant:
        members = await _members(tenant, hasher, data.teams)
        if not await replace_members(tenant, account_id, members):
            raise NotFoundError(
                "no open account has this id; list them with GET /api/v1/provider-accounts", field="account_id"
            )


@get("/api/v1/provider-accounts", guards=[requires("read")], summary="List provider accounts", tags=["connections"])
async def list_provider_accounts(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> ProviderAccountList:
    """List accounts, with the next day to pull."""
    return ProviderAccountList(items=[_shown(row) for row in await read_whole(caller, database, list_accounts)])


@delete(
    "/api/v1/provider-accounts/{account_id:uuid}",
    guards=[requires("admin")],
    summary="Close a provider account",
    tags=["connections"],
)
async def close_provider_account(
    account_id: AccountId, caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> None:
    """Delete an account's key and stop pulling. Reports that were pulled before stay."""
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        if not await close_account(tenant, account_id):
            raise NotFoundError(
                "no account has this id; list them with GET /api/v1/provider-accounts", field="account_id"
            )


def check_account(data: NewProviderAccount) -> None:
    """Raise BadInputError for fields that the provider does not support."""
    if data.teams is not None and data.provider not in WITH_ADDRESSES:
        raise BadInputError(
            f"does not apply to {data.provider}, whose reports contain no e-mail addresses; set team instead",
            field="teams",
        )
    if data.scope is None and data.provider in WITH_SCOPE:
        raise BadInputError(f"is missing; {data.provider} needs orgs/NAME or enterprises/NAME", field="scope")
    if data.scope is not None and data.provider not in WITH_SCOPE:
        raise BadInputError(f"does not apply to {data.provider}; leave it out", field="scope")


def check_since(since: date) -> date:
    """Return the day; raises BadInputError unless it is between EARLIEST and today."""
    if not EARLIEST <= since <= datetime.now(UTC).date():
        raise BadInputError(f"must be between {EARLIEST} and today (YYYY-MM-DD)", field="since")
    return since


def _sealed(settings: Settings, organization_id: int, key: str) -> bytes:
    return _vault(settings).seal(organization_id, key.encode())


def _vault(settings: Settings) -> Vault:
    return Vault(ring_of(settings), "token")


def account_base(base_url: str | None) -> str | None:
    """Return scheme, host, port and path of an account's API; raises BadInputError if it is not a web address."""
    return None if base_url is None else checked_address(base_url, "base_url", example=EXAMPLE).text


async def _members(tenant: Tenant, hasher: Hasher, teams: Mapping[str, str]) -> dict[bytes, int]:
    known = await find_teams(tenant, teams.values(), "teams")
    return {hasher.member(address): known[name] for address, name in teams.items()}


def _shown(row: Any, trial: Trial | None = None) -> ProviderAccountShown:
    return ProviderAccountShown(**explained(row), trial=trial)


ROUTES = [add_provider_account, list_provider_accounts, renew_key, set_members, close_provider_account]
