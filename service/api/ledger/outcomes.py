"""Conversion of outcomes to the API's contract."""

from collections.abc import Mapping
from typing import Any

from schema.identifiers import artifact_text
from service.contracts.outcomes import Outcomes


def show_outcomes(row: Mapping[str, Any]) -> Outcomes:
    """Convert a row of OUTCOME_COLUMNS."""
    by = row["reverted_by"]
    return Outcomes(
        reverted_at=row["reverted_at"],
        reverted_by=None if by is None else artifact_text(by),
        fix_released_at=row["fix_released_at"],
        pushes_after_opening=row["pushes_after_opening"] or 0,
        review_rounds=row["review_rounds"] or 0,
        changed_lines=row["changed_lines"],
        changed_files=row["changed_files"],
    )
