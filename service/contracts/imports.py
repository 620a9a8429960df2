"""Imports: responses of `POST /api/v1/pull-requests`, `POST /api/v1/releases` and `GET /api/v1/imports/{id}`."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct


class ImportAccepted(Struct, frozen=True):
    """An import that was accepted."""

    import_id: Annotated[
        str, Meta(description="Id of the import; `GET /api/v1/imports/{import_id}` shows its progress")
    ]


class ItemShown(Struct, frozen=True):
    """The outcome of one item of a bulk."""

    index: Annotated[int, Meta(description="Position of the item in the bulk, from 0")]
    outcome: Literal["new", "changed", "same", "refused"]
    reason: Annotated[str | None, Meta(description="Why the item was refused; null otherwise")] = None


class ImportShown(Struct, frozen=True, kw_only=True):
    """The progress of an import. Counts of outcomes are 0 until it is done."""

    import_id: Annotated[str, Meta(description="Id of the import")]
    state: Literal["received", "processing", "done", "failed"]
    received_at: datetime
    received: Annotated[int, Meta(description="Number of items in the bulk")]
    new: Annotated[int, Meta(description="Number of new items")]
    changed: Annotated[int, Meta(description="Number of changed items")]
    same: Annotated[int, Meta(description="Number of items without a change")]
    refused: Annotated[int, Meta(description="Number of refused items")]
    failure: Annotated[str | None, Meta(description="Why the import failed and what to do; null otherwise")]
    items: Annotated[list[ItemShown], Meta(description="Outcome of each item; empty until the import is done")]
