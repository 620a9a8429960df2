"""GitHub's `merge_group` event, and pushes to the branches of its merge queue: each names one pull request."""

from vocabulary.merge_references import number_in
from workers.forge_events.github.repository import read_repository
from workers.forge_events.model import Facts, Ignored, QueueFacts
from workers.forge_events.reading import Envelope, Json, commit, instant, mapping, required, text


def read_merge_group(payload: Json, envelope: Envelope) -> Facts:
    """Read the merge queue's commit of a pull request; it becomes the merge commit if its checks pass."""
    group = mapping(payload, "merge_group")
    number = number_in(required(text(group, "head_ref"), "ref of the merge group"))
    if number is None:
        return Ignored("The merge group names no pull request.")
    made_at = instant(mapping(group, "head_commit"), "timestamp") or envelope.received_at
    return QueueFacts(
        repository=read_repository(mapping(payload, "repository"), envelope, made_at),
        number=number,
        commit=required(commit(group, "head_sha"), "commit of the merge group"),
        made_at=made_at,
    )
