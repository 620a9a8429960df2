"""Where a connection's webhooks arrive, which also tells its hook at the forge from others."""

from uuid import UUID


def webhook_path(forge: str, organization_id: int, connection_id: UUID) -> str:
    """The path in the address that is entered at the forge."""
    return f"/webhooks/{forge}/{organization_id}-{connection_id.hex}"
