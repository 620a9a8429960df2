"""GitHub's events about an installation of the App: whether it may still be heard, and of which repositories.

Nothing is kept of the account that it is on, so that a renamed account changes nothing here: repositories tell their
new names themselves.
"""

from datetime import datetime

from workers.facts.model import Facts, GivenRepository, Ignored, InstallationFacts, InstallationRepositoriesFacts
from workers.forge_events.reading import Envelope, Json, instant, items, mapping, newest, required, text, whole

_STATES = {"created": "active", "unsuspend": "active", "suspend": "suspended", "deleted": "deleted"}
PERMISSIONS_CHANGED = "new_permissions_accepted"


def read_installation(payload: Json, envelope: Envelope) -> Facts:
    """Installed, suspended, unsuspended or uninstalled, or its permissions changed."""
    action = text(payload, "action") or ""
    installation_id, reported_at = _installation(payload, envelope)
    if action not in _STATES and action != PERMISSIONS_CHANGED:
        return Ignored("the installation stays as it is")
    return InstallationFacts(installation_id, _STATES.get(action), reported_at)


def read_installation_repositories(payload: Json, envelope: Envelope) -> Facts:
    """Repositories that were given to the App or taken from it."""
    installation_id, reported_at = _installation(payload, envelope)
    given = [(whole(each, "id"), text(each, "full_name")) for each in items(payload, "repositories_added")]
    taken = [whole(each, "id") for each in items(payload, "repositories_removed")]
    added = tuple(GivenRepository(number, path) for number, path in given if number is not None and path is not None)
    removed = tuple(number for number in taken if number is not None)
    if not added and not removed:
        return Ignored("the installation keeps its repositories")
    return InstallationRepositoriesFacts(installation_id, added, removed, reported_at)


def read_installation_target(payload: Json, envelope: Envelope) -> Facts:
    """The account was renamed."""
    _installation(payload, envelope)
    return Ignored("nothing is kept of an account or its name")


def _installation(payload: Json, envelope: Envelope) -> tuple[int, datetime]:
    """Which one, and as of when."""
    reported = mapping(payload, "installation")
    at = newest(instant(reported, "updated_at"), instant(reported, "suspended_at"))
    return required(whole(reported, "id"), "installation"), at or envelope.received_at
