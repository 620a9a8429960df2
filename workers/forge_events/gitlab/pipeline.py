"""GitLab's pipeline event: a merge train or trial merge creates a commit of a merge request and tests it."""

from workers.forge_events.gitlab.project import read_project_of
from workers.forge_events.model import Facts, Ignored, QueueFacts
from workers.forge_events.reading import Envelope, Json, commit, instant, mapping, required, whole


def read_pipeline(payload: Json, envelope: Envelope) -> Facts:
    """Read the commit tested for a merge request; pipelines of branches and tags add nothing new."""
    number = whole(mapping(payload, "merge_request"), "iid")
    if number is None:
        return Ignored("The pipeline belongs to no merge request.")
    pipeline = mapping(payload, "object_attributes")
    made_at = instant(pipeline, "created_at") or envelope.received_at
    return QueueFacts(
        repository=read_project_of(payload, envelope, made_at),
        number=number,
        commit=required(commit(pipeline, "sha"), "commit of the pipeline"),
        made_at=made_at,
    )
