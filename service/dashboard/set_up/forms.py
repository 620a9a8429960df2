"""What the forms of set-up hold."""

from typing import Annotated

from msgspec import Meta, Struct


class TeamSize(Struct, frozen=True, forbid_unknown_fields=True):
    """How many people a team has."""

    name: str
    size: Annotated[int, Meta(ge=1, le=1_000_000)]
