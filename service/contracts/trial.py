"""Trials of access tokens and keys."""

from typing import Annotated

from msgspec import Meta, Struct


class Trial(Struct):
    """Whether an access token or key works, as a worker found."""

    state: Annotated[
        str,
        Meta(
            description="works, refused, failing, waiting (for a rate limit), running (not tried yet) or none (nothing "
            "to try)"
        ),
    ]
    reason: Annotated[
        str | None,
        Meta(description="Why it does not work, what was answered, and what to do; null otherwise"),
    ] = None
