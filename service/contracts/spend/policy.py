"""What teams may use: requests and responses."""

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from service.contracts.amounts import NextCursor

MOST_VALUES = 500

# A name, or the beginning of one with `*`.
Pattern: TypeAlias = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9._:+/#@*-]{1,200}$",
        description="Up to 200 letters, digits and `._:+/#@-`; `*` stands for any of them, `unknown` for no value",
    ),
]
Allowed: TypeAlias = Annotated[
    list[Pattern], Meta(max_length=MOST_VALUES, description="What is allowed; empty if everything is")
]
Owner: TypeAlias = Annotated[
    str | None, Meta(description="Name of the team; null for all teams without a list of their own")
]


class PolicyIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a team, or every team without a list of its own, may use. Without any list the policy is removed."""

    team: Owner = None
    providers: Allowed = []
    models: Allowed = []
    regions: Allowed = []


class PolicyShown(Struct, frozen=True, kw_only=True):
    """A policy; each of its lists replaces that of the organization."""

    team: Owner
    providers: Allowed
    models: Allowed
    regions: Allowed


class PolicyList(Struct, frozen=True):
    """All policies, that of the organization first."""

    items: list[PolicyShown]
    next_cursor: NextCursor = None
