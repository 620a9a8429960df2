"""GitLab's deployment events.

The hook receives them for later use. No figure is based on deployments yet: releases and tags say what ships.
"""

from workers.forge_events.model import Facts, Ignored
from workers.forge_events.reading import Envelope, Json


def read_deployment(_payload: Json, _envelope: Envelope) -> Facts:
    """Ignore a deployment."""
    return Ignored("Deployments are not used; releases and tags say what ships.")
