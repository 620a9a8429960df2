"""SQL fragments that add outcomes to a query of pull requests."""

# Select these with one of the joins below; except for sizes they are null until an outcome is derived.
OUTCOME_COLUMNS = """
    outcome.reverted_at, outcome.reverted_by, outcome.fix_released_at, outcome.pushes_after_opening,
    outcome.review_rounds, pull_request.changed_lines, pull_request.changed_files
"""

JOIN_OUTCOME = """
    LEFT JOIN outcome ON outcome.organization_id = $1 AND outcome.artifact_id = pull_request.artifact_id
"""

# For a few pull requests at a time: the limit makes the planner look up by key.
LOOK_UP_OUTCOME = """
    LEFT JOIN LATERAL (
        SELECT * FROM outcome WHERE organization_id = $1 AND artifact_id = pull_request.artifact_id LIMIT 1
    ) AS outcome ON true
"""
