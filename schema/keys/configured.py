"""The key ring of this process, as its settings say."""

from functools import lru_cache

from schema.keys.ring import KeyRing
from schema.settings import Settings, split_keys


def ring_of(settings: Settings) -> KeyRing:
    """Return the key ring that the settings describe, the same one each time; raises SetUpError without a key."""
    return _given(settings.secret_key.get_secret_value(), settings.other_secret_keys.get_secret_value())


@lru_cache(maxsize=16)
def _given(present: str, others: str) -> KeyRing:
    return KeyRing.of(present, *split_keys(others))
