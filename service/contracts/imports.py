"""Imports as JSON: what `POST /api/v1/pull-requests` and `/releases` answer, and `GET /api/v1/imports/{id}` shows."""

from datetime import datetime
from typing import Literal

from msgspec import Struct


class ImportAccepted(Struct, frozen=True):
    """The id under which the progress of the import is shown."""

    import_id: str


class ItemShown(Struct, frozen=True):
    """What became of the item at an index of the bulk; `reason` says why it was refused."""

    index: int
    outcome: Literal["new", "changed", "same", "refused"]
    reason: str | None = None


class ImportShown(Struct, frozen=True, kw_only=True):
    """An import: `received` items, and once it is done how many were new, changed, the same and refused.

    `failure` says why an import failed and what to do. `items` is empty until the import is done.
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
