"""GitHub's reviews of pull requests and comments on their lines."""

from workers.forge_events.github.pull_request import pull_request_facts
from workers.forge_events.model import ActivityFacts, ActivityKind, PullRequestFacts
from workers.forge_events.reading import Envelope, Json, instant, mapping, newest, required, whole


def read_review(payload: Json, envelope: Envelope) -> PullRequestFacts:
    """Read a submitted, edited or dismissed review; all have the time it was submitted."""
    return _reviewed(payload, envelope, "review", mapping(payload, "review"))


def read_review_comment(payload: Json, envelope: Envelope) -> PullRequestFacts:
    """Read a comment on the lines of a pull request."""
    return _reviewed(payload, envelope, "comment", mapping(payload, "comment"))


def _reviewed(payload: Json, envelope: Envelope, kind: str, review: Json) -> PullRequestFacts:
    number = required(whole(review, "id"), f"{kind} id")
    at = instant(review, "submitted_at") or instant(review, "created_at")
    updated_at = newest(instant(mapping(payload, "pull_request"), "updated_at"))
    reviewed = ActivityFacts(ActivityKind.REVIEW, f"{kind}/{number}", at or updated_at or envelope.received_at)
    return pull_request_facts(payload, envelope, (reviewed,))
