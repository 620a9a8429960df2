"""Datasets that can be exported: read-only views of the database, whose columns docs/views.md describes."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class DatasetName(StrEnum):
    """A dataset, named in the address of its export."""

    ATTRIBUTIONS = "attributions"
    LEDGER = "ledger"
    PULL_REQUESTS = "pull-requests"
    RELEASES = "releases"
    RELEASE_PULL_REQUESTS = "release-pull-requests"
    FOCUS_1_2 = "focus-1.2"
    FOCUS_1_4 = "focus-1.4"


class Dataset(NamedTuple):
    """A view; SQL of the UTC day that a period selects by, if its rows have one; and its key for a stable order."""

    view: str
    day: str | None
    has_team: bool
    # Columns of the tenant and for filters, which are no part of the dataset.
    hidden: frozenset[str] = frozenset({"organization_id", "team_id"})


_OF_MERGES = "(coalesce(merged_at, closed_at, opened_at) AT TIME ZONE 'UTC')::date"
_FOCUS_HIDDEN = frozenset({"organization_id", "team_id", "day"})

DATASETS: Mapping[DatasetName, Dataset] = {
    DatasetName.ATTRIBUTIONS: Dataset("attribution", "day", has_team=True),
    DatasetName.LEDGER: Dataset("ledger_day", "day", has_team=True),
    DatasetName.PULL_REQUESTS: Dataset("pull_request", _OF_MERGES, has_team=True),
    DatasetName.RELEASES: Dataset("release", "(released_at AT TIME ZONE 'UTC')::date", has_team=True),
    DatasetName.RELEASE_PULL_REQUESTS: Dataset("release_pull_request", None, has_team=False),
    DatasetName.FOCUS_1_2: Dataset("focus_1_2", "day", has_team=True, hidden=_FOCUS_HIDDEN),
    DatasetName.FOCUS_1_4: Dataset("focus_1_4", "day", has_team=True, hidden=_FOCUS_HIDDEN),
}
