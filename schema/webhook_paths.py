"""The webhook path of a connection, which also identifies its hook at the forge."""

from uuid import UUID


def webhook_path(forge: str, organization_id: int, connection_id: UUID) -> str:
    """Return the path of the webhook URL to enter at the forge."""
    return f"/webhooks/{forge}/{organization_id}-{connection_id.hex}"
