"""GraphQL queries for GitHub: a page of pull requests with their commits and reviews in one request.

At most 49 x (50 + 30 + 30) + 49 nodes, far below GitHub's 500,000. Costs about 1 point of 5,000 per hour.
https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

COMMITS = 50
REVIEWS = 30
LABELS = 30
RELEASES = 100
TAGS = 100

_REPOSITORY = "databaseId nameWithOwner url updatedAt pushedAt defaultBranchRef { name }"

_COMMITS = "pageInfo { hasNextPage endCursor } nodes { commit { oid authoredDate } }"
_REVIEWS = "pageInfo { hasNextPage endCursor } nodes { fullDatabaseId submittedAt createdAt }"

_PULL_REQUEST = f"""
        number state title body isDraft createdAt updatedAt closedAt mergedAt additions deletions changedFiles
        headRefName headRefOid baseRefName
        headRepository {{ databaseId nameWithOwner url }}
        mergeCommit {{ oid }}
        labels(first: {LABELS}) {{ nodes {{ name }} }}
        commits(first: {COMMITS}) {{ {_COMMITS} }}
        reviews(first: {REVIEWS}) {{ {_REVIEWS} }}
"""

PULL_REQUEST_PAGE = f"""
query($owner: String!, $name: String!, $after: String, $first: Int!) {{
  repository(owner: $owner, name: $name) {{
    {_REPOSITORY}
    pullRequests(first: $first, after: $after, orderBy: {{field: UPDATED_AT, direction: DESC}}) {{
      totalCount
      pageInfo {{ hasNextPage endCursor }}
      nodes {{ {_PULL_REQUEST} }}
    }}
  }}
}}
"""

PARTS = {"commits": _COMMITS, "reviews": _REVIEWS}


class Rest(NamedTuple):
    """Commits or reviews of a pull request beyond its page, by cursor."""

    number: int
    part: str
    after: str

    @property
    def alias(self) -> str:
        """The alias in the answer."""
        return f"{self.part}_{self.number}"


def rest_query(rests: Sequence[Rest]) -> tuple[str, dict[str, Any]]:
    """Return one query for all of them, up to a hundred more of each, and its variables."""
    chosen = "\n".join(
        f"{rest.alias}: pullRequest(number: $number{index}) "
        f"{{ {rest.part}(first: 100, after: $after{index}) {{ {PARTS[rest.part]} }} }}"
        for index, rest in enumerate(rests)
    )
    declared = " ".join(f"$number{index}: Int! $after{index}: String!" for index in range(len(rests)))
    variables: dict[str, Any] = {}
    for index, rest in enumerate(rests):
        variables |= {f"number{index}": rest.number, f"after{index}": rest.after}
    return (
        f"query($owner: String! $name: String! {declared}) {{ repository(owner: $owner, name: $name) {{ {chosen} }} }}",
        variables,
    )


def pull_requests_query(numbers: Sequence[int]) -> tuple[str, dict[str, Any]]:
    """Return one query for pull requests, each under the alias `item_<number>`, and its variables."""
    items = "\n".join(f"item_{each}: pullRequest(number: $number{each}) {{ {_PULL_REQUEST} }}" for each in numbers)
    declared = " ".join(f"$number{each}: Int!" for each in numbers)
    selected = f"repository(owner: $owner, name: $name) {{ {_REPOSITORY} {items} }}"
    variables = {f"number{each}": each for each in numbers}
    return f"query($owner: String! $name: String! {declared}) {{ {selected} }}", variables


def merges_query(commits: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """Return one query for the pull requests of at most a hundred commits, and its variables."""
    chosen = "\n".join(
        f"commit_{index}: object(oid: $oid{index}) {{ __typename ... on Commit {{ associatedPullRequests(first: 10) "
        f"{{ nodes {{ number mergedAt baseRepository {{ databaseId }} mergeCommit {{ oid }} }} }} }} }}"
        for index in range(len(commits))
    )
    declared = " ".join(f"$oid{index}: GitObjectID!" for index in range(len(commits)))
    return (
        f"query($owner: String! $name: String! {declared}) {{ repository(owner: $owner, name: $name) {{ {chosen} }} }}",
        {f"oid{index}": each for index, each in enumerate(commits)},
    )


RELEASE_PAGE = f"""
query($owner: String!, $name: String!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    {_REPOSITORY}
    releases(first: {RELEASES}, after: $after, orderBy: {{field: CREATED_AT, direction: DESC}}) {{
      totalCount
      pageInfo {{ hasNextPage endCursor }}
      nodes {{ tagName isDraft isPrerelease createdAt publishedAt updatedAt tagCommit {{ oid }} }}
    }}
  }}
}}
"""

# A tag may be signed off by another tag, which then leads to the commit.
_TAGGED = "__typename oid ... on Commit { committedDate }"

TAG_PAGE = f"""
query($owner: String!, $name: String!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    {_REPOSITORY}
    refs(refPrefix: "refs/tags/", first: {TAGS}, after: $after, orderBy: {{field: TAG_COMMIT_DATE, direction: DESC}}) {{
      totalCount
      pageInfo {{ hasNextPage endCursor }}
      nodes {{
        name
        target {{
          {_TAGGED}
          ... on Tag {{ tagger {{ date }} target {{ {_TAGGED} ... on Tag {{ target {{ {_TAGGED} }} }} }} }}
        }}
      }}
    }}
  }}
}}
"""
