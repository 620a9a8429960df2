"""GitLab's comments on merge requests: reviews, unless the system or Shipledger wrote them."""

from workers.forge_events.gitlab.merge_request import merge_request_facts
from workers.forge_events.model import ActivityFacts, ActivityKind, Facts, Ignored
from workers.forge_events.reading import OWN_NOTE, Envelope, Json, flag, instant, mapping, required, text, whole


def read_note(payload: Json, envelope: Envelope) -> Facts:
    """Read a comment on a merge request, at the time it was first written."""
    note = mapping(payload, "object_attributes")
    if text(note, "noteable_type") != "MergeRequest":
        return Ignored("The comment is not on a merge request.")
    if flag(note, "system"):
        return Ignored("The forge wrote this comment itself.")
    if (text(note, "note") or "").startswith(OWN_NOTE):
        return Ignored("This comment is a summary by Shipledger.")
    number = required(whole(note, "id"), "comment id")
    reviewed = ActivityFacts(ActivityKind.REVIEW, f"note/{number}", instant(note, "created_at") or envelope.received_at)
    return merge_request_facts(payload, mapping(payload, "merge_request"), envelope, (reviewed,))
