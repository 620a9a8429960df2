"""GitHub's `deployment` and `deployment_status` events.

The App hears them so that none is missing once a figure rests on deployments. None does yet: what ships is told by tags
and releases, and a deployment names neither in a way that could be relied on.
"""

from workers.facts.model import Facts, Ignored
from workers.forge_events.reading import Envelope, Json


def read_deployment(_payload: Json, _envelope: Envelope) -> Facts:
    """A deployment that was asked for, or what became of it."""
    return Ignored("no figure rests on deployments; releases and tags say what ships")
