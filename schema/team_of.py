"""Which team a pull request or release is of, as SQL: the one that owns its code, had its repository, has its author.

A pull request may know the keyed hash of the code owner whose paths it changed most; `code_owner` tells which team that
is, and it beats the repository's.

`repository.team_id` is the team that has a repository now. Where another had it until some instant, `repository_team`
keeps that, so that what was merged, closed or released before stays that team's, however late it becomes known. The
default team takes what no other does: a repository of it has no team of its own, and there the team counts that the
author was in, where a forge told it.
"""

# What has not ended belongs to whoever has the repository now.
ENDED = """CASE WHEN {0}.state = 'open' THEN 'infinity' ELSE coalesce({0}.merged_at, {0}.closed_at, 'infinity') END"""


def team_at(
    repository_id: str,
    ended_at: str,
    default_team: str,
    owner: str = "NULL::bytea",
    author_team: str = "NULL::bigint",
) -> str:
    """The id of the team that owns the code, had a repository at an instant, has the author, or is the default.

    Each is told as SQL, and goes before those that follow.

    The row of `repository` must be joined under that name, and $1 be the organization.
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

# Of what is merged, where the default team is joined under a name.
TEAM_OF_MERGED = team_at(
    "pull_request.repository_id",
    "pull_request.merged_at",
    "default_team.team_id",
    "pull_request.owner",
    "pull_request.author_team_id",
)
TEAM_OF_RELEASE = team_at("release.repository_id", "release.released_at", DEFAULT_TEAM)
