"""Imports: responses of `POST /api/v1/pull-requests`, `POST /api/v1/releases` and `GET /api/v1/imports/{id}`."""

from datetime import datetime
from typing import Literal

from msgspec import Struct


class ImportAccepted(Struct, frozen=True):
    """The id of the import; `GET /api/v1/imports/{id}` shows its progress."""

    import_id: str


class ItemShown(Struct, frozen=True):
    """The outcome of the item at an index of the bulk; `reason` says why it was refused."""

    index: int
    outcome: Literal["new", "changed", "same", "refused"]
    reason: str | None = None


class ImportShown(Struct, frozen=True, kw_only=True):
    """An import with the number of items received, and once it is done, of new, changed, same and refused items.

    `failure` says why the import failed and what to do. `items` is empty until the import is done.
    """

    import_id: str
    state: Literal["received", "processing", "done", "failed"]
    received_at: datetime
    received: int
    new: int
    changed: int
    same: int
    refused: int
    failure: str | None
    items: list[ItemShown]
