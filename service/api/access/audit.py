"""/api/v1/audit: what administrators did."""

from litestar import get
from litestar.di import NamedDependency

from schema.database import Database
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, read_cursor
from service.api.periods import From, To, read_instants
from service.audit.store import list_acts
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import require_whole_organization
from service.contracts.access.audit import AuditEntryShown, AuditLog


@get("/api/v1/audit", guards=[requires("audit")], summary="List acts of administrators", tags=["access"])
async def show_audit_log(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    from_: From = None,
    to: To = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> AuditLog:
    """List what administrators did, newest first: when, with which key or role, and the id of what was changed."""
    require_whole_organization(caller)
    since, until = read_instants(from_, to)
    before = read_cursor(cursor, tuple[int])
    async with database.organization(caller.organization_id) as tenant:
        rows = await list_acts(tenant, before=before[0] if before else None, since=since, until=until, limit=limit + 1)
    page, next_cursor = cut(rows, limit, lambda row: (row["entry_id"],))
    items = [
        AuditEntryShown(
            id=row["entry_id"],
            acted_at=row["acted_at"],
            actor=row["actor"],
            action=row["action"],
            subject=row["subject"],
        )
        for row in page
    ]
    return AuditLog(items=items, next_cursor=next_cursor)


ROUTES = [show_audit_log]
