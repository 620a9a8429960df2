"""A sign-in that is under way at a provider, kept in an encrypted cookie of the browser for ten minutes."""

import hmac
import secrets
from base64 import urlsafe_b64encode

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from schema.key_ring import KeyRing

ATTEMPT_SECONDS = 600
RANDOM_BYTES = 32


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """What ties the provider's answer to this browser: state, nonce and PKCE verifier; and where to go afterwards."""

    provider: str
    state: str
    nonce: str
    verifier: str
    to: str
    organization_id: int | None = None

    def is_answered_by(self, provider: str, state: str) -> bool:
        """Return whether an answer belongs to this attempt."""
        return self.provider == provider and hmac.compare_digest(self.state.encode(), state.encode())


def new_attempt(provider: str, to: str, organization_id: int | None = None) -> Attempt:
    """Begin an attempt with new random values."""
    state, nonce, verifier = (secrets.token_urlsafe(RANDOM_BYTES) for _ in range(3))
    return Attempt(
        provider=provider, state=state, nonce=nonce, verifier=verifier, to=to, organization_id=organization_id
    )


def seal_attempt(ring: KeyRing, attempt: Attempt) -> str:
    """Encrypt an attempt for its cookie."""
    return _cipher(ring).encrypt(msgspec.json.encode(attempt)).decode()


def open_attempt(ring: KeyRing, sealed: str) -> Attempt | None:
    """Decrypt an attempt; None if it is too old or not ours."""
    try:
        plain = _cipher(ring).decrypt(sealed.encode(), ttl=ATTEMPT_SECONDS)
    except InvalidToken:
        return None
    return msgspec.json.decode(plain, type=Attempt)


def safe_path(text: str | None) -> str:
    """Return a path of our own to go to after signing in; `/` for anything else."""
    is_own = text is not None and text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if text is not None and is_own else "/"


def _cipher(ring: KeyRing) -> MultiFernet:
    """Return a cipher that encrypts with the present key and decrypts with any key of the ring."""
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in ring.derived("sign-in-attempt")])
