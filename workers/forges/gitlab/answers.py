"""Converts GitLab's REST answers to facts through the readers of webhook payloads. Pure.

A merge request carries its commits and comments under `fetched_commits` and `fetched_notes`, and, if it comes from a
fork, that project under `source`.
"""

from msgspec.structs import replace

from workers.forge_events.gitlab.merge_request import merge_request_facts
from workers.forge_events.gitlab.project import read_project
from workers.forge_events.gitlab.release import read_release
from workers.forge_events.model import ActivityFacts, ActivityKind, PullRequestFacts, ReleaseFacts
from workers.forge_events.reading import (
    OWN_NOTE,
    Envelope,
    Json,
    commit,
    flag,
    instant,
    items,
    mapping,
    required,
    text,
    whole,
)
from workers.outcomes.life_cycle import ReleaseState

# Keys added to a merge request for what is fetched separately.
COMMITS, NOTES = "fetched_commits", "fetched_notes"


def read_merge_request(node: Json, project: Json, envelope: Envelope) -> PullRequestFacts:
    """Return a merge request with all commits and comments; raises IncompletePayloadError."""
    commits = [
        ActivityFacts(ActivityKind.COMMIT, sha, at)
        for each in items(node, COMMITS)
        if (sha := commit(each, "id")) and (at := instant(each, "authored_date"))
    ]
    reviews = [
        ActivityFacts(ActivityKind.REVIEW, f"note/{number}", at)
        for each in items(node, NOTES)
        if not flag(each, "system")
        and not (text(each, "body") or "").startswith(OWN_NOTE)
        and (number := whole(each, "id"))
        and (at := instant(each, "created_at"))
    ]
    payload = {**node, "last_commit": {"id": node.get("sha")}}
    facts = merge_request_facts({"project": project}, payload, envelope, (*commits, *reviews))
    return replace(facts, commits=tuple(dict.fromkeys((*facts.commits, *(each.reference for each in commits)))))


def read_release_node(node: Json, project: Json, envelope: Envelope) -> ReleaseFacts:
    """Return a release; raises IncompletePayloadError."""
    return read_release({**node, "tag": node.get("tag_name"), "project": project}, envelope)


def read_tag_node(node: Json, project: Json, envelope: Envelope) -> ReleaseFacts:
    """Return a tag, dated by its creation or else its commit; raises IncompletePayloadError."""
    tagged = mapping(node, "commit")
    at = required(instant(node, "created_at") or instant(tagged, "committed_date"), "time of the tag")
    return ReleaseFacts(
        repository=read_project(project, envelope, at),
        tag=required(text(node, "name"), "tag"),
        is_tag=True,
        state=ReleaseState.TAG,
        released_at=at,
        updated_at=at,
        commit=commit(tagged, "id"),
    )
