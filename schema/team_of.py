"""The team of a pull request or release, as SQL, and whether a team has others beside it.

The team is found by code owner, repository, author, in this order.

Code owner: a pull request may hold the keyed hash of the owner of most paths that it changed; `code_owner` maps the
hash to a team. Repository: `repository.team_id` is its present team, and `repository_team` its earlier teams with the
end of each, so that a late fact about an old merge or release goes to the team of that time. Author: in a repository of
the default team, the author's team counts if the forge reported it. Otherwise it is the default team.
"""

# Open pull requests belong to the present team of the repository.
ENDED = """CASE WHEN {0}.state = 'open' THEN 'infinity' ELSE coalesce({0}.merged_at, {0}.closed_at, 'infinity') END"""


def team_at(
    repository_id: str, ended_at: str, default_team: str, owner: str = "NULL::bytea", author_team: str = "NULL::bigint"
) -> str:
    """Return SQL for a team id: code owner's, repository's at an instant, author's, or default, in this order.

    All arguments are SQL. The query must join `repository` under that name and have the organization as $1.
    """
    return f"""coalesce(
            (SELECT owning.team_id FROM code_owner AS owning
             WHERE owning.organization_id = $1 AND owning.owner = {owner}),
            nullif(coalesce(
                (SELECT had.team_id FROM repository_team AS had
                 WHERE had.organization_id = $1 AND had.repository_id = {repository_id} AND had.until > {ended_at}
                 ORDER BY had.until LIMIT 1),
                repository.team_id), {default_team}),
            {author_team}, {default_team})"""  # noqa: S608 - composed of constants


DEFAULT_TEAM = "(SELECT team_id FROM team WHERE organization_id = $1 AND is_default)"
TEAM_OF_PULL_REQUEST = team_at(
    "pull_request.repository_id",
    ENDED.format("pull_request"),
    DEFAULT_TEAM,
    "pull_request.owner",
    "pull_request.author_team_id",
)

TEAM_OF_RELEASE = team_at("release.repository_id", "release.released_at", DEFAULT_TEAM)

# Whether another team than `team` ever merged or received anything: only then is a small team's figure withheld.
OTHERS_HAVE_DATA = """EXISTS (
            SELECT FROM team AS other CROSS JOIN LATERAL (
                SELECT FROM merged_week WHERE merged_week.organization_id = $1 AND merged_week.team_id = other.team_id
                AND (merged_pull_requests > 0 OR received_tokens > 0) LIMIT 1) AS active
            WHERE other.organization_id = $1 AND other.team_id <> team.team_id)"""
