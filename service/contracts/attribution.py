"""What a pull request cost, as `GET /api/v1/attributions` shows it."""

from datetime import datetime

from msgspec import Struct

from schema.contracts.values import TokensShown, UsdText
from service.contracts.outcomes import Outcomes


class ModelShare(Struct, frozen=True, kw_only=True):
    """The tokens of one model."""

    model: str
    tokens: TokensShown
    cost_usd: UsdText


class EvidenceShares(Struct, frozen=True, kw_only=True):
    """Which part of the tokens each kind of evidence gave: between 0 and 1, sum 1; all 0 where there are no tokens."""

    artifact: float
    commit: float
    branch: float
    repository: float
    cohort: float


class Interval(Struct, frozen=True, kw_only=True):
    """Where the true total lies with the probability `coverage`, which was measured."""

    low: int
    high: int
    coverage: float


class AttributionShown(Struct, frozen=True, kw_only=True):
    """One pull request with everything attributed to it so far; `interval` and `method` are null until known.

    `reliable` is false where less than 60 % of the tokens are linked by artifact, commit or branch: the figure is then
    an estimate that says little without its interval.
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
    """Pull requests, the latest opened first."""

    items: list[AttributionShown]
    next_cursor: str | None
