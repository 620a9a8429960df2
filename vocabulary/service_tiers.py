"""Service tiers in one spelling: what beside model and tokens decides the price of a request.

A tier is empty for standard processing in the provider's default region. Several parts are joined by `+` in the order
of the alphabet, such as `priority+us`.
"""

import re

MAXIMUM_LENGTH = 50

# What providers call processing without a special price.
_STANDARD = {"", "standard", "default", "auto", "on_demand", "ondemand", "none", "global", "not_available", "unknown"}
_ALIASES = {"batches": "batch", "batch_api": "batch", "fast_mode": "fast"}
_PART = re.compile(r"[a-z0-9][a-z0-9._-]{0,29}")


def service_tier(*parts: str | None) -> str:
    """Return the tier of a request from what its source says of processing, speed and region."""
    found = set()
    for part in parts:
        for text in (part or "").lower().split("+"):
            name = text.strip().removeprefix("service_tier_")
            if name not in _STANDARD and _PART.fullmatch(name):
                found.add(_ALIASES.get(name, name))
    return "+".join(sorted(found))[:MAXIMUM_LENGTH]
