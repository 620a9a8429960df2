"""Features as JSON: which labels of pull requests mean them."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from schema.contracts.values import Title

MAXIMUM_LABELS = 200


class FeatureIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A feature by its name, and all labels that mean it from now on; letter case does not matter."""

    name: Title
    labels: Annotated[list[Title], Meta(min_length=1, max_length=MAXIMUM_LABELS)]


class FeatureShown(Struct, frozen=True, kw_only=True):
    """A feature; of its labels only the number, since they are kept as keyed hashes. Those of merged pull requests."""

    name: str
    labels: int
    merged_pull_requests: int
    created_at: datetime


class FeatureList(Struct, frozen=True):
    """Features by name."""

    items: list[FeatureShown]
    next_cursor: str | None = None
