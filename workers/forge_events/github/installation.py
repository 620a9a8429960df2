"""GitHub's events about an installation of the App: its state and its repositories.

Nothing is stored about the installation's account, so renaming it changes nothing here; repositories report their new
names themselves.
"""

from datetime import datetime

from workers.forge_events.model import Facts, GivenRepository, Ignored, InstallationFacts, InstallationRepositoriesFacts
from workers.forge_events.reading import Envelope, Json, instant, items, mapping, newest, required, text, whole

_STATES = {"created": "active", "unsuspend": "active", "suspend": "suspended", "deleted": "deleted"}
PERMISSIONS_CHANGED = "new_permissions_accepted"


def read_installation(payload: Json, envelope: Envelope) -> Facts:
    """Read an installation that was created, suspended, unsuspended or deleted, or whose permissions changed."""
    action = text(payload, "action") or ""
    installation_id, reported_at = _installation(payload, envelope)
    if action not in _STATES and action != PERMISSIONS_CHANGED:
        return Ignored("The installation does not change.")
    return InstallationFacts(installation_id, _STATES.get(action), reported_at)


def read_installation_repositories(payload: Json, envelope: Envelope) -> Facts:
    """Read which repositories an installation gained or lost."""
    installation_id, reported_at = _installation(payload, envelope)
    gained = [(whole(each, "id"), text(each, "full_name")) for each in items(payload, "repositories_added")]
    lost = [whole(each, "id") for each in items(payload, "repositories_removed")]
    added = tuple(GivenRepository(number, path) for number, path in gained if number is not None and path is not None)
    removed = tuple(number for number in lost if number is not None)
    if not added and not removed:
        return Ignored("The installation's repositories do not change.")
    return InstallationRepositoriesFacts(installation_id, added, removed, reported_at)


def read_installation_target(payload: Json, envelope: Envelope) -> Facts:
    """Ignore the renaming of an account."""
    _installation(payload, envelope)
    return Ignored("Nothing is stored about an account or its name.")


def _installation(payload: Json, envelope: Envelope) -> tuple[int, datetime]:
    """Return the installation's id and the time of the report."""
    installation = mapping(payload, "installation")
    at = newest(instant(installation, "updated_at"), instant(installation, "suspended_at"))
    return required(whole(installation, "id"), "installation"), at or envelope.received_at
