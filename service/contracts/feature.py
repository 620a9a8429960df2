"""Features: requests and responses."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from schema.contracts.values import Title

MAXIMUM_LABELS = 200


class FeatureIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A feature and all its labels; labels ignore case."""

    name: Title
    labels: Annotated[list[Title], Meta(min_length=1, max_length=MAXIMUM_LABELS)]


class FeatureShown(Struct, frozen=True, kw_only=True):
    """A feature with the number of its labels, which are stored as keyed hashes, and of its merged pull requests."""

    name: str
    labels: int
    merged_pull_requests: int
    created_at: datetime


class FeatureList(Struct, frozen=True):
    """Features by name."""

    items: list[FeatureShown]
    next_cursor: str | None = None
