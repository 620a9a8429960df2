"""The whole product on one machine: PostgreSQL from a wheel, Redis where there is one, service and worker."""

from service.embedded.stack import EmbeddedStack

__all__ = ["EmbeddedStack"]
