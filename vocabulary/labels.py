"""Labels of pull requests: digested when read, then hashed with the organization's key. Their text is never stored."""

import hashlib
from collections.abc import Iterable


def digest_labels(names: Iterable[str]) -> tuple[bytes, ...]:
    """Return a sorted SHA-256 digest of each distinct label, ignoring case and surrounding spaces."""
    return tuple(sorted({hashlib.sha256(name.strip().lower().encode()).digest() for name in names if name.strip()}))
