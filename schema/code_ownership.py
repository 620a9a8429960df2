"""Keyed hashes of handles in CODEOWNERS files."""

from schema.identifiers import Hasher


def hash_owner(hasher: Hasher, handle: str) -> bytes:
    """Return the keyed hash of a handle. Handles are case-insensitive at the forges."""
    return hasher.reference("code_owner", handle.lower())
