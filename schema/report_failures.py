"""Why an account's reports are not pulled, by the type of the last error: what to show, and what to do about it."""

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "RefusedError": "the provider refused the key; give it one that may read usage: shipledger provider-account renew",
    "PrivateHostError": "its host is on a private network; set SHIPLEDGER_ALLOW_PRIVATE_HOSTS=true, then renew its key",
    "LaterError": "the provider asked to wait; it is asked again then",
    "UnreadableError": "the provider is away, or its answer is not as documented; it is asked again later",
}
UNKNOWN = "the last pull failed; it is tried again later"


def reason_of(failure: str | None) -> str | None:
    """One clear line about a failure, None where there is none."""
    return None if failure is None else REASONS.get(failure, UNKNOWN)
