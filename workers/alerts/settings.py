"""The settings of alert channels, as they are sealed. Pure."""

from typing import Literal

from msgspec import Struct


class ChannelSettings(Struct, frozen=True):
    """How to reach a receiver; what a kind of channel does not use stays empty. Never shown, so never printed."""

    url: str = ""
    secret: str = ""
    routing_key: str = ""
    smtp_host: str = ""
    smtp_port: int = 0
    encryption: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = ""
    sender: str = ""
    recipients: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return the name only, so that no traceback shows a secret."""
        return "ChannelSettings(...)"
