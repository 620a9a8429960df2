"""Keyed hashes of handles in CODEOWNERS files, and which of them map to a team of the organization."""

from collections.abc import Collection, Sequence

from schema.database import Tenant
from schema.identifiers import Hasher

_MAPPED = "SELECT owner FROM code_owner WHERE organization_id = $1 AND owner = ANY($2::bytea[])"


def hash_owner(hasher: Hasher, handle: str) -> bytes:
    """Return the keyed hash of a handle. Handles are case-insensitive at the forges."""
    return hasher.reference("code_owner", handle.lower())


async def find_mapped_owners(tenant: Tenant, hasher: Hasher, handles: Collection[str]) -> set[bytes]:
    """Return the hashes of the handles that map to a team."""
    if not handles:
        return set()
    hashes = sorted(hash_owner(hasher, each) for each in handles)
    return {row["owner"] for row in await tenant.fetch(_MAPPED, hashes)}


def first_owner(hasher: Hasher, handles: Sequence[str], mapped: Collection[bytes]) -> bytes | None:
    """Return the hash of the first handle that maps to a team, or else of the first one, which may be mapped later."""
    hashes = [hash_owner(hasher, each) for each in handles]
    return next((each for each in hashes if each in mapped), hashes[0] if hashes else None)
