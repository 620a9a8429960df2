"""/api/v1/provider-accounts: whose usage and cost reports are pulled."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, delete, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from schema.contracts.provider_account import NewProviderAccount, ProviderAccountList, ProviderAccountShown
from schema.database import Database
from schema.encryption import Vault
from schema.errors import BadInputError, NotFoundError
from schema.queue import Job, Queue
from schema.settings import Settings
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import require_whole_organization
from service.queries.provider_accounts import add_account, close_account, list_accounts

LOOK_BACK = timedelta(days=30)
EARLIEST = date(2023, 1, 1)


@post(
    "/api/v1/provider-accounts", guards=[requires("admin")], summary="Pull an account's reports", tags=["connections"]
)
async def add_provider_account(
    data: JSONBody[NewProviderAccount],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> Response[ProviderAccountShown]:
    """Pull usage and cost reports of an account from now on, every hour; the key is kept encrypted."""
    require_whole_organization(caller)
    today = datetime.now(UTC).date()
    since = data.since or today - LOOK_BACK
    if not EARLIEST <= since <= today:
        raise BadInputError(f"is not between {EARLIEST} and today", field="since")
    sealed = Vault(settings.secret_key.get_secret_value(), "token").seal(caller.organization_id, data.key.encode())
    async with database.organization(caller.organization_id) as connection:
        row = await add_account(connection, caller.organization_id, data.provider, sealed, since)
    wake_up = BackgroundTask(queue.wake, Job.PULL_PROVIDER_USAGE, caller.organization_id)
    return Response(_shown(row), background=wake_up)


@get("/api/v1/provider-accounts", guards=[requires("read")], summary="Accounts pulled", tags=["connections"])
async def list_provider_accounts(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> ProviderAccountList:
    """Every account, and how far its reports were pulled."""
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as connection:
        rows = await list_accounts(connection, caller.organization_id)
    return ProviderAccountList(items=[_shown(row) for row in rows])


@delete(
    "/api/v1/provider-accounts/{account_id:uuid}",
    guards=[requires("admin")],
    summary="Pull an account no more",
    tags=["connections"],
)
async def close_provider_account(
    account_id: FromPath[UUID], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> None:
    """Forget an account's key, and ask no more; what its reports told stays."""
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as connection:
        if not await close_account(connection, caller.organization_id, account_id):
            raise NotFoundError("names no account of this organization", field="account_id")


def _shown(row: Any) -> ProviderAccountShown:
    return ProviderAccountShown(**dict(row))


ROUTES = [add_provider_account, list_provider_accounts, close_provider_account]
