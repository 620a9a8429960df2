"""GitHub's `deployment` and `deployment_status` events.

The App receives them for later use. No figure is based on deployments yet: releases and tags say what ships, and a
deployment names neither reliably.
"""

from workers.forge_events.model import Facts, Ignored
from workers.forge_events.reading import Envelope, Json


def read_deployment(_payload: Json, _envelope: Envelope) -> Facts:
    """Ignore a deployment or its status."""
    return Ignored("Deployments are not used; releases and tags say what ships.")
