"""A repository as a forge lists it."""

from datetime import datetime
from typing import NamedTuple


class Listed(NamedTuple):
    """A repository that a connection's token reaches: the forge's number for it, its name there, and its last change.

    `changed_at` is told by lists alone.
    """

    forge_id: int
    path: str
    changed_at: datetime | None = None
