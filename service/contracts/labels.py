"""Labels: names of repositories, pull requests and releases, stored only while they are turned on."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct, field


class LabelsIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether labels are on."""

    enabled: Annotated[bool, Meta(description="Whether to store and show names, such as octo-org/octo-repo#7")]


class Labelled(Struct, frozen=True, kw_only=True):
    """How many artifacts of a kind there are, and how many of them have a label."""

    total: Annotated[int, Meta(description="Number of artifacts")]
    labelled: Annotated[int, Meta(description="Number of artifacts with a label")]


class LabelsShown(Struct, frozen=True, kw_only=True):
    """Whether labels are on, how many artifacts have one, and how the others get theirs."""

    enabled: Annotated[bool, Meta(description="Whether names are stored and shown")]
    repositories: Labelled
    pull_requests: Labelled
    releases: Labelled
    backfills: Annotated[list[UUID], Meta(description="Backfills under way, which fetch missing names")] = field(
        default_factory=list
    )
    next_step: Annotated[
        str | None, Meta(description="How artifacts without a label get one; null if all have one, or labels are off")
    ] = None
