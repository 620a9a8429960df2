"""SQL for the pull requests that wait for the roll-up, or whose team-days do."""

# A common table expression for the organization $1; usually few rows.
NOTED = """
    noted AS MATERIALIZED (
        SELECT artifact_id FROM stale_spend WHERE organization_id = $1 AND artifact_id IS NOT NULL
        UNION
        SELECT spent.artifact_id FROM stale_spend AS note
        JOIN attribution_rollup AS spent
          ON spent.organization_id = $1 AND spent.team_id = note.team_id AND spent.day = note.day
        WHERE note.organization_id = $1 AND note.day IS NOT NULL
        UNION
        SELECT known.artifact_id FROM stale_spend AS note
        JOIN spend_work AS known
          ON known.organization_id = $1 AND known.team_id = note.team_id AND known.day = note.day
        WHERE note.organization_id = $1 AND note.day IS NOT NULL
    )
"""
