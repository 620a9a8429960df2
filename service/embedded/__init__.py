"""The whole product on one machine: PostgreSQL and Redis from wheels, service and worker, all data in one folder."""

from service.embedded.stack import EmbeddedStack

__all__ = ["EmbeddedStack"]
