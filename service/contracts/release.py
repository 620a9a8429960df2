"""Releases with their cost: the response of `GET /api/v1/releases`."""

from datetime import datetime

from msgspec import Struct

from schema.contracts.values import TokensShown, UsdText
from service.contracts.attribution import EvidenceShares, Interval, ModelShare
from service.contracts.outcomes import OutcomeSums, RevertedShare


class TeamShare(Struct, frozen=True, kw_only=True):
    """Tokens and cost of one team; `withheld_reason` says why they are null."""

    team: str
    tokens: TokensShown | None
    cost_usd: UsdText | None
    withheld_reason: str | None


class ReleaseShown(Struct, frozen=True, kw_only=True):
    """A release, and the total cost of the pull requests that it was the first in its family to ship.

    A full release does not ship again what its prereleases shipped, so the releases of a family add up; releases of
    different families may share pull requests. Reverted pull requests are in `reverted` only. `team` owns the
    repository, `by_team` splits the tokens by the teams that spent them. `fix_released_at` is the time of the first
    patch release within 14 days. `interval` is null until it is known; `reliable` is false if less than 60 % of the
    tokens are linked and fewer than 25 pull requests are summed.
    """

    artifact_id: str
    label: str | None
    forge: str
    state: str
    team: str
    released_at: datetime
    fix_released_at: datetime | None
    pull_requests: int
    tokens: TokensShown
    cost_usd: UsdText
    by_model: list[ModelShare]
    by_team: list[TeamShare]
    evidence: EvidenceShares
    interval: Interval | None
    reliable: bool
    reverted: RevertedShare
    outcomes: OutcomeSums


class ReleaseDetail(ReleaseShown, frozen=True, kw_only=True):
    """A release with the artifact ids of its pull requests, including those known by id only."""

    pull_request_ids: list[str]
    reverted_pull_request_ids: list[str]


class ReleaseList(Struct, frozen=True, kw_only=True):
    """Releases, newest first. `explanation` says why there is none, for example that the repository is unknown."""

    items: list[ReleaseShown]
    next_cursor: str | None
    explanation: str | None = None
