"""State tokens that tie GitHub's redirects to a registration or an installation."""

import hmac
import re
import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from schema.key_ring import KeyRing

# GitHub's code must be exchanged within an hour of the start.
REGISTRATION_LIFETIME = timedelta(hours=1)
INSTALLATION_LIFETIME = timedelta(days=1)
SECRET_BYTES = 32

_STATE = re.compile(r"([1-9][0-9]{0,17})-[A-Za-z0-9_-]{43}")
_INSTALLATION_STATE = re.compile(r"([0-9]{10})\.([0-9a-f]{64})")


class RegistrationState(NamedTuple):
    """A parsed state: its organization, and the digest that identifies the registration."""

    organization_id: int
    digest: bytes


def new_state(organization_id: int) -> str:
    """Create a random state; it contains the organization, so that it is looked up as that tenant."""
    return f"{organization_id}-{secrets.token_urlsafe(SECRET_BYTES)}"


def parse_state(text: str) -> RegistrationState | None:
    """Parse a state; None if it is malformed."""
    match = _STATE.fullmatch(text)
    return RegistrationState(int(match[1]), sha256(text.encode()).digest()) if match else None


def installation_state(ring: KeyRing, registration: str, now: datetime) -> str:
    """Create a state for the page that installs a registered App; it is valid for a day, for that App only."""
    expires = f"{int((now + INSTALLATION_LIFETIME).timestamp()):010d}"
    return f"{expires}.{_seals(ring, registration, expires)[0]}"


def is_installation_state(ring: KeyRing, registration: str, text: str, now: datetime) -> bool:
    """Return whether a state was created for this App and has not expired."""
    match = _INSTALLATION_STATE.fullmatch(text)
    if match is None or datetime.fromtimestamp(int(match[1]), UTC) <= now:
        return False
    return any(hmac.compare_digest(match[2], seal) for seal in _seals(ring, registration, match[1]))


def _seals(ring: KeyRing, registration: str, expires: str) -> list[str]:
    """Return the seal of each key of the ring, that of the present one first."""
    text = f"{registration}/{expires}".encode()
    return [hmac.digest(key, text, "sha256").hex() for key in ring.derived("installation-state")]
