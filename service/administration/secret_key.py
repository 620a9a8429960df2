"""Whether the secret key decrypts what is stored."""

from schema.database import Connection
from schema.encryption import Vault
from schema.errors import SetUpError

_FIRST = "SELECT organization_id, sealed_key FROM find_sealed_key()"


async def key_fits(connection: Connection, vault: Vault) -> bool | None:
    """Return whether the vault of organization keys opens the first one, None if nothing is stored yet.

    Raises UnavailableError while a key service does not unwrap the key.
    """
    row = await connection.fetchrow(_FIRST)
    if row is None:
        return None
    try:
        vault.open(row["organization_id"], row["sealed_key"])
    except SetUpError:
        return False
    return True
