"""Why a connection's teams could not be counted, in words, by the name under which workers note it."""

NO_ACCESS = "NoAccess"

_REASONS = {
    NO_ACCESS: "nobody can be asked; give the connection an access token: PUT /api/v1/connections/{id}/token",
    "PrivateAddressError": "the forge is on a private network; the operator may set"
    " SHIPLEDGER_ALLOW_PRIVATE_HOSTS=true",
    "RateLimitedError": "the forge's limit is reached; it is asked again when the forge allows it",
    "ForgeAwayError": "the forge does not answer; it is asked again later",
    "RefusedError 401": "the forge refuses the token; give the connection another: PUT /api/v1/connections/{id}/token",
    "RefusedError 404": "what is asked for is closed to the token, or is not there",
}

# Of Apps the permission, of tokens the scope.
_MEMBERS = {
    "app": "the App may not read members; give it the organization permission Members: read-only on its settings page"
    " at GitHub and accept that for the installation, or register one with: shipledger github create-app --team-sync",
    "github": "the token may not read teams; it needs the scope read:org, or as a fine-grained one the organization"
    " permission Members: read",
    "gitlab": "the token may not read members of groups; it needs the scope read_api, and its owner must be in them",
}

PUT_OFF = {"RateLimitedError", "ForgeAwayError"}
LASTING = {NO_ACCESS, "PrivateAddressError"}


def team_sync_reason(failure: str, forge: str, *, is_app: bool) -> str:
    """What to do about it."""
    if failure == "RefusedError 403":
        return _MEMBERS["app" if is_app else forge]
    return _REASONS.get(failure, f"it failed ({failure}) and is tried again")


def team_sync_state(failure: str | None) -> str:
    """Synced, waiting for the forge, refused by it, or failing."""
    if failure is None:
        return "synced"
    if failure in PUT_OFF:
        return "waiting"
    return "refused" if failure in LASTING or failure.startswith("RefusedError") else "failing"
