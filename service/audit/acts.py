"""Acts of administrators: noted by what authenticates a request, stored once it succeeds."""

from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from litestar.types import Message, Scope

from schema.database import Database
from service.audit.store import record_act

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_NOTED = "shipledger_act"


@dataclass(slots=True)
class Act:
    """Who acts in which organization: `key` and its id, a member, or a link.

    `made` is the id of what the request creates; a trial changes nothing and is not logged.
    """

    organization_id: int
    actor: str
    made: str = ""
    is_trial: bool = False


# The act of the request that runs in this context; who creates something does not know the request.
_PRESENT: ContextVar[Act | None] = ContextVar("present_act", default=None)


def mark_act(scope: Any, organization_id: int, actor: str) -> None:
    """Note that a request is an administrative act, unless its method only reads."""
    act = None if scope["method"] in SAFE_METHODS else Act(organization_id, actor)
    _PRESENT.set(act)
    if act is not None:
        scope[_NOTED] = act


def note_made(*ids: object) -> None:
    """Note the ids of what the present request created, which its address cannot name."""
    if (act := _PRESENT.get()) is not None:
        act.made = " ".join(map(str, ids))


def note_trial(*, is_trial: bool = True) -> None:
    """Note that the present request only says what it would change."""
    if (act := _PRESENT.get()) is not None:
        act.is_trial = is_trial


async def store_acts(message: Message, scope: Scope) -> None:
    """Store a request that was noted, just before its success is answered; Litestar calls this as `before_send` hook.

    An act that changed the database but cannot be stored here is answered as an error, so that no one relies on it.
    """
    act: Act | None = cast("Any", scope).get(_NOTED)
    if act is None or message["type"] != "http.response.start":
        return
    if message["status"] >= HTTPStatus.BAD_REQUEST or act.is_trial:
        return
    database: Database = scope["litestar_app"].state.database
    action = f"{scope.get('method')} {scope.get('path_template') or scope['path']}"
    subject = " ".join(str(value) for value in [*scope.get("path_params", {}).values(), act.made] if value)
    async with database.organization(act.organization_id) as tenant:
        await record_act(tenant, act.actor, action, subject)
