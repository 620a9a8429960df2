"""Releases as the API shows them, for tests of pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

from service.contracts.amounts import TokensShown
from service.contracts.attribution import EvidenceShares, Interval, ModelShare
from service.contracts.outcomes import OutcomeSums, RevertedShare
from service.contracts.release import ReleaseShown, TeamShare

RELEASED_AT = datetime(2026, 11, 18, 18, tzinfo=UTC)
FIXED_AT = RELEASED_AT + timedelta(days=3)


def tokens(total: int) -> TokensShown:
    return TokensShown(
        input_uncached=total, cache_read=0, cache_write=0, output_visible=0, output_reasoning=0, total=total
    )


def reverted(number: int, dollars: str = "0") -> RevertedShare:
    return RevertedShare(pull_requests=number, tokens=tokens(0), cost_usd=dollars)


def release(number: int, dollars: str, linked: float, **changes: Any) -> ReleaseShown:
    """Return one of 1,000 tokens and 4 pull requests; its interval is from half to twice what is not linked."""
    pooled = round(1_000 * (1 - linked))
    fields: dict[str, Any] = {
        "artifact_id": f"a1_{number:064x}",
        "label": f"acme/web@v1.{number}.0",
        "forge": "github",
        "state": "published",
        "team": "web",
        "released_at": RELEASED_AT,
        "fix_released_at": None,
        "by_package_folder": None,
        "pull_requests": 4,
        "tokens": tokens(1_000),
        "cost_usd": dollars,
        "by_model": [ModelShare(model="opus", tokens=tokens(1_000), cost_usd=dollars)],
        "by_team": [TeamShare(team="web", tokens=tokens(1_000), cost_usd=dollars, withheld_reason=None)],
        "evidence": EvidenceShares(artifact=0.0, commit=linked, branch=0.0, repository=0.0, cohort=1 - linked),
        "interval": Interval(low=1_000 - pooled // 2, high=1_000 + pooled, coverage=0.8),
        "reliable": linked >= 0.6,
        "unreliable_because": [] if linked >= 0.6 else ["few_links"],
        "reverted": reverted(0),
        "outcomes": OutcomeSums(pushes_after_opening=3, review_rounds=2, sized=4, changed_lines=300, changed_files=9),
    }
    return ReleaseShown(**{**fields, **changes})
