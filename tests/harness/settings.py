"""Settings for tests and benchmarks, which no file changes."""

from typing import Any

from schema.settings import Settings


def make_settings(**values: Any) -> Settings:
    """Return settings with these values."""
    return Settings(**{"_env_file": None, **values})
