"""POST /api/v1/session-evidence: where agents' sessions worked, from hooks, plugins, transcripts and anything else."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response, post
from litestar.background_tasks import BackgroundTask
from litestar.params import JSONBody

from schema.database import Database
from schema.errors import BadInputError
from schema.organization_keys import OrganizationKeys
from schema.queue import Job, Queue
from service.auth.guards import ApiRequest, requires
from service.contracts.session_evidence import (
    MAXIMUM_ITEMS,
    AnyItems,
    SessionEvidenceBatch,
    SessionEvidenceReceipt,
)
from service.exports.lists import check_query
from service.telemetry.hashing.body_hashes import BodyHashes
from service.telemetry.hashing.rows import evidence_rows
from service.telemetry.session_items import read_items
from service.telemetry.store.session_evidence import add_evidence


async def take_items(request: ApiRequest) -> Response[Any] | None:
    """Answer a request of which some items are invalid: store the others. Any other goes on to its handler."""
    if (answer := await check_query(request)) is not None:
        return answer
    body = await request.body()
    try:
        msgspec.json.decode(body, type=SessionEvidenceBatch)
    except msgspec.ValidationError:
        return await store(request, _items(body))
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass  # The handler refuses it.
    return None


@post(
    "/api/v1/session-evidence",
    status_code=200,
    guards=[requires("intake")],
    before_request=take_items,
    summary="Send session evidence",
    tags=["intake"],
)
async def take_session_evidence(
    data: JSONBody[SessionEvidenceBatch], request: ApiRequest
) -> Response[SessionEvidenceReceipt]:
    """Store that sessions were on a branch, made a commit or opened a pull request. It is safe to send items again.

    An invalid item is refused by itself: `refused` names it, and the others are stored. If all items are invalid, the
    answer is 400. The same can be sent as OTLP log records with the event name `shipledger.session`.
    """
    return await store(request, data.items)


async def store(request: ApiRequest, items: Sequence[Any]) -> Response[SessionEvidenceReceipt]:
    """Store evidence in one transaction, and wake the worker after the response if some is new."""
    caller, state = request.auth, request.app.state
    database: Database = state.database
    organization_keys: OrganizationKeys = state.organization_keys
    queue: Queue = state.queue
    read = read_items(items)
    if read.refused and not read.evidence:
        raise BadInputError(read.refused[0].reason, field=read.refused[0].field)
    hasher = await organization_keys.hasher(caller.organization_id)
    hashes = BodyHashes(hasher)
    rows = [evidence_rows(hasher, hashes, evidence) for evidence in read.evidence]
    async with database.organization(caller.organization_id) as tenant:
        new = await add_evidence(tenant, [row for of_item in rows for row in of_item])
    added = 0
    for of_item in rows:
        ids = {row.evidence_id for row in of_item}
        added += not new.isdisjoint(ids)
        new -= ids
    receipt = SessionEvidenceReceipt(
        received=len(items), added=added, duplicates=len(rows) - added, refused=read.refused
    )
    wake_up = BackgroundTask(queue.wake, Job.FOLD_TOKEN_EVENTS, caller.organization_id)
    return Response(receipt, background=wake_up if added else None)


def _items(body: bytes) -> list[Any]:
    try:
        return msgspec.json.decode(body, type=AnyItems).items
    except msgspec.ValidationError:
        raise BadInputError(f"must be a list of at most {MAXIMUM_ITEMS:,} items; see /schema", field="items") from None


ROUTES = [take_session_evidence]
