"""Shipledger on one machine: PostgreSQL from a wheel, Redis if available, service and worker."""

from service.embedded.stack import EmbeddedStack

__all__ = ["EmbeddedStack"]
