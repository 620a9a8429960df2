"""The key ring of this process, as its settings say."""

from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from schema.key_ring import GivenKey, KeyRing, SecretKey
from schema.settings import Settings, split_keys


def has_keys(settings: Settings) -> bool:
    """Return whether the settings name a secret key that encrypts."""
    return bool(settings.key_file or settings.secret_key.get_secret_value())


def ring_of(settings: Settings) -> KeyRing:
    """Return the key ring that the settings describe, the same one each time.

    Raises SetUpError without a key, and SetUpError or UnavailableError if the first key of a key file cannot be
    unwrapped.
    """
    return _ring(
        settings.key_file,
        settings.data_key_lifetime,
        settings.secret_key.get_secret_value(),
        settings.other_secret_keys.get_secret_value(),
    )


@lru_cache(maxsize=16)
def _ring(key_file: str, lifetime: timedelta, present: str, others: str) -> KeyRing:
    keys: list[SecretKey] = [GivenKey(present)] if present else []
    if key_file:
        from key_services.wrapped import wrapped_keys  # noqa: PLC0415 - key files need more libraries than settings

        keys += wrapped_keys(Path(key_file), lifetime, encrypts=not present)
    # Without a key that encrypts, one that shall only decrypt must not take its place.
    return KeyRing([*keys, *map(GivenKey, split_keys(others))] if keys else [])
