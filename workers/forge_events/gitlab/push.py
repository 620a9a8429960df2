"""GitLab's pushes of branches and tags. They carry no time, so the newest commit's time is used."""

from datetime import datetime

from vocabulary.merge_references import number_in
from vocabulary.reverts import read_message
from workers.forge_events.gitlab.project import read_project_of
from workers.forge_events.landed import landed_facts
from workers.forge_events.model import CommitFacts, Facts, Ignored, PushFacts, QueueFacts, ReleaseFacts
from workers.forge_events.reading import Envelope, Json, commit, instant, items, newest, required, text
from workers.outcomes.life_cycle import ReleaseState

BRANCH = "refs/heads/"
TAG = "refs/tags/"


def read_push(payload: Json, envelope: Envelope) -> Facts:
    """Read commits pushed to a branch, or a queued merge. GitLab lists at most twenty commits per push."""
    reference = required(text(payload, "ref"), "ref")
    after = commit(payload, "after")
    if after is None:
        return Ignored("Commits of a deleted branch stay.")
    pushed_at = _pushed_at(payload, envelope)
    repository = read_project_of(payload, envelope, pushed_at)
    if (number := number_in(reference)) is not None:
        return QueueFacts(repository, number, after, pushed_at)
    if not reference.startswith(BRANCH):
        return Ignored("The push is neither to a branch nor of a tag.")
    read = [
        (commit(each, "id"), instant(each, "timestamp") or pushed_at, read_message(text(each, "message")))
        for each in items(payload, "commits")
    ]
    return PushFacts(
        repository=repository,
        branch=reference.removeprefix(BRANCH),
        after=after,
        pushed_at=pushed_at,
        commits=tuple(CommitFacts(sha, at, reverts) for sha, at, reverts in read if sha),
        landed=landed_facts(
            "gitlab",
            {sha: text(each, "message") for each in items(payload, "commits") if (sha := commit(each, "id"))}
            or {after: None},
        ),
    )


def read_tag_push(payload: Json, envelope: Envelope) -> ReleaseFacts:
    """Read a created, moved or deleted tag; `checkout_sha` is the commit, `after` may be an annotated tag."""
    pushed_at = _pushed_at(payload, envelope)
    after = commit(payload, "after")
    return ReleaseFacts(
        repository=read_project_of(payload, envelope, pushed_at),
        tag=required(text(payload, "ref"), "ref").removeprefix(TAG),
        is_tag=True,
        state=ReleaseState.DELETED if after is None else ReleaseState.TAG,
        released_at=pushed_at,
        updated_at=pushed_at,
        commit=commit(payload, "checkout_sha") or after,
        is_created=after is not None and commit(payload, "before") is None,
    )


def _pushed_at(payload: Json, envelope: Envelope) -> datetime:
    return newest(*(instant(each, "timestamp") for each in items(payload, "commits"))) or envelope.received_at
