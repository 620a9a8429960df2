"""Acts of administrators: noted by what authenticates a request, stored once it succeeds."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from litestar.types import Message, Scope

from schema.database import Database
from service.audit.store import record_act

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_NOTED = "shipledger_act"


@dataclass(frozen=True, slots=True)
class Act:
    """Who acts in which organization: `key` and its id, a member, or a link."""

    organization_id: int
    actor: str


def mark_act(scope: Any, organization_id: int, actor: str) -> None:
    """Note that a request is an administrative act, unless its method only reads."""
    if scope["method"] not in SAFE_METHODS:
        scope[_NOTED] = Act(organization_id, actor)


async def store_acts(message: Message, scope: Scope) -> None:
    """Store a request that was noted, just before its success is answered; Litestar calls this as `before_send` hook.

    An act that changed the database but cannot be stored here is answered as an error, so that no one relies on it.
    """
    act: Act | None = cast("Any", scope).get(_NOTED)
    if act is None or message["type"] != "http.response.start":
        return
    if message["status"] >= HTTPStatus.BAD_REQUEST or b"dry_run=true" in scope["query_string"]:
        return
    database: Database = scope["litestar_app"].state.database
    action = f"{scope.get('method')} {scope.get('path_template') or scope['path']}"
    subject = " ".join(str(value) for value in scope.get("path_params", {}).values())
    async with database.organization(act.organization_id) as tenant:
        await record_act(tenant, act.actor, action, subject)
