"""GitHub's `push` event: commits on a branch, a queued merge, or a tag."""

from datetime import datetime

from vocabulary.merge_references import number_in
from vocabulary.reverts import read_message
from workers.forge_events.github.repository import read_repository
from workers.forge_events.github.tag import tag_facts
from workers.forge_events.landed import landed_facts
from workers.forge_events.model import CommitFacts, Facts, Ignored, LandedFacts, PushFacts, QueueFacts
from workers.forge_events.reading import Envelope, Json, commit, flag, instant, items, mapping, newest, required, text

BRANCH = "refs/heads/"
TAG = "refs/tags/"


def read_push(payload: Json, envelope: Envelope) -> Facts:
    """Read a push to a branch, to a merge queue, or of a tag."""
    reference = required(text(payload, "ref"), "ref")
    after = commit(payload, "after")
    pushed_at = _pushed_at(payload) or envelope.received_at
    if reference.startswith(TAG):
        head = commit(mapping(payload, "head_commit"), "id") or after
        deleted = after is None or bool(flag(payload, "deleted"))
        created = bool(flag(payload, "created")) or commit(payload, "before") is None
        tag = reference.removeprefix(TAG)
        return tag_facts(payload, envelope, tag, pushed_at, commit=head, deleted=deleted, created=created)
    if not reference.startswith(BRANCH):
        return Ignored("The push is neither to a branch nor of a tag.")
    if after is None:
        return Ignored("Commits of a deleted branch stay.")
    repository = read_repository(mapping(payload, "repository"), envelope, pushed_at)
    if (number := number_in(reference)) is not None:
        return QueueFacts(repository, number, after, pushed_at)
    return PushFacts(
        repository=repository,
        branch=reference.removeprefix(BRANCH),
        after=after,
        pushed_at=pushed_at,
        commits=_commits(payload, pushed_at),
        landed=_landed(payload, after),
    )


def _landed(payload: Json, after: str) -> tuple[LandedFacts, ...]:
    """Return every listed commit, new to the repository or not, and the head."""
    listed = {sha: text(each, "message") for each in items(payload, "commits") if (sha := commit(each, "id"))}
    listed.setdefault(after, text(mapping(payload, "head_commit"), "message"))
    return landed_facts("github", listed)


def _commits(payload: Json, pushed_at: datetime) -> tuple[CommitFacts, ...]:
    """Return the commits that are new to the repository; others are not this branch's work.

    `distinct` marks new commits. `head_commit` holds the newest one, even if the list was cut short.
    """
    listed = [each for each in items(payload, "commits") if flag(each, "distinct") is not False]
    head = mapping(payload, "head_commit")
    if items(payload, "commits") == [] and flag(head, "distinct") and not flag(payload, "created"):
        listed = [head]
    read = [
        (commit(each, "id"), instant(each, "timestamp") or pushed_at, read_message(text(each, "message")))
        for each in listed
    ]
    return tuple(CommitFacts(sha, at, reverts) for sha, at, reverts in read if sha)


def _pushed_at(payload: Json) -> datetime | None:
    """Return when the repository was pushed to, or else the newest commit's time."""
    times = [instant(each, "timestamp") for each in (*items(payload, "commits"), mapping(payload, "head_commit"))]
    return instant(mapping(payload, "repository"), "pushed_at") or newest(*times)
