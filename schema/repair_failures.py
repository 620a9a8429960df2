"""Why a check at a forge does not succeed, in words, by the name under which workers note it."""

_REASONS = {
    "HookNotFoundError": "none of the webhooks that the token administers sends to this connection; give a token that"
    " administers the webhook's repository or organization, or check the webhook's address",
    "EventsNotOfferedError": "this GitLab lists no failed deliveries of the webhook: it does since 17.3, of groups and"
    " projects, and never of a whole instance; what is lost is found in its lists of merge requests, tags and releases",
    "HookSwitchedOffError": "GitLab stopped calling the webhook after deliveries that failed, and a test fails too; see"
    " that GitLab reaches the address of the service (SHIPLEDGER_PUBLIC_URL), and it is switched on again by itself",
    "PrivateAddressError": "the forge is on a private network; the operator may set"
    " SHIPLEDGER_ALLOW_PRIVATE_HOSTS=true",
    "RateLimitedError": "the forge's limit is reached; it is asked again when the forge allows it",
    "ForgeAwayError": "the forge does not answer; it is asked again later",
    "RefusedError 401": "the forge refuses the token; give the connection another: PUT /api/v1/connections/{id}/token",
    "RefusedError 403": "the token may not list webhooks and have them sent again; give one that administers them, at"
    " GitLab with the scope api",
    "RefusedError 404": "what is asked for is closed to the token, or is not there",
}

PUT_OFF = {"RateLimitedError", "ForgeAwayError"}
LASTING = {"HookNotFoundError", "PrivateAddressError"}
NOT_OFFERED = {"EventsNotOfferedError"}


def repair_reason(failure: str) -> str:
    """What to do about it."""
    return _REASONS.get(failure, f"it failed ({failure}) and is tried again")


def repair_state(failure: str | None) -> str:
    """Well, not offered by the forge, waiting for it, refused by it, or failing."""
    if failure is None:
        return "well"
    if failure in NOT_OFFERED:
        return "not_offered"
    if failure in PUT_OFF:
        return "waiting"
    return "refused" if failure in LASTING or failure.startswith("RefusedError") else "failing"
