"""Labels of pull requests: digested when read, then hashed with the organization's key. Their text is never stored."""

import hashlib
from collections.abc import Iterable

from schema.identifiers import Hasher


def digest_labels(names: Iterable[str]) -> tuple[bytes, ...]:
    """Return a sorted SHA-256 digest of each distinct label, ignoring case and surrounding spaces."""
    return tuple(sorted({hashlib.sha256(name.strip().lower().encode()).digest() for name in names if name.strip()}))


def hash_labels(hasher: Hasher, digests: Iterable[bytes]) -> list[bytes]:
    """Return the sorted keyed hashes to store."""
    return sorted(hasher.reference("label", digest.hex()) for digest in digests)
