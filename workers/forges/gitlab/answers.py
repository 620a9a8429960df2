"""From GitLab's REST answers to facts, by way of the very readers that webhooks go through: pure.

A merge request comes with its commits and comments under `told_commits` and `told_notes`, and where it is from a fork
with that project under `source`.
"""

from msgspec.structs import replace

from schema.kinds import ActivityKind
from workers.facts.model import ActivityFacts, PullRequestFacts, ReleaseFacts
from workers.forge_events.gitlab.merge_request import merge_request_facts
from workers.forge_events.gitlab.project import read_project
from workers.forge_events.gitlab.release import read_release
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

# As the API writes it, so that webhooks of comments and a backfill tell of the same ones.
COMMITS, NOTES = "told_commits", "told_notes"


def read_merge_request(node: Json, project: Json, envelope: Envelope) -> PullRequestFacts:
    """A merge request with all its commits and comments; raises NotUnderstoodError."""
    commits = [
        ActivityFacts(ActivityKind.COMMIT, sha, at)
        for reported in items(node, COMMITS)
        if (sha := commit(reported, "id")) and (at := instant(reported, "authored_date"))
    ]
    reviews = [
        ActivityFacts(ActivityKind.REVIEW, f"note/{number}", at)
        for reported in items(node, NOTES)
        if not flag(reported, "system")
        and not (text(reported, "body") or "").startswith(OWN_NOTE)
        and (number := whole(reported, "id"))
        and (at := instant(reported, "created_at"))
    ]
    reported = {**node, "last_commit": {"id": node.get("sha")}}
    facts = merge_request_facts({"project": project}, reported, envelope, (*commits, *reviews))
    return replace(facts, commits=tuple(dict.fromkeys((*facts.commits, *(each.reference for each in commits)))))


def read_release_node(node: Json, project: Json, envelope: Envelope) -> ReleaseFacts:
    """A release; raises NotUnderstoodError."""
    return read_release({**node, "tag": node.get("tag_name"), "project": project}, envelope)


def read_tag_node(node: Json, project: Json, envelope: Envelope) -> ReleaseFacts:
    """A tag as of when it was made, or as of its commit where nobody wrote that down; raises NotUnderstoodError."""
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
