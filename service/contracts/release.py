"""Releases as JSON, with what they cost: `GET /api/v1/releases`."""

from datetime import datetime

from msgspec import Struct

from schema.contracts.values import TokensShown, UsdText
from service.contracts.attribution import EvidenceShares, Interval, ModelShare
from service.contracts.outcomes import OutcomeSums, RevertedShare


class TeamShare(Struct, frozen=True, kw_only=True):
    """The tokens that one team spent; `withheld_reason` says why they are null."""

    team: str
    tokens: TokensShown | None
    cost_usd: UsdText | None
    withheld_reason: str | None


class ReleaseShown(Struct, frozen=True, kw_only=True):
    """A release and the sum of what the pull requests cost that it shipped before any other release of its family.

    A prerelease ships what it shows first and its full release the rest, so that releases of one family add up without
    counting anything twice; those of several families of a repository may share pull requests. What was taken back is
    in `reverted` alone. `team` is that of the repository, `by_team` tells whose tokens they were. `fix_released_at` is
    when the first patch came out that followed within 14 days. `interval` is null until it is known; `reliable` is
    false where less than 60 % of the tokens are linked and fewer than 25 pull requests are summed.
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
    """A release with the artifact ids of its pull requests, those too of which nothing else is known yet."""

    pull_request_ids: list[str]
    reverted_pull_request_ids: list[str]


class ReleaseList(Struct, frozen=True, kw_only=True):
    """Releases, newest first."""

    items: list[ReleaseShown]
    next_cursor: str | None
