"""Pull requests as the API shows them, for tests of pages."""

from datetime import UTC, datetime
from typing import Any

from service.contracts.amounts import TokensShown
from service.contracts.attribution import AttributionShown, EvidenceShares, Interval
from service.contracts.outcomes import Outcomes

MERGED_AT = datetime(2026, 11, 18, 18, tzinfo=UTC)


def attribution(number: int, dollars: str, linked: float, **changes: Any) -> AttributionShown:
    """Return one of 1,000 tokens, of which a share is linked; its interval is from half to twice the rest."""
    pooled = round(1_000 * (1 - linked))
    fields: dict[str, Any] = {
        "artifact_id": f"a1_{number:064x}",
        "label": f"acme/web#{number}",
        "forge": "github",
        "state": "merged",
        "team": "web",
        "merged_at": MERGED_AT,
        "landed_by": None,
        "bot": False,
        "tokens": TokensShown(
            input_uncached=1_000, cache_read=0, cache_write=0, output_visible=0, output_reasoning=0, total=1_000
        ),
        "cost_usd": dollars,
        "by_model": [],
        "evidence": EvidenceShares(artifact=0.0, commit=linked, branch=0.0, repository=0.0, cohort=1 - linked),
        "interval": Interval(low=1_000 - pooled // 2, high=1_000 + pooled, coverage=0.8),
        "reliable": linked >= 0.6,
        "unreliable_because": [] if linked >= 0.6 else ["few_links"],
        "method": "2026-11",
        "outcomes": Outcomes(
            reverted_at=None,
            reverted_by=None,
            fix_released_at=None,
            pushes_after_opening=2,
            review_rounds=1,
            changed_lines=120,
            changed_files=4,
        ),
    }
    return AttributionShown(**{**fields, **changes})
