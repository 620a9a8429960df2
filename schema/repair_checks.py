"""SQL for the repair checks that an organization needs: `subject_id` and `kind`. $1 is the organization."""

# An access token can list failed deliveries of hooks it administers, an App its own deliveries. Both can list releases
# and pull requests.
WANTED_CHECKS = """
SELECT connection_id AS subject_id, 'access' AS kind FROM connection
 WHERE organization_id = $1 AND state = 'active' AND sealed_token IS NOT NULL UNION ALL
SELECT connection_id, 'deliveries' FROM connection
 WHERE organization_id = $1 AND state = 'active' AND installation_id IS NULL AND sealed_token IS NOT NULL
 UNION ALL
SELECT registration_id, 'deliveries' FROM github_app WHERE organization_id = $1 AND state = 'registered' UNION ALL
SELECT connection_id, listed.kind FROM connection, unnest(ARRAY['releases', 'comparison']) AS listed (kind)
 WHERE organization_id = $1 AND state = 'active' AND (sealed_token IS NOT NULL OR registration_id IS NOT NULL)
"""
