"""Converts items of imports to facts. Pure. Facts also hold what only imports contain."""

from datetime import datetime

from schema.contracts.pull_request import PullRequestIn
from schema.contracts.release import ReleaseIn
from schema.identifiers import DEFAULT_HOSTS, parse_repository
from schema.kinds import PullRequestState
from vocabulary.reverts import Named, Reverted
from workers.forge_events.model import ActivityFacts, ActivityKind, PullRequestFacts, ReleaseFacts, RepositoryFacts
from workers.outcomes.life_cycle import ReleaseState


def pull_request_facts(item: PullRequestIn) -> PullRequestFacts:
    """Return a pull request as of its time; its branch is assumed to be in the repository itself."""
    repository = _repository(item, item.as_of)
    shas = [each.sha for each in item.commits]
    if item.merge_commit is not None:
        shas.append(item.merge_commit)
    return PullRequestFacts(
        repository=repository,
        number=item.number,
        state=PullRequestState(item.state),
        opened_at=item.opened_at,
        updated_at=item.as_of,
        head_repository=repository if item.head_branch else None,
        head_branch=item.head_branch,
        base_branch=item.base_branch,
        draft=item.draft,
        merged_at=item.merged_at if item.state == "merged" else None,
        closed_at=item.closed_at or item.merged_at,
        changed_lines=item.changed_lines,
        changed_files=item.changed_files,
        activity=_activity(item),
        commits=tuple(dict.fromkeys(shas)),
        reverts=Reverted(named=tuple(Named(number) for number in item.reverts)),
        code_owners=tuple(item.code_owners),
        is_bot=item.bot,
    )


def release_facts(item: ReleaseIn) -> ReleaseFacts:
    """Return a release or tag as of its time, with the pull requests it ships if listed."""
    updated_at = item.updated_at or item.released_at
    return ReleaseFacts(
        repository=_repository(item, updated_at),
        tag=item.tag,
        is_tag=item.state == "tag",
        state=ReleaseState(item.state),
        released_at=item.released_at,
        updated_at=updated_at,
        commit=item.commit,
        target_branch=item.branch,
        tagged_at=item.released_at,
        pull_requests=None if item.pull_requests is None else tuple(item.pull_requests),
        by_package_folder=bool(item.by_package_folder),
    )


def _repository(item: PullRequestIn | ReleaseIn, seen_at: datetime) -> RepositoryFacts:
    name = parse_repository(item.repository, DEFAULT_HOSTS[item.forge])
    return RepositoryFacts(name, item.repository_id, seen_at)


def _activity(item: PullRequestIn) -> tuple[ActivityFacts, ...]:
    """Return commits and reviews; an import knows only the times of reviews."""
    commits = [ActivityFacts(ActivityKind.COMMIT, each.sha, each.authored_at) for each in item.commits]
    reviews = [ActivityFacts(ActivityKind.REVIEW, at.isoformat(), at) for at in item.reviews]
    return (*commits, *reviews)
