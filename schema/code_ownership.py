"""Handles that CODEOWNERS files name, as keyed hashes, and which of them mean a team of the organization."""

from collections.abc import Collection, Sequence

from schema.database import Tenant
from schema.identifiers import Hasher

_MEANT = "SELECT owner FROM code_owner WHERE organization_id = $1 AND owner = ANY($2::bytea[])"


def hash_owner(hasher: Hasher, handle: str) -> bytes:
    """The keyed hash of a handle; forges take capitals for small letters in it."""
    return hasher.reference("code_owner", handle.lower())


async def meant_owners(tenant: Tenant, hasher: Hasher, handles: Collection[str]) -> set[bytes]:
    """Hashes of those handles that mean a team."""
    if not handles:
        return set()
    hashes = sorted(hash_owner(hasher, each) for each in handles)
    return {row["owner"] for row in await tenant.fetch(_MEANT, hashes)}


def first_owner(hasher: Hasher, handles: Sequence[str], meant: Collection[bytes]) -> bytes | None:
    """The first that means a team; where none does yet, the first, which may be given to a team later."""
    hashes = [hash_owner(hasher, each) for each in handles]
    return next((each for each in hashes if each in meant), hashes[0] if hashes else None)
