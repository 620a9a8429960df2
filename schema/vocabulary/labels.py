"""Labels of pull requests: digested where they are read, then hashed with the organization's key; never written."""

import hashlib
from collections.abc import Iterable

from schema.identifiers import Hasher


def digest_labels(names: Iterable[str]) -> tuple[bytes, ...]:
    """A digest of each label, letter case and spaces around it left out; for a fact on its way to a table."""
    return tuple(sorted({hashlib.sha256(name.strip().lower().encode()).digest() for name in names if name.strip()}))


def hash_labels(hasher: Hasher, digests: Iterable[bytes]) -> list[bytes]:
    """What is stored of labels, in order."""
    return sorted(hasher.reference("label", digest.hex()) for digest in digests)
