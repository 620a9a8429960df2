"""What was spent and what it shipped: the response of `GET /api/v1/overview`."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from service.contracts.amounts import UsdText
from service.contracts.ledger import Amounts


class DearestPullRequest(Struct, frozen=True, kw_only=True):
    """The merged pull request that cost most."""

    artifact_id: Annotated[str, Meta(description="Artifact id of the pull request")]
    label: Annotated[str | None, Meta(description="Display label; null unless labels are turned on")]
    cost_usd: UsdText


class OverviewShown(Struct, frozen=True, kw_only=True):
    """What was received in a period, and which part of it is on merged pull requests. Costs are list prices."""

    first_day: Annotated[date | None, Meta(description="First UTC day; null without `from`")]
    last_day: Annotated[date | None, Meta(description="Last UTC day, inclusive; null without `to`")]
    team: Annotated[str | None, Meta(description="Requested team; null for all teams")]
    received: Annotated[Amounts | None, Meta(description="All tokens counted on arrival")]
    merged: Annotated[Amounts | None, Meta(description="Tokens on merged pull requests")]
    pending: Annotated[Amounts | None, Meta(description="Tokens that are stored but not yet settled")]
    merged_pull_requests: Annotated[
        int | None, Meta(description="Number of merged pull requests that tokens were spent on")
    ]
    known_pull_requests: Annotated[int, Meta(description="Number of all pull requests, of any time, state and team")]
    dearest: Annotated[DearestPullRequest | None, Meta(description="Null if nothing with a cost was merged")]
    withheld_reason: Annotated[str | None, Meta(description="Why the figures of a small team are null")] = None
