"""The cost of pull requests: the response of `GET /api/v1/attributions`."""

from datetime import datetime

from msgspec import Struct

from schema.contracts.values import TokensShown, UsdText
from service.contracts.outcomes import Outcomes


class ModelShare(Struct, frozen=True, kw_only=True):
    """Tokens and cost of one model."""

    model: str
    tokens: TokensShown
    cost_usd: UsdText


class EvidenceShares(Struct, frozen=True, kw_only=True):
    """Share of the tokens by kind of evidence, between 0 and 1. The sum is 1, or 0 without tokens."""

    artifact: float
    commit: float
    branch: float
    repository: float
    cohort: float


class Interval(Struct, frozen=True, kw_only=True):
    """Bounds of the true total of tokens; `coverage` is their measured probability."""

    low: int
    high: int
    coverage: float


class AttributionShown(Struct, frozen=True, kw_only=True):
    """One pull request with everything attributed to it so far; `interval` and `method` are null until known.

    `reliable` is false if less than 60 % of the tokens are linked by artifact, commit or branch. The figure is then an
    estimate: read it together with its interval.
    """

    artifact_id: str
    label: str | None
    forge: str
    state: str
    team: str
    merged_at: datetime | None
    tokens: TokensShown
    cost_usd: UsdText
    by_model: list[ModelShare]
    evidence: EvidenceShares
    interval: Interval | None
    reliable: bool
    method: str | None
    outcomes: Outcomes


class AttributionList(Struct, frozen=True, kw_only=True):
    """Pull requests, most recently opened first.

    `explanation` says why there is none, for example that the repository is unknown.
    """

    items: list[AttributionShown]
    next_cursor: str | None
    explanation: str | None = None
