"""A repository as a forge lists it."""

from datetime import datetime
from typing import NamedTuple


class Listed(NamedTuple):
    """A repository that a token can access: its number and name at the forge, and its last change.

    Only lists set `changed_at`.
    """

    forge_id: int
    path: str
    changed_at: datetime | None = None
