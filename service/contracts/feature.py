"""Features: requests and responses."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from schema.contracts.values import Title
from service.contracts.amounts import NextCursor

MAXIMUM_LABELS = 200


class FeatureIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A feature and all its labels."""

    name: Annotated[Title, Meta(description="Name of the feature")]
    labels: Annotated[
        list[Title],
        Meta(
            min_length=1,
            max_length=MAXIMUM_LABELS,
            description="Labels of pull requests; upper and lower case are equal",
        ),
    ]


class FeatureShown(Struct, frozen=True, kw_only=True):
    """A feature."""

    name: str
    labels: Annotated[int, Meta(description="Number of labels; they are stored as keyed hashes")]
    merged_pull_requests: Annotated[int, Meta(description="Number of merged pull requests with one of the labels")]
    created_at: datetime


class FeatureList(Struct, frozen=True):
    """Features by name."""

    items: list[FeatureShown]
    next_cursor: NextCursor = None
