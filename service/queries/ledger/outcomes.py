"""The parts of a query that tell what became of the pull requests it reads."""

# To be selected where one of the joins below follows `pull_request`; null but for the sizes until something is known.
OUTCOME_COLUMNS = """
    outcome.reverted_at, outcome.reverted_by, outcome.fix_released_at, outcome.pushes_after_opening,
    outcome.review_rounds, pull_request.changed_lines, pull_request.changed_files
"""

JOIN_OUTCOME = """
    LEFT JOIN outcome ON outcome.organization_id = $1 AND outcome.artifact_id = pull_request.artifact_id
"""

# For a few pull requests at a time: the limit keeps the planner to a look-up by key.
LOOK_UP_OUTCOME = """
    LEFT JOIN LATERAL (
        SELECT * FROM outcome WHERE organization_id = $1 AND artifact_id = pull_request.artifact_id LIMIT 1
    ) AS outcome ON true
"""
