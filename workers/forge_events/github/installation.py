"""GitHub's `installation` event: whether the App may still be heard."""

from workers.forge_events.facts import Facts, Ignored, InstallationFacts
from workers.forge_events.reading import Envelope, Json, mapping, required, text, whole

_STATES = {"created": "active", "unsuspend": "active", "suspend": "suspended", "deleted": "deleted"}


def read_installation(payload: Json, _: Envelope) -> Facts:
    """Installed, suspended, unsuspended or uninstalled. Its repositories are known by their own events."""
    installation_id = required(whole(mapping(payload, "installation"), "id"), "installation")
    state = _STATES.get(text(payload, "action") or "")
    return Ignored("the installation stays as it is") if state is None else InstallationFacts(installation_id, state)
